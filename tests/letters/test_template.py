import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from consultdesk.assets import resource
from consultdesk.consultation.assessment import (
    Comparison,
    DiagnosisRelation,
    DisagreementType,
    Evidence,
    ExaminationMode,
    FollowUpOwner,
    Impact,
    Opinion,
    Recommendation,
    Result,
    Timing,
)
from consultdesk.consultation.case import Initiator, Override, Question
from consultdesk.consultation.letter import LetterFacts, LetterKind, Practice
from consultdesk.consultation.patient import Recipient, RecipientKind, Representative
from consultdesk.consultation.record import Sensitivity
from consultdesk.errors import LetterUnprintable, NotFound
from consultdesk.letters import template
from consultdesk.letters.dates import long_date
from consultdesk.letters.manuscript import Box, Listing, Manuscript, Section, Table, plain, texts
from tests.letters.conftest import FACTS, PATIENT, PHYSICIAN, facts, opinion, to_patient

if TYPE_CHECKING:
    from consultdesk.letters.wording import Words

IN_FOLDER = sorted(path.name for path in resource("letters").iterdir())


def section(letter: Manuscript, heading: str) -> Section:
    found = [s for s in (*letter.front, *letter.body) if s.heading == heading]
    assert len(found) == 1, (heading, headings(letter))
    return found[0]


def says(part: Section) -> str:
    return "\n".join(plain(text) for block in part.blocks for text in texts(block))


def whole(letter: Manuscript) -> str:
    return "\n".join(plain(text) for _, text in letter.passages())


def headings(letter: Manuscript) -> list[str]:
    return [part.heading for part in (*letter.front, *letter.body)]


def of_kind(kind: LetterKind) -> LetterFacts:
    if kind in (LetterKind.PATIENT, LetterKind.PATIENT_ONLY):
        return to_patient(kind=kind)
    return facts(kind=kind, amendment="The dose is 2.5 mg.", amends_letter_of="2026-11-22")


# --- the folder -----------------------------------------------------------------------


def test_every_file_in_the_folder_is_a_letter_of_a_known_kind() -> None:
    assert {f"{kind}.letter" for kind in template.kinds()} == set(IN_FOLDER)
    assert {LetterKind.TREATING_PHYSICIAN, LetterKind.PATIENT_ONLY, LetterKind.ADDENDUM} <= set(
        template.kinds()
    )


@pytest.mark.parametrize("kind", template.kinds())
def test_each_letter_names_the_patient_in_full_and_can_be_signed(kind: LetterKind) -> None:
    letter = template.fill(of_kind(kind))
    assert ("Patient", PATIENT.name) in letter.patient
    assert ("Born", "4 March 1961") in letter.patient
    assert (
        letter.running
        == "Maria Kowalska-Łuczak, born 4 March 1961 · case 2026-0042 · letter version 1"
    )
    assert letter.subject
    assert letter.salutation.startswith("Dear ")
    assert letter.signature[0] == "Prof. Dr. Helena Meier"
    assert letter.front


@pytest.mark.parametrize("kind", template.kinds())
def test_each_letter_can_be_written_from_almost_nothing(kind: LetterKind) -> None:
    bare = replace(
        of_kind(kind),
        case=replace(FACTS.case, referral=replace(FACTS.case.referral, questions=()), overrides=()),
        physician=None,
        practice=Practice(),
        opinion=Opinion("case"),
        comparison=Comparison("case"),
        records=(),
        missing_records=(),
        distribution=(),
    )
    letter = template.fill(bare)
    assert "Questions" not in " ".join(headings(letter))
    assert all(part.blocks for part in (*letter.front, *letter.body))


@pytest.mark.parametrize("kind", sorted(set(LetterKind) - set(template.kinds())))
def test_a_kind_without_a_file_is_said_to_be_missing(kind: LetterKind) -> None:
    with pytest.raises(NotFound, match="has no letter of the kind"):
        template.fill(facts(kind=kind))


@pytest.mark.parametrize("kind", template.kinds())
@pytest.mark.parametrize("impact", list(Impact))
def test_no_letter_gives_a_grade_of_the_difference(kind: LetterKind, impact: Impact) -> None:
    """Impact is asked for the figures; peer-review grades (RADPEER) aren't even kept here."""
    told = replace(
        of_kind(kind),
        comparison=Comparison(
            "case",
            DiagnosisRelation.DISTINCTLY_DIFFERENT,
            impact,
            Result.CHANGED,
            DisagreementType.MISSED_FINDING,
            comment="PRIVATE COMMENT",
            major_decision="PRIVATE DECISION",
        ),
    )
    letter = template.fill(told)
    assert letter == template.fill(replace(told, comparison=replace(told.comparison, impact=None)))
    text = whole(letter)
    assert not re.search(r"\b(major|minor|moderate|discrepan\w*|RADPEER|missed)\b", text, re.I)
    assert not re.search(r"\b[1-3][ab]\b|PRIVATE", text)


# --- the treating physician's letter --------------------------------------------------


def test_the_treating_physicians_letter_has_its_parts_in_order() -> None:
    letter = template.fill(facts())
    assert [part.heading for part in letter.front] == ["Answer in brief", "Actions", "Safety"]
    assert [part.heading for part in letter.body] == [
        "Questions and answers",
        "Diagnosis",
        "Agreement with the first opinion",
        "Prognosis",
        "Reasoning",
        "Records reviewed",
        "Records missing",
        "Limitations",
        "History and medication that mattered",
        "Who treats the patient",
        "Follow-up",
    ]
    assert "Call +41 31 555 02 40" in says(letter.front[-1])


def test_actions_name_owner_and_timing() -> None:
    actions = section(template.fill(facts()), "Actions").blocks[0]
    assert isinstance(actions, Table)
    assert [[plain(cell) for cell in row] for row in actions.rows] == [
        ["Supervised physiotherapy, twice a week for six weeks", "Treating physician",
         "by 7 December 2026"],
        ["Decompression L4/L5 left without fusion", "Spine surgeon",
         "if leg pain stays ≥ 5 of 10 after six weeks"],
        ["Stop apixaban before surgery as the practice's protocol says", "Treating physician",
         "at your discretion"],
    ]  # fmt: skip


def test_an_action_without_a_set_time_says_so() -> None:
    none = opinion(recommendations=(Recommendation("No action", "nobody", Timing.NONE),))
    assert "no set time" in says(section(template.fill(facts(opinion=none)), "Actions"))


def test_dangers_stand_in_a_box_of_their_own() -> None:
    (box,) = [
        b for b in section(template.fill(facts()), "Safety").blocks
        if isinstance(b, Box) and b.tone == "danger"
    ]  # fmt: skip
    assert len(box.lines) == 2


def test_every_question_has_its_answer_or_why_there_is_none() -> None:
    text = says(section(template.fill(facts()), "Questions and answers"))
    assert text.index("1. Is decompression") < text.index("Decompression alone is enough")
    assert "We cannot answer this because: no examination from before" in text


def test_the_diagnosis_comes_with_its_certainty_in_the_words_of_the_scale() -> None:
    assert says(section(template.fill(facts()), "Diagnosis")).endswith(
        "Certainty: most likely (> 90 %)"
    )


def test_pathology_says_its_reporting_category() -> None:
    pathology = replace(FACTS.case, specialty="surgical_pathology")
    letter = template.fill(facts(case=pathology, opinion=opinion(certainty="suspicious")))
    assert "Category: Suspicious for malignancy" in says(section(letter, "Diagnosis"))


@pytest.mark.parametrize("specialty", ["", "no_such", "../letters/addendum", "a/b"])
def test_an_unknown_specialty_uses_the_default_scale(specialty: str) -> None:
    letter = template.fill(facts(case=replace(FACTS.case, specialty=specialty)))
    assert "most likely (> 90 %)" in says(section(letter, "Diagnosis"))


@pytest.mark.parametrize(
    ("relation", "words"),
    [
        (DiagnosisRelation.SAME, "Our diagnosis agrees with the first one."),
        (DiagnosisRelation.REFINED, "in keeping with the first one and makes it more specific"),
        (DiagnosisRelation.DISTINCTLY_DIFFERENT, "our reading differs from the first one"),
        (DiagnosisRelation.CANNOT_DETERMINE, "do not allow a comparison"),
    ],
)
def test_agreement_is_worded_neutrally(relation: DiagnosisRelation, words: str) -> None:
    letter = template.fill(facts(comparison=Comparison("case", relation)))
    assert words in says(section(letter, "Agreement with the first opinion"))


@pytest.mark.parametrize("kind", [LetterKind.TREATING_PHYSICIAN, LetterKind.PATIENT_ONLY])
def test_the_first_diagnosis_stays_sealed_until_the_own_read_is_locked(kind: LetterKind) -> None:
    told = of_kind(kind)
    assert "spondylolisthesis" in whole(template.fill(told))
    unlocked = replace(told, own_read=replace(FACTS.own_read, locked_at=None))
    assert "spondylolisthesis" not in whole(template.fill(unlocked))


def test_records_relied_on_are_named_with_date_source_extent_and_place() -> None:
    table = section(template.fill(facts()), "Records reviewed").blocks[0]
    assert isinstance(table, Table)
    assert [[plain(cell) for cell in row] for row in table.rows] == [
        ["Imaging MRI lumbar spine", "14 September 2026", "Radiology Lakeside", "20 images",
         "series 3, images 9–12"],
        ["Imaging report MRI report", "15 September 2026", "Radiology Lakeside", "2 pages",
         "page 1"],
    ]  # fmt: skip


def test_a_record_that_says_more_than_the_cited_ones_is_counted_and_not_named() -> None:
    """The consent is held against what is cited; the list of records must reveal no more."""
    secret = replace(
        FACTS.records[0],
        id="secret",
        name="Infectious diseases",
        sensitivities=frozenset({Sensitivity.HIV}),
    )
    told = facts(records=(*FACTS.records, secret))
    letter = template.fill(told)
    assert "Infectious" not in whole(letter)
    assert "3 further records were reviewed" in says(section(letter, "Records reviewed"))
    cited = facts(records=told.records, opinion=opinion(relied_on=(Evidence("secret", "page 1"),)))
    assert "Infectious" in whole(template.fill(cited))


def test_a_record_of_the_own_read_that_the_letter_leaves_out_is_not_said_to_be_unused() -> None:
    left_out = facts(opinion=opinion(relied_on=(Evidence("r1", "page 1"),)))
    said = says(section(template.fill(left_out), "Records reviewed"))
    assert "MRI lumbar spine" not in said
    assert "reviewed and are not named in this letter" in said
    assert "does not rely" not in said


def test_a_version_with_content_left_out_says_so_and_never_that_nothing_rested_on_it() -> None:
    letter = template.fill(facts(limited=True))
    assert "Other content was left out of it" in says(section(letter, "Limitations"))
    assert "does not rely" not in says(section(letter, "Records reviewed"))
    assert "left out" not in whole(template.fill(facts()))
    added = facts(kind=LetterKind.ADDENDUM, amendment="New films.", limited=True)
    assert "Other content was left out of it" in whole(template.fill(added))


@pytest.mark.parametrize(("right", "error"), [(False, False), (None, True)])
def test_a_record_of_somebody_else_is_neither_named_nor_counted(
    right: bool | None, error: bool
) -> None:
    stranger = replace(
        FACTS.records[0], id="x", name="Stranger", right_patient=right, entered_in_error=error
    )
    letter = template.fill(facts(records=(FACTS.records[0], FACTS.records[1], stranger)))
    assert "Stranger" not in whole(letter)
    assert "further" not in says(section(letter, "Records reviewed"))


def test_a_record_that_could_not_be_read_is_listed_as_missing() -> None:
    broken = replace(FACTS.records[0], id="b", name="Disc 2", readable=False)
    letter = template.fill(facts(records=(*FACTS.records, broken)))
    assert "Imaging Disc 2: received, but it could not be read" in says(
        section(letter, "Records missing")
    )


def test_what_was_done_without_prints_as_a_limitation() -> None:
    other = Override("flexion_views", "not tolerated.", "u", 1)
    case = replace(FACTS.case, overrides=(*FACTS.case.overrides, other))
    text = says(section(template.fill(facts(case=case)), "Limitations"))
    assert "Records only: the patient was not examined." in text
    assert "Operative note not available to us: the hospital closed its archive." in text
    assert "flexion views: not tolerated." in text


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        (ExaminationMode.RECORDS_ONLY, "the patient was not examined"),
        (ExaminationMode.VIDEO, "there was no physical examination"),
        (ExaminationMode.IN_PERSON, "was examined in person"),
    ],
)
def test_the_mode_of_examination_is_said(mode: ExaminationMode, words: str) -> None:
    letter = template.fill(facts(opinion=opinion(examination=mode)))
    assert words in says(section(letter, "Limitations"))


def test_who_treats_is_said_as_it_is() -> None:
    def treats(**changed: object) -> str:
        told = replace(FACTS, **changed)  # type: ignore[arg-type]
        return says(section(template.fill(told), "Who treats the patient"))

    assert treats() == "You remain the treating physician and primary contact."
    second = replace(PHYSICIAN, primary_contact=False)
    assert treats(physician=second) == "You remain the treating physician."
    insurer = Recipient("i", RecipientKind.INSURER, "Insurance Ltd")
    assert treats(recipient=insurer).startswith("Dr Anna Lindqvist remains the treating physician")


@pytest.mark.parametrize(
    ("owner", "words"),
    [
        (FollowUpOwner.TREATING_PHYSICIAN, "Follow-up rests with you, by 18 January 2027"),
        (FollowUpOwner.PATIENT, "The patient will arrange follow-up by 18 January 2027"),
        (FollowUpOwner.DESK, "We will follow up by 18 January 2027"),
    ],
)
def test_follow_up_names_its_owner_and_date(owner: FollowUpOwner, words: str) -> None:
    letter = template.fill(facts(opinion=opinion(follow_up_owner=owner)))
    assert words in says(section(letter, "Follow-up"))


def test_pending_tests_make_it_preliminary_on_page_one() -> None:
    letter = template.fill(facts(opinion=opinion(pending="EMG of the left leg")))
    assert letter.subject.startswith("Preliminary second opinion")
    assert letter.title.startswith("Preliminary second opinion")
    text = says(letter.front[0])
    assert text.startswith("This opinion is preliminary. Still awaited: EMG of the left leg")
    assert "reliminary" not in whole(template.fill(facts()))


@pytest.mark.parametrize("initiator", list(Initiator))
def test_the_opening_thanks_whoever_asked(initiator: Initiator) -> None:
    case = replace(FACTS.case, referral=replace(FACTS.case.referral, initiator=initiator))
    opening = "".join(plain(t) for b in template.fill(facts(case=case)).opening for t in texts(b))
    assert ("Thank you for asking us" in opening) == (initiator is Initiator.PHYSICIAN)


@pytest.mark.parametrize(
    ("name", "kind", "salutation"),
    [
        ("Dr Anna Lindqvist", RecipientKind.TREATING_PHYSICIAN, "Dear Dr Anna Lindqvist,"),
        ("Prof. Jan Nowak", RecipientKind.OTHER_PHYSICIAN, "Dear Prof. Jan Nowak,"),
        ("Anna Lindqvist, MD", RecipientKind.TREATING_PHYSICIAN, "Dear Dr Anna Lindqvist,"),
        ("Insurance Ltd", RecipientKind.INSURER, "Dear Sir or Madam,"),
        ("", RecipientKind.TREATING_PHYSICIAN, "Dear Sir or Madam,"),
    ],
)
def test_the_salutation_fits_the_reader(name: str, kind: RecipientKind, salutation: str) -> None:
    letter = template.fill(facts(recipient=Recipient("physician", kind, name)))
    assert letter.salutation == salutation


def test_only_a_verified_postal_address_is_printed() -> None:
    assert template.fill(facts()).recipient == (
        "Dr Anna Lindqvist",
        "Orthopaedic Centre Lakeside",
        "Seestrasse 14",
        "8002 Zürich",
    )
    doubtful = replace(PHYSICIAN.channels[0], verified_at=None)
    letter = template.fill(facts(recipient=replace(FACTS.recipient, channels=(doubtful,))))
    assert "Seestrasse 14" not in letter.recipient


def test_a_preview_is_a_draft_and_says_nothing_of_a_signature() -> None:
    assert not template.fill(facts()).draft
    preview = template.fill(facts(signed=False))
    assert preview.draft
    assert "Signed" not in " ".join(preview.signature)


def test_the_file_name_holds_no_patient_data() -> None:
    odd = replace(FACTS.case, number="2026/0042 ä")
    assert template.fill(facts(case=odd)).name == "treating-physician-letter-2026-0042-v1.pdf"


# --- the patient's letter -------------------------------------------------------------


def test_the_patient_learns_that_nothing_was_sent_and_how_to_change_that() -> None:
    text = says(section(template.fill(to_patient()), "Who has this letter"))
    assert "We have sent nothing to Dr Anna Lindqvist, because we have no consent from you" in text
    assert "call us on +41 31 555 02 40 or write to desk@spine-opinion.example" in text
    assert "you can take this back at any time" in text
    assert "it does not change how we treat you" in text


@pytest.mark.parametrize(
    ("phone", "email", "words"),
    [
        ("1", "", "call us on 1"),
        ("", "a@b.example", "write to a@b.example"),
        ("", "", "get in touch with us"),
    ],
)
def test_the_way_to_give_consent_is_one_the_practice_has(
    phone: str, email: str, words: str
) -> None:
    practice = replace(FACTS.practice, phone=phone, email=email)
    assert words in says(
        section(template.fill(to_patient(practice=practice)), "Who has this letter")
    )


def test_a_patients_letter_uses_no_jargon_of_its_own() -> None:
    silent = replace(
        to_patient(),
        opinion=replace(opinion(), brief="Yes.", reasoning="", prognosis="", history=""),
    )
    text = whole(template.fill(silent))
    for word in ("prognosis", "differential", "radiological", "consult", "disclos", "revoc",
                 "limitation", "discretion", "treating physician and"):  # fmt: skip
        assert word not in text.casefold(), word


def test_certainty_is_told_a_patient_as_a_chance() -> None:
    text = says(section(template.fill(to_patient()), "What we think it is"))
    assert "How sure we are: most likely, more than 90 in 100" in text


def test_a_representative_is_addressed_and_the_patient_named() -> None:
    patient = replace(PATIENT, representative=Representative("Jan Kowalski", "guardian", "r1"))
    told = to_patient(
        patient=patient, recipient=Recipient("rep", RecipientKind.REPRESENTATIVE, "Jan Kowalski")
    )
    letter = template.fill(told)
    assert letter.salutation == "Dear Jan Kowalski,"
    opening = "".join(plain(t) for b in letter.opening for t in texts(b))
    assert "second opinion for Maria Kowalska-Łuczak, for whom you act (guardian)" in opening
    assert "from you to do so" not in whole(letter)
    assert "Who looks after the patient" in headings(letter)


# --- an addendum ----------------------------------------------------------------------


def test_an_addendum_says_what_it_adds_and_to_which_letter() -> None:
    told = of_kind(LetterKind.ADDENDUM)
    letter = template.fill(told)
    assert letter.subject == "Addendum to our second opinion of 22 November 2026"
    assert says(letter.front[0]).startswith("The dose is 2.5 mg.")


# --- what people type -----------------------------------------------------------------

ADVERSARIAL = [
    "{{7*7}}",
    "{% for x in ().__class__.__mro__ %}{{ x }}{% endfor %}",
    "{{ ''.__class__ }}",
    "<b>bold</b> & <font size='99'>x</font> <img src='/etc/passwd'/>",
    "**not bold** | not a cell | # not a heading",
    "# Heading",
    "@body",
    "- item",
    "|--9--|--9--|",
    "> box",
    "! danger",
    "key: value",
    "≥ 2 ≤ 3 → 4 √9 µg ☐ H₂O ± ½ x̄",
    "Łukasz Şahin Đỗ Ελένη Наталья",
]


@pytest.mark.parametrize("typed", ADVERSARIAL)
def test_what_is_typed_is_printed_as_it_was_typed(typed: str) -> None:
    told = facts(
        opinion=opinion(
            brief=typed,
            reasoning=typed,
            danger=(typed,),
            limitations=typed,
            pending=typed,
            recommendations=(Recommendation(typed, typed, Timing.CONDITION, typed),),
        ),
        patient=replace(PATIENT, name=typed),
        case=replace(FACTS.case, level=typed, referral=replace(
            FACTS.case.referral, questions=(Question(1, typed, typed, typed),))),
    )  # fmt: skip
    letter = template.fill(told)
    assert headings(letter) == headings(template.fill(facts(opinion=opinion(pending="x"))))
    assert plain(list(texts(letter.front[0].blocks[0]))[1]) == typed
    assert says(section(letter, "Actions")).splitlines()[3:] == [typed] * 3
    assert says(section(letter, "Reasoning")).splitlines()[0] == typed
    assert says(section(letter, "Limitations")).splitlines()[-1] == typed
    assert says(section(letter, "Questions and answers")).splitlines() == [
        f"1. {typed} (asked by {typed})",
        typed,
    ]
    assert letter.patient[0] == ("Patient", typed)
    assert typed in letter.subject


def test_paragraphs_and_lines_stay_as_they_were_typed() -> None:
    told = facts(opinion=opinion(alternatives="", reasoning="One\r\ntwo\n\n\nThree\u2028four"))
    blocks = section(template.fill(told), "Reasoning").blocks
    assert [plain(next(texts(block))) for block in blocks] == ["One\ntwo", "Three\nfour"]


@pytest.mark.parametrize("character", ["\x07", "\x00", "\x1b", "\x02", "\x1c", "\ue000", "\x9f"])
def test_a_control_character_is_refused_and_its_place_named(character: str) -> None:
    with pytest.raises(LetterUnprintable) as refused:
        template.fill(facts(opinion=opinion(brief=f"Yes{character}no")))
    assert f"“brief” contains an invisible control character (U+{ord(character):04X})" in str(
        refused.value
    )
    recommended = opinion(recommendations=(Recommendation(f"a{character}b", "b"),))
    with pytest.raises(LetterUnprintable, match="recommendations, 1, action"):
        template.fill(facts(opinion=recommended))
    with pytest.raises(LetterUnprintable, match="patient"):
        template.fill(facts(patient=replace(PATIENT, name=f"a{character}b")))
    with pytest.raises(LetterUnprintable, match="distribution"):
        template.fill(facts(distribution=(f"a{character}b",)))


def test_invisible_marks_are_dropped_and_accents_composed() -> None:
    told = facts(opinion=opinion(brief="\ufeffso\u00adft s\u0327u\u200bre\u202e"))
    assert plain(next(texts(template.fill(told).front[0].blocks[0]))) == "soft şure"


def test_a_letter_without_end_is_refused() -> None:
    with pytest.raises(LetterUnprintable, match="longer than 60 pages"):
        template.fill(facts(opinion=opinion(reasoning="word " * 60_000)))


# --- the sandbox ----------------------------------------------------------------------

HEAD = "title: T\nsubject: S\nsalutation: D\nclosing: C\n\n"


@pytest.mark.parametrize(
    "line",
    [
        "{{ 'x' * 100000000 }}",
        "{{ 7 * 7 }}",
        "{{ brief.upper() }}",
        "{{ brief | upper }}",
        "{{ brief[0] }}",
        "{% set x = brief %}",
        "{% macro m() %}{% endmacro %}",
        "{% include 'other' %}",
        "{% import 'other' as o %}",
        "{% extends 'other' %}",
        "{{ range(10) }}",
        "{{ brief ~ brief }}",
        "{% for x in danger recursive %}{% endfor %}",
        "{% if 1 %}x{% endif %}",
        "{{ [1] }}",
        "{{ brief is defined }}",
        "{{ brief.__class__ }}",
        "{{ danger.append }}",
        "{{ self }}",
        "{{ danger }}",
        "{{ nothing_of_that_name }}",
        "{% if practice.nothing %}x{% endif %}",
        "{{ unclosed",
        "@nowhere",
        "| a | b |\n| c |",
        "|--1--|--2--|",
        "| a | b |\n|--1--|",
        "# heading above the front\ntext",
    ],
)
def test_a_template_can_do_nothing_but_place_strings(line: str) -> None:
    said: Words = {"brief": "b", "danger": [{"text": "t"}], "practice": {"name": "n"}}
    with pytest.raises(LetterUnprintable, match="template of this letter is damaged"):
        template.parse_template(HEAD + line, said)


def test_a_template_that_multiplies_itself_is_stopped() -> None:
    loop = "{% for a in xs %}" * 6 + "{{ a.t }}" + "{% endfor %}" * 6
    many = [{"t": "word"} for _ in range(40)]
    with pytest.raises(LetterUnprintable, match="longer than 60 pages"):
        template.parse_template(HEAD + loop, {"xs": many})


def test_a_template_without_a_head_is_damaged() -> None:
    with pytest.raises(LetterUnprintable, match="no `key: value`"):
        template.parse_template("just text\n\nmore", {})


def test_an_empty_section_disappears_with_its_heading() -> None:
    draft = template.parse_template(
        HEAD
        + "@body\n# Kept\ntext\n# Gone\n{{ a }}\n# Table\n| A | B |\n# List\n- {{ a }}\n> {{ a }}",
        {"a": ""},
    )
    assert [part.heading for part in draft.body] == ["Kept"]


def test_neighbouring_lines_make_one_list_and_one_box() -> None:
    draft = template.parse_template(HEAD + "@body\n- a\n- **b** c\n> d\n> e\n! f", {})
    listing, answer, danger = draft.body[0].blocks
    assert isinstance(listing, Listing)
    assert [run.bold for run in listing.items[1]] == [True, False]
    assert isinstance(answer, Box)
    assert isinstance(danger, Box)
    assert (len(answer.lines), len(danger.lines)) == (2, 1)


# --- dates ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("iso", "said"),
    [
        ("2026-11-22", "22 November 2026"),
        ("2026-01-02T10:11:12Z", "2 January 2026"),
        ("20260304", "4 March 2026"),
        ("2026-05", "May 2026"),
        ("2026", "2026"),
        ("", ""),
        ("2026-13-01", "2026-13-01"),
        ("2026-12-32", "2026-12-32"),
        ("after surgery", "after surgery"),
        ("3/4/26", "3/4/26"),
    ],
)
def test_dates_are_unambiguous_and_nothing_is_guessed(iso: str, said: str) -> None:
    assert long_date(iso) == said
