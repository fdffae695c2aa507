"""The vocabulary of the collegiality check: who is spoken of, what was done, how it is judged."""

import re
from enum import StrEnum


class HitClass(StrEnum):
    """What a sentence does that a letter to a colleague, or a patient, should not do."""

    FAULT = "FAULT"
    SHOULD_HAVE = "SHOULD_HAVE"
    FAILURE = "FAILURE"
    EVALUATIVE = "EVALUATIVE"
    EMOTION = "EMOTION"
    NORM = "NORM"
    INSULT = "INSULT"
    SCARE = "SCARE"
    MOTIVE = "MOTIVE"
    SOLICIT = "SOLICIT"
    UNREVIEWED = "UNREVIEWED"
    PATIENT = "PATIENT"


# A blank in a fragment stands for any white space.

KIND = (
    "first|second|initial|previous|prior|former|earlier|original|referring|treating|attending|"
    "primary|primary care|admitting|discharging|consulting|local|outside|other|present|current|"
    "last|own|responsible|operating|"
    "reporting|general|vascular|cardiac|spine|spinal|trauma|breast|emergency|medical|surgical|"
    "community|university|regional|district|private|on-call|family|house|senior|junior|whole|"
    r"regular|usual|overseas|orthop\w+|neuro\w*|plastic|thoracic|colorectal|transplant|foreign"
)
PERSON = (
    r"doctor|physician|surgeon|neurosurgeon|GP|practitioner|\w{3,}ologist|\w+iatrist|"
    r"orthop(?:ae|e)dist|ana?esthetist|internist|dentist|midwife|nurse|resident|registrar|"
    r"consultant|specialist|clinician|colleague|intern|obstetrician|p(?:a)?ediatrician|"
    r"therapist|physiotherapist|chiropractor|oncologist|urologist|provider|prescriber|guy"
)
PLACE = (
    "team|hospital|clinic|department|centre|center|unit|ward|practice|institution|"
    "emergency room|ER|laboratory|service|tumou?r board"
)
TITLE = r"(?-i:(?:Dr|Prof|Professor|Doctor)\.?(?: (?:Dr|med)\.?)* [A-ZÀ-Ý][\w'’-]+)"
AGENT = (
    rf"(?:{TITLE}|(?:the|your|his|her|their|this|that|these|those|whichever|another) "
    rf"(?:(?:{KIND}) ){{0,3}}(?:{PERSON}|{PLACE})s?)"
)
WHOSE = rf"(?:{AGENT}['’]?s?['’]?)"
SURE = (
    "(?:(?:simply|clearly|obviously|plainly|evidently|apparently|unfortunately|sadly|repeatedly|"
    "completely|totally|utterly|entirely|grossly|quite|very|rather|really|just|frankly|truly|"
    "again|also|then|even|still|always|often|so|far|too|somewhat|seriously|badly|partly|almost|"
    "certainly|definitely|wholly|woefully|deeply|absolutely|extremely|easily|at least) )*"
)
AUX = rf"(?:(?:has|have|had|did|is|was|were|who|that|continues? to|kept|keeps) )?{SURE}"
AT = rf"(?: (?:at|of|in|from) {AGENT})?"
YOURS = (
    rf"(?:{TITLE}|(?:your|his|her|their) (?:(?:{KIND}) ){{0,3}}(?:{PERSON})|"
    rf"(?:that|the (?:{KIND})) (?:{PERSON}|{PLACE}))"
)
DOER = rf"{AGENT}{AT} {AUX}"
IS = rf"(?:is|was|were|are|has been|have been|had been|seems|appears|looks|remains) {SURE}"
DONE = (
    r"(?:\w+ed|done|seen|taken|given|sent|told|made|known|gone|found|kept|begun|chosen|thought|"
    r"caught|read|held|led|left|put|cut|lost|spoken|drawn|shown|let|understood|sought|written|"
    r"listened)"
)
DUTY = (
    r"(?:order|check|repeat|inform|tell|refer|examine|listen|act|follow|perform|consider|"
    r"recogni[sz]e|notice|respond|react|document|investigate|biopsy|obtain|look|treat|explain|"
    r"ask|arrange|discuss|read|review|think|care|take|warn|monitor|question|"
    r"bother|request|pursue|address|diagnose|reali[sz]e|call|consult|spot|catch|"
    r"suspect|grasp|appreciate|draw|protect|prepare|answer|return|speak)\b"
)
CARE = (
    r"(?:care|treatment|management|work-?up|operation|surgery|procedure|assessment|diagnosis|"
    r"decision|technique|documentation|handling|approach|follow-up|evaluation|interpretation|"
    r"reading|report|plan|judg(?:e)?ment|therapy|indication|decompression|fixation|resection|"
    r"reconstruction|anastomosis|choice|advice|prescription|prescribing|recommendation|conclusion|"
    r"opinion|regimen|medication|strategy|fusion|osteotomy|injection|referral|note|letter|protocol|"
    r"dosage|planning|instrumentation|staging|consultation|communication|explanation|counselling|"
    r"aftercare|handover|supervision|attitude|behaviou?r|conduct|manner|expertise|skills?|effort|"
    r"investigation|placement|positioning|discharge|reasoning|argument|logic|(?:MRI|CT) report)"
)
PAST = (
    "(?:first|initial|previous|prior|original|earlier|former|present|current|outside|referring|"
    "local|whole|entire|overall|so-called|surgical|operative|medical|index)"
)
OF_CARE = (
    rf"(?: (?:so far|to date|there|until now|she received|he received|you received|"
    rf"(?:that )?(?:the patient|she|he|you) (?:has |have |had )?(?:received|got|was given)|"
    rf"(?:by|of|at|from|given by|provided by|chosen by|in) (?:{AGENT}|the patient|this patient|"
    r"this case|the past|\w+)))?"
)
THEIR_CARE = (
    rf"(?:(?:{WHOSE}|the {PAST}|their|his|her) (?:{PAST} )?{CARE}{OF_CARE}"
    rf"|(?:the|this|that) {CARE}(?:{OF_CARE[:-1]}))"
)
ANY_CARE = rf"(?:(?:{WHOSE}|the|this|that|their|his|her) (?:{PAST} )?{CARE}{OF_CARE})"
HARSH = (
    r"(?:sub-?standard|careless|sloppy|sloppily|reckless|negligent|unacceptable|inexcusable|"
    r"incompetent|irresponsible|unprofessional|shoddy|disgraceful|appalling|amateurish|shameful|"
    r"haphazard|deplorable|abysmal|terrible|awful|horrible|atrocious|scandalous|lousy|lamentable|"
    r"indefensible|unforgivable|(?:a )?(?:complete |total |"
    r"real |true )?(?:disaster|mess|disgrace|scandal|fiasco|debacle|farce|travesty|shambles|"
    r"botched "
    r"job|joke|nonsense|malpractice)|clumsy|clumsily|worthless|laughable|ridiculous|absurd|"
    r"senseless|"
    r"nonsensical|second-rate|third-rate|outdated|antiquated|obsolete|old-fashioned|out of date|"
    r"dubious|slipshod|slapdash|half-hearted|woeful|dismal|miserable|"
    r"dreadful|unsatisfactory|hopeless|(?:a )?(?:complete |total )?failure|complacent|thoughtless|"
    r"barbaric|unscientific|baseless|"
    r"cursory|hasty|pathetic|inept|heartless|arrogant|rushed|unworthy|unethical)"
)
SCORN = (
    "(?:clumsy|clumsily|worthless|laughable|ridiculous|absurd|senseless|nonsensical|second-rate|"
    "third-rate|outdated|antiquated|careless|sloppy|reckless|irresponsible|unprofessional|shoddy|"
    "disgraceful|appalling|amateurish|shameful|deplorable|scandalous|indefensible|slipshod|"
    "slapdash|half-hearted|barbaric|pathetic|inept)"
)
MILD = (
    "(?:inadequate|poor|inappropriate|insufficient|dangerous|deficient|unjustified|bad|flawed|"
    "wrong|mistaken|incorrect|faulty|in error|erroneous|misguided|questionable|ill-advised|"
    "incomplete|unwise|improper|unsound|sub-?optimal|disappointing|needless|pointless|senseless|"
    "below standard|not up to standard|lacking|unconvincing|unfortunate|untenable|too late|"
    "illogical|"
    "not (?:reliable|trustworthy|up to date|fit for purpose|good|acceptable|appropriate|adequate|"
    "correct|right|justified|sound|proper))"
)
LY = (
    "(?:sloppily|carelessly|poorly|badly|incompetently|negligently|recklessly|amateurishly|"
    "inadequately|improperly|wrongly|incorrectly|inappropriately|haphazardly|irresponsibly)"
)
ACTED = (
    "(?:performed|done|carried out|managed|treated|operated(?: on)?|handled|documented|executed|"
    "planned|advised|cared for|diagnosed|assessed|worked up|supervised|indicated|placed|chosen)"
)
ERR = "(?:error|mistake|blunder|misjudg(?:e)?ment|misdiagnosis|oversight|lapse|slip|fault)"
SLIPPED = (
    "(?:overlooked|missed|misread|misdiagnosed|misinterpreted|mishandled|mismanaged|botched|"
    "bungled|misjudged|mistreated|messed up|miscalculated|muddled|fumbled|misplaced)"
)
WE = "(?:I|we)"
US = "(?:us|me|our|my)"
OURS = "(?:our|my)(?: \\w+)?"
PATIENT = "(?:the|this|my|your|our|their)? ?(?:patient|woman|man|lady|gentleman|person|mother)"
SHE = rf"(?:{PATIENT}|he|she|they|(?-i:Mr|Mrs|Ms)\.? (?-i:[A-Z])[\w'’-]+)"
FEELING = (
    "(?:shocked|appalled|horrified|astonished|amazed|surprised|dismayed|disturbed|outraged|"
    "alarmed|stunned|baffled|puzzled|perplexed|disappointed|saddened|speechless|furious|angry|"
    "disgusted|bewildered|flabbergasted|taken aback|upset|annoyed|aghast|scandali[sz]ed)"
)
MILD_FEELING = (
    "(?:surprised|disappointed|puzzled|alarmed|disturbed|saddened|upset|perplexed|annoyed)"
)
# What shows that a feeling is about somebody's care and not about the disease.
TREATED = (
    "(?:nobody|no one|decisions?|care|management|no \\w+ (?:was|were|had been|has been)|"
    "(?:was|were|been) (?:not |never |ever )?(?:offered|put|given|done|operated|sent|discharged|"
    "told|"
    "performed|left|chosen|started|stopped|treated|repeated|ordered|taken|removed)|"
    "how (?:you|she|he|the patient)|to (?:read|learn)|report|letter|plan|treatment given)"
)
STUNNING = (
    "(?:astonishing|shocking|incomprehensible|unbelievable|incredible|inconceivable|inexplicable|"
    "astounding|outrageous|scandalous|appalling|disgraceful|shameful|unfathomable|amazing|"
    "staggering|surprising|baffling|puzzling|disturbing|alarming|mind-boggling|beyond me|"
    "a mystery to me|unforgivable|inexcusable|regrettable|deplorable|bizarre|absurd)"
)
GOOD = (
    "(?:competent|reasonable|reasonably \\w+|prudent|decent|good|careful|experienced|responsible|"
    "sensible|trained|well-trained|properly trained|qualified|conscientious|diligent|serious|sane|"
    "halfway competent|self-respecting|modern|proper)"
)
BEGINNER = "(?:(?:first-year|medical|junior) )?(?:student|beginner|layman|layperson|child|novice)"


# The care that is judged: anything a colleague did, and, narrower, what is no finding as well.
CORE = (
    r"(?:care|treatment|management|work-?up|therapy|protocol|advice|decision(?:-making)?|"
    r"handling|technique|judge?ment|prescribing|prescription|documentation|report(?:ing)?|"
    r"letter|note|summary|choice|indication|communication|follow-up|approach|strategy|plan|"
    r"reasoning|discharge|referral|consent|supervision|aftercare|diagnostics|dosage|dosing|"
    r"regimen|handover|interpretation|assessment|explanation|planning|monitoring|"
    r"selection|logic|counselling|workmanship|information|recommendation|opinion)"
)
WIDE = (
    rf"(?:{CORE[3:-1]}|\w{{3,}}(?:ectomy|otomy|plasty|ostomy|desis)|biopsy|operation|surgery|"
    rf"procedure|reduction|closure|suturing|sutures?|grossing|"
    r"panel|staining|sampling|study|examination|implant|incision|repair|fixation|reconstruction|"
    r"diagnosis|reading|work|anastomosis|placement|positioning|injection|resection|staging|"
    r"investigation|records?|notes|behaviou?r|attitude|conduct|performance|timing|delay|"
    r"preparation|delivery|an(?:a)?esthetic|anaesthesia|intubation|service)"
)
HARSHER = (
    rf"(?:{HARSH}|far from \w+|anything but \w+|less than (?:ideal|adequate|optimal|good)|risky|"
    r"inexplicable|unreliable|shabby|chaotic|shambolic|ill-chosen|ill-judged|"
    r"ill-conceived|wasteful|nonsensical|catastrophic|(?:a )?catastrophe|indefensible|"
    r"incomprehensible|abandoned|cavalier|perfunctory|heavy-handed|lazy|bizarre|foolish|rash|"
    r"irrational|embarrassing|(?:a )?shame|crude|unthinkable|outrageous|scandalous|useless|"
    r"inhumane|callous|dishonest|disrespectful|without (?:any )?(?:concept|logic|plan|reason))"
)
MILDER = (
    rf"(?:(?!incomplete|unfortunate|disappointing|too late)(?:{MILD})|weak|misleading|unhelpful|"
    r"unsuitable|unclear in its|too (?:aggressive|timid|hasty|superficial)|superficial|confused|"
    r"(?:a )?(?:poor|bad|strange|odd|wrong) (?:one|idea|choice|decision)|minimal|lax|slow|"
    r"not (?:well|properly|carefully) (?:thought|planned|considered|done|made)|"
    r"not what (?:it|one|you|I))"
)


def compiled(fragment: str) -> re.Pattern[str]:
    """A fragment as a pattern: a blank stands for any white space, case doesn't count."""
    spaced = fragment.replace(" ?", r"\s*").replace(" ", r"\s+")
    return re.compile(rf"(?<!\w)(?:{spaced})", re.IGNORECASE)
