from dataclasses import replace

from pypdf import PdfReader

from consultdesk.consultation.recovery import RecoverySheet
from consultdesk.consultation.source import MemorySource
from consultdesk.letters.recovery import render

KEY = "ABCDE-FGHJK-MNPQR-STVWX-YZ234-56789-ABCDE"
SHEET = RecoverySheet(KEY, "spine", "Dr. Ada Lind", "2026-11-22")


def words(sheet: RecoverySheet) -> str:
    reader = PdfReader(MemorySource("x", render(sheet)).open())
    assert len(reader.pages) == 1
    return reader.pages[0].extract_text()


def test_the_sheet_holds_the_whole_key_and_says_which_store_it_opens() -> None:
    said = words(SHEET)
    assert KEY in "".join(said.split())
    assert "Store: spine" in said
    assert "Belongs to: Dr. Ada Lind" in said
    assert "22 November 2026" in said
    assert "can open the store" in said


def test_a_name_that_no_typeface_sets_costs_no_key() -> None:
    said = words(replace(SHEET, owner="د. آدا"))
    assert KEY in "".join(said.split())
    assert "Belongs" not in said


def test_the_key_is_in_no_error_report() -> None:
    assert "ABCDE" not in repr(SHEET)
