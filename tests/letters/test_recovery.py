import re
from dataclasses import replace

from pypdf import PdfReader

from consultdesk.consultation.recovery import ADVICE, RecoverySheet
from consultdesk.consultation.source import MemorySource
from consultdesk.letters.recovery import render, text

KEY = "ABCD-EFGH-JKMN-PQRS-TVWX-YZ23-4567-89AB-CDEF"
SHEET = RecoverySheet(KEY, "spine", "Dr. Ada Lind", "2026-11-22", "lind")


def words(sheet: RecoverySheet) -> str:
    reader = PdfReader(MemorySource("x", render(sheet)).open())
    assert len(reader.pages) == 1
    return reader.pages[0].extract_text()


def numbered(said: str) -> list[str]:
    """The groups in the order of their numbers."""
    found = dict(re.findall(r"^\s*(\d)\s+(\w{4})$", said, re.M))
    return [found[str(number)] for number in range(1, 10)]


def test_the_sheet_holds_the_whole_key_and_says_which_store_it_opens() -> None:
    said = words(SHEET)
    assert numbered(said) == list(SHEET.groups)
    assert "Store: spine" in said
    assert "User: lind" in said
    assert "Belongs to: Dr. Ada Lind" in said
    assert "22 November 2026" in said
    assert "can open the store" in said


def test_a_name_that_no_typeface_sets_costs_no_key() -> None:
    said = words(replace(SHEET, owner="د. آدا"))
    assert numbered(said) == list(SHEET.groups)
    assert "Belongs" not in said


def test_the_key_is_in_no_error_report() -> None:
    assert "ABCDE" not in repr(SHEET)


def test_the_sheet_as_text_says_the_same() -> None:
    said = text(SHEET).decode()
    assert numbered(said) == list(SHEET.groups)
    flat = " ".join(said.split())
    assert all(words in flat for _heading, words in ADVICE)
    assert "Belongs to: Dr. Ada Lind" in said


def test_a_very_long_name_stays_on_the_page() -> None:
    said = words(replace(SHEET, owner="Ada Lind " * 40))
    assert numbered(said) == list(SHEET.groups)
    assert said.count("Lind") == 40
