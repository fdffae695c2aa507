"""Sentence frames that insult, frighten, suspect, court or belittle: who is aimed at, and how."""

from consultdesk.consultation.collegiality_frames import IS
from consultdesk.consultation.collegiality_marks import ADV, AT, CREW, FOLK, HE_OR_SHE, SOME, near
from consultdesk.consultation.collegiality_words import WE, HitClass

UNFIT = (
    r"(?:clueless|incompetent|inept|incapable|unfit|not up to|out of (?:his|her|their|its) depth|"
    r"past it|washed up|hopeless|useless|a danger to|no (?:surgeon|doctor|physician|specialist)\b|"
    r"not (?:fit|competent|qualified) to|not (?:really |truly )?capable of|a disgrace|a liability|"
    r"an embarrassment|a joke|(?:an? )?(?:fool|idiot|amateur|butcher|charlatan|quack|ignoramus|"
    r"clown|cowboy|liar|menace|fraud))"
)
UNABLE = (
    r"(?:unable|not able|too (?:stupid|lazy|ignorant|old|inexperienced)) to (?:interpret|read|"
    r"operate|diagnose|recogni[sz]e|understand|think|tell|grasp)"
)
DREAD = (
    r"(?:die|dead|death|fatal|lose (?:the|your|a|an|her|his)|stroke|heart attack|wheelchair|"
    r"paraly\w+|wake up|lymph nodes?|spread\w*|incurable|inoperable|beyond help|blind|crippled|"
    r"grave|coffin|kill\w*|regret|amputat\w+|disabled|never walk|"
    r"too late|disaster|catastroph\w+|ruin\w*|cripple)"
)
STAYING = (
    r"(?:stay|continue|let|allow|rely|remain|go back|keep|return|trust|follow|carry on|put|"
    r"agree|accept|are treated|go on|stick|leave|listen|choose|persist|have|undergo)"
)
WITH_THEM = (
    rf"(?:{CREW}|them|him|there|again|treatment|therapy|tablets?|drugs?|medicines?|plan|course|"
    r"elsewhere|where you are|present|current)"
)
MONEY = (
    r"(?:revenue|income|fees?|money|profits?|bonus(?:es)?|turnover|commission|kickbacks?|"
    r"reimbursement|billing|funding|quotas?|occupancy|publicity|prestige|litigation|lawsuits?|"
    r"lawyers?|being sued|liability|legal (?:action|trouble|consequences)|the courts?|"
    r"(?:malpractice|insurance) claims?|publications?|(?:case|operation) numbers|the numbers)"
)
OWN = (
    r"(?:us|(?:our|my)(?: own)?(?: [\w-]+){0,2}? (?:list|surgery|care|theatre|scanners?|hands|"
    rf"rooms|{FOLK}))\b"
)
ON_OFFER = (
    r"(?:treatment|surgery|operation|chemotherapy|radiotherapy|radiation|therapy|follow-up|"
    r"injections?|infusions?|procedure|revision|care|appointments?|studies|imaging|scans?|"
    r"specimens?|biops(?:y|ies)|tests?|check-?ups?|controls?|dialysis|delivery|consultations?)"
)
MOVED = (
    r"(?:done|read|performed|moved|arranged|given|carried out|transferred|undertaken|handled|"
    r"managed|continued|provided|organi[sz]ed|booked|scheduled|repeated|followed|taken over|"
    r"treated|operated|seen)"
)
WILLING = (
    r"(?:(?:would|should|will|am|are|shall) (?:be )?|['’](?:d|ll|m|re) (?:be )?)(?:\w+ ){0,2}?"
    r"(?:glad|happy|delighted|pleased|love|like|willing|prepared|ready|honou?red|keen) to"
)
READING = r"(?![^.;]{0,40}\b(?:review|reading|re-?read|report|records?|slides|images|call|video)\b)"
PRACTISE = (
    r"(?:perform|do (?:the|this|your|it)|operate|carry out|treat|take (?:you|him|her|the patient) "
    r"on|take on|look after|follow (?:you|him|her|the patient)|see (?:you|him|her|the patient|"
    r"them) "
    r"(?:regularly|every|for (?:follow|treatment|the op|surgery)|in (?:our|my)|here|ourselves|"
    r"myself|from now|as (?:a|my|our))|be your|become|manage (?:you|him|her|the|your|this)|run "
    r"your|"
    r"accept|admit|schedule|give you your|care for|monitor you|provide (?:your|the|all|further|"
    r"ongoing|the further)|continue (?:your|the|his|her)|supervise your|have you (?:as|on|in|"
    r"under))"
)
SPECULATING = (
    r"(?:presumably|probably|perhaps|no doubt|maybe|evidently|(?:one|I|we) (?:can only )?"
    r"(?:suspects?|assumes?|presumes?|guess|wonder)|it (?:seems|looks|appears))"
)
LUCRE = near(
    SPECULATING,
    r"(?:billed|fees?|money|profit\w*|paid|pays|convenien\w+|revenue|income|friday|weekend|holiday|"
    r"lunch|golf|end of (?:the|his|her|their) shift|in a hurry|lawyers?|sued|litigation|research|"
    r"publish|earns?)\b",
    70,
)

AIMS: dict[HitClass, tuple[str, ...]] = {
    HitClass.INSULT: (
        rf"(?:{CREW}{AT}|whoever [^.,;]{{1,40}}?|this (?:man|woman|gentleman|person)) {IS}(?:an? )?"
        rf"(?:{UNFIT}|{UNABLE}|blind|deaf|asleep|lazy|ignorant|stupid|arrogant|mad|senile|dim|"
        r"a law unto)",
        rf"(?:he|she|they) {IS}(?:an? )?(?:clueless|incompetent|inept|unfit to practi|out of their "
        r"depth|a danger to (?:his|her|their|other|all) patients|not up to (?:the|this) job)",
        r"(?:near|hold|touch|wield|trusted with|pick up) (?:a |the )?(?:scalpel|knife|"
        r"prescription pad)\b|\bnot be allowed (?:near|to (?:practi[sc]e|operate|treat|prescribe))",
        rf"{CREW}[^.;]{{0,60}}? with (?:his|her|their) eyes (?:open|shut|closed)",
        rf"{CREW}{AT} (?:has|have|had) (?:absolutely |clearly |obviously )?no (?:idea|clue|grasp|"
        r"concept|understanding|knowledge|training|experience|judge?ment)\b",
        rf"{CREW}{AT} (?:clearly |obviously )?(?:knows? (?:nothing|little)|understands? nothing|"
        r"(?:does not|doesn['’]t|do not|did not) (?:\w+ )?(?:know|understand) (?:what|how|the "
        r"(?:first|basic|difference)))",
        r"(?:an?|that|this|the) (?:complete |total |utter |old |so-called )?(?:butcher|fool|idiot|"
        r"charlatan|quack|imbecile|bungler|cowboy|clown)\b",
    ),
    HitClass.SCARE: (
        rf"(?:if|should|unless|once|when) (?:you|{SOME}) {STAYING}\b[^.;]{{0,60}}?{WITH_THEM}\b"
        rf"[^.;]{{0,60}}?\b(?:will|['’]ll|may|might|could|can|are|is|finish|end)\b[^.;]{{0,50}}?"
        rf"\b{DREAD}",
        rf"(?:^|[,;:] )(?:stay|go back|keep|carry on|continue|stick|let|trust|"
        rf"rely)\b[^.;]{{1,60}}? "
        rf"and you(?: will|['’]ll| may| could)\b[^.;]{{0,40}}?{DREAD}",
        r"without (?:the|this|my|our|an?) (?:\w+ )?(?:operation|surgery|treatment|procedure|drug|"
        r"therapy|intervention)[^.;]{0,40}? you(?: will|['’]ll| are going to) [^.;]{0,20}?\b"
        rf"{DREAD}",
        r"(?:every|each) (?:further |more )?(?:day|week|hour|month)s? (?:you wait|of delay|of "
        rf"waiting|that passes|there|with)\b[^.;]{{0,60}}?\b(?:last|closer|{DREAD})",
        r"(?:could|may|might|will) be your last\b|\bdeath warrant\b|\bno time to lose\b|\b(?:or|"
        r"before|until|and) (?:then )?it (?:is|will be|may be|['’]s|might be) too late\b|"
        r"\b(?:dig\w* "
        r"your|foot in the) (?:own )?grave\b|\byou(?:['’]ll| will| could| may) be dead\b",
        rf"you(?:['’]ll| will) [^.;]{{0,40}}?\b{DREAD}[^.;]{{0,40}}? (?:if|unless|under|with|at) "
        rf"[^.;]{{0,30}}?(?:{CREW}|them|there)",
    ),
    HitClass.MOTIVE: (
        rf"(?:generat|increas|boost|earn|mak|keep|avoid|protect|fill|meet|rais|secur|pleas|satisf|"
        rf"bring|collect|attract|impress|escap|improv|reach|fear|afraid|worr)\w*(?: (?!you\b)"
        rf"[\w'’]+){{0,5}}? {MONEY}\b",
        r"(?:for|because of|out of|driven by|motivated by|due to|by|with|sake of|fear of|guided by|"
        rf"interest in) (?:(?!your |you )[\w'’]+ ){{0,3}}?{MONEY}\b(?! (?:problems|worries|for the"
        r" copy))",
        r"(?:easier|quicker|cheaper|simpler|faster|handier|(?:more )?convenient|less (?:work|"
        r"trouble|"
        r"effort)|(?:more )?profitable|(?:more )?lucrative) for (?:them\b|"
        rf"{CREW}|staff\b)",
        r"(?:because|as|since) (?:it|this|that|they|the \w+) (?:pays?|earns?|is (?:better paid|"
        r"more "
        r"lucrative))\b|\bpa(?:ys|id) (?:better|more|well)\b",
        rf"(?:{CREW}|they|which){AT} {ADV}(?:earns?|profits?|benefits financially|makes? (?:more |"
        r"good )?money|gets? (?:paid|money|a (?:fee|commission|bonus))|receives? (?:money|"
        r"payments?|"
        r"a (?:fee|commission|bonus)|fees|gifts|commission)|(?:is|are) (?:paid|sponsored|"
        r"funded) by|owns? (?:the|shares|stock|a share))\b",
        r"(?:he|she|they) (?:receives?|gets?|takes?) (?:\w+ )?(?:money|payments?|gifts|fees|"
        r"commission) (?:\w+ )?(?:from|by) (?:the |its |their )?(?:company|manufacturer|industry|"
        r"firm|maker|supplier)",
        rf"(?:{CREW}|they) {ADV}(?:wanted|wants?|was (?:eager|keen|in a hurry)|were (?:eager|keen|"
        rf"in "
        r"a hurry)|needed|needs?) (?:to )?(?:go home|leave early|finish|get (?:away|rid|home|it "
        r"over)|fill|make|publish|try out|practi[sc]e on|experiment|show off|be rid|the (?:numbers|"
        r"cases|money|volume)|reach (?:his|her|their|the))",
        LUCRE,
        r"(?:billed|for show|for effect|for convenience) (?:\w+ )?rather than|rather (?:about|for) "
        r"(?:money|profit)|more (?:about|to do with|for|interested in) (?:the )?(?:money|profit|"
        r"billing|convenience|own)",
        r"for (?:the )?(?:\w+ )?convenience of (?:the )?(?:\w+ )?(?:staff|theatre|list|"
        rf"{FOLK})|\b(?:his|her|their|its|own) (?:own )?convenience\b|"
        r"\b(?:to )?cover (?:his|her|their|its) (?:own )?(?:back|backs|tracks)\b",
    ),
    HitClass.SOLICIT: (
        rf"{WE} ?{WILLING} {PRACTISE}\b{READING}",
        rf"{WE} (?:can|could|will|shall|['’]ll) (?:\w+ )?(?!do it by|treat this as){PRACTISE}\b"
        rf"(?! with the records){READING}",
        rf"(?:in|at|with|under|here in) (?:our|my)(?: own)? (?:\w+ )?(?:hands|{FOLK})\b"
        r"[^.;]{0,100}?\b(?:better|fewer(?! "
        r"than)|best|more (?:experience|often|success)|superior|faster|safer|every (?:week|day)|"
        r"routinely|expertise|highest|lowest|far (?:more|less))\b",
        rf"(?:all|any|every|future|further|your|her|his|the|this|these|such) (?:[\w'’-]+ ){{0,3}}?"
        rf"{ON_OFFER} (?:[\w'’-]+ ){{0,3}}?(?:should|must|can|could|might|may|to|will|would|"
        rf"shall)? ?"
        rf"(?:best |better |also )?be {MOVED} (?:\w+ )?(?:by|at|in|on|to|with|through|under|here|"
        rf"over to) {OWN}",
        rf"(?:have|get|for) (?:all )?(?:your|her|his|the|this|any|further|future) (?:[\w-]+ "
        rf"){{0,3}}?"
        rf"{ON_OFFER} (?:to be )?{MOVED} (?:\w+ )?(?:by|at|in|on|to|with|through|under|here) {OWN}",
        rf"(?:all|any|every)? ?(?:future|further|subsequent) (?:[\w-]+ ){{1,3}}?(?:[\w-]+ ){{0,2}}?"
        rf"(?:be |are |is )?(?:sent|referred|directed|submitted|addressed|brought) (?:\w+ )?to "
        rf"{OWN}",
        rf"(?:from now on|in future|henceforth|in the future|from here on)[^.;]{{0,60}}?\b(?:by|"
        rf"at|in|"
        rf"on|to|with|under) {OWN}|\b(?:by|at|to|with|under) {OWN}[^.;]{{0,30}}?(?:from now on|in "
        r"future|henceforth)",
        rf"(?:join|register (?:with|at)|sign up (?:with|at)|enrol (?:with|at|in)|switch to|change "
        rf"to|"
        rf"come (?:over )?to|move to|transfer to) (?:\w+ )?{OWN}",
        r"(?:taking|accept(?:ing)?|welcom(?:e|ing)) (?:on )?(?:new|additional|more) patients\b",
        r"(?:would|will|are|is) (?:be )?(?:always |very |most |warmly )?welcome (?:at|in|here|"
        r"with|as|"
        r"to (?:join|come (?:to|and)|transfer|switch|be treated|continue))\b(?! (?:any time to )?"
        r"(?:ask|call|phone))",
        r"be (?:\w+ )?welcome\W*$|\b(?:we|I)(?: will|['’]ll| can| would) (?:look after|take care "
        r"of|"
        r"handle|sort(?: out)?|arrange|organi[sz]e) (?:everything|the rest|it all|all|you\b)",
        r"you do(?:n['’]t| not) (?:\w+ )?need (?:an?|your doctor['’]s|any) (?:referral|permission|"
        r"letter)",
        r"(?:invite|encourage|urge|advise) (?:you|her|him|the patient) to (?:continue|come|join|"
        r"have|"
        rf"be|transfer|switch|become|start|attend|move)\b[^.;]{{0,50}}?\b{OWN}",
        r"(?:we|our [\w-]+|my [\w-]+)(?: \w+)? (?:have|has|offers?|boasts?|with|which has|"
        r"possess\w*) "
        r"(?:\w+ )?(?:greater|superior|more|better|unrivalled|unmatched|unique|leading|the most|"
        r"extensive|vast|unparalleled|considerably more|wider|higher) (?:[\w-]+ "
        r"){0,2}?(?:expertise|"
        r"experience|results?|outcomes?|equipment|skills?|facilities|technology|reputation|success|"
        r"scanners?|surgeons?|success rates?|specialists)",
        rf"{OWN},? (?:which|where|that|who|with)[^.;]{{0,40}}? (?:greater|superior|more|better|"
        r"unrivalled|unmatched|leading|best|highest|lowest)\b",
        r"(?:our|my) (?:superior|state-of-the-art|high-end|world-leading|unrivalled|"
        r"cutting-edge)\b",
        rf"{WE} (?:do|make|perform|carry out|handle|treat) (?:this|these|the|such|"
        rf"more)\b[^.;]{{0,40}}?"
        r"\b(?:much better|better|more often|every (?:day|week)|safer|with fewer|than (?:any|they|"
        r"the|your|most|other)|routinely)\b",
        rf"(?:be|become|act as|remain) your (?:new |regular |own |main |permanent )?{FOLK}",
        rf"{near('(?:better|best) (?:off|served|treated|looked after|placed)', OWN, 25)}",
    ),
    HitClass.PATIENT: (
        rf"{HE_OR_SHE}(?: \w+)? {IS}(?:an? )?(?:very |rather )?(?:un-?co-?operative|"
        rf"non-?compliant|hysterical|"
        r"manipulative|demanding|hostile|neurotic|unreliable|malingering|simulating|exaggerating|"
        r"faking|feigning|putting it on|lazy|difficult (?:and|but)|a difficult|lying|dishonest)\b"
        r"(?! (?:airway|an?|the|answers?|to|for)\b)",
        rf"{HE_OR_SHE}(?: \w+)? (?:exaggerates|simulates|dramati[sz]es|fakes|feigns|"
        rf"catastrophi[sz]es|"
        r"whinges|moans|blames|overreacts|puts it on|plays up)\b",
        r"not (?:been )?(?:an? )?(?:very )?(?:good|co-?operative|compliant|reliable|honest|"
        r"sensible) "
        r"(?:patient|historian)\b",
        r"as is (?:typical|usual) (?:of|for|with) (?:her|him|them|this patient|such patients)|"
        r"\b(?:typical|just) (?:of|like) (?:her|him) to\b",
        rf"{HE_OR_SHE} [^.;]{{1,60}}?(?:despite|in spite of) (?:repeated|numerous|our|my|many|"
        rf"countless|"
        r"clear|all) (?:\w+ )?(?:instruction|warning|advice|reminder|explanation|request|"
        r"counsel\w*|attempt|effort)s?",
        r"nothing (?:really |actually |physically )?(?:is )?wrong with (?:him|her|this patient|"
        r"them)\b",
        r"(?:grossly|hugely|enormously|disgustingly) (?:fat|obese|overweight)|\b(?:this|that|an?) "
        r"(?:\w+ "
        r")?(?:fat|obese) (?:lady|woman|man|gentleman|person)\b",
        rf"{HE_OR_SHE}(?: \w+)? (?:flatly |simply |stubbornly )?refuse[sd]? to (?!eat|walk|bear|"
        rf"weight|drink|"
        r"feed|open|be (?:given|trans))\w+",
        rf"{HE_OR_SHE}(?: \w+)? (?:(?:will|would|does|did)(?:n['’]t| not) (?:listen|co-?operate|"
        rf"bother|care|"
        r"make (?:an|any) effort|help (?:him|her)self|want to (?:get|be) (?:better|well))|"
        r"(?:could|can)(?:n['’]t| ?not) be bothered|chooses not to|never does what)",
        r"heart-?sink|\bprofessional patient\b|\bdoctor google\b|\bdr\.? google\b|\bhigh[- "
        r"]maintenance\b|"
        r"\bregular (?:customer|attender)\b|\bserial (?:attender|complainer)\b|\bwell-known (?:to "
        r"us "
        r"as|complainer)|\bsubstance abuser\b|\bpoor (?:motivation|compliance) (?:as|and (?:no|a))",
        r"(?:has|have) (?:only )?(?:herself|himself|themselves|yourself) to (?:blame|thank)|\bown "
        r"(?:fault"
        r" for|stupidity|laziness|carelessness)\b",
    ),
}
