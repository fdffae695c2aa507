"""How a letter insults, frightens, suspects, courts or belittles: pattern by pattern."""

from consultdesk.consultation.collegiality_words import (
    AGENT,
    PERSON,
    PLACE,
    SHE,
    SURE,
    US,
    WE,
    WHOSE,
    YOURS,
    HitClass,
)

OF_CONDUCT: dict[HitClass, tuple[str, ...]] = {
    HitClass.INSULT: (
        rf"(?:{AGENT}|(?:the|that|this) (?:man|woman|person|fellow|individual)|who(?:ever)?|they|"
        rf"he|she) (?:is|"
        rf"are|was|were) {SURE}(?:an? |the |such an? )?(?:\w+ )?(?:fool|clown|hack|cowboy|menace|"
        rf"disgrace|"
        r"liar|fraud|impostor|has-been|dinosaur|lunatic|monster|criminal|thug|laughing[- ]stock|"
        r"danger to "
        r"(?:his|her|their|the)|nincompoop|dilettante|simpleton|loser)\b",
        rf"{AGENT}(?: \w+)? (?:does not|doesn['’]t|do not|don['’]t|cannot|can['’]t) (?:even )?"
        r"(?:know the first thing|tell (?:a|an|his|left)|read an?|count to|spell)",
        r"\b(?:laughable|pathetic|pseudo-expert\w*|brain-?dead|half-wit\w*|good-for-nothing|"
        r"scoundrel)\b",
        rf"\bsuch an? (?:ignorant|incompetent|stupid|arrogant|lazy|useless|bad) (?:{PERSON}|"
        rf"{PLACE})",
        r"\b(?:idiots?|morons?|imbeciles?|quacks?|charlatans?|butchers?|bunglers?|ignoramus|"
        r"crooks?|"
        r"idiotic|moronic|fools?|amateurs|clowns|crackpots?|scumbag|dimwit|nitwit|con ?man|con "
        r"men|buffoon|jerk)\b",
        rf"(?:{AGENT}|who(?:ever)?|they|he|she)(?: [\w ]{{1,40}}?)? (?:is|are|was|were) "
        rf"{SURE}(?:an? |the )?"
        r"(?:complete |total |utter |real |absolute )?(?:fool|clown|hack|cowboy|amateur|"
        r"dilettante|joke|"
        r"disgrace|liar|incompetent|stupid|ignorant|useless|lazy|arrogant|crazy|senile|menace|"
        r"dangerous man|hopeless case of a|unfit to|clueless|brainless|dishonest|corrupt|"
        r"unqualified)\b",
        rf"\b(?:incompetent|stupid|ignorant|useless|lazy|arrogant|clueless|so-called|foolish|"
        rf"dishonest|"
        rf"corrupt|hopeless) (?:\w+ )?(?:{PERSON}|{PLACE})s?\b",
        rf"(?:{AGENT}|who(?:ever)?)(?: [\w ]{{1,40}}?)? (?:has|have|had) (?:absolutely )?no "
        rf"(?:idea|"
        "clue|business|understanding)",
        rf"{AGENT} (?:does not|doesn['’]t|do not|don['’]t) know (?:what|how) (?:he|she|"
        "they|to)",
        r"should (?:not|never) (?:be|have been) (?:practi[sc]ing|allowed to|a doctor|a surgeon|"
        r"let near)|"
        r"struck off|lose (?:his|her|their|the) licen[cs]e",
    ),
    HitClass.SCARE: (
        rf"{WHOSE}(?: \w+){{0,3}} (?:will|would|could|may|might|is going to) (?:soon |surely "
        rf")?(?:kill|cripple|ruin|"
        r"destroy|paraly[sz]e|blind|maim) (?:you|her|him|the patient)",
        r"\byou (?:will|could|may|might|are going to) (?:\w+ )?(?:lose|die|end up|suffer|go blind|"
        r"be)\b[^.]{0,60}? "
        rf"if you (?:listen|stay|go back|follow|trust|continue|return|go "
        rf"on)[^.]{{0,40}}?(?:{AGENT}|him|her|them|"
        r"there)",
        r"\btoo late for (?:you|her|him)\b|\bbefore it is too late\b|\bfear for your (?:life|"
        r"health)\b|\byour "
        r"life (?:is|was|would be) (?:at (?:risk|stake)|in danger|in (?:his|her|their))",
        r"\b(?:leave|render|make|left|cost) you (?:permanently |completely |your "
        r")?(?:paraly[sz]ed|blind|"
        r"crippled|disabled|an invalid|in a wheelchair|dead|a cripple|life|leg|sight|health)\b",
        r"\b(?:nearly|almost|practically) (?:been )?(?:killed|crippled|ruined)\b|\byou (?:may|"
        r"might|will) not "
        r"(?:survive|live)\b|\bI have seen (?:\w+ )?(?:people|patients) (?:die|ruined|crippled)|"
        r"\byou will "
        r"(?:bitterly )?regret\b|\bguinea pig\b|"
        r"\b(?:is|would be|was|like) (?:pure |sheer )?(?:suicide|madness|playing with fire|a "
        r"gamble with)\b",
        rf"if you (?:stay|continue|remain|go back|return|keep|follow|let|listen|trust|do not come|"
        rf"don['’]t"
        rf" come|go on)[^.]{{0,80}}?(?:{AGENT}|us|there|this treatment)[^.]{{0,60}}?\b(?:will|may|"
        rf"might|"
        r"could|are going to)\b[^.]{0,60}?\b(?:die|dead|paraly[sz]ed|wheelchair|lose|never walk|"
        r"crippled|"
        r"blind|suffer|regret|end up|kill)",
        r"(?:this|that|the|your|his|her|such)(?: \w+){0,3} (?:will|would|could|may|might|is going "
        r"to|"
        r"nearly|almost|has nearly|would have) (?:soon )?(?:kill|killed|cripple|ruin|ruined|"
        r"destroy|"
        r"destroyed|crippled|maim) (?:you|the patient|him|her|your)",
        r"lucky (?:to be alive|to have survived|you are still|that you are still|you did not die)",
        rf"you (?:are|were|would be) (?:\w+ )?(?:in|at) (?:\w+ )?(?:danger|risk|peril) (?:with|in|"
        rf"at|under|"
        rf"from|there)[^.]{{0,30}}?(?:{AGENT}|hands|there)",
        r"ticking (?:time )?bomb|death sentence|(?:could|might|would) have (?:died|killed you)|"
        r"worst "
        r"(?:\w+ ){0,3}?I have (?:ever )?seen|play(?:s|ed|ing)? with (?:your|her|his) (?:life|"
        r"health)|"
        r"\ba (?:\w+ )?nightmare\b|russian roulette|walking dead",
        r"you will (?:surely |certainly |definitely |soon )?(?:die|be paraly[sz]ed|end up|never "
        r"walk|"
        r"be dead|be in a wheelchair)\b",
    ),
    HitClass.MOTIVE: (
        r"\b(?:protect(?:s|ing|ed)?|shield(?:s|ing|ed)?|cover(?:s|ing|ed)? for) (?:an? |his |her |"
        r"their |the )?(?:old "
        r")?(?:friend|colleague|reputation|himself|herself|themselves|own)s?\b",
        r"\b(?:only|simply|just|mainly|purely) because (?:he|she|they|it|the (?:clinic|hospital|"
        r"surgeon|"
        r"doctor))\b[^.]{0,40}?(?:owns|earns?|pays|profits?|wants?|needs?|gets?|likes?|sells?|is "
        r"paid)",
        r"because of (?:the |a |his |her |their )?(?:\w+ )?(?:bonus|fee|money|commission|profit|"
        r"payment|"
        r"reimbursement|incentive|sponsor\w*)s?\b",
        r"\b(?:to|and) (?:increase|boost|raise|maximi[sz]e|protect|enhance|improve|save|earn|make|"
        r"generate) "
        r"(?:its|his|her|their|the|more|extra|some|good|easy) (?:own )?(?:revenue|income|profits?|"
        r"reputation|numbers|turnover|bonus|statistics|money|face|skin|hospital|surgeon|clinic|"
        r"fees?|"
        r"career|colleague)s?\b",
        r"\bto protect (?:himself|herself|themselves|itself)\b|\b(?:hidden agenda|ulterior|vested "
        r"interest|own "
        r"interests?|self-interest|milk(?:ing)? (?:the|you)|rip-?off|cash in)\b",
        r"(?:for|out of|purely for|only for) (?:purely |mainly |their |his |her |own |its "
        r")*(?:financial|"
        r"monetary|commercial|economic|personal|billing|selfish|business) (?:\w+ )?(?:reasons?|"
        r"gains?|"
        r"interests?|motives?|purposes|advantage|benefit)",
        r"(?:because|since|as) (?:it|this|that|surgery|the operation) (?:pays|is (?:more "
        r")?(?:lucrative|"
        r"profitable|convenient|well paid|easier for))|for (?:the )?(?:money|profit|fee|"
        r"convenience of)",
        r"(?:only|just|mainly|more|solely) (?:interested in|cares? about|after|wants?|thinking of|"
        r"concerned"
        r" (?:with|about)) (?:your |the |their |his |her )?(?:money|profit|fees?|billing|income|"
        r"revenue|"
        r"insurance money|reputation|numbers|career)",
        r"\b(?:greed|greedy|profiteering|money-?driven|kickbacks?|cash cow|money-making|defensive "
        r"medicine|profit motive)\b|\bto (?:make|earn|get|save) (?:more |some |good |easy "
        r")?money\b",
        r"\bbecause (?:he|she|they|it) (?:simply |just )?(?:earns?|profits?|makes? (?:more "
        r")?money|gets? paid|"
        r"(?:is|are) paid|makes? more)",
        r"\b(?:hid|concealed|covered up|hushed up|swept|kept quiet about|lied about|denied) "
        r"(?:the|this|a|that|"
        r"his|her|their) (?:\w+ )?(?:complication|mistake|error|truth|injury|problem|facts?|"
        r"failure)s?\b",
        r"(?:to|trying to|tried to|in order to|attempt to|is|was) (?:cover(?:ing)? (?:up|(?:his|"
        r"her|their) "
        r"(?:back|tracks|mistakes?))|(?:hid(?:e|ing)|conceal(?:ing)?|disguis(?:e|ing)) (?:the|his|"
        r"her|"
        r"their|its|a) (?:own )?(?:mistakes?|errors?|complications?|faults?|failures?|truth))",
        r"out of (?:sheer )?(?:convenience|laziness|ignorance|vanity|pride|spite|indifference|"
        r"arrogance|"
        r"boredom)|for (?:his|her|their) own (?:convenience|benefit|good|sake|gain)|did not want "
        r"to admit|"
        r"to (?:fill|keep) (?:the |their |his )?(?:beds|list|theatre|schedule)s? (?:full|busy)?",
    ),
    HitClass.SOLICIT: (
        rf"\b(?:become|be) your (?:new |own |next )?(?:{PERSON})\b",
        rf"\b(?:no longer|stop|not any (?:more|longer)) (?:see|seeing|go to|going to|consult|"
        rf"consulting|visit|"
        rf"visiting|trust|trusting|rely on) {YOURS}",
        r"\bwelcome you (?:as|to|in|at|here)\b|\bas (?:our|my) (?:new )?patient\b|\byou deserve "
        r"better\b|"
        r"\bcome to (?:us|me|our|my)\b|\bsee (?:me|us) instead\b|\byourself in (?:our|my)\b",
        r"\b(?:advise|warn|recommend|caution) (?:you |her |him |the patient )?(?:strongly "
        r")?against (?:\w+ "
        rf"){{0,3}}?(?:to |by |with |at |seeing )?{YOURS}",
        rf"\b(?:send|refer|bring) (?:you|her|him|the patient) to {US}\b[^.]{{0,30}}?(?:surgery|"
        rf"operation|"
        r"treatment|procedure|therapy|instead)",
        rf"\bhave (?:the |your |this |all )?(?:\w+ )?(?:operation|surgery|procedure|treatment|"
        rf"infusions?|"
        rf"follow-up|checks?) (?:done|performed|carried out|made|given) (?:by|with|at|in) {US}\b",
        rf"\b(?:instead of|rather than) (?:to |with |by |from )?{YOURS}",
        rf"{WE} (?:can|could|would) (?:\w+ )?(?:offer|give|provide) (?:you|her|him|the patient) "
        rf"(?:an? )?"
        r"(?:\w+ )?(?:operation|appointment|surgery|bed|slot|treatment|place|date|admission|cure)",
        r"\b(?:known|renowned|famous|recogni[sz]ed|respected) (?:nationwide|worldwide|"
        r"internationally|"
        r"nationally|throughout|across|for (?:our|my))",
        r"\b(?:our|my) (?:own )?(?:excellent|outstanding|superior|unmatched|well-known|renowned|"
        r"leading|"
        r"unique|world-class|award-winning|better|best) (?!regards|wishes|judg|knowledge|guess|"
        r"estimate|"
        r"efforts?|thanks|respect|pleasure|understanding)\w+",
        rf"\b(?:leaving|quitting|dropping|ditching|firing|replacing|abandoning|quit|abandon) "
        rf"{YOURS}",
        rf"\b(?:future|further|all|any|next|subsequent) (?:\w+ ){{0,2}}?(?:should |must |to |will "
        rf"|can )?"
        rf"(?:come|be (?:done|made|given|arranged|carried out|performed|handled|written)|happen|"
        rf"take place)"
        rf" (?:from|with|at|in|by|through|to) {US}\b",
        rf"\b(?:be|get|have|being) (?:\w+ )?(?:treated|operated(?: on)?|surgery|followed(?: up)?|"
        rf"cared for|"
        rf"managed) (?:\w+ )?(?:by {US}|with {US}|(?:in|at) (?:our|my) \w+|here instead)",
        rf"{WE} (?:would like|want|wish|intend|propose|offer) to (?:treat|operate on|take on|take "
        rf"over|"
        r"look after|accept|keep) (?:you|her|him|the patient|this patient)",
        rf"{WE} (?:would|will|could|can|am|are|should)[^.]{{0,40}}? (?:take over|taking over|"
        rf"assume|take "
        r"on|take charge of|accept) (?:\w+ ){0,4}?(?:care|treatment|management|follow-up|case|"
        r"patient|"
        r"responsibility)",
        r"(?:take|taking) over (?:your|the patient['’]s|her|his|this patient['’]s|all|further) "
        r"(?:\w+ )?"
        r"(?:care|treatment|management|follow-up)",
        rf"{WE} (?:would|will|could|can|am|are)(?: be)? (?:\w+ )?(?:glad|happy|pleased|willing|"
        rf"delighted|"
        r"prepared|ready) to (?:treat|operate on|look after|care for) (?:you|her|him|the patient|"
        r"this "
        r"patient) (?:ourselves|myself|here|from now|in future|instead)",
        rf"(?:transfer|move|switch|bring|shift|transferring|moving|switching|hand over)(?: of)? "
        rf"(?:\w+ )?"
        rf"(?:your |the patient['’]s |her |his |their |all |further |entire |the )?(?:care|"
        rf"treatment|"
        rf"follow-up|management|therapy|surgery|patient) (?:over )?to {US}\b",
        r"(?:switch|change|transfer|come|move|changing|switching) (?:over )?to (?:our|my|us\b|me\b)"
        r"(?: \w+)?",
        rf"(?:continue|have|receive|get|undergo|complete|do|resume) (?:\w+ )?(?:your |the |her |"
        rf"his |any |all "
        rf"|further |future )?(?:\w+ )?(?:treatment|care|surgery|operation|follow-up|therapy|"
        rf"procedure) "
        rf"(?:\w+ )?(?:with|at|under|in|by|through) {US}\b",
        rf"(?:book|make|schedule|arrange|set up)(?: \w+)? (?:an? |the |your |her |his )?(?:\w+ "
        rf")?(?:"
        rf"appointment|operation|surgery|procedure|admission)s? (?:\w+ )?(?:with|at|in) {US}\b",
        rf"(?:call|contact|phone|ring) {US}(?: \w+)? (?:\w+ )?to (?:book|schedule|arrange|plan|"
        rf"register)",
        rf"(?:skip|bypass|leave|drop|sack|dump|avoid|fire|ditch|get rid of) {YOURS}",
        rf"(?:without|instead of|rather than) (?:going (?:back )?to|seeing|asking|telling|"
        rf"consulting|"
        rf"involving) {YOURS}",
        rf"(?:do not|don['’]t|should not|shouldn['’]t|must not|never|better not|not to|no need to|"
        rf"need not)"
        rf" (?:\w+ )?(?:go|return|see|consult|trust|listen|stay|be seen)(?: back| again| any "
        rf"longer)?"
        rf"(?: to| with| by| at| under)? {YOURS}",
        rf"(?:find|look for|seek|get|change to) (?:yourself )?(?:another|a different|a new|a "
        rf"better|some other|a more \w+) (?:{PERSON}|{PLACE})",
        rf"(?:change|changing|replace|switch) (?:your |the )(?:{PERSON})s?\b",
        r"\b(?:our|my) (?:\w+ ){0,3}?(?:is|are|has|have|offers?|achieves?|provides?|delivers?) "
        r"(?:\w+ )?(?:better|best|superior|the leading|leading|more experience|foremost|highest|"
        r"the top|"
        r"unrivalled|second to none|far more|the most experienced|renowned|excellent|outstanding|"
        r"the only)",
        rf"{WE} (?:have|has|offer|achieve|obtain|get|do|are|provide) {SURE}(?:\w+ )?(?:more|"
        rf"better|best|"
        r"superior|higher|greater|the leading|the largest|the most)\b[^.]{0,50}?(?:than|in (?:the|"
        r"this) "
        r"(?:country|region|city|field)|specialists|for you|experience)",
        rf"(?:best|better|safest|right|only) (?:place|hands|centre|center|hospital|clinic|choice|"
        rf"surgeon) "
        rf"[^.]{{0,50}}?(?:is|are|with|in|at) {US}\b",
        r"\b(?:better off|in better hands|best (?:treated|cared for|looked after|managed)) (?:\w+ "
        r")?(?:with|"
        r"by|at|here|in) ?(?:us|me|our|my|here)?\b",
    ),
    HitClass.PATIENT: (
        r"\bwhich (?:I|we) (?:do not|don['’]t|cannot|can['’]t|find hard to|doubt|hardly)(?: \w+)? "
        r"?(?:believe)?|"
        r"\bobsess(?:ed|ive) (?:with|about) (?:her|his|their)\b|\b(?:pain|symptoms?|complaints?|"
        r"weakness) (?:is|"
        r"are) (?:not real|imaginary|imagined|invented|made up|put on|fake|psychological "
        r"nonsense)\b|"
        rf"\b{SHE} (?:failed|refused) to comply\b",
        rf"\b{SHE}(?: \w+)? (?:whin(?:es?|ed|ing)|whing(?:es?|ed)|pretend(?:s|ed)?|overreact\w*|"
        rf"makes? a "
        r"fuss|refuse[sd]? to (?:understand|listen|accept|co-?operate|take responsibility|learn)|"
        r"lacks? "
        r"(?:motivation|discipline|willpower|intelligence)|play-?acts?|shops? for|"
        r"doctor-?shops?)\b",
        r"\b(?:is|was|as) an? (?:\w+ )?(?:complainer|whiner|faker|simulator|liar|nuisance|"
        r"difficult case|"
        r"pain in|troublemaker|time-?waster|attention[- ]seeker)\b",
        r"\bno (?:self-discipline|willpower|common sense|discipline)\b|\bweak-willed\b|"
        r"\bself-pity\b|"
        r"\b(?:compliance|adherence) is (?:poor|bad|hopeless|lacking|terrible)\b|\bhopeless "
        r"patient\b|"
        r"\bafter (?:a|the|her|his) (?:pension|compensation|payout)\b|\b(?:querulous|cantankerous|"
        r"whining)\b",
        r"\bnon-?complian(?:t|ce)\b(?! (?:balloon|vessel|ventric|lung|bladder|left|chest))",
        r"\b(?:poor|bad|unreliable|vague) historian\b",
        rf"{SHE}(?: (?:also|often|always|clearly|herself|himself))? (?:is|was|seems|appears|"
        rf"remains|can be) {SURE}(?:an? )?(?:rather |very |"
        r"notoriously )?(?:\w+ and |\w+, )?(?:difficult|demanding|manipulative|hysterical|neurotic|"
        r"unreliable|uncooperative|un-cooperative|rude|lazy|attention-seeking|hypochondriac\w*|"
        r"malinger\w+|"
        r"simulating|aggressive|hostile|stubborn|whiny|obnoxious|dishonest|drug[- ]seeking|needy|"
        r"overanxious|dramatic|noncooperative|entitled|unmotivated|stupid|crazy|in denial|lying)\b"
        r"(?! (?:to|case|airway|intubation|for|an?|the|that|more|answers?|during|after|when|"
        r"while|following)\b)",
        r"\b(?:difficult|demanding|hysterical|hateful|problem|unreliable|troublesome|manipulative|"
        r"neurotic|"
        r"uncooperative|unpleasant) (?:(?:and|but) \w+ )?(?:patient|woman|man|person|lady|customer|"
        r"personality)\b",
        r"\bmalinger\w+|\bhysteri(?:a|cal)\b|drug[- ]?seek\w+|\bfrequent[- ]fl[iy]er\b|"
        r"\b(?:addict|junkie|"
        r"druggie|wino|drunkard|abuser|bed[- ]blocker|train wreck|hypochondriac|drama queen)s?\b",
        rf"\b{SHE}(?: \w+)? (?:claims?|claimed|alleges?|alleged|purports|insists?|insisted|"
        rf"professes)\b",
        rf"\b{SHE}(?: \w+)? admit(?:s|ted) to\b|\bconfess(?:es|ed) to\b",
        r"\b(?:so-called|supposed|alleged|purported|self-styled) (?:\w+ )?(?:pain|symptoms?|"
        r"illness|"
        r"complaints?|allerg\w+|disability|weakness|attacks?)\b",
        r"\b(?:exaggerat|dramati[sz]|embellish|feign|fak)(?:es?|ed|ing) (?:her|his|their|the|"
        r"all)? ?(?:\w+ )?"
        r"(?:symptoms?|pain|complaints?|illness|weakness|condition|disability)\b",
        rf"{SHE} is an? (?:alcoholic|addict|drunk|schizophrenic|psychopath|cripple|retard|drug "
        rf"user)\b",
        r"\b(?:it is all|all) in (?:her|his|their) (?:head|mind)|low pain threshold|"
        r"self-inflicted|brought it "
        r"on (?:herself|himself|themselves)|only (?:herself|himself|themselves) to blame",
    ),
}
