import io
from collections.abc import Iterator

import pikepdf
import pytest

from consultdesk.consultation.letter import LetterFacts, LetterKind
from consultdesk.letters import pdf, template
from consultdesk.letters.typeface import Faces
from tests.letters.conftest import facts, opinion, to_patient
from tests.letters.test_pdf import LONG, actions

PAINTS = {"S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "Do", "sh", "Tj", "TJ", "'", '"'}


def opened(letter: LetterFacts, faces: Faces) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf.render(template.fill(letter), faces=faces)))


def elements(element: pikepdf.Object) -> Iterator[pikepdf.Object]:
    yield element
    for kid in element.get("/K", []):
        if "/S" in kid:
            yield from elements(kid)


def roles(document: pikepdf.Pdf) -> list[str]:
    return [str(element.S) for element in elements(document.Root.StructTreeRoot.K)]


@pytest.mark.parametrize("kind", template.kinds())
@pytest.mark.parametrize("signed", [True, False])
def test_everything_on_a_page_is_text_of_the_structure_or_decoration(
    kind: LetterKind, signed: bool, faces: Faces
) -> None:
    base = to_patient if kind is LetterKind.PATIENT_ONLY else facts
    letter = base(kind=kind, signed=signed, amendment="One.", opinion=opinion(reasoning=LONG * 90))
    with opened(letter, faces) as document:
        for page in document.pages:
            depth = 0
            for item in pikepdf.parse_content_stream(page):
                operator = str(item.operator)
                depth += (operator in ("BMC", "BDC")) - (operator == "EMC")
                assert 0 <= depth <= 1
                assert depth or operator not in PAINTS, item


def test_each_mark_leads_to_its_element_and_back(faces: Faces) -> None:
    told = facts(opinion=opinion(recommendations=actions(30), reasoning=LONG * 60))
    with opened(told, faces) as document:
        assert bool(document.Root.MarkInfo.Marked)
        parents = document.Root.StructTreeRoot.ParentTree.Nums
        seen = 0
        for element in elements(document.Root.StructTreeRoot.K):
            for kid in element.get("/K", []):
                if "/MCID" in kid:
                    number = int(kid.Pg.StructParents)
                    marks = parents[number * 2 + 1]
                    assert marks[int(kid.MCID)].objgen == element.objgen
                    seen += 1
        drawn = sum(
            "/MCID" in item.operands[1]
            for page in document.pages
            for item in pikepdf.parse_content_stream(page, "BDC")
        )
        assert seen == drawn > 60


def test_a_repeated_table_head_is_read_once(faces: Faces) -> None:
    with opened(facts(opinion=opinion(recommendations=actions(60))), faces) as document:
        assert len(document.pages) >= 3
        heads = [e for e in elements(document.Root.StructTreeRoot.K) if e.S == "/TH"]
        assert len(heads) == 3 + 5  # the actions and the records
        assert all(len(head.K) == 1 for head in heads)


def test_headings_lists_and_tables_are_told_as_such(faces: Faces) -> None:
    with opened(facts(), faces) as document:
        found = roles(document)
    assert found[0] == "/Document"
    assert found.count("/H1") == 1
    assert found.count("/H2") == 3 + 11 + 1
    assert found.count("/Table") == 2
    assert found.count("/LI") == found.count("/LBody") == 2 + 1 + 3


def test_a_paragraph_over_two_pages_stays_one(faces: Faces) -> None:
    with opened(facts(opinion=opinion(reasoning=LONG * 100)), faces) as document:
        parted = [
            element
            for element in elements(document.Root.StructTreeRoot.K)
            if len({kid.Pg.objgen for kid in element.get("/K", []) if "/MCID" in kid}) > 1
        ]
        assert [str(element.S) for element in parted] == ["/P"]


def test_the_file_tells_no_day_on_which_it_was_made(faces: Faces) -> None:
    """The day of the letter is in the letter; a made-up one in the file would contradict it."""
    with opened(facts(), faces) as document:
        assert not {"/CreationDate", "/ModDate"} & set(document.docinfo.keys())
        assert "CreateDate" not in str(document.open_metadata())
