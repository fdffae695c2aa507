"""Claims about colleagues, patients and oneself with open verbs, less what is neutral in them."""

from consultdesk.consultation.collegiality_aims import DREAD, OWN
from consultdesk.consultation.collegiality_frames import DONE, NO_REASON
from consultdesk.consultation.collegiality_idioms import SAME
from consultdesk.consultation.collegiality_marks import ADV, AT, CREW, FOLK, HE_OR_SHE, NAMED
from consultdesk.consultation.collegiality_words import HARSHER, MILDER, WE, WIDE, HitClass

SMOOTHLY = (
    r"(?:difficult\w*|complicat\w*|problem\w*|tension|delay|further|incident|event|contrast|"
    r"success|"
    r"sedation|trouble|charge|residu\w+|leak\w*|transfusion|general|an? (?:residual|leak))"
)
MISHAP = (
    r"(?:tore|ruined|spoil(?:ed|t)|harmed|severed|burned|burnt|perforated|punctured|nicked|broke|"
    r"cut "
    r"through|caused|provoked|worsened|wrecked|crushed|damaged|injured|pushed too|overdosed|"
    r"poisoned|"
    r"infected|endangered|left (?:an? )?(?:\w+ )?(?:sponge|swab|needle|instrument|clamp|wire|"
    r"fragment)s?)"
)
CARELESSNESS = (
    r"(?:mismanagement|negligence|rough \w+|poor (?:hygiene|technique|planning|communication|"
    r"supervision|care|judge?ment)|carelessness|inexperience|inattention|overtreatment|overdosing|"
    r"malpractice|sloppiness|clumsiness|haste|excessive (?:force|traction|dos\w+)|bad \w+ "
    r"technique)"
)
GRAVE = (
    r"(?:broken|fractured?|infarct\w*|perforat\w*|bleed\w*|sepsis|septic|meningitis|untreated|"
    r"undiagnosed|high fever|stroke|clot|embol\w*|dissect\w*|torsion|abscess|pneumonia|obstruct\w*)"
)
ONCE = (
    r"(?:same (?:day|night|evening|week)|at once|immediately|then and there|(?:years|months|weeks|"
    r"days) "
    r"(?:ago|before|earlier)|already|straight ?away|on admission|at (?:the first|that time)|on "
    r"the spot)"
)
GAIN = (
    r"(?:pension|sick (?:note|leave)|compensation|money|drugs|narcotics|attention|settlement|"
    r"benefits?)"
)

CLAIMS: dict[HitClass, tuple[str, ...]] = {
    HitClass.FAULT: (
        rf"{CREW}{AT} (?:\w+ )?(?:treated|took|read|called|labelled|dismissed|diagnosed|passed "
        rf"off) (?:an? |the |her |his |this )"
        r"[\w -]{1,40}? (?:as|for) (?:an? )?\w+[^.;]{0,20}? (?:for (?:\w+ )?(?:days|weeks|months|"
        r"years)|all along)\b",
        rf"(?:is|was|are|were) (?:\w+ )?(?:the )?(?:fault|doing|work|responsibility) of {CREW}",
        rf"(?:was|were|been) \w+(?:ed|en|t|ne|ut)\b (?:\w+ )?(?:incorrectly|wrongly|badly|poorly|"
        rf"improperly|inadequately|"
        rf"clumsily|too (?:late|deep|high|low|far|early)) (?:\w+ )?(?:by|at) {CREW}",
        rf"{CREW}{AT} (?:\w+ )?(?:bears?|carr(?:y|ies)|shares?) (?:the |full |sole |all |some |a "
        rf")*(?:responsibility|blame|"
        r"guilt)\b(?! for (?:follow|further|coordin|the (?:further|follow|treatment)))",
        rf"(?:blame|fault|guilt|responsibility)\b[^.;]{{0,30}}? (?:lies|rests|falls|belongs|"
        rf"is)\b[^.;]{{0,20}}? (?:with|on|to|"
        rf"at) {CREW}(?! for)",
        rf"{CREW}{AT} (?:\w+ )?(?:prescribed|gave|wrote|entered) [^.;]{{1,50}}? instead of\b",
        r"(?:due to|because of|after|result of|from|years of|months of|weeks of) (?:\w+ "
        r"){0,2}?(?:wrong|bad|inadequate|"
        r"inappropriate|incorrect|misguided|unnecessary|improper) (?:\w+ )?(?:treatment|care|"
        r"management|therapy|advice|"
        r"diagnos[ie]s|medication|surgery|prescribing|decisions?)\b(?! response)",
        r"(?:was|were|been) (?!swallowed)\w+(?:ed|en|t|ne|ut)\b (?:out |off |in |on )?(?:\w+ "
        r"){0,2}?by mistake\b",
        r"you (?:should|could|may want to|might|ought to) (?:\w+ )?(?:sue|complain about|file a|"
        r"report (?:him|her|"
        r"them|this)|seek legal)\b",
        rf"(?:{CREW}{AT}|they) {ADV}(?:has |have |had )?{ADV}{MISHAP}\b",
        rf"{CREW}{AT} \w+(?:ed|t|ve|de|an|ut)\b [^.,;]{{0,40}}?(?:by mistake|in error|by accident|"
        rf"inadvertently|"
        r"accidentally|too (?:hard|fast|quickly|late|early|soon|deep|long|aggressively|far))\b",
        rf"(?:was|were|is|been) (?:\w+ )?(?:ruined|provoked|wrecked|spoil(?:ed|t)|damaged|"
        rf"destroyed|harmed|caused|"
        rf"precipitated|triggered|brought on) (?:by|when|because|at) [^.;]{{0,20}}?(?:{CREW}|the "
        rf"(?:first|previous|"
        r"last|original|earlier|initial|index) \w+)",
        rf"(?:due to|because of|from|by|through|owing to|result of|caused by) (?:\w+ "
        rf")?{CARELESSNESS}",
        r"(?:was|were|been) \w+(?:ed|en|t|ne|ut)\b [^.;]{0,25}?for no (?:good |medical |clear |"
        r"apparent |valid )?"
        r"reason\b",
        r"(?:put|placed|inserted|fixed|set|entered|given|injected|operated|started|sent|implanted|"
        r"done|performed|"
        r"filed|labelled|positioned|drilled|cut)\b[^.;]{0,30}? the wrong (?!time|way|number|"
        r"address)\w+",
        rf"(?:too fast|too quickly|too late|wrongly|so (?:badly|poorly)), {CREW}",
    ),
    HitClass.SHOULD_HAVE: (
        r"there was (?:really |absolutely |simply )?no (?:medical |good |real |earthly |possible "
        r")?(?:need|reason|"
        r"justification|excuse|point|rationale)\b(?! to (?:suspect|doubt|think|expect|believe|"
        r"change|repeat|suppose))",
        r"^(?:was|were) (?:it|this|that|the [\w ]{1,30}?) (?:really|truly|even|ever) (?:necessary|"
        r"needed|indicated|"
        r"justified|wise|considered|required|warranted|checked|done)",
        rf"(?:could|might) (?:easily |well |certainly |surely |at least )?have been (?:{DONE}|"
        rf"fixed|repaired|drained|"
        rf"removed|excised|caught|found|detected|diagnosed|recogni[sz]ed|picked up|"
        rf"seen)\b(?!{SAME})"
        rf"(?=[^.;]*?\b{ONCE}|\W*$)",
        r"at (?:the very )?least (?:an? |the |some )?[\w ]{1,30}? (?:should|ought|could|might)\b",
    ),
    HitClass.FAILURE: (
        r"(?:nobody|no one|no-one) (?:\w+ )?(?:paid|took|gave|made|had|showed|offered|cared|seems|"
        r"seemed|appears|wanted|"
        r"bothered|felt|dared|picked|read|rang|wrote|caught|stopped|helped|answered|reacted|"
        r"responded)\b(?! (?:harm|sick|ill))",
        rf"no [\w -]{{1,40}}? (?:was|were|has been|had been) {DONE} (?:\w+ )?by {CREW}{NO_REASON}",
        rf"{CREW}{AT} (?:has|have|had) (?:shown|given|paid|taken|made) (?:no|little|scant|hardly "
        rf"any) (?:\w+ )?"
        r"(?:attention|heed|thought|interest|notice|explanation|warning|care|regard|effort|"
        r"attempt)\b",
        rf"{CREW}{AT} {ADV}(?:did not|didn['’]t) (?:once|even|ever|bother|think of|care|dare|"
        rf"trouble)\b{NO_REASON}",
        rf"{CREW}{AT} (?:does not|doesn['’]t|do not|don['’]t|will not|won['’]t) (?:return|answer|"
        rf"listen|read|respond|"
        r"care|understand|follow|communicate|explain|reply|take (?:calls|part|you))",
        rf"(?:{CREW}{AT}|they) (?:has |have |had )?(?:discharged|sent|left|released|treated|"
        rf"operated on|let)"
        r" (?:her|him|you|them|the patient|this \w+)\b[^.;]{0,30}? without (?:even |any |an? )?"
        rf"(?!{SMOOTHLY})\w+{NO_REASON}",
        rf"sent (?:home|away|back) with (?:an? )?(?:\w+ )?{GRAVE}",
        rf"(?:no (?:evidence|sign|indication|record|hint|trace) that|doubt (?:that|whether|if)|"
        rf"doubtful (?:that|whether|"
        rf"if)|wonder (?:whether|if)) (?:{CREW}|anyone|anybody|they){AT} (?:\w+ )?(?:even|ever|"
        rf"actually|properly|really)\b",
    ),
    HitClass.EVALUATIVE: (
        r"(?:is|was|were|are|been) (?:\w+ )?(?:badly|poorly|carelessly|clumsily) (?:made|fitted|"
        r"drilled|sewn|done|executed)\b|"
        r"\b(?:inadequate|poor|bad|faulty|shoddy|amateurish) work\b",
        r"\btechnically (?:poor|bad|weak|inadequate|deficient|unsatisfactory|faulty|flawed)\b",
        r"not (?:in line|in keeping|in accordance|compatible|consistent|on a level) with (?:\w+ "
        r")?(?:modern|current|accepted|"
        r"good|proper|recogni[sz]ed|today['’]s|any|the) (?:\w+ )?(?:standards?|practice|medicine|"
        r"care|guidelines?|state of the art)",
        rf"{WE} (?:\w+ )?(?:consider|regard|find|judge|deem|hold|call|rate) (?:the|this|that|"
        rf"their|your|his|her|such) "
        rf"(?:[\w'’-]+ ){{0,3}}?{WIDE}(?: [^.,;]{{1,40}}?)? (?:as |to be )?(?:\w+ly |very |rather "
        rf"|quite )?(?:{HARSHER}|"
        rf"{MILDER})\b",
        rf"{CREW} (?:\w+ )?lack(?:s|ed) (?!access|the records|the report)\w+",
        r"(?:to say the least|to put it (?:mildly|kindly|politely)|by any (?:standard|measure)|at "
        r"(?:the very )?best a "
        r"\w+ (?:attempt|effort))\b",
        rf"(?:level|standard|quality|state|calibre) of (?:[\w-]+ ){{0,2}}?(?:care|treatment|work|"
        rf"medicine|surgery|nursing|"
        rf"documentation|reporting|hygiene|supervision)\b[^.;]{{0,50}}? (?:is|was|were|has been) "
        rf"(?:\w+ )?(?:{HARSHER}|"
        r"alarming|worrying|concerning|low|poor|bad|frightening|disturbing|embarrassing|"
        r"inadequate)",
        r"(?:advice|treatment|therapy|operation|decision|plan|diet|prescription|recommendation|"
        r"referral|diagnosis) "
        r"(?:on|about|for|of|in|from|at|regarding|with) [^.,;]{1,30}? (?:was|were) (?:\w+ "
        r")?(?:wrong|harmful|misguided|"
        r"unfortunate|unwise|mistaken|pointless|useless|counter-?productive|ill-advised|"
        r"unnecessary|unjustified)\b",
        r"\b(?:it|this|that) (?:is|was) (?:\w+ )?an? (?:\w+ )?(?:scandal|disgrace|shame|outrage|"
        r"travesty|shambles|"
        r"fiasco|debacle|farce|abomination)\b",
        r"an? (?:wholly |totally |completely |quite )?(?:unnecessary|needless|superfluous|"
        r"pointless|botched|"
        r"ill-advised|mindless|misguided) (?:\w+ )?(?:operation|procedure|treatment|surgery|test|"
        r"scan|biopsy|therapy|"
        r"drug|admission|transfer|intervention)",
        rf"\b(?:{FOLK}|hospital|clinic) (?:is|are|was|were) (?:\w+ )?(?:run|staffed|led|operated) "
        rf"by (?:amateurs|"
        r"beginners|students|juniors|children)",
    ),
    HitClass.EMOTION: (
        r"beyond (?:my|our|all|human|any) (?:\w+ )?(?:understanding|comprehension|belief|grasp)\b",
        rf"(?:concerned|worried|uneasy|uncomfortable|unhappy|upset|appalled|unimpressed|"
        rf"disappointed) (?:about|with|by|"
        rf"at|over) (?:the way|how|the (?:care|standard|conduct|attitude)|what (?:was|they)|"
        rf"{CREW}['’]s)\b",
        r"makes? (?:me|us|one) (?:\w+ )?(?:sad|angry|furious|sick|uneasy|ashamed|cringe|shudder|"
        r"despair|weep|wince)\b",
        rf"{WE} (?:can|could) only (?:express|say|shake|marvel|wonder|regret|deplore|apologi[sz]e|"
        rf"guess)\b",
        r"\bwhat a (?:pity|shame|mess|disaster|waste|tragedy|scandal)\b|\bif only\b",
    ),
    HitClass.NORM: (
        rf"\bin an? (?:\w+ and )?(?:well-run|good|proper|serious|real|modern|decent|competent|"
        rf"better|civili[sz]ed) "
        rf"(?:{FOLK}|country|world)\b",
        r"(?:this|that|it|such \w+|these things) (?:would|could|should|must) (?:simply |surely "
        r")?(?:not|never) (?:ever )?"
        r"(?:have happened|happen|have been (?:allowed|tolerated|possible|accepted)|be allowed|be "
        r"tolerated)\b",
        rf"(?:good|serious|competent|real|proper|decent|responsible|careful|modern|experienced|"
        rf"true) {FOLK} (?:\w+ )?"
        r"(?:do not|does not|don['’]t|would|never|know|knows|always|wouldn['’]t)\b",
        rf"\ban? (?:[\w-]+ ){{0,2}}?{FOLK} (?:should|ought to|must) (?:know|be able to|"
        rf"recogni[sz]e|have|never|at least)\b",
        r"\b(?:know|knows|knew|known) better\b|\b(?:this|that|it) is basic \w+\b",
        rf"no {FOLK} (?:i know|of my acquaintance|anywhere|in the world)\b",
    ),
    HitClass.INSULT: (
        r"(?:people|they|doctors|who) (?:has|have|had) (?:absolutely |clearly )?no (?:idea|clue) "
        r"(?:what|how) (?:they|he|she|"
        r"to)(?: (?:is|are|was|were))?",
        rf"{CREW} (?:is|was) [^.;]{{1,25}},? not an? (?:\w+ )?{FOLK}",
        r"(?:he|she|they|who)(?: is| are|['’]re|['’]s| was| were) (?:\w+ )?(?:an? )?(?:cowboy|"
        r"butcher|amateur|clown|fool|"
        r"quack|charlatan|bungler|idiot|crook|joke|disgrace|menace)s?\b",
    ),
    HitClass.SCARE: (
        rf"with (?:this|that|your (?:present|current)|such (?:an? )?) ?(?:treatment|therapy|drug|"
        rf"plan|doctor|operation|{FOLK}) you "
        rf"(?:will|are going to)\b[^.;]{{0,30}}?\b{DREAD}",
        r"if you (?:value|care about|love|cherish) your (?:life|health|child|leg|sight)\b|\bfor "
        r"your own safety\b",
        rf"if you \w+ (?:\w+ ){{0,2}}?(?:there|again|with (?:them|him|her)|(?:in|at|with|under) "
        rf"{CREW})\b[^.;]{{0,60}}? "
        rf"(?:will|may|could|might)\b[^.;]{{0,30}}?\b{DREAD}",
        r"(?:will|may|could|might) (?:\w+ )?cost (?:you|her|him) (?:your|her|his|the|a)\b",
        r"(?:lucky|fortunate|a miracle|by a miracle)\b[^.;]{0,25}?(?:not dead|alive|survived|"
        r"still (?:walk|here|have|"
        r"breathing)|did not die)",
    ),
    HitClass.MOTIVE: (
        r"\bmore (?:lucrative|profitable)\b",
        rf"because (?:{CREW}|he|she|they|it) (?:has|have|needs?|wants?|had|needed|wanted) to "
        rf"(?:pay|earn|recoup|finance|reach "
        r"|meet|make (?:money|a living)|fill)\b",
        r"(?:only|just|merely|mainly|purely|simply) to (?:cover|fill|protect|please|impress|insure|"
        r"bill|charge) (?:him|her|them|"
        r"it|the|you|his|for)\w*",
        rf"(?:for|suits?|because of|to suit|around) (?:{CREW}|staff|his|her|their)(?:['’]s?)? "
        rf"(?:own )?(?:convenience|"
        r"comfort|schedule|weekend|holidays?|golf|purse|pocket|benefit)\b",
        rf"(?:{CREW}|they) (?:simply |just |only )?(?:likes?|loves?|enjoys?|lives?) (?:to |off|"
        rf"from )(?:cut|operate|"
        r"bill|inject|prescribe|scan|stent|it|this)",
        rf"(?:{CREW}{AT}|he|she|they|who) (?:gets?|receives?|collects?|draws?|earns?|takes?|"
        rf"pockets?) (?:an? |the )?"
        r"(?:\w+ )?(?:royalt\w+|commission|kickback|bonus|cut|percentage|consult\w+ fee|fee)\b",
        r"keep (?:its|their|his|her|the) (?:[\w-]+ ){1,3}?(?:full|busy|occupied|running|filled)\b",
        rf"because (?:the )?(?:company|manufacturer|maker|industry|firm|sponsor|insurer|{FOLK}) "
        rf"(?:\w+ )?(?:pays?|paid|"
        r"sponsors?|funds?|wants?|needs?|profits?|makes)\b",
    ),
    HitClass.SOLICIT: (
        r"(?:have|get) (?:the|your|this|that|her|his) [\w -]{1,30}? (?:done|operated(?: on)?|"
        r"treated|removed|replaced|repaired|"
        rf"corrected|performed) (?:\w+ )?(?:by|at|in|with) (?:me\b|{OWN})",
        r"(?:nobody|no one|no-one|no other|few|hardly anyone|nowhere)\b[^.;]{0,50}?\b(?:more|"
        r"better|greater|as (?:much|many|"
        r"good|well))\b[^.;]{0,60}?\b(?:than|as) (?:we|us|i|me|our|my|here)\b",
        r"(?:arrange|book|make|schedule|have|plan|continue|do|get|undergo) (?:all|any|your|"
        r"further|future|the next|the "
        rf"rest of)\b[^.;]{{1,50}}? (?:with|at|in|by|through|under) {OWN}",
        rf"unlike (?:your|the|other|most|some) [\w ]{{0,20}}?{FOLK}",
        rf"{WE}(?:['’]d| would|['’]ll| will| can)(?: be)? (?:gladly|happily|readily|willingly|"
        rf"certainly|very happily) "
        r"(?!discuss|answer|send|speak|talk|review|read|look|provide|explain|help|give (?:my|our|"
        r"advice))\w+\b[^.;]{0,60}?"
        rf"(?:for you|you\b|her\b|him\b|{OWN}|here|myself|ourselves)",
        r"(?:no|not an?y?|nowhere|never) (?:find )?(?:an? )?better (?:place|hands|surgeon|clinic|"
        r"hospital|team|care|centre|"
        rf"center|{FOLK})\b",
        r"\bwith (?:excellent|outstanding|superb|the best|better|first-class|unmatched|very good) "
        r"(?:results|outcomes)\b"
        r"(?![^.]{0,60}\b(?:published|reported|series|trial|literature|study))",
        rf"\b(?:leave|change from|part (?:from|with)|say goodbye to|turn your back on) "
        rf"(?:your [\w ]{{0,20}}?{FOLK}|{NAMED}+)",
        r"(?:my|our) (?:door|clinic|phone) is (?:\w+ )?open\b[^.;]{0,60}?(?:leave|change|transfer|"
        r"treat|operat|patient)",
        rf"(?:change|switch|move|transfer|go|turn) (?:\w+ )?to {OWN}",
    ),
    HitClass.PATIENT: (
        rf"{HE_OR_SHE} (?:\w+ )?(?:allegedly|supposedly|purportedly)\b|\b(?:allegedly|supposedly|"
        rf"purportedly) (?:{HE_OR_SHE}|"
        r"in pain|unable|disabled|allergic)",
        rf"{HE_OR_SHE}(?: \w+)? (?:ignore[sd]?|disregard(?:s|ed)?|disobey(?:s|ed)?|flout(?:s|"
        rf"ed)?) (?:all |our |my |medical "
        r"|every |the |any )*(?:advice|instructions?|recommendations?|rules|orders|warnings?)",
        rf"{HE_OR_SHE}(?: \w+)? failed to (?:comply|follow|adhere|co-?operate|listen|heed|obey)\b",
        rf"{HE_OR_SHE}(?: \w+)? (?:cheats?|lies|lied|deceives|hides (?:her|his)|fibs|sulks?|nags?|"
        rf"sponges)\b(?! (?:in|on "
        r"(?:his|her) (?:back|side|left|right)|flat|down|still|supine|behind|within|close|next|"
        r"between))",
        rf"{HE_OR_SHE} (?:is|was|seems) (?:simply |just |far )?too (?:lazy|stubborn|proud|stupid|"
        rf"vain|dull|idle|fat)\b",
        r"(?:only|just|really|merely|mainly) (?:after|interested in|wants?|out for|here for|"
        r"looking for) (?:an? |the |more )?"
        rf"(?:\w+ )?{GAIN}\b",
        r"(?:poorly|badly|un) ?-?motivated (?:\w+ )?(?:patient|diabetic|man|woman|lady|person|"
        r"smoker)|\bproblem patient\b",
    ),
}
