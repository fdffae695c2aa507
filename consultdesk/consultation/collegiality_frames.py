"""Sentence frames that judge a colleague: who acted, what care it was, and how it is judged."""

from consultdesk.consultation.collegiality_marks import (
    ADV,
    AT,
    CREW,
    FOLK,
    MOD,
    SOME,
    THE,
    WHOSE,
    near,
)
from consultdesk.consultation.collegiality_words import (
    CORE,
    DUTY,
    FEELING,
    HARSH,
    HARSHER,
    MILDER,
    WE,
    WIDE,
    HitClass,
)

# What was, or was not, done.
NOT = r"(?:did not|didn['’]t|never|has not|hasn['’]t|have not|haven['’]t|had not|hadn['’]t)"
ACT = (
    rf"(?:{DUTY[3:-3]}|comment|mention|communicate|report|ring|phone|offer|chase|recheck|test|"
    r"screen|exclude|assess|escalate|transfer|admit|intervene|adjust|stop|start|heed|compare|"
    r"verify|confirm|alert|involve|supervise|counsel|trouble|attempt|try|see|pick up|put|make|"
    r"do|give|send|seek|find|rule out|work up|measure|feel|palpate|prescribe|recognise|identify|"
    r"communicate|convey|weigh|know|keep|write|learn|plan|allow|help)"
)
OMITTED = (
    rf"(?:{DUTY[3:-3]}|communicate|phone|ring|chase|recheck|escalate|heed|verify|alert|"
    r"supervise|counsel|trouble|attempt|try|pick up|convey|measure|intervene|weigh|rule out|work "
    r"up|"
    r"make (?:the|an?|any))"
)
ACTED = (
    rf"(?:{ACT}(?:ed|d|red|ted)|picked|put|read|rang|caught|wrote|held|stood|came|chose|brought|"
    rf"drew|understood|took|thought|told|saw|found|spoke|made|gave|"
    rf"did|sent|"
    r"sought|wrote|knew|went|tried|identified|felt|done|made|taken|given|sent)"
)
LOOKED_AFTER = (
    r"(?:followed up|acted (?:up)?on|checked|communicated|informed|told|warned|examined|"
    r"investigated|recogni[sz]ed|appreciated|noticed|considered|repeated|addressed|monitored|"
    r"treated|explained|offered|asked|reassessed|chased|heeded|inked|picked up|passed on|"
    r"taken seriously|listened to|counselled|consented)"
)
NO_REASON = (
    r"(?![^.]{0,90}\b(?:because|since|owing to|due to|as (?:it|there|this|he|she|they|planned|"
    r"intended)|in view of|went well|rightly|"
    r"appropriately|correctly|good reason|agree|contraindicat\w+|explain\w* that|declined|"
    r"did not wish|unable|could not|until|to allow|so that|support)\b)"
)
DONE = (
    r"(?:done|performed|carried out|made|given|ordered|started|stopped|obtained|taken|offered|"
    r"considered|repeated|checked|sent|tested|told|asked|operated|referred|transferred|admitted|"
    r"arranged|requested|sought|undertaken|prescribed|measured|discussed|treated|examined|"
    r"scanned|biopsied|investigated|involved|called)"
)
SLIPPED = (
    r"(?:mis(?:read|took|diagnos\w+|interpret\w+|judged|label\w+|classif\w+|graded|staged|"
    r"reported|identif\w+|calculated|managed|handled|understood|led|represented|coded|"
    r"prescribed|treated|construed|attributed)|botched|bungled|overlooked)"
)
SLIP = (
    r"(?:misreading|misinterpretation|misdiagnosis|misjudge?ment|misclassification|"
    r"mislabell?ing|mismanagement|mishandling|mix-up|blunder|bungling|oversight)"
)
BADLY = (
    r"(?:erroneously|mistakenly|wrongly|incorrectly|inexcusably|needlessly|carelessly|"
    r"recklessly|negligently|unforgivably|unwisely|rashly|prematurely|falsely|improperly)"
)
PLAINLY = (
    r"(?:obvious|evident|clear-cut|unmistakable|blatant|glaring|flagrant|manifest|clear|plain|"
    r"classic|textbook|unequivocal|repeated|known|documented)"
)
WARNING = (
    r"(?:signs?|symptoms?|warnings?|evidence|red flags?|allergy|contraindications?|findings?|"
    r"history|indications?|clues?|risks?|pain|complaints?|fever)"
)

IS = rf"(?:is|was|were|are|has been|have been|had been|seems|appears|looks|remains) {ADV}"
CLAUSE = r"(?:^(?:\w+ly,? )?|(?:[,;:] ?| (?:that|and|but|because|find|found|consider|think) ))"
TAIL = (
    r"(?: (?:you|she|he|they|that|which|of|at|in|from|by|for|to|till|until|so|given|made|chosen|"
    r"offered|provided|prescribed|performed|received|issued|there|here|up) "
    r"(?:(?!that |which |who |when )[^.,;]){0,60}?)?"
)
CARED = (
    r"(?:performed|done|managed|treated|operated|handled|sent home|discharged|put on|started|"
    r"stopped|given|offered|ordered|signed (?:off|out)|cared|read|reported|made|prescribed|begun)"
)
OBJECT = rf"(?:{CREW}|{CARED}|nobody|no one|the (?:{CORE}|diagnosis|report|delay)|th(?:is|ese) way)"

INEXPLICABLE = near("(?:inexplicabl[ey]|unaccountabl[ey]|incomprehensibl[ey])", OBJECT, 80)
SUBOPTIMAL = near("sub-?optimal(?:ly)?", CORE, 50)
LOW_QUALITY = near(
    r"(?:low|poor|doubtful|dubious|inferior) (?:\w+ )?(?:quality|standard)",
    r"(?:work|care|report|documentation|treatment|surgery|medicine|laborator\w+|operation)s?",
    60,
)

FRAMES: dict[HitClass, tuple[str, ...]] = {
    HitClass.FAULT: (
        rf"{SOME}{AT} {ADV}(?:has |have |had |was |were )?{ADV}(?:{SLIPPED}|mistook|mixed up|"
        r"confused (?!about|by|state|and|when|after)|swapped)\b(?! (?:an? |the )?appointment)",
        rf"(?:was|were|been|got|is|are) {ADV}(?:{SLIPPED}|mistaken for|mixed up|confused with)\b"
        r"(?! by (?:the )?(?:patient|him|her)\b)",
        rf"(?:the|this|that|their|initial|original|unfortunate|serious|such an?) {SLIP}\b"
        r"(?! rate| of secretions| is common)",
        rf"{SLIP} (?:\w+ ){{0,5}}?(?:by|at|on the part of) {CREW}",
        rf"(?:{SOME}|he|she){AT} {ADV}(?:has |have |had )?(?:divided|removed|treated|operated|"
        r"opened|cut|biopsied|gave|chose|used|injected|prescribed|ordered|made|took|picked|"
        r"implanted|sent|scanned|started|reported|excised|fixed|put|followed|drew|came to|"
        r"went for|entered|marked)[^.,;]{0,30}? the wrong \w+",
        rf"the wrong (?!way|time|impression|number|address)[\w-]+(?: \w+)? (?:was|were|has been) "
        r"(?!delivered|printed|scanned)"
        rf"{ADV}(?:\w+ed|chosen|given|made|taken|cut|sent|put|drawn)\b",
        rf"(?:was|were|been|is|are) {ADV}{BADLY} (?!taken|swallowed)\w+",
        rf"{CREW}{AT} (?:has |have |had )?{BADLY} \w+",
        rf"(?:an?|the) {PLAINLY} (?:\w+ ){{1,3}}?(?:was|were|is|has been) {ADV}(?:passed|"
        r"signed (?:out|off)|called|read|label\w+|dismissed|reported as|missed|ignored|"
        r"overlooked|treated as)",
        r"(?:clearly|plainly|obviously|readily|easily) (?:visible|seen|present|there|apparent|"
        r"identifiable|recogni[sz]able|palpable|audible)\b[^.;]{0,60}?\b(?:went un|not |never |"
        r"missed|overlooked|ignored|nobody|unreported)",
        r"(?:glaring|blatant|egregious|flagrant|gross|elementary|unforgivable|avoidable|serious|"
        r"grave|terrible|costly|fatal|big|major|bad|stupid|fundamental|basic) "
        r"(?:medical |clinical |surgical |technical )?(?:mistake|error|blunder|omission|lapse|"
        r"misjudge?ment|negligence)s?\b",
        rf"(?:mistakes?|errors?|blunders?) (?:was|were|has been|have been|had been) {ADV}"
        r"(?:made|committed)",
        rf"{SOME}{AT} {ADV}(?:has |have |had )?(?:got|gotten|had) (?:it|[^.,;]{{1,50}}?) wrong\b",
        rf"{SOME}{AT} {ADV}(?:has |have )?made (?:an? |the |some |many |several )?"
        r"(?:\w+ )?(?:mistake|error|misjudge?ment|blunder)s?\b",
        rf"{SOME}{AT} [^.,;]{{1,70}}?,? (?:although|despite|even though|in spite of|ignoring|"
        rf"against) (?:\w+ ){{0,3}}?(?:{PLAINLY}|{WARNING}|was known|were known)\b",
        rf"(?:despite|in spite of) (?:\w+ )?{PLAINLY} (?:\w+ )?{WARNING}[^.;]{{0,30}}?\b(?:was|"
        rf"were)"
        rf" (?:{CARED}|not|never)",
        rf"(?:caused|brought about|explained|produced) by {CREW} \w+ing\b",
        rf"(?:due to|because of|result of|from|owing to|consequence of) (?:the |an? )?"
        rf"(?:bad|poor|rough|careless|faulty|clumsy|wrong|improper|inadequate|late|delayed|"
        rf"mistaken|unnecessary) (?:\w+ ){{0,2}}?(?:of|by|at|in|from|on the part of) "
        rf"(?:the \w+ )?{CREW}",
        r"(?:at the door of|to blame for|culpable|answer for (?:this|what)|accountable for) ?",
        rf"^responsible for [^.]{{1,60}}? (?:is|are|was|were) {CREW}",
        rf"(?:is|was|are|were) (?:\w+ )?{WHOSE} (?:own )?"
        r"(?:fault|doing|making|responsibility that)",
        r"(?:operation|surgery|chemotherapy|treatment|drug|medicine|procedure|biopsy|scan|stent|"
        r"implant)s? (?:that |which )?(?:you|he|she|the patient) (?:did not|never|didn['’]t) "
        r"(?:really |actually )?need",
        rf"(?:diagnosis|report|interpretation|reading|grading|staging|conclusion)(?: (?:of|from|by|"
        rf"at|in|made|given|issued)(?: [\w.'’-]+){{1,6}}?)? (?:[\w ]{{0,30}}? and "
        rf")?{IS}(?:wrong(?!-)|"
        r"incorrect|false|mistaken|erroneous|in error|inaccurate|an error|a mistake|untenable)",
        rf"must (?:simply |surely )?have been (?:{SLIPPED}|missed|ignored|forgotten)",
        r"(?:signed (?:off|out)|passed|waved through) as (?:normal|benign|negative|clear|atypia)",
    ),
    HitClass.SHOULD_HAVE: (
        rf"{SOME}{AT} {ADV}(?:should|ought|could|might|must|needed to)(?: {ADV}| )(?:not |never )?"
        rf"{ADV}(?:to )?(?:not )?have {ADV}(?!received|got\b|arrived|heard|been|had the letter)"
        r"(?:\w+ed|done|seen|taken|given|sent|told|made|known|found|begun|chosen|thought|caught|"
        r"read|led|left|put|cut|spoken|drawn|shown|let|sought|written|gone|"
        r"kept)\b(?<!not\x20have\x20known)",
        rf"(?:should|ought) (?:\w+ )?(?:not |never )?(?:to )?(?:not )?have {ADV}been {ADV}"
        r"(?!received|delivered|sent|mailed|forwarded|completed|enough|healed|over|finished|able|"
        r"better)(?:\w+ed|done|seen|taken|given|told|made|put|sought|left|cut|caught|drawn|begun)",
        rf"^(?:(?:and|but|so),? )?why (?:on earth )?(?:was|were|wasn['’]t|weren['’]t|had|is)\b"
        rf"[^?]{{1,100}}?(?:not|never|n['’]t)?\b[^?]{{0,40}}?\b(?:not|never|n['’]t|only|so late|"
        rf"so long)\b[^?]{{0,40}}?{DONE}",
        rf"^(?:(?:and|but|so),? )?why (?:on earth )?(?:was|were) no(?:thing| [^?]{{1,50}}?) {DONE}",
        rf"^(?:(?:and|but|so),? )?why (?:on earth )?(?:(?:did|didn['’]t|do|does|had|has) {SOME}|"
        rf"{SOME} (?:did|do|have))\b[^?]{{0,80}}?(?:\b(?:not|never|wait\w*|only|so)\b|n['’]t\b)",
        rf"^why (?:didn['’]t|wasn['’]t|weren['’]t|hasn['’]t) (?:anyone|anybody|{SOME})",
        rf"^(?:should|could|must|might|ought)(?:n['’]t)? (?:not )?(?:{SOME}|this|it|the [\w "
        rf"]{{1,40}}?)"
        r" (?:not )?(?:to )?have (?:been )?(?:\w+ed|done|seen|taken|given|made|told)",
        r"^(?:was|were|did|has|had) (?:nobody|no one|no-one|there (?:no|nobody)|it not|not one)\b",
        r"(?:would|could|might) (?:\w+ )?have [^.;]{1,70}? had (?:you|he|she|they|it|the|this|an?|"
        r"someone|somebody|anyone) (?:\w+ ){0,4}?(?:been|\w+ed|sent|seen|taken|done|given|known)",
        r"would (?:easily |surely |certainly |probably |also )?have (?:told|revealed|detected|"
        r"prevented|saved|spared|avoided|caught|uncovered|averted|settled|clarified|made the|"
        r"shown (?:this|it|that|them))\b(?![^.]{0,60}\bbut\b)",
        r"(?:would|could|might) (?:\w+ )?have (?:been )?(?:\w+ ){1,4}?(?:[^.;]{0,50} )?(?:weeks?|"
        r"months?|years?|days?|hours?|much|far|long)? ?(?:earlier|sooner|in time|long ago)\b",
        r"with (?:an? |just |only )?(?:\w+ )?(?:earlier|timely|proper|simple|prompt|careful|more|"
        r"better|little|closer|modern) [^.;]{1,80}? (?:would|could|might) (?:\w+ )?have\b",
        r"it would (?:\w+ )?have been (?:\w+ )?(?:prudent|wise|wiser|better|safer|preferable|"
        r"advisable|sensible|easy|simple|correct|right|appropriate|indicated|kinder|proper|"
        r"good practice|normal|usual|desirable|reasonable|fair|more \w+)\b",
        r"(?<!either\x20)(?:would|might) (?:\w+ )?have been (?:\w+ )?(?:the (?:better|safer|wiser|"
        r"right|"
        r"correct|proper)|better|wiser|safer|preferable|prudent|mandatory|in order)\b",
        rf"(?:necessary|indicated|required|needed|called for|mandatory|essential|urgent|obvious)\b"
        rf"[^.;]{{0,60}}?\b(?:but|yet|and|still)\b[^.;]{{0,40}}?(?:was|were|has been) (?:not|"
        rf"never) "
        rf"{DONE}{NO_REASON}",
        r"\b(?:had|would have|might have|have) better (?!outcomes?|results?|control)\w+ed\b",
        r"(?:you|she|he|the patient) (?:\w+ )?deserve[sd]? (?:an? |to |much |far |some )?"
        r"(?:better|more|\w+ (?:much |far )?(?:earlier|sooner)|\w+ [^.]{0,20}?earlier|proper|"
        r"have been)",
        r"(?:avoidable|preventable|needless|unnecessary|unwarranted) (?:\w+ )?(?:delay|death|harm|"
        r"injury|loss|complication|operation|suffering|damage|tragedy|amputation|admission|"
        r"surgery|relapse|scar|deterioration)",
        rf"{IS}(?:avoidable|preventable)\b",
        r"(?:hindsight|retrospect)\b[^.]{0,80}?\bought\b",
        r"(?:need|needed) not (?:ever )?have (?:been|happened|had|come|lost|died)",
    ),
    HitClass.FAILURE: (
        rf"(?:{CREW}|someone){AT} {ADV}{NOT} {ADV}{OMITTED}(?:ed|d|s|t|red|ted)?\b{NO_REASON}",
        rf"they {ADV}{NOT} {ADV}(?:order|check|repeat|examine|refer|biopsy|obtain|treat|explain|"
        r"investigate|document|follow|consider|diagnose|warn|monitor|inform|act|listen|look|think "
        r"of)"
        rf"(?:ed|d|t|red)?\b{NO_REASON}",
        rf"(?:{CREW}{AT}|they) {ADV}{NOT} \w+[^.;]{{0,60}}?\b(?:at all|even once|despite|although|"
        r"whatsoever)\b",
        rf"{CREW}{AT} (?:has |have |had )?never {ADV}(?:{ACTED}|\w+ed)\b(?<!received){NO_REASON}",
        r"(?:he|she) (?:never|did not even|didn['’]t even) (?:bother\w*|explain(?:ed)?|"
        r"examined?|listen(?:ed)? to (?:you|her|him)|offer(?:ed)?|order(?:ed)?|prescribed?|"
        r"investigated?|refer(?:red)?|warn(?:ed)?|told you|tell you|look(?:ed)? at)",
        rf"(?:nobody|no one|no-one|no doctor|not one \w+|none of (?:the|your|her|his) {MOD}{{0,2}}?"
        rf"{FOLK})(?! (?:in|of) (?:the|her|his|your) (?:family|household)){AT} "
        rf"{ADV}(?:has |have |had |seems? to have |appears? to have )?{ADV}{ACTED}\b"
        r"(?! (?:any|side|to harm))",
        rf"(?:was|were|is|been|being) {ADV}(?:not|never) {ADV}{LOOKED_AFTER} (?:[\w-]+ ){{0,6}}?"
        rf"by {CREW}{NO_REASON}",
        rf"(?:was|were|been) {ADV}never {ADV}(?:told|warned|informed|asked|examined|followed up|"
        r"investigated|communicated|explained|addressed|acted (?:up)?on|reassessed|chased|"
        rf"recogni[sz]ed|considered|taken seriously|listened to|picked up|passed on){NO_REASON}",
        rf"(?:was|were|been) {ADV}not {ADV}(?:acted (?:up)?on|followed up|taken seriously|heeded|"
        r"listened to|chased|passed on|recogni[sz]ed (?:in time|as such|until|for)|"
        rf"appreciated (?:at|in|by|for)){NO_REASON}",
        r"(?:significance|importance|severity|gravity|urgency|implications?|seriousness|relevance|"
        r"danger|meaning) of [^.;]{1,60}? (?:was|were|had been) (?:\w+ )?(?:not|never|un\w+|missed|"
        r"lost on|overlooked|under\w+|ignored)",
        rf"(?:went|gone|passed|lay|was left|were left) {ADV}un(?:noticed|reported|recogni[sz]ed|"
        r"diagnosed|detected|treated|addressed|heeded|investigated|checked|answered|remarked|"
        r"explained|reviewed|read|seen|monitored|attended|explored|repaired|challenged|acted)",
        rf"(?:the|this|their|such|an?|total|complete|clear|repeated|obvious|apparent|continued|"
        rf"persistent|any) (?:\w+ )?"
        rf"(?:failure|omission|neglect|refusal|reluctance|unwillingness|inability) to "
        rf"(?!respond|thrive|progress|wean|keep|take|feel|see|speak|read|know|find)(?:{ACT})",
        rf"(?:omission|neglect|disregard|inattention|indifference|lack of (?:attention|care|"
        r"interest|follow-up|supervision|communication|diligence|rigou?r|vigilance)|oversight|"
        r"carelessness|inaction|inertia|ignorance|complacency|hesitation|passivity|tardiness|"
        r"non-?response|silence) (?:[\w-]+ ){0,4}?(?:of|by|on the part of|from|at|in|among) "
        rf"{CREW}",
        rf"{WHOSE} (?:[\w-]+ )?(?:disregard|inattention|indifference|neglect|oversight|inaction|"
        r"inertia|complacency|omission|silence|hesitation|slowness|reluctance|passivity|failure)\b"
        r"(?! (?:rate|of the (?:graft|valve|kidney|heart)))",
        r"(?:no|little|hardly any|insufficient|scant) (?:\w+ )?(?:attempt|effort|thought|"
        r"consideration|attention|heed|notice|regard)s? (?:was|were|has been|had been|seems to have"
        r" been) (?:ever )?(?:made|given|paid|taken)\b"
        rf"{NO_REASON}",
        rf"(?:was|were|been|got|being) {ADV}(?:brushed (?:off|aside)|fobbed off|palmed off|ignored|"
        r"disregarded|dismissed (?:as|by|out of|without)|waved (?:away|through)|written off|"
        r"trivialised|trivialized|belittled|played down|shrugged off|let down|forgotten|neglected|"
        r"overlooked|bounced|passed from pillar|sent (?:home|away) (?:without|with nothing|despite|"
        r"untreated|undiagnosed|again)|turned away|put down to (?:anxiety|age|stress|nerves|"
        r"old age))\b(?! (?:as an? (?:child|infant|boy|girl)|in childhood)|[^.;]{0,20}? by (?:the "
        r"|his |her "
        r")?(?:patient|him|her|family|mother|father|parents|stepfather)\b)",
        r"(?:the|an?|this|that|his|her|your|these|both) (?!\w*\s?(?:dose|tablet|period|appointment|"
        r"visit|pill|cycle|session|meal|treatment|injection)s? )(?:[\w'-]+ ){1,5}?(?:was|were|"
        r"been) "
        rf"{ADV}missed\b{NO_REASON}",
        rf"(?:{CREW}|they){AT} {ADV}(?:has |have |had )?(?:wasted|squandered|dithered|"
        r"dragged (?:his|her|their|its) feet|sat on|gave up|given up|lost track|overlooked|"
        r"turned a blind|looked away|washed (?:his|her|their) hands|kept \w+ing|persisted|"
        r"insisted on|let (?:you|him|her|them|the patient|this \w+) (?:down|wait|suffer|lie|go)|"
        r"left (?:you|him|her|the|this|them)[^.,;]{0,40}? without|fobbed|missed (?:the|this|an?|"
        r"every|all|that) (?!appointment|visit|dose|call|meeting))",
        rf"(?:{CREW}|they)[^.;]{{1,80}}? (?:instead of|rather than|without (?:even "
        rf")?)\s?(?:looking|"
        r"examining|asking|listening|investigating|checking|testing|referring|finding|thinking|"
        r"reading|considering|consulting|taking a)",
        rf"(?:{CREW}|they){AT} {ADV}(?:has |have |had )?delayed \w+{NO_REASON}",
        rf"{CREW}{AT} {ADV}(?:gave|paid|showed|took|had|made|offered|provided) "
        r"(?:no|little|scant|hardly any) (?:\w+ )?(?:attention|heed|thought|interest|notice|"
        r"explanation|warning|advice|follow-up|care|regard|consideration|information)",
        r"(?:for|during|over) (?:\w+ )?(?:days|weeks|months|years|hours)[^.;]{0,20}? nothing "
        r"(?:\w+ )?(?:was|happened)(?: done| undertaken)?",
        rf"nothing (?:whatsoever |at all )?(?:was|has been|had been) (?:done|undertaken|offered)"
        rf"(?: \w+){{0,3}}? by {CREW}",
        r"\b(?:took|waited|needed) (?:\w+ ){0,2}?(?:days|weeks|months|years|hours)[^.;]{0,30}? "
        rf"(?:for|before) (?:{CREW}|anyone|anybody|somebody|someone|they)\b[^.;]{{0,40}}?"
        rf"(?:to |{ACTED})",
    ),
    HitClass.EVALUATIVE: (
        r"(?:careless|sloppy|sloppily|shoddy|slipshod|slapdash|shambolic|amateurish|botched|"
        r"bungled|inept(?:ly|itude)?|lackadaisical|perfunctory|slovenly|ham-fisted|cack-handed|"
        r"sub-?standard|second-rate|third-rate|ill-conceived|ill-chosen|ill-judged|ill-considered|"
        r"unprofessional(?:ly)?|inexcusabl[ey]|unforgivabl[ey]|indefensibl[ey]|"
        r"(?:sheer|utter|gross|such|professional|medical|surgical|their) incompetence|"
        r"unaccountably|negligently|carelessly|recklessly|heavy-handed)\b(?! (?:about|with (?:his|"
        r"her)|driv|"
        r"fall|step|cycl|moment))",
        rf"{CLAUSE}(?:{THE} |such |all )?{MOD}{{0,4}}?{WIDE}s?{TAIL} {IS}(?:an? |one of )?"
        rf"(?:[^.,;]{{1,25}}? and )?(?!too late){HARSHER}\b(?! (?:from|of (?:the )?pain))",
        rf"{CLAUSE}(?:{THE} |such |all )?{MOD}{{0,3}}?{CORE}s?{TAIL} {IS}(?:an? )?"
        rf"(?:\w+ and )?{MILDER}\b(?! (?:to (?:control|achieve|reach|prevent|explain)|because|"
        r"for (?:technical|assess|grading|diagnos)|here|now|if|in (?:this|a) case))",
        INEXPLICABLE,
        rf"{SUBOPTIMAL}(?! response)",
        r"\bno way to (?:treat|manage|run|care|practi[sc]e|do|handle|follow)\b",
        r"(?:makes?|made) (?:absolutely |really )?(?:no|little|not much) (?:medical |clinical |"
        r"surgical )?sense\b",
        r"it was (?:an? )?(?:very |quite |clearly )?(?:bad|poor|terrible|foolish|unwise|wrong|"
        r"irresponsible|dangerous|mistake|folly|madness|error|premature)(?: (?:idea|choice|"
        r"decision|"
        r"thing|move))? (?:to|of)\b",
        rf"(?:{HARSH}|appalling|dreadful|abysmal) (?:\w+ )?quality|quality[^.;]{{0,40}}? {IS}"
        rf"{HARSHER}",
        LOW_QUALITY,
        rf"as (?:usual|ever|always|so often|is typical) (?:from|with|at|for|of) (?:this|that|them|"
        rf"{CREW})",
        r"(?:has|have|was|were) long (?:been |since been )?(?:abandoned|obsolete|outdated|"
        r"discarded)",
        r"(?:falls?|fell|falling) (?:\w+ )?short\b|leaves? (?:\w+ ){0,2}to be desired",
        rf"(?:was|were|been) (?:{CARED})[^.;]{{0,60}}? without (?:any |a |an )?(?:proper |clear |"
        r"good |sound |real )?(?:concept|plan|logic|thought|reason|indication|justification|"
        r"rationale|need)\b",
        r"(?<!would\x20be\x20a\x20)(?<!would\x20be\x20an\x20)(?:poor|bad|weak|misguided|flawed|"
        r"inappropriate|bizarre|"
        r"unacceptable|strange|odd|foolish|rash|hasty|lax|unwise|reckless|nonsensical|absurd|"
        r"wrong-headed|dubious|lazy) (?:\w+ )?(?:decision(?:-making)?|choice|advice|"
        r"technique|workmanship|communication|supervision|prescribing|reasoning|handover|"
        r"planning|medicine|recommendation)s?\b",
        rf"(?:was|were|been) {ADV}(?:badly|poorly|wrongly|amateurishly|crudely|chaotically|"
        r"inappropriately|inadequately|improperly|insufficiently) (?:managed|treated|handled|"
        r"performed|done|planned|executed|documented|supervised|prepared|counselled|advised|"
        r"monitored|investigated|worked up|looked after|organi[sz]ed|chosen|informed)",
        r"(?:given|treated|managed|left|performed|handled|operated) in (?:an? )?(?:\w+ )?"
        r"(?:sloppy|careless|chaotic|amateurish|haphazard|unacceptable|crude|cavalier)",
        rf"{CREW}{AT} {IS}(?:an? )?{HARSHER}\b",
        r"lacks? (?:any |all )?(?:rigou?r|logic|concept|care|common sense|basic|justification)\b",
    ),
    HitClass.EMOTION: (
        rf"{WE}(?:['’]m| am| was| were| are| felt| feel| remain)? {ADV}(?:{FEELING}|frustrated|"
        r"troubled|irritated|embarrassed|ashamed|sickened|incensed|bemused|mystified|heartbroken|"
        r"exasperated|incredulous|indignant|unimpressed)\b[^.;]{0,60}?(?:" + OBJECT + r"|decision)",
        rf"it (?:is|was|remains) {ADV}(?:frustrating|troubling|upsetting|sad|worrying|galling|"
        r"infuriating|disheartening|depressing|distressing|painful|odd|strange|curious|"
        r"disappointing|embarrassing|irritating|exasperating|deeply troubling|a pity|a shame)"
        rf" (?:to (?:see|read|hear|find|note|learn|observe)|that|how)\b[^.;]{{0,80}}?{OBJECT}",
        r"\b(?:my|our) (?:\w+ )?(?:disbelief|dismay|astonishment|horror|indignation|incredulity|"
        r"disappointment|frustration|anger|bewilderment|amazement|outrage)\b",
        r"\b(?:is|was|am|left|leaves?) (?:\w+ )?speechless\b|\bone (?:\w+ )?wonders\b",
        rf"what (?:on earth |in the world )?(?:possessed|got into|were {SOME} thinking|was {SOME} "
        rf"thinking)|how (?:could|can|dare) {SOME}\b",
        r"(?:surprisingly|astonishingly|amazingly|strangely|bafflingly|shockingly|oddly|curiously|"
        r"bizarrely|incredibly|inexplicably|incomprehensibly),? (?:and )?(?:nobody|no one|neither|"
        rf"no [\w ]{{1,40}}? (?:was|were) {DONE}|{CREW}{AT} {NOT})",
        rf"{WE} (?:\w+ )?(?:struggle|fail|am unable|are unable|find it hard|cannot begin) to "
        r"(?:understand|see|grasp|follow|explain|believe|comprehend|fathom) (?:why|how|what|the "
        r"(?:logic|reasoning|decision|thinking|rationale|choice|point))",
        rf"{WE} (?:can ?not|can['’]t|do not|don['’]t) (?:\w+ )?(?:understand|follow|fathom|"
        r"comprehend|believe) (?:the|this|such|their) (?:\w+ )?(?:logic|reasoning|decision|"
        r"thinking|rationale|choice|treatment|approach)",
    ),
    HitClass.NORM: (
        rf"(?:any|every|even an?|no|each) (?:[\w-]+ ){{0,3}}?(?:{FOLK}|(?:student|beginner|expert|"
        r"laboratorie)s?)(?: in [\w ]{1,30}?)? (?:would|could|knows?|"
        r"learns?|understands?|is taught|recogni[sz]es|remembers)\b"
        r"(?! (?:find|need|want|ask|require|like|wish|be (?:unsure|happy|able|glad)|offer|"
        r"struggle|agree|have (?:done the same|"
        r"struggled|found this|known)))",
        rf"{WE} would never (?!recommend|suggest|advise|wish|want|expect|presume|be|know|need|"
        rf"say)\w+\b",
        rf"(?:in|with|at|under) (?:us|(?:our|my) (?:own )?(?:\w+ )?(?:{FOLK}|hands|care|"
        r"theatre))\b[^.;]{0,20}? "
        r"(?:this|such|it|that|nobody|no)\b[^.;]{0,40}? (?:would|could|does|will)(?:n['’]t|"
        r" (?:not|never|hardly|be (?:impossible|unthinkable)|have))\b",
        r"(?:contrary to|against|violates?|in breach of|ignores?) (?:all|every|any|basic|accepted|"
        r"good|established|the most basic) (?:\w+ )?(?:protocol|guideline|rule|practice|standard|"
        r"principle|teaching|recommendation)s?",
        r"(?:is|was|are|were) (?:an? |the )?(?:basic|first|cardinal|golden|elementary|simplest|"
        r"most "
        r"basic) (?:duty|rule|principle|lesson|duties)|flies in the face of",
        rf"(?:by every|to every|by any|(?:by|to|for) even an?) (?:\w+ ){{0,2}}?(?:student|"
        rf"beginner|{FOLK})\b",
    ),
}
