import io
import re

import pikepdf
import pypdf
import pytest

from consultdesk.consultation.letter import LetterFacts
from consultdesk.letters import pdf, template
from consultdesk.letters.manuscript import Manuscript
from consultdesk.letters.typeface import Faces
from tests.letters.conftest import facts, opinion


def printed(letter: LetterFacts, faces: Faces, paper: str = "A4") -> list[str]:
    """The words of each page, as a reader that knows nothing of us extracts them."""
    made = pdf.render(template.fill(letter), paper=paper, faces=faces)
    return pages(made)


def pages(made: bytes) -> list[str]:
    return [
        re.sub(r"\s+", " ", page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(made)).pages
    ]


@pytest.fixture
def letter() -> Manuscript:
    return template.fill(facts())


def test_the_same_manuscript_gives_the_same_bytes(letter: Manuscript, faces: Faces) -> None:
    assert pdf.render(letter, faces=faces) == pdf.render(letter)


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


def test_a_comparison_sign_survives(faces: Faces) -> None:
    text = " ".join(
        printed(facts(opinion=opinion(brief="Fuse only if the slip is ≥ 2 mm.")), faces)
    )
    assert "slip is ≥ 2 mm" in text


def test_only_bundled_fonts_are_used_and_they_are_embedded(
    letter: Manuscript, faces: Faces
) -> None:
    with pikepdf.open(io.BytesIO(pdf.render(letter, faces=faces))) as document:
        for page in document.pages:
            for font in page.resources["/Font"].values():
                assert "/FontFile2" in font["/FontDescriptor"], font["/BaseFont"]
