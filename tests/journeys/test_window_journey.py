"""One referral from the drop on the window to the released letter, and back: real keys, real mouse.

Nothing of the desk is touched but by hand and eye; what it did is asked of the command line.
"""

import subprocess
from pathlib import Path

import pypdf
import pytest

from consultdesk.errors import DeliveryFailed
from consultdesk.transports.handover import queues
from tests.journeys.plaintext import Scanner
from tests.journeys.screen import require_screen, until
from tests.journeys.window_desk import PASSPHRASE, Desk, Place, desk

pytestmark = [pytest.mark.display, pytest.mark.heavy]

QUESTION = "Is a further test of the heart needed before surgery?"
FINDINGS = "No sign of a heart that fails in what was sent."
DIAGNOSIS = "Low risk for the heart in the planned operation"
BRIEF = "The operation can go ahead without a further test of the heart."
ANSWER = "No: a further test would not change what is done."
WORDS = ("Jane Doe", "Jane_Doe", "Maria Stone", QUESTION, FINDINGS, DIAGNOSIS, BRIEF, PASSPHRASE)


@pytest.fixture
def referral(shared_data: Path) -> list[Path]:
    """Two folders as they came: 35 files that name two patients."""
    documents = "smart-on-fhir+sample-patients-stu3/data/documents/99912345"
    dicom = shared_data / "dicom"
    return [dicom / "datalad+example-dicom-structural", dicom / documents]


@pytest.fixture
def pdf_queue() -> str:
    """A queue that prints into a file; empty where there is none. No test prints on paper."""
    try:
        known = queues()
    except DeliveryFailed as missing:
        print(f"the print is left out: {missing}")
        return ""
    said = subprocess.run(["lpstat", "-v"], capture_output=True, text=True, check=False).stdout
    found = [one.name for one in known if one.ready and f"for {one.name}: cups-pdf:" in said]
    if not found:
        print("the print is left out: no queue prints into files (printer-driver-cups-pdf)")
    return found[0] if found else ""


def test_the_whole_job_is_done_by_hand(
    referral: list[Path], tmp_path: Path, pdf_queue: str
) -> None:
    require_screen()
    place = Place(tmp_path)
    place.prepare()
    place.run("init", str(place.store), "--name", "Dr. Ada Berg")
    scanner = Scanner(WORDS)
    with desk(referral, place) as running:
        running.unlock()
        drop(running)
        say_who_the_patient_is(running)
        describe_the_case(running)
        ask_the_red_flags(running)
        make_it_ready(running)
        scanner.snapshot(place.tree)
        scroll_the_series(running)
        read_it(running)
        compare(running)
        write_the_opinion(running)
        sign(running)
        scanner.snapshot(place.tree)
        be_refused(running, "no consent of the patient to send it is recorded for this case.")
        running.photograph("4 refused")
        assert nothing_left(running)
        record_the_consent(running)
        save_the_letter(running)
        if pdf_queue:
            print_the_letter(running, pdf_queue)
        withdraw_the_consent(running)
        be_refused(running, "the patient has withdrawn the consent.")
        running.photograph("6 withdrawn")
        running.screen.keys("Escape")
        running.back()
        running.leave()
    case = place.case()
    assert len(case["dispatches"]) == (2 if pdf_queue else 1)
    assert len(list(place.destination.iterdir())) == 1
    assert '"ok": true' in place.run("verify", str(place.store), "--json")
    scanner.snapshot(place.tree)
    assert scanner.findings == []


def nothing_left(running: Desk) -> bool:
    """Nothing was handed over, by the store's word and by the folder's."""
    case = running.place.case()
    return case["dispatches"] == [] and not list(running.place.destination.iterdir())


def drop(running: Desk) -> None:
    running.screen.drag_to(900, 500)
    running.screen.find("Who is the patient?", "push button", seconds=60)
    running.says("7 records kept, 9 duplicates not kept twice, the records name different patients")
    case = running.place.case()
    assert case["state"] == "received"
    assert len(case["records"]) == 7
    assert max(one["pages"] for one in case["records"]) == 20
    assert case["conflicts"]
    assert not case["patient"]["confirmed"]
    running.photograph("1 dropped")


def say_who_the_patient_is(running: Desk) -> None:
    running.screen.click("Who is the patient?", "push button")
    running.screen.click("Jane Doe, born 1 Jan 1966…", "radio button")
    running.button("Confirm the patient", then="-")
    case = running.place.case()
    assert case["patient"]["confirmed"]
    assert (case["patient"]["name"], case["patient"]["birth_date"]) == ("Jane Doe", "1966-01-01")
    assert case["conflicts"] == []


def describe_the_case(running: Desk) -> None:
    screen = running.screen
    running.button("Name the recipient…", then="Case details")
    screen.write("Question 1", QUESTION)
    screen.write("Name", "Dr. Maria Stone")
    screen.write("Practice", "Harbour Clinic")
    running.button("Save", then="-")


def ask_the_red_flags(running: Desk) -> None:
    screen = running.screen
    running.button("Red flags…", then="Red flags…")
    screen.write("Who said so", "the patient, by telephone")
    asked = [one.name for one in screen.look() if one.name.endswith(": Yes")]
    assert len(asked) > 5
    for yes in asked:
        flag = yes.removesuffix(": Yes")
        here = screen.tab_to(f"{flag}…", "radio button")
        screen.keys("Right" if here.name == yes else "Left", "space")
    running.button("Keep answers")
    running.button("Close", then="-")


def make_it_ready(running: Desk) -> None:
    screen = running.screen
    running.command("Declare interests", dialog="Conflict of interest")
    screen.keys("space")
    running.button("Declare", then="-")
    running.command("Accept the case")
    running.command("Record consent to review", dialog="Consents")
    running.button("Record consent")
    running.says("Consent recorded.")
    running.button("Close", then="-")
    for _missing in range(2):
        running.button("Go on without…", then="Go on without a record")
        screen.type("The images themselves are here.")
        running.button("Go on without it", then="-")
    running.button("Ready to read")
    running.button("Begin own read")
    case = running.until_state("own_read")
    assert len(case["records"]) == 7
    assert [one["kind"] for one in case["consents"]] == ["review"]


def scroll_the_series(running: Desk) -> None:
    screen = running.screen
    screen.keys("ctrl+4", "Down")
    screen.find("MR, anat-T1w, Image 2 of 20")
    screen.keys("End")
    screen.find("MR, anat-T1w, Image 20 of 20")
    screen.keys("Home")
    screen.find("MR, anat-T1w, Image 1 of 20")


def read_it(running: Desk) -> None:
    screen = running.screen
    screen.keys("ctrl+5")
    running.tick("Risk before surgery")
    screen.choose("Is drug treatment according to guideline and dose tolerated?…", "Yes")
    screen.write("Findings in your own words…", FINDINGS)
    screen.write("Your own diagnosis (needed)", DIAGNOSIS)
    screen.choose("How certain (needed)", "likely")
    running.photograph("2 own read")
    running.button("Lock own read…", then="Lock own read")
    running.button("Lock own read", then="-")
    running.until_state("comparison")


def compare(running: Desk) -> None:
    running.screen.click("Can't be determined", "radio button")
    running.screen.click("Minor", "radio button")
    running.button("Go on to the opinion")
    running.until_state("drafting")


def write_the_opinion(running: Desk) -> None:
    screen = running.screen
    screen.find("Answer in brief (needed)", "text")
    screen.keys("ctrl+5")
    screen.write("Answer in brief (needed)", BRIEF)
    screen.write("Answer to question 1", ANSWER)
    screen.click("Add recommendation", "push button")
    screen.keys("Down", "Down", "Return")  # the first that cardiology proposes
    screen.find("Who does it", "combo box", state="focused")
    screen.type("The treating physician")
    screen.choose("Who follows up (needed)", "T")
    running.button("Preview letter")
    running.says("DRAFT, not signed")


def sign(running: Desk) -> None:
    screen = running.screen
    running.button("Sign…", then="Sign the letter")
    screen.find("Your passphrase", "password text", state="focused")
    screen.type(PASSPHRASE)
    running.button("Sign for good", then="-")
    case = running.until_state("signed")
    assert [one["kind"] for one in case["letters"]] == ["treating_physician"]
    running.photograph("3 signed")


def be_refused(running: Desk, why: str) -> None:
    running.screen.keys("ctrl+shift+Return")
    running.dialog("Send the letter")
    running.says(f"Practice policy: this letter can't be released: {why}")
    hand_over = running.screen.find("Hand over", "push button")
    assert "enabled" not in hand_over.states
    assert "Practice policy" in hand_over.description


def record_the_consent(running: Desk) -> None:
    screen = running.screen
    running.button("Consents…", then="Consents")
    running.button("Record a consent")
    screen.write("Who may send it", "Berg Practice")
    for told in ("You may withdraw…", "Your care does not…", "Whoever receives…"):
        assert "enabled" not in screen.find("Record consent", "push button").states
        running.tick(told)
    running.button("Record consent")
    running.says("Consent recorded.")
    running.button("Form now on file…")
    screen.find("Which form, and where it is kept", "text", state="focused")
    screen.type("signed on 20 November, in the paper chart")
    running.button("Mark it complete")
    running.says("Active")
    running.button("Close", then="Send the letter")


def verify_the_way(running: Desk, how: str) -> None:
    screen = running.screen
    running.button("Verify this way")
    screen.find("How do you know that this reaches the recipient?", "text", state="focused")
    screen.type(how)
    screen.keys("Return")
    running.says("Consent covers this letter.")


def choose_the_folder(running: Desk) -> None:
    running.button("Choose the folder")
    running.dialog("Where does the letter go?")
    running.screen.type(str(running.place.destination))
    running.screen.keys("Return")


def hand_it_over(running: Desk, before: int) -> None:
    running.button("Hand over")
    running.says("Nothing has left the desk yet.")
    assert len(running.place.case()["dispatches"]) == before
    running.says("Handed over.")


def save_the_letter(running: Desk) -> None:
    verify_the_way(running, "handed to her in person")
    choose_the_folder(running)
    password = running.screen.find("Password for the recipient", "text").text
    assert nothing_left(running)
    hand_it_over(running, 0)
    running.photograph("5 released")
    running.button("Close", then="-")
    case = running.until_state("released")
    (sent,) = case["dispatches"]
    assert [one["kind"] for one in sent["events"]] == ["sent"]
    assert sent["letter"] == case["letters"][0]["id"]
    (letter,) = running.place.destination.iterdir()
    reader = pypdf.PdfReader(letter)
    assert reader.is_encrypted
    assert reader.decrypt(password)
    assert_is_the_letter(reader)


def assert_is_the_letter(reader: pypdf.PdfReader) -> None:
    text = " ".join("".join(page.extract_text() for page in reader.pages).split())
    assert "Jane Doe" in text
    assert BRIEF in text
    assert ANSWER in text


def print_the_letter(running: Desk, queue: str) -> None:
    screen = running.screen
    screen.keys("ctrl+shift+Return")
    running.dialog("Send the letter")
    screen.click("Print and hand over", "radio button")
    screen.choose("Printer", queue)
    verify_the_way(running, "handed to her on paper")
    hand_it_over(running, 1)
    job = running.says("Proof: ").removeprefix(f"Proof: {queue}-")
    running.button("Close", then="-")
    _, printed = running.place.case()["dispatches"]
    assert printed["state"] == "sent"
    # the queue prints under the name of whoever runs the test, into that person's home
    papers = Path.home() / "PDF"
    until(lambda: bool(list(papers.glob(f"*job_{job}.pdf"))), f"job {job} is printed")
    (paper,) = papers.glob(f"*job_{job}.pdf")
    try:
        until(lambda: b"%%EOF" in paper.read_bytes()[-64:], "the paper is whole")
        assert_is_the_letter(pypdf.PdfReader(paper))
    finally:
        paper.unlink()


def withdraw_the_consent(running: Desk) -> None:
    screen = running.screen
    running.command("Consents and withdrawal", dialog="Consents")
    running.button("Withdrawn…")
    screen.find("How", "text", state="focused")
    screen.type("She said so by telephone.")
    running.button("Record the withdrawal")
    running.says("Withdrawn 2")
    running.button("Close", then="-")
    review, disclose = running.place.case()["consents"]
    assert disclose["revoked"]
    assert not review["revoked"]
