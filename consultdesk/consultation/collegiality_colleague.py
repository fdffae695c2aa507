"""How a letter judges a colleague: pattern by pattern, each aimed at a person or at their care."""

from consultdesk.consultation.collegiality_words import (
    ACTED,
    AGENT,
    ANY_CARE,
    AT,
    BEGINNER,
    CARE,
    DOER,
    DONE,
    DUTY,
    ERR,
    FEELING,
    GOOD,
    HARSH,
    IS,
    LY,
    MILD,
    MILD_FEELING,
    PERSON,
    PLACE,
    SCORN,
    SLIPPED,
    STUNNING,
    SURE,
    THEIR_CARE,
    TREATED,
    WE,
    WHOSE,
    HitClass,
    compiled,
)

OF_COLLEAGUES: dict[HitClass, tuple[str, ...]] = {
    HitClass.FAULT: (
        r"\b(?:which|this|that|it) (?:was|is) (?:clearly |in my view |simply )?(?:an? )(?:\w+ )?"
        r"(?:mistake|blunder|misjudg(?:e)?ment|error of judg(?:e)?ment|grave error|serious "
        r"error)\b",
        rf"(?:responsibility|blame|fault|guilt)\b[^.]{{0,60}}?(?:rests?|lies|is) (?:\w+ )?with "
        rf"{AGENT}",
        rf"(?:result|consequence|fault|outcome|product) of {WHOSE} (?:\w+ )?(?:decision|error|"
        rf"choice|"
        r"mistake|treatment|negligence|carelessness|operation|delay|failure|advice|management)",
        r"\bthe wrong (?:tooth|level|side|knee|hip|eye|leg|arm|kidney|breast|lung|patient|drug|"
        r"organ|disc|"
        r"diagnosis|implant|vessel|segment|vertebra|joint|finger)\b(?! (?:was|were) (?:corrected|"
        r"excluded)| of the (?:card|page|form|sheet|paper|film|envelope))",
        r"\bcaused by (?:poor|bad|insufficient|inadequate|careless|a lack of|improper|rough|"
        r"faulty) "
        rf"(?:\w+ ){{0,3}}?(?:at|of|by|in|from) {AGENT}",
        rf"{DOER}(?:mistook|confused the|mixed up|swapped the|mislabel\w+)\b",
        rf"{DOER}(?:got|had) [^.,]{{1,60}}? (?:completely |totally |all )?wrong\b",
        r"(?:through|out of|because of|due to|owing to) (?:a )?(?:sheer |pure |simple |gross "
        r")?(?:lack of "
        r"(?:care|attention|skill|knowledge|diligence|experience)|carelessness|inattention|"
        r"sloppiness|"
        r"incompetence|inexperience|negligence)",
        rf"{DOER}(?:rushed (?:into|through)|jumped to|waited (?:far |much )?too long|wasted|took "
        rf"(?:far |much )?too long|"
        r"acted too late|came too late|reacted too late|put (?:the patient|her|him|you) at risk|"
        r"endangered)",
        rf"{DOER}(?:made|makes|committed|erred)(?: (?:a|an|the|this|several|many|two|some))?"
        rf"(?: \w+)? ?(?:{ERR}s?|\berred\b)",
        rf"{DOER}(?:erred|{SLIPPED})\b(?! (?:an? |the |his |her )?(?:appointment|visit|call))",
        rf"(?:was|were|been|got) {SURE}{SLIPPED} (?:\w+ ){{0,3}}?by {AGENT}",
        rf"(?:was|were|been) {SURE}(?:botched|bungled|mishandled|mismanaged|misdiagnosed)",
        r"negligen(?:t|ce|tly)|malpractice|medical error by|dereliction|gross mistake",
        rf"{AGENT}{AT} {IS}(?:wrong|mistaken|in error|incorrect|to blame|at fault|guilty)"
        r"(?! number)",
        rf"{WHOSE} (?:\w+ ){{0,4}}?{IS}(?:wrong|mistaken|in error|incorrect|erroneous)",
        rf"(?:the|a) wrong (?:operation|diagnosis|treatment|drug|dose|procedure|decision|level|"
        rf"side|"
        rf"implant|patient|medication)(?: \w+)? (?:was|were|had been|has been) {SURE}(?:performed|"
        rf"made|given|chosen|operated|used|removed|prescribed|done|started|implanted)",
        rf"{ERR}s? (?:\w+ ){{0,3}}?(?:by|of|made by|on the part of) {AGENT}",
        rf"(?:the )?delays? (?:\w+ ){{0,4}}?(?:by|caused by|on the part of|at|of) {AGENT}",
        rf"{WHOSE} (?:\w+ )?(?:{ERR}|delay|carelessness|inexperience|ignorance|neglect|"
        rf"inaction)s?\b",
        rf"{WE} (?:would |must |can only |have to )?(?:(?:blame|fault) (?:{AGENT}|the)|"
        r"hold [^.;]{1,40}? (?:responsible|accountable|to account))",
        rf"(?:fault|responsibility|blame) (?:for \w+ )?(?:lies|rests|is) (?:\w+ )?with {AGENT}",
        rf"{AGENT} (?:is|was|are|were) (?:responsible|to blame) for (?:this|the|her|his|your) "
        rf"(?:\w+ )?"
        "(?:outcome|complication|delay|damage|injury|death|harm|loss|deterioration|error|mistake)",
        r"(?:has|have|had)? ?(?:cost|wasted|lost) (?:\w+ )?(?:valuable|precious|crucial|vital) "
        r"(?:time|weeks|months|days)",
        rf"{DOER}(?:harmed|injured|damaged|ruined|caused (?:this|the|her|his) (?:damage|harm|"
        rf"injury))",
    ),
    HitClass.SHOULD_HAVE: (
        r"\b(?:with|given|after) (?:an? )?(?:timely|earlier|proper|simple|careful|better|prompt|"
        r"closer|correct) "
        r"[^.]{1,60}? (?:would|could|might) (?:not )?(?:have|be|still)\b",
        r"\b(?:simple|single|basic|quick|earlier|timely|proper|careful|closer|second|routine|"
        r"better) "
        r"(?:\w+ ){0,5}?(?:would|could|might) (?:easily |certainly |surely )?have (?:revealed|"
        r"shown|"
        r"prevented|found|detected|saved|avoided|spared|uncovered|picked|made|changed|told|led)",
        r"(?:could|would|might|need not) (?:easily |clearly |well |never )?have (?:been (?:spared|"
        r"avoided|"
        r"prevented|saved|caught|detected|recogni[sz]ed|cured)|come to this)",
        r"\b(?:signs?|clues?|warnings?|writing) (?:was|were) (?:all |already |clearly )?(?:there|"
        r"on the "
        r"wall|plain|obvious)",
        r"it would have been (?:\w+ )?(?:wiser|better|prudent|safer|preferable|advisable|sensible|"
        r"easy|"
        r"correct|right|appropriate) (?:to|of|for|if|not)",
        r"\bif only\b|\btoo little,? too late\b|\b(?:long|months|years|weeks) overdue\b",
        rf"{AGENT}{AT} {SURE}(?:should|ought to|could|might|must) {SURE}(?:not )?{SURE}have "
        rf"{SURE}(?:been (?:more|aware|able|alert)|(?!received|got\b|arrived|been){DONE})",
        rf"(?:should|ought to) {SURE}(?:not |never )?{SURE}have {SURE}been {SURE}(?:\w+ly )?"
        r"(?!received|delivered|sent|mailed|forwarded|completed|enough|healed|over|finished|better)"
        rf"{DONE}",
        r"^had (?!to\b|(?:the|this|that) (?:\w+ )?(?:results?|tests?|scans?|biopsy|culture|"
        r"margins?) been|"
        r"(?:the|this|his|her|it|your)(?: [\w-]+)* (?:continued|persisted|recurred|"
        r"progressed|grown|worsened|failed|improved|responded|shown|returned)\b)[^,]{3,120},(?! "
        r"(?:I|we) )[^.]{0,80}?\b(?:would|could|might) (?:not )?"
        r"(?:have|be|still)\b",
        rf"\bif {SURE}(?:you|{AGENT}|the \w+|an? \w+|this|it|someone|somebody|she|he) "
        rf"(?:\w+ ){{0,2}}?had [^,]{{0,80}}?\b(?:sooner|earlier|in time|promptly|at once|properly|"
        rf"immediately|from the start|right away|listened|acted|looked)\b[^.]{{0,80}}?"
        r"\b(?:would|could|might)\b",
        rf"\b(?:would|could|might) (?:not )?have [^.]{{0,80}}? if {AGENT} had\b",
        r"(?:in|with) (?:hindsight|retrospect)\b[^.]{0,80}?\b(?:obvious|clear|clearly|evident|"
        r"plain|"
        r"unmistakable|should|could|avoidable|wrong|unnecessary|a mistake)\b",
        r"(?:an? )?(?:earlier|sooner|timely|prompt|proper) (?:\w+ )?(?:referral|diagnosis|biopsy|"
        r"surgery|operation|imaging|treatment|intervention|scan|MRI|CT) (?:would|could|might) have",
        r"(?:could|would|might) (?:easily |clearly |well )?have been (?:avoided|prevented|saved|"
        r"spared)",
        rf"{AGENT} (?:should|could|must) {SURE}have {SURE}(?:known|seen|noticed|thought)",
    ),
    HitClass.FAILURE: (
        rf"{DOER}(?:paid (?:no|little|scant|insufficient) (?:attention|heed|regard)|gave (?:no|"
        rf"little) thought|"
        r"turned a deaf ear|lacked the|lacks the|could not be bothered|walked away)",
        rf"{DOER}(?:left [^.,]{{1,60}}? (?:un\w+|alone|hanging)|waved? (?:away|aside)|lost "
        rf"(?:sight|track) "
        r"of|let [^.,]{1,40}? slide|sat on|gave up on|turned (?:her|him|you|the patient) away|"
        r"looked the "
        r"other way|played down|underestimated|trivialis\w+|trivializ\w+|took no|made no "
        r"(?:attempt|"
        r"effort))",
        r"\bno (?:serious |real |proper )?(?:attempt|effort|thought|action|consideration) (?:\w+ "
        r")?(?:by|"
        rf"from|on the part of) {AGENT}",
        rf"\b(?:nobody|no one|no-one|none) (?:at|in|of|from) {AGENT} (?!has (?:seen|heard)|"
        rf"knows)(?:\w+ )?\w+",
        rf"\bat no (?:point|time|stage) (?:did|was|were|has|have)\b[^.]{{0,40}}?(?:{AGENT}|anyone|"
        rf"anybody)",
        rf"{AGENT}{AT} (?:did not|didn['’]t|has not|never) (?:take|took) [^.]{{0,40}}?seriously",
        rf"{DOER}(?:fail(?:ed|s)?|neglect(?:ed|s)?|omit(?:ted|s)?|forgot|forgets|refused|declined "
        rf"even)"
        r" to\b",
        rf"{DOER}(?:fail(?:ed|s)|neglected|abandoned|let down|forgot|deserted) (?:the|this|her|his|"
        "your|their|you)",
        rf"{AGENT}{AT} {SURE}(?:never|did not|didn['’]t|has not|hasn['’]t|had not|hadn['’]t|does "
        rf"not|"
        rf"doesn['’]t|would not|wouldn['’]t|do not|don['’]t) {SURE}{DUTY[:-2]}(?:ed|d|s|t)?\b"
        r"(?![^.]{0,80}\b(?:because|since|as (?:it|there|this)|rightly|appropriately|correctly|"
        r"and I agree|which I support|wish|want)\b)",
        rf"{AGENT}{AT} never {DONE}\b",
        rf"{DOER}(?:kept|took|showed|had|gave|made) no (?:\w+ )?(?:records?|notes?|history|"
        rf"precautions?|"
        r"interest|time|regard|attempt|effort|explanation|follow-up|measures|consent)",
        rf"{AGENT}{AT} (?:has been|have been|was|were|is) {SURE}(?:slow|late|unwilling|reluctant|"
        rf"unable|"
        r"too busy|too slow|too late) (?:to|in|with)\b",
        rf"{DOER}(?:ignor(?:ed|es|ing)|disregard(?:ed|s)|dismiss(?:ed|es)|brush(?:ed)? (?:off|"
        rf"aside)|"
        r"over-?prescrib(?:ed|es|e)|over-?treat(?:ed|s)?|withheld|did nothing|does nothing|"
        r"(?:was|were) unwilling|turned a blind eye|shrugged off|downplay(?:ed|s))",
        rf"{WHOSE}{AT} (?:\w+ )?(?:failure|omission|refusal|inability|neglect) (?:to|of|in)\b",
        rf"(?:failure|omission|neglect|inability) (?:of|by|on the part of) {AGENT}",
        r"\b(?:nobody|no one|no-one|not one doctor|none of (?:the|your|her|his) doctors) (?:\w+ )?"
        r"(?:checked|repeated|thought|noticed|asked|told|listened|looked|examined|ordered|bothered|"
        r"took|considered|recogni[sz]ed|explained|acted|cared|did)",
        rf"\bdid {AGENT} (?:really |just )?not\b",
        rf"\bwhy {AGENT}\b[^.]{{0,40}}\b(?:not|n['’]t|never)\b",
    ),
    HitClass.EVALUATIVE: (
        rf"(?:{ANY_CARE}|{AGENT})[^.;]{{0,80}}?\b(?:unnecessarily|needlessly|blindly|stubbornly|"
        rf"recklessly|"
        r"carelessly|inexplicably|foolishly|hastily|wrongly|mistakenly|clumsily|sloppily|in "
        r"vain)\b",
        r"\b(?:is|was|are|were) (?:simply |just |certainly |clearly )?(?:not|hardly|anything but) "
        r"(?:good|"
        r"proper|modern|decent|serious|sound|acceptable|how|the way|state[- ]of[- ]the[- ]art|"
        r"lege artis)"
        r"(?: (?:medicine|practice|care|surgery|work|science|standards?))?\b(?! (?:for|enough|"
        r"candidate|"
        r"quality|result|option|idea|visible))",
        rf"(?:{ANY_CARE}|{AGENT})[^.;]{{0,80}}?\b{SCORN}\b",
        r"\b(?:care|treatment|therapy|management) (?:\w+ ){0,2}?(?:elsewhere|abroad|outside|there|"
        r"before) "
        rf"{IS}(?:{HARSH}|{MILD})",
        r"\bbotched\b|\bhalf-baked\b|\b(?:amateurish|slipshod|shoddy|sloppy)\b",
        rf"{ANY_CARE}(?: (?:of|for|at|in) [\w' ]{{1,40}}?)? {IS}(?:a |an |one of )?{HARSH}",
        rf"{THEIR_CARE} {IS}{MILD}(?! (?:for (?:the|this|assess|eval)|in (?:the|this) (?:sense)))",
        rf"{ANY_CARE} (?:was|were|has been|had been) {SURE}(?:unnecessary|needless|unwarranted|"
        "uncalled for|pointless|useless|harmful|a mistake|an error|inappropriate|contraindicated)",
        r"(?:was|were|is) (?:an? )?(?:wholly |completely |quite |totally )?(?:unnecessary|needless|"
        rf"unwarranted|pointless|useless|ill-advised|misguided) {CARE}",
        rf"(?:{ANY_CARE}|(?:the|this|that) (?:first|second|earlier) \w+)(?: \w+)? {IS}of "
        rf"(?:little|no|"
        r"limited|doubtful|poor|low|dubious) (?:value|use|quality|worth|merit|standard)",
        rf"(?!failure){HARSH} (?:\w+ )?(?:{CARE}|medicine|practice|work|workmanship|surgery)",
        r"\b(?:poor|bad|inadequate|inappropriate|faulty|flawed|deficient|dangerous) (?:surgical |"
        r"medical |clinical )?(?:care|management|technique|practice|medicine|"
        r"workmanship|decision(?:s|-making)?|documentation|treatment|work-?up)\b(?! (?:response|"
        r"effect))",
        rf"\b(?:was|were|been) {SURE}{ACTED} {SURE}{LY}\b",
        rf"\b(?:was|were|been) {SURE}{LY} {ACTED}\b",
        rf"\b{LY} {ACTED} by {AGENT}",
        r"(?:below|beneath|short of|not meet|not met|breach of|departure from|departs from|"
        r"deviat\w+ "
        r"from|violat\w+|under) (?:the |an? |any |all )?(?:\w+ )?(?:standards?(?: of (?:care|"
        r"practice))?"
        r"|duty of care)\b",
        r"leaves? (?:much|a lot|something) to be desired|unworthy of a",
        rf"quality of (?:the|this|their|{WHOSE}) (?:\w+ ){{0,2}}?{IS}(?:{HARSH}|{MILD})",
        rf"{DOER}(?:treated|managed|handled|operated|acted|behaved) [^.]{{0,40}}?{LY}\b",
    ),
    HitClass.EMOTION: (
        r"\b(?:it|this|that|what I (?:read|saw)) (?:really |deeply |truly )?(?:saddens|shocks|"
        r"appals|appalls|angers|"
        r"troubles|pains|disturbs|upsets|astonishes|amazes|horrifies|outrages|baffles|shocked|"
        r"appalled|"
        r"saddened|angered|astonished|horrified) (?:me|us)\b",
        r"\b(?:jaw dropped|at a loss to (?:explain|understand|see)|shak(?:e|ing|en) my head|shook "
        r"my head|"
        r"beggars belief|defies (?:belief|comprehension|logic|reason)|heart sank|get my head "
        r"around|"
        r"rub(?:bed)? my eyes|one (?:can only|has to|must) wonder|makes (?:one|me) wonder|leaves "
        r"me "
        r"(?:speechless|wondering)|what a (?:mess|pity|disaster|shame|tragedy)|with (?:great |"
        r"utter )?"
        r"(?:dismay|horror|astonishment|disbelief|indignation)|(?:i|we) (?:deplore|despair|regret "
        r"to say|"
        r"am sorry to say|shudder|marvel)|beyond (?:belief|comprehension|understanding|me))\b",
        r"how (?:on earth )?(?:anyone|anybody|a doctor|they) could\b|how on earth|why on earth",
        rf"{WE} (?:was|am|were|are|remain|felt|feel|must say (?:I|we) (?:am|was)) {SURE}"
        rf"(?!{MILD_FEELING}(?![^.]{{0,90}}?\b(?:{AGENT}|{TREATED})\b)){FEELING}\b"
        r"(?![^.]{0,60}\b(?:well|good|better|quickly|pleas\w+|improv\w+|recover\w+|kind\w*|"
        r"fast)\b)",
        rf"(?:it (?:is|was|seems|remains)|{WE} (?:find|found) (?:it|this|that)|this is|that is|"
        rf"what is) "
        rf"{SURE}{STUNNING}\b",
        r"(?:it is |it was |(?:I|we) find it )?(?:hard|difficult|impossible) (?:for (?:me|us) )?to "
        r"(?:understand|believe|imagine|fathom|comprehend|accept|explain) (?:why|how|that|what)",
        rf"{WE} {SURE}(?:can ?not|can['’]t|could not|couldn['’]t|fail to|do not|don['’]t) {SURE}"
        r"(?:imagine|understand|believe|fathom|comprehend|see|conceive|explain) (?:why|how|what "
        r"(?:the|they|he|she|was|were)|that any)",
        r"words fail|to (?:my|our) (?:\w+ )?(?:horror|dismay|astonishment|amazement|surprise|shock|"
        r"disbelief|regret)|shame on|what were they thinking|makes me (?:angry|furious|sick)",
        r"\b(?:outrageous|scandalous|shockingly|appallingly|unbelievably|incredibly|"
        r"disgracefully)\b",
    ),
    HitClass.NORM: (
        r"\b(?:most|many|all) (?:trainees|residents|students|beginners|interns|juniors) (?:would|"
        r"could|know)",
        rf"\b(?:any|every|no|even a) (?:\w+ and )?{GOOD} (?:\w+ )?(?:{PERSON}|{PLACE}|expert)\b"
        r"(?! (?:can|may) (?:be|help|do))",
        r"\b(?:an?|the youngest|even the) (?:first-year|medical|junior|average|half-trained) "
        r"(?:resident|"
        r"student|intern|doctor|nurse|surgeon|physician) (?:would|could|knows|can)",
        r"\ball (?:good |real )?(?:doctors|physicians|surgeons|specialists) (?:learn|know|are "
        r"taught)|"
        r"(?:something|what) (?:every|any|all) (?:\w+ )?(?:doctor|physician|surgeon|student)s?",
        r"\b(?:would|could)\b[^.]{0,50}? in (?:\w+ and )?(?:competent|experienced|good|expert|the "
        r"right|"
        r"skilled|capable|better) hands",
        r"\b(?:nobody|no one|no-one|anyone|anybody|everyone|everybody) (?:in (?:his|her|their) "
        r"right mind|"
        r"with (?:any|some|an ounce)|who (?:knows|understands|has ever)|would (?:have|ever))\b|"
        r"\b(?:anyone|anybody|everyone|everybody) knows\b",
        r"\b(?:every|any) (?:medical |surgical )?textbook\b|\bcommon sense (?:dictates|would|"
        r"tells)",
        rf"\b(?:any|every|no|each|a|all) (?:\w+ and )?{GOOD} (?:\w+ )?(?:{PERSON}|{PLACE}|"
        rf"expert)s? "
        r"(?:\w+ )?(?:would|could|will|should|knows?|does|can|might|must|operates|treats)",
        rf"\b(?:any|every|no) (?:\w+ )?(?:{PERSON}|expert)s? (?:\w+ ){{0,2}}?(?:would (?:not |"
        rf"ever |never "
        r"|also )?have|knows?\b|should know|would know|would ever|would do this|does this|in "
        r"(?:his|"
        r"their) right)",
        rf"\b(?:any|every|even an?) {BEGINNER}\b",
        rf"(?:short of|below|from|not|than) what (?:any|every|an?|most) (?:\w+ "
        rf"){{0,2}}?(?:{PERSON})s?",
        r"\b(?:elementary|basic|most basic) (?:medical |surgical )?(?:knowledge|rules?|"
        r"principles? of "
        r"medicine|skills?|mistake|error)|first thing (?:one|you) learns?|as (?:is )?taught in "
        r"medical|"
        r"textbook (?:mistake|error|example of)|as everybody knows|goes without saying that any",
    ),
}

NOT_SEEN = compiled(
    r"(?:not|n['’]t|never|without|unable to|could not|no access to)\b[^.;]{0,40}?(?:seen|see|"
    r"seeing|sent|"
    r"available|received?|included|review(?:ed)?|reviewing|read|have|having|obtain(?:ed)?|access)\b"
)
CRITICISM = compiled(
    rf"(?:was|were|is|are) {SURE}(?:{HARSH}|{MILD}|unnecessary|too (?:late|early|short|small))"
)
