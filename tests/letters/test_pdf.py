import io
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pikepdf
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consultdesk.consultation.assessment import (
    Comparison,
    Opinion,
    OwnRead,
    Recommendation,
    Timing,
)
from consultdesk.consultation.case import Question, Referral
from consultdesk.consultation.letter import Author, LetterFacts, LetterKind, Practice
from consultdesk.consultation.patient import Patient, Recipient, RecipientKind
from consultdesk.consultation.record import RecordKind
from consultdesk.errors import LetterUnprintable
from consultdesk.letters import pdf, proof, template
from consultdesk.letters.manuscript import Manuscript, Paragraph, Run, Section
from consultdesk.letters.rendition import protect
from consultdesk.letters.stationery import BOTTOM, DRAFT, LEFT, PAPERS, RIGHT
from consultdesk.letters.typeface import Faces
from tests.letters.conftest import FACTS, PATIENT, facts, opinion, to_patient
from tests.letters.test_template import ADVERSARIAL

LONG = "The reading of every single image of this long series took its time. "


def printed(letter: LetterFacts, faces: Faces, paper: str = "A4") -> list[str]:
    """The words of each page, as a reader that knows nothing of us extracts them."""
    return pages(pdf.render(template.fill(letter), paper=paper, faces=faces))


def pages(made: bytes, password: str = "") -> list[str]:
    reader = pypdf.PdfReader(io.BytesIO(made), password=password or None)
    return [re.sub(r"\s+", " ", page.extract_text()) for page in reader.pages]


def actions(count: int) -> tuple[Recommendation, ...]:
    return tuple(
        Recommendation(
            f"Action {n:02}: check the renal function before contrast",
            "Treating physician",
            Timing.CONDITION,
            f"step {n:02}",
        )
        for n in range(1, count + 1)
    )


@pytest.fixture
def letter() -> Manuscript:
    return template.fill(facts())


# --- the same bytes, whole ------------------------------------------------------------


def test_the_same_manuscript_gives_the_same_bytes(letter: Manuscript, faces: Faces) -> None:
    assert pdf.render(letter, faces=faces) == pdf.render(letter)


@pytest.mark.parametrize("kind", template.kinds())
@pytest.mark.parametrize("paper", sorted(PAPERS))
def test_each_letter_is_set_whole_on_each_paper(kind: LetterKind, paper: str, faces: Faces) -> None:
    base = to_patient if kind is LetterKind.PATIENT_ONLY else facts
    manuscript = template.fill(base(kind=kind, amendment="The dose is 2.5 mg."))
    made = pdf.render(manuscript, paper=paper, faces=faces)
    with pikepdf.open(io.BytesIO(made)) as document:
        boxes = {tuple(round(float(x)) for x in page.mediabox) for page in document.pages}
    assert boxes == {(0, 0, *(round(side) for side in PAPERS[paper]))}
    text = "".join("".join(pages(made)).split())
    for _place, passage in manuscript.passages():
        for run in passage:
            for word in run.text.split():
                assert word in text


def test_only_bundled_fonts_are_used_and_they_are_embedded(
    letter: Manuscript, faces: Faces
) -> None:
    with pikepdf.open(io.BytesIO(pdf.render(letter, faces=faces))) as document:
        for page in document.pages:
            for font in page.resources["/Font"].values():
                assert "/FontFile2" in font["/FontDescriptor"], font["/BaseFont"]


def test_title_author_and_language_are_told_without_the_patient(
    letter: Manuscript, faces: Faces
) -> None:
    with pikepdf.open(io.BytesIO(pdf.render(letter, faces=faces))) as document:
        assert str(document.docinfo["/Title"]) == "Second opinion, case 2026-0042, version 1"
        assert str(document.docinfo["/Author"]) == "Prof. Dr. Helena Meier"
        assert str(document.Root.Lang) == "en"
        assert "Kowalska" not in str(dict(document.docinfo.items()))


def test_a_word_lost_on_the_way_to_paper_is_noticed(letter: Manuscript, faces: Faces) -> None:
    made = pdf.render(letter, faces=faces)
    proof.check(made, letter)
    more = replace(letter, body=(*letter.body, Section("", (Paragraph((Run("lost"),)),))))
    with pytest.raises(LetterUnprintable, match="would have lost words"):
        proof.check(made, more)


def test_a_glyph_the_library_drops_is_noticed(letter: Manuscript, faces: Faces) -> None:
    """Pretend that the fonts have a sign they lack: the library leaves a gap without a word."""
    lacking = "\u4e2d"
    assert all(ord(lacking) not in known for known in faces.coverage.values())
    boastful = Faces({name: known | {ord(lacking)} for name, known in faces.coverage.items()})
    told = replace(letter, subject=f"Second opinion {lacking}")
    with pytest.raises(LetterUnprintable, match="lost words in the subject"):
        pdf.render(told, faces=boastful)


def test_the_page_edges_are_no_part_of_the_text(letter: Manuscript, faces: Faces) -> None:
    text = proof.read_back(pdf.render(replace(letter, draft=True), faces=faces))
    assert "Page1of" not in text
    assert "letterversion1" not in text


# --- page one -------------------------------------------------------------------------

PROMISES = ("Answer in brief", "Actions", "Safety", "Call +41 31 555 02 40")


def test_page_one_answers_asks_warns_and_gives_the_number_to_call(faces: Faces) -> None:
    first = printed(facts(), faces)[0]
    places = [
        first.index(words)
        for words in (
            "Answer in brief",
            "We agree that surgery is reasonable",
            "Supervised physiotherapy",
            "by 7 December 2026",
            "Apixaban 5 mg twice daily",
            "Call +41 31 555 02 40",
        )
    ]
    assert places == sorted(places)


@pytest.mark.parametrize("count", [6, 9, 11])
def test_more_actions_are_set_tighter_and_stay_on_page_one(count: int, faces: Faces) -> None:
    first = printed(facts(opinion=opinion(recommendations=actions(count))), faces)[0]
    for promise in (*PROMISES, f"Action {count:02}"):
        assert promise in first


@pytest.mark.parametrize("paper", sorted(PAPERS))
def test_thirty_actions_leave_the_warnings_on_page_one_and_lose_none(
    paper: str, faces: Faces
) -> None:
    letter = facts(opinion=opinion(recommendations=actions(30)))
    first, second, *rest = printed(letter, faces, paper)
    for promise in (*PROMISES, "Action 01", "New bladder or bowel disturbance"):
        assert promise in first
    assert "Action Who When" in second[:160]  # the head of the table is repeated
    numbers = re.findall(r"Action (\d\d):", " ".join((first, second, *rest)))
    assert numbers == [f"{n:02}" for n in range(1, 31)]


def test_a_reader_of_thirty_actions_is_told_that_they_go_on(faces: Faces) -> None:
    first = printed(facts(opinion=opinion(recommendations=actions(30))), faces)[0]
    assert "continued on the next page" in first
    assert "continued" not in printed(facts(), faces)[0]


def test_an_answer_longer_than_a_page_runs_on(faces: Faces) -> None:
    made = printed(facts(opinion=opinion(brief=LONG * 150)), faces)
    assert len(made) > 3
    assert " ".join(made).count("took its time") == 150


def test_dangers_longer_than_a_page_run_on(faces: Faces) -> None:
    made = printed(facts(opinion=opinion(danger=(LONG * 80, "Last danger"))), faces)
    assert "Last danger" in " ".join(made)
    assert " ".join(made).count("took its time") == 80


def test_an_action_longer_than_a_page_runs_on(faces: Faces) -> None:
    long = Recommendation(LONG * 70, "Treating physician")
    made = printed(facts(opinion=opinion(recommendations=(*actions(3), long))), faces)
    assert " ".join(made).count("took") == 70


# --- pages ----------------------------------------------------------------------------


def test_every_page_is_numbered_and_names_the_patient_after_the_first(faces: Faces) -> None:
    made = printed(facts(opinion=opinion(reasoning=LONG * 120)), faces)
    assert len(made) >= 4
    for number, text in enumerate(made, 1):
        assert f"Page {number} of {len(made)}" in text
        header = "Maria Kowalska-Łuczak, born 4 March 1961 · case 2026-0042 · letter version 1"
        assert (header in text) == (number > 1)


def test_a_name_longer_than_the_line_stays_whole_in_the_header(faces: Faces) -> None:
    name = " ".join(f"Anna{n}-Maria" for n in range(30))
    second = printed(facts(patient=replace(PATIENT, name=name)), faces)[1]
    assert name in second


def test_a_word_longer_than_the_line_is_broken_and_stays_whole(faces: Faces) -> None:
    word = "Pneumono" * 40
    told = opinion(
        brief=word,
        reasoning=word,
        recommendations=(Recommendation(word, word, Timing.CONDITION, word),),
        danger=(word,),
    )
    made = pdf.render(template.fill(facts(opinion=told)), faces=faces)
    assert proof.read_back(made).count(word) >= 3
    with pikepdf.open(io.BytesIO(made)) as document:
        assert inside_the_margins(document)


def inside_the_margins(document: pikepdf.Pdf) -> bool:
    """Whether every line of text starts on the measure, seen from its matrices."""
    for page in document.pages:
        width = float(page.mediabox[2])
        stack, matrix = [], pikepdf.Matrix()
        for item in pikepdf.parse_content_stream(page, "q Q cm Tm"):
            match str(item.operator):
                case "q":
                    stack.append(matrix)
                case "Q":
                    matrix = stack.pop()
                case "cm":
                    matrix = pikepdf.Matrix(*map(float, item.operands)) @ matrix
                case _:
                    at = pikepdf.Matrix(*map(float, item.operands)) @ matrix
                    if not LEFT - 1 <= at.e <= width - RIGHT + 1 or at.f < BOTTOM - 20:
                        return False
    return True


@pytest.mark.parametrize("lines", range(0, 30, 3))
def test_no_heading_and_no_question_stands_alone_at_the_foot_of_a_page(
    lines: int, faces: Faces
) -> None:
    case = replace(
        FACTS.case,
        referral=replace(
            FACTS.case.referral,
            questions=tuple(
                Question(n, f"Question {n}?", "", f"Answer {n} begins here. " + LONG * (n % 5))
                for n in range(1, 14)
            ),
        ),
    )
    told = facts(case=case, opinion=opinion(brief="Line. " + "\nLine." * lines))
    manuscript = template.fill(told)
    leads = [section.heading for section in manuscript.body]
    leads += [f"{n}. Question {n}?" for n in range(1, 14)]
    for text in printed(told, faces):
        foot = text.partition("Second Opinion Practice for Spine Surgery Page")[0].strip()
        assert not any(foot.endswith(lead) for lead in leads), foot[-200:]


@pytest.mark.parametrize("lines", range(0, 44, 4))
def test_the_signature_never_stands_alone_on_the_last_page(lines: int, faces: Faces) -> None:
    told = facts(opinion=opinion(brief="Line. " + "\nLine." * lines), distribution=())
    last = printed(told, faces)[-1]
    assert "With kind regards, Prof. Dr. Helena Meier" in last
    assert "Follow-up rests with you" in last


def test_a_long_last_paragraph_lends_its_end_to_the_signature(faces: Faces) -> None:
    told = facts(kind=LetterKind.ADDENDUM, amendment=LONG * 30, physician=None)
    manuscript = template.fill(told)
    long = Section("Note", (Paragraph((Run(LONG * 62 + "The end."),)),))
    made = pages(pdf.render(replace(manuscript, body=(long,)), faces=faces))
    assert "The end. With kind regards" in made[-1]


def test_a_distribution_to_many_runs_on(faces: Faces) -> None:
    told = facts(distribution=tuple(f"Recipient no. {n:03}" for n in range(90)))
    text = " ".join(printed(told, faces))
    assert re.findall(r"no\. (\d{3})", text) == [f"{n:03}" for n in range(90)]


def test_many_records_are_listed_on_several_pages_under_a_repeated_head(faces: Faces) -> None:
    records = tuple(
        replace(FACTS.records[0], id=f"m{n}", name=f"Series {n:03}", kind=RecordKind.IMAGING)
        for n in range(120)
    )
    made = printed(facts(records=(*FACTS.records, *records)), faces)
    assert sum("Record Date Source Extent Relied on" in text for text in made) >= 3
    assert re.findall(r"Series (\d{3})", " ".join(made)) == [f"{n:03}" for n in range(120)]


# --- a draft --------------------------------------------------------------------------


def test_a_preview_is_marked_on_every_page_and_a_signed_letter_on_none(faces: Faces) -> None:
    for text in printed(facts(signed=False), faces):
        assert text.count(DRAFT) >= 2
    assert DRAFT not in " ".join(printed(facts(), faces))
    assert "Signed electronically on 22 November 2026" in " ".join(printed(facts(), faces))


# --- characters -----------------------------------------------------------------------


@pytest.mark.parametrize("typed", ADVERSARIAL)
def test_what_is_typed_is_set_in_type_as_it_was_typed(typed: str, faces: Faces) -> None:
    told = facts(
        patient=replace(PATIENT, name=typed),
        opinion=opinion(
            brief=typed,
            danger=(typed, typed),
            limitations=typed,
            recommendations=(Recommendation(typed, typed, Timing.CONDITION, typed),),
        ),
        distribution=(typed,),
    )
    text = "".join("".join(printed(told, faces)).split())
    assert text.count("".join(typed.split())) >= 9


def test_a_comparison_sign_survives(faces: Faces) -> None:
    text = " ".join(printed(facts(opinion=opinion(brief="Fuse only if ≥ 2 mm.")), faces))
    assert "Fuse only if ≥ 2 mm." in text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("محمد", "“م” (arabic letter meem, U+0645)"),
        ("שלום", "written from right to left"),
        ("王小明", "“王” (cjk unified ideograph-738b, U+738B)"),
        ("สมชาย", "U+0E2A"),
        ("🦴", "(bone, U+1F9B4)"),
    ],
)
def test_what_cant_be_set_is_refused_with_a_sentence(typed: str, words: str, faces: Faces) -> None:
    with pytest.raises(LetterUnprintable) as refused:
        pdf.render(template.fill(facts(patient=replace(PATIENT, name=f"Li {typed}"))), faces=faces)
    assert words in str(refused.value)
    assert "Write it in Latin, Greek or Cyrillic letters." in str(refused.value)
    with pytest.raises(LetterUnprintable, match="the section “Reasoning”"):
        pdf.render(template.fill(facts(opinion=opinion(reasoning=typed))), faces=faces)


def test_a_sign_the_first_typeface_lacks_is_set_in_the_wider_one(faces: Faces) -> None:
    made = pdf.render(template.fill(facts(opinion=opinion(brief="☐ not done"))), faces=faces)
    assert "☐ not done" in " ".join(pages(made))
    with pikepdf.open(io.BytesIO(made)) as document:
        fonts = {str(f["/BaseFont"]) for f in document.pages[0].resources["/Font"].values()}
    assert any("DejaVu" in name for name in fonts)


@pytest.mark.parametrize("offset", range(0, 40, 5))
def test_a_number_is_never_parted_from_its_unit_or_sign(offset: int, faces: Faces) -> None:
    told = opinion(brief=f"{'i' * offset} a slip of ≥ 2 mm on the films" + " and 15 mg daily" * 30)
    made = pdf.render(template.fill(facts(opinion=told)), faces=faces)
    text = pypdf.PdfReader(io.BytesIO(made)).pages[0].extract_text()
    assert not re.search(r"(≥|\d)\s*\n\s*(\d|mm|mg)\b", text.partition("Actions")[0][-2200:])
    assert "≥ 2 mm" in text.replace("\xa0", " ")


ODD = st.text(st.sampled_from("abÅş<>&{}%|*#@!-~=^:; \n\t\xa0≥☐x̄'\"\\()/"), max_size=60)


@settings(max_examples=40, deadline=None)
@given(text=st.one_of(ODD, st.text(max_size=20)), name=ODD)
def test_any_text_is_set_whole_or_refused_in_one_sentence(text: str, name: str) -> None:
    told = facts(
        patient=replace(PATIENT, name=name),
        opinion=opinion(brief=text, danger=(text,), recommendations=(Recommendation(text, name),)),
        distribution=(name,),
    )
    try:
        text = " ".join(pages(pdf.render(template.fill(told))))
    except LetterUnprintable as refused:
        text = str(refused)
    assert "Nothing you wrote is lost." in text or "With kind regards" in text


@pytest.mark.parametrize("kind", template.kinds())
def test_a_letter_of_almost_nothing_can_be_previewed(kind: LetterKind, faces: Faces) -> None:
    bare = facts(
        kind=kind, signed=False, physician=None, practice=Practice(), author=Author("u", ""),
        opinion=Opinion("case"), comparison=Comparison("case"), own_read=OwnRead("case"),
        patient=Patient("p", ""), recipient=Recipient("r", RecipientKind.TREATING_PHYSICIAN, ""),
        records=(), missing_records=(), distribution=(), written_on="",
        case=replace(FACTS.case, referral=Referral(), overrides=(), level="", laterality=""),
    )  # fmt: skip
    assert DRAFT in printed(bare, faces)[0]


def test_two_letters_set_at_the_same_time_are_both_whole(faces: Faces) -> None:
    told = [facts(opinion=opinion(brief=f"Greek letter {chr(0x3B1 + n)}.")) for n in range(6)]
    alone = [pdf.render(template.fill(letter), faces=faces) for letter in told]
    with ThreadPoolExecutor(3) as threads:
        together = list(threads.map(lambda x: pdf.render(template.fill(x), faces=faces), told))
    assert together == alone


# --- the rendition --------------------------------------------------------------------


def test_a_protected_letter_says_the_same_behind_its_password(
    letter: Manuscript, faces: Faces
) -> None:
    made = pdf.render(letter, faces=faces)
    locked = protect(made, "pässword 1")
    assert b"Kowalska" not in locked
    assert pages(locked, "pässword 1") == pages(made)
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(locked), password="password 1")
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(locked))
    with pikepdf.open(io.BytesIO(locked), password="pässword 1") as document:
        assert (document.encryption.R, document.encryption.bits) == (6, 256)
        assert str(document.encryption.stream_method).endswith("aesv3")


def test_a_letter_is_not_protected_by_an_empty_password(letter: Manuscript, faces: Faces) -> None:
    with pytest.raises(LetterUnprintable, match="needs a password"):
        protect(pdf.render(letter, faces=faces), "")
