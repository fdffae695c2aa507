"""Set phrases of blame, hindsight and courtship that name neither an act nor a care plainly."""

from consultdesk.consultation.collegiality_aims import OWN
from consultdesk.consultation.collegiality_marks import (
    ADV,
    AT,
    CREW,
    FOLK,
    HE_OR_SHE,
    SOME,
    WHOSE,
    near,
)
from consultdesk.consultation.collegiality_words import CORE, WE, HitClass

HIM = r"(?:you|him|her|them|us|the (?:patient|family|boy|girl|child|man|woman|mother|parents))"
LOST = r"(?:years?|months?|weeks?|days?|hours?|time|chances?|opportunit(?:y|ies))"
ACTS = (
    r"(?:operate|treat|stent|do|manage|prescribe|give|use|perform|discharge|start|combine|leave|"
    r"send|anticoagulate|sedate|handle|read|report|close|fix)(?:s|es)?"
)
WORTHY = r"worth (?:the|his|her|their|its|any) (?:name|salt)"
LABELS = (
    r"(?:overbearing|manipulative|histrionic|attention[- ]seeking|obnoxious|belligerent|"
    r"foul-?smelling|"
    r"smelly|filthy|unkempt and|hateful|bigoted|whining|stupid|dim|ignorant|spoilt|petulant|"
    r"entitled)"
)

BADLY = r"(?:incorrectly|wrongly|badly|poorly|improperly|inadequately|clumsily|too late|in error)"
SAME = r"[^.]{0,60}\b(?:same(?! (?:day|night|week|evening))|unchanged|no different|not have)\b"
COMPLAINT = (
    r"(?:warnings?|concerns?|complaints?|symptoms?|questions?|requests?|pleas?|worries|fears|pain|"
    r"signs?|objections?|calls?|results?|findings?|alarms?|letters?|reminders?)"
)
PAPERS = (
    r"(?:specimens?|samples?|results?|reports?|slides?|files?|forms?|referrals?|letters?|notes|"
    r"requests?|blood|biops(?:y|ies)|images|films|appointments?)"
)

IDIOMS: dict[HitClass, tuple[str, ...]] = {
    HitClass.FAULT: (
        rf"{CREW}{AT} {ADV}(?!was |were |is |are )\w+ [^.,;]{{0,50}}?{BADLY}\b",
        r"(?:was|is|by|to|from|of) (?:an? |the |this )?(?:drug|dosing|medication|prescribing|"
        r"technical|"
        r"surgical|diagnostic|clerical|nursing|communication|treatment|medical) (?:error|"
        r"mistake)s?\b",
        rf"(?:errors?|mistakes?|inaccurac(?:y|ies)|omissions?|misjudge?ments?|lapses?) (?:\w+ "
        rf")?(?:by|"
        rf"made by|from|on the part of) {CREW}",
        r"(?:made worse|worsened|ruined|harmed|damaged|destroyed|aggravated|spoil(?:ed|t)|"
        r"provoked) by "
        r"[^.;]{1,40}? (?:(?:you|she|he|the patient) (?:was|were|had been) (?:given|prescribed|"
        r"put on)|"
        r"at the (?:first|other|previous|outside|local))",
        rf"(?:{WHOSE}|nobody['’]s) (?:[\w-]+ )?(?:incompetence|stupidity|arithmetic|handiwork|"
        rf"arrogance|"
        r"laziness|sloppiness|indecision|clumsiness|incomprehension|error|mistake|doing|"
        r"blunder)s?\b",
        rf"(?:the|of the|all the|own) (?:making|doing|handiwork) of {CREW}|self-(?:made|inflicted) "
        rf"(?:\w+ )?(?:problem|complication|injury)s? (?:of|by|at) {CREW}",
        rf"(?:courtesy of|inflicted by|brought on by|owed to|the price of|victim of) {CREW}",
        rf"{WE} (?:\w+ )?(?:attribute|ascribe|put|trace)[^.;]{{1,60}}? (?:to|down to) {WHOSE}? ?"
        rf"{CREW}",
        rf"{LOST} (?:was|were|have been|has been|had been) (?:\w+ )?(?:thrown away|wasted|"
        rf"squandered|"
        r"frittered away|lost needlessly|needlessly lost)",
        rf"(?:threw|thrown|throwing) away (?:\w+ ){{0,3}}?{LOST}",
        r"(?:patient|he|she|you|family|child) (?:has |have |is |are )?(?:now )?(?:pa(?:id|ys?|"
        r"ying)|left "
        r"to pay) (?:\w+ )?(?:for it|the price|dearly)",
        r"(?:is|was|has been|sits|lies) (?:\w+ )?in (?:entirely |completely )?the wrong "
        r"(?:place|position|level|vessel|bone|canal|space)\b(?! after| since)",
        rf"{CREW}{AT} (?:was|were|is|are) (?:off|out) by (?:a factor|an order)",
    ),
    HitClass.SHOULD_HAVE: (
        r"\bif [^,.;]{3,90}? had (?:not |only |ever )?been (?!able|ill|older|younger)\w+(?:ed|en|"
        r"ne|n|t)"
        rf"\b[^.;]{{0,60}}?,? (?!i |we )[^.;]{{1,60}}? (?:would|could|might)\b(?!{SAME})",
        rf"\bif {SOME}{AT} had (?:not |only |ever )?\w+[^.;]{{1,90}}? (?:would|could|"
        rf"might)\b(?!{SAME})",
        r"(?:should|ought to) (?:\w+ )?have (?:\w+ )?(?:come (?:off|out|down)|gone (?:in|to|for|"
        r"straight)|"
        r"had (?:an? (?!answer|appointment|letter|reply)|surgery)|undergone|started|begun|"
        r"happened|"
        r"stayed|remained)\b",
        r"(?:looking back|benefit of hindsight|on reflection|knowing what we "
        r"know)\b[^.]{0,60}?\b(?:obvious|"
        r"clear|evident|plain|should|ought|could|avoid\w+|wrong|mistake)\b",
        rf"{WE} (?:would|should|['’]d) (?:\w+ )?have (?:expected|thought|hoped|wished)"
        rf" (?:for |to see )?(?:that )?(?:{SOME}|at least|a |an |some|more|better|someone)",
        r"(?:one|you|I|we|anyone)(?:['’]d| would| might| could) (?:\w+ )?(?:have )?(?:think|"
        r"thought|"
        rf"hope|hoped|expect|expected)\b[^.;]{{0,30}}?(?:{SOME}|at least|for an?|somebody)\b",
        r"(?:too much|not much|a lot|little enough) to (?:ask|expect)\b(?! of (?:him|her|you|the "
        r"patient))",
        r"nothing (?:would|could) have been (?:easier|simpler|more natural)",
        rf"{SOME} had (?:every|ample|plenty of|more than enough) (?:opportunit(?:y|ies)|reason|"
        rf"chances?|time|"
        r"warning)",
        r"(?:was|were) (?:clearly |plainly |absolutely |simply )?(?:mandatory|called for|crying "
        r"out|begging"
        r" for|imperative|obligatory)\b(?!,? and (?:was|were))",
        r"(?:chance|opportunity|window|moment)s?\b[^.;]{0,40}? (?:was|were) (?:\w+ )?(?:allowed "
        r"to|let|"
        r"squandered|missed|wasted|passed up|thrown)\b",
        r"belong(?:s|ed) in (?:an? |the )?[\w -]{1,40}?,? not\b",
        r"no one (?:can|could) (?:\w+ )?(?:defend|justify|excuse)",
    ),
    HitClass.FAILURE: (
        rf"{COMPLAINT}(?: (?:of|from|by) [^.;]{{1,30}}?)? (?:was|were|have been|had been) "
        rf"{ADV}(?:dismissed|"
        r"discounted|minimi[sz]ed|ignored|unheeded|disbelieved|not believed|unanswered|left "
        r"unanswered|swept|"
        r"mislaid|lost|filed away|forgotten)\b",
        rf"{CREW}{AT} {ADV}(?:has |have |had )?(?:lost|mislaid|misplaced|forgot|threw away|"
        rf"deleted|misfiled|"
        rf"mixed up) (?:the|this|her|his|your|their|our|two|both) (?:\w+ )?{PAPERS}",
        rf"(?:{CREW}{AT}|they|and) {ADV}(?:told|informed|did|said|asked|warned|consulted|offered|"
        rf"explained|"
        r"checked|called|noticed) (?:no one|nobody|nothing|no-one)\b",
        r"(?:fell|fall|fallen|falling) on deaf ears|\bslipped through the (?:net|cracks)|\bfell "
        r"through the"
        r" cracks|\bwas left to (?:deteriorate|fend|suffer|wait|die|rot|cope)\b",
        rf"{SOME}{AT} {ADV}(?:left|leaves|abandoned|leave) {HIM} (?:to (?:cope|fend|suffer|wait|"
        rf"manage|"
        r"deteriorate)|alone|in (?:pain|agony|limbo)|high and dry|hanging|stranded)",
        rf"it took {CREW}{AT} (?:\w+ ){{1,4}}?(?:visits?|days|weeks|months|years|hours|attempts|"
        rf"calls|"
        r"admissions|scans)",
        r"(?:was|were|been|had) (?:not [\w ]{1,30}? once|not once)\b[^.;]{0,40}",
        rf"{CREW}{AT} (?:\w+ )?(?:shrugged|looked on|stood by|sat by|saw no need|wanted nothing|"
        rf"could not be "
        r"(?:reached|bothered)|was nowhere|were nowhere)\b",
        r"(?:was|were) (?:dealt with|fobbed off|treated|managed) (?:by way of|with) (?:a|nothing "
        r"(?:more|but)) "
        r"(?:leaflet|pat|shrug|paracetamol|prescription|than|but)",
        rf"(?:sat|lay|languished|gathered dust) (?:\w+ )?(?:in|on) (?:the|an?|somebody['’]s|"
        rf"{WHOSE}) (?:\w+ )?"
        r"(?:inbox|desk|tray|pile|drawer|folder|fax|waiting list|corridor)",
        r"(?:follow-up|aftercare|communication|supervision|monitoring|support|explanation|"
        r"information)"
        r"[^.;]{0,50}? (?:was|were|is|has been|have been) (?:\w+ )?(?:non-?existent|nil|absent|"
        r"nowhere|"
        r"zero|minimal at best)",
        r"under (?:the (?:very )?eyes|the nose|the watch|the noses) of",
        r"(?:^|[:;] )no \w+, no \w+,? (?:and )?no\b",
        rf"(?:^|\bthe )(?:ED|A&E|PCP|{FOLK}|triage|radiology|cardiology|surgery|anesthesia|"
        rf"anaesthesia|"
        r"neurology|pathology|oncology|orthopa?edics)(?: \w+)? (?:\w+ly )?(?:missed|ignored|"
        r"overlooked|"
        r"dismissed|misread|botched|blew|forgot|failed to|neglected|dropped the ball)\b",
        r"drop(?:ped|s)? the ball|\basleep at the (?:wheel|switch)\b|\bturn(?:ed|ing) a deaf",
    ),
    HitClass.EVALUATIVE: (
        r"(?:corners (?:were|was|had been|have been) cut|cut(?:s|ting)? corners)\b",
        r"(?:hard|difficult|impossible|not easy|hardly possible) to (?:defend|justify|excuse|"
        r"reconcile "
        r"with|condone)",
        r"(?:cannot|can ?not|can['’]t|could not) (?:\w+ )?be (?:defended|justified|excused|"
        r"condoned|called "
        r"(?:care|medicine|treatment|a))",
        r"(?:does|do|did|has|have) not (?:\w+ )?deserved? (?:the|to be called|that|its) ?(?:name|"
        r"word|label|a)?",
        r"all over the place|\bleft hand\b[^.;]{0,40}\bright hand (?:did|does|was)|\b(?:hit and "
        r"miss|"
        r"hit-and-miss|half-measures|guesswork|patchwork|overkill|window dressing|a lottery|snake "
        r"oil|"
        r"quackery|cowboy (?:medicine|surgery)|cookbook medicine|assembly-line)\b",
        r"(?:was|is|were|has been|amounts? to|no better than|no more than|little more than|not "
        r"much more "
        r"than|simply|frankly) (?:an? )?(?:pure |mere |sheer )?(?:guess|gamble|overkill|naive|"
        r"minimal at best|"
        r"patchy|a lottery|wishful thinking|an experiment|experimentation|window dressing|folly|"
        r"overtreatment|undertreatment|over-treatment)\b(?! of)",
        r"(?:this|that) is (?:simply |just )?not (?:how|the way|what)\b[^.;]{0,60}? (?:is|are|"
        r"should be|ought "
        r"to be|was|looks?|means?|done|treated)\b",
        near(
            r"(?:superficial|naive|simplistic|muddled|confused|incoherent|contradictory|patchy)",
            r"(?:diagnosis|formulation|assessment|reliance|report|plan|reasoning|management|"
            r"approach|"
            r"history-taking|work-?up|opinion|notes)",
            40,
        ),
        r"(?:poorly|badly|ill|shabbily|atrociously) served\b|\btechnically (?:atrocious|awful|"
        r"appalling|"
        r"dreadful|abysmal)\b",
    ),
    HitClass.EMOTION: (
        r"(?:hard|difficult) to (?:credit|swallow|digest|stomach|take in|grasp)\b|\b(?:have|has) "
        r"(?:\w+ )?come to "
        rf"expect (?:from|of|with) (?:{CREW}|that|this|them|there)",
        rf"{WE} find (?:the|this|that|their|such|it) (?:[\w-]+ ){{0,3}}?(?:{CORE}|diagnosis|"
        rf"treatment|surgery|"
        rf"operation|delay)s? (?:\w+ )?(?:disturbing|troubling|unsettling|distasteful|upsetting|"
        rf"objectionable|"
        r"offensive|painful|bewildering|baffling|puzzling|astonishing|shocking|surprising|"
        r"incomprehensible|"
        r"strange|odd|curious|disappointing|alarming|regrettable)\b",
        rf"{WE} (?:could|can) (?:scarcely|hardly|barely|not) believe\b|\bat a loss as to\b|\bit "
        rf"(?:pains|grieves|"
        r"hurts|saddens|sickens|distresses|worries me to see how) (?:me|us)\b|\bshook my head\b|"
        r"\bshaking "
        r"(?:my|one['’]s) head\b",
        rf"{WE} (?:\w+ )?(?:hesitate|dare not|prefer not|do not dare|would rather not|refrain|"
        rf"bite my tongue) "
        r"(?:to |from )?(?:comment|say|think|imagine|ask|judging|commenting)[^.;]{0,60}?(?:on "
        r"what|about what|"
        rf"what|how|why|{CREW})",
        r"(?:astoundingly|astonishingly|unbelievably|amazingly|alarmingly|inexplicably|incredibly|"
        r"staggeringly|"
        r"mystifyingly|bizarrely|perversely),",
        rf"{WE} (?:pity|feel sorry for|dread)[^.;]{{0,40}}?{CREW}",
    ),
    HitClass.NORM: (
        r"\b(?:common knowledge|common sense|the abc of|stands to reason|as every(?:one|body)|"
        r"elementary "
        r"(?:medicine|stuff|surgery|physiology)|basic (?:medicine|stuff|surgery|science))\b(?! "
        r"approach)",
        rf"{FOLK} {WORTHY}",
        r"(?:first|second)-(?:term|semester|year) (?:medicine|psychiatry|surgery|stuff|material|"
        r"physiology|"
        r"anatomy|pharmacology)\b|\bmedicine 101\b|\b101\b(?= (?:stuff|medicine))",
        rf"{FOLK} (?:are|is) (?:\w+ )?(?:expected|supposed|trained|paid|taught) to\b",
        r"(?:nobody|no one|no-one|hardly anyone|no \w+) (?:(?:in|of) (?:this|our) (?:decade|"
        r"century|day and age|"
        rf"day)|today|nowadays|these days|any ?more|in (?:this|our) (?:field|country|specialty)) "
        rf"?{ACTS}\b|"
        rf"(?:nobody|no one|no-one) (?:\w+ly )?{ACTS} [^.;]{{1,60}}? (?:any ?more|like that|these "
        rf"days|"
        r"nowadays|that way|this way|today)\b",
    ),
    HitClass.INSULT: (
        r"(?:hand|give|turn|send)(?:s|ed)? (?:back|in|up) (?:his|her|their) (?:licen[cs]e|gown|"
        r"badge|diploma|degree)",
        r"whoever [^.;]{1,50}? (?:ought|should|needs|must|had better|deserves)\b",
        rf"would not (?:let|trust|want|allow)[^.;]{{0,30}}?{CREW}[^.;]{{0,10}}? (?:treat|near|"
        rf"touch|operate|"
        r"loose|with|anywhere)|\b(?:treat|operate on) my (?:dog|cat|worst enemy)\b",
        rf"(?:{CREW}|people|doctors|surgeons|he|she|they) (?:should|ought to|had better|might) "
        rf"(?:\w+ )?(?:stick"
        r" to|retire|go back to (?:medical )?school|find another (?:job|profession|line)|take up|"
        r"hang up)",
        rf"{CREW} (?:\w+ )?needs? (?:a|to see a|his|her) (?:\w+ )?(?:psychiatrist|new glasses|"
        rf"glasses|head "
        r"examined|refresher)",
        rf"(?:{CREW}|the man|the woman|this man) has not (?:opened|read|seen|"
        rf"attended)[^.;]{{1,30}}? (?:since|for|"
        r"in) ",
    ),
    HitClass.SCARE: (
        r"(?:one more|another|a further|a few more) (?:day|week|month|year|visit|dose)s? (?:with|"
        r"of|under|at|there|"
        r"in)\b[^.;]{0,50}? and (?:it|you|she|he)(?: will|['’]ll| may)\b",
        r"(?:kills?|is (?:deadly|lethal|fatal))[^.;]{0,30}? and (?:they|your)\b",
        r"(?:gambl|play|toy|trifl|experiment)(?:s|ed|ing|es|ling|les)? with (?:your|her|his|their) "
        r"(?:life|lives|health|heart|future|sight|leg)",
        r"(?:may|might|will|could) (?:not|never) (?:get|see|have|hold|bring) (?:your|her|his|him|"
        r"her) [^.;]{0,30}?"
        r"(?:back|again)\b",
    ),
    HitClass.MOTIVE: (
        rf"(?:{CREW}{AT}|they)\b[^.;]{{1,80}}? (?:to save (?:on |up )?(?:\w+ )?(?:staff|money|"
        rf"time|costs?|beds?|"
        r"effort|trouble|work|themselves|himself|herself|face)|so as not to|in order not to "
        r"(?:admit|lose|have|"
        r"be|embarrass)|to avoid (?:admitting|embarrass\w+|blame|having to|paperwork|trouble|work|"
        r"the effort|"
        r"responsibility|being|scandal))\b",
        r"(?:he|she) (?:\w+ ){1,6}?(?:so as not|in order not|refus\w+) to (?:admit|own up)|"
        r"\b(?:where|that is where) the "
        r"money is\b|\b(?:had|needed) to be finished by\b",
        rf"suits? (?:{CREW}|them|the [\w ]{{1,30}}?(?:rota|schedule|list|budget|staff|routine)|"
        rf"{WHOSE} [\w ]{{1,30}}?)"
        r"(?:\b| more| better)",
        r"pa(?:y|ys|id|ying) the (?:bills|rent|mortgage|school fees|salaries)|\bbusiness (?:model|"
        r"case|decision|"
        r"interests?)\b|\bcash (?:machine|generator)\b|\bbottom line\b|\bmeal ticket\b|\bgravy "
        r"train\b",
        r"(?:bed|theatre|slot|list|room|ward)s? (?:was|were|had to be|needed to be) (?:needed|"
        r"required|emptied|"
        r"filled|wanted|freed|cleared),? (?:and )?(?:so|therefore|hence)\b",
    ),
    HitClass.SOLICIT: (
        r"(?:we|i)(?:['’]d| would| can| could| will|['’]ll| am| are)[^.;]{0,30}? (?:give the|"
        r"remove|excise|correct|"
        r"repair|implant|replace|inject|revise|resect|take out|deliver|start you|insert|fix|"
        r"perform|do)\b[^.;]{0,60}?"
        r"(?:for you\b|in our\b|here\b|myself\b|ourselves\b|next (?:week|month)|at our\b|in my\b|"
        r"with us\b)(?![^.;]{0,30}"
        r"(?:if your (?:doctor|physician)|\breview))",
        r"(?:you|she|he|the patient)(?:['’]d| would| will|['’]ll)? (?:be |get |do |feel |find "
        r")?(?:\w+ )?(?:safer|better|"
        r"happier|faster|in (?:good|better|safe|safer|expert|experienced) hands|more "
        r"\w+)\b[^.;]{0,30}? (?:in|with|at|"
        rf"under|by|from) {OWN}",
        r"\bcome (?:back )?(?:and |to )?see (?:us|me)\b|\bcome (?:back )?to (?:us|me|our|my)\b",
        r"(?:our|my) [^.;]{0,60}?(?:offers?|provides?|gives?|level|standard|quality|care|"
        r"expertise|experience)[^.;]"
        r"{0,50}?(?:elsewhere|nowhere else|will not find|than (?:any|most) other|unlike other|"
        r"second to none|unique)",
        r"(?:we|I) (?:have|keep|hold|can find|will find|would have|are keeping) (?:an? |the "
        r")?(?:place|bed|slot|space|"
        r"room|opening|spot|date) (?:\w+ )?(?:for (?:you|her|him|your|the patient)|available|open|"
        r"ready|free|on)",
        rf"(?:our|my) (?:\w+ )?{FOLK}(?: \w+)? (?:(?:would|will|is|are|stands?)(?: be)? (?:\w+ "
        rf")?(?:gladly|happily|happy to|glad "
        r"to|pleased to|ready to|delighted to|willing to|standing ready to)) (?!discuss|answer|"
        r"send|speak|talk|help "
        r"(?:you )?with questions|review|read|look at|provide (?:copies|a copy))\w+",
        r"(?:let|allow|leave it to|trust) (?:us|me|our \w+)(?: to)? (?:take|handle|do the rest|"
        r"look after|treat|"
        r"operate|manage|run|carry on|care)|\btake it from here\b",
        r"get (?:you|her|him) (?:on|onto|into|in) (?:my|our) (?:\w+ )?(?:schedule|list|books|"
        r"clinic|diary|calendar|"
        r"programme|program|unit|system)",
        r"(?:our|my) (?:results?|outcomes?|figures?|numbers|success rates?|record|track record|"
        r"reputation)[^.;]{0,50}?"
        r" (?:speaks?|are|is|beats?|exceeds?|compares? favou?rably|outperform\w*|surpass\w*|"
        r"unmatched)\b[^.;]{0,40}?"
        r"(?:\bthemselves|\bitself|\bbetter|\bbest|\bsuperior|\bthan|\bhighest|\bunmatched|"
        r"\bsecond to none|"
        r"\bexcellent|\bthe\b)",
        r"(?:we|I)(?:['’]d| would|['’]ll| will) (?:\w+ )?welcome (?:you|her|him|the patient)\b(?! "
        r"to (?:call|ask|write))",
        r"(?:we|I)(?:['’]d| would|['’]ll| will| can| could) (?:\w+ )?take (?:over|charge|you on|"
        r"her on|him on|it on)",
        rf"(?:as|being) your (?:new |own )?{FOLK}(?: in a heartbeat| from now)",
    ),
    HitClass.PATIENT: (
        rf"{HE_OR_SHE} (?:is|was) (?:\w+ )?(?:vain|argumentative|confrontational|pushy|bossy|"
        rf"childish|immature|naive|"
        r"paranoid about|obsessed|fixated|dirty|unkempt|unintelligent|simple-minded|workshy|"
        r"work-shy|feckless|"
        r"ungrateful|resistant to advice|his own worst enemy|her own worst enemy)\b",
        rf"(?:{HE_OR_SHE}|mother|father|wife|husband|daughter|son)(?: \w+)? (?:is|was|remains|"
        rf"seems) (?:an? |rather |very "
        rf"|quite )*{LABELS}\b",
        rf"(?:an?|this|that|typical|another|classic) (?:\w+ )?{LABELS} (?:\w+ )?(?:patient|woman|"
        rf"man|borderline|lady|"
        r"gentleman|person|personality|mother|family|girl|boy|teenager|alcoholic|diabetic)\b|"
        r"\b(?:a|typical|another|classic) (?:borderline|sickler|druggie|psych case)\b",
        r"(?:will|would) not be told\b|\bblames? (?:everybody|everyone|all|others|the whole)|"
        r"\b(?:habitual|chronic|"
        r"serial|notorious) (?:no-shows?|non-?attender|complainer|liar|offender)|\bunwilling to "
        r"help (?:him|her|them)",
        r"demand(?:s|ed|ing) (?:\w+ )?(?:narcotics|opioids|opiates|painkillers|drugs|morphine|"
        r"sedatives|antibiotics|"
        r"benzodiazepines|attention|a sick note|a note)\b",
        r"(?:which|something) (?:I|we) (?:\w+ )?(?:doubt|question|find (?:hard|difficult) to "
        r"believe)\b|\bif (?:she|he|"
        r"the patient) is to be believed\b|\bor so (?:she|he) (?:says|claims)\b",
        r"(?:shows?|turn(?:s|ed)?|presents?) up (?:yet )?again\b|\byet again (?:today )?(?:with|"
        r"for|demanding|in)\b|"
        r"\bmorbidly obese and\b|\bsplits? the (?:staff|team)\b",
    ),
}
