"""What waits, what went wrong, who is named, and files of an act that failed."""

from sqlalchemy import insert

from consultdesk.consultation.identity import new_id
from consultdesk.consultation.source import MemorySource
from consultdesk.errors import Cancelled
from consultdesk.vault import outbox, people, records, tables
from consultdesk.vault.content import store
from consultdesk.vault.records import Kept
from tests.consultation.parcels import NOW
from tests.vault.building import Desk
from tests.vault.plans import to_patient


def test_letters_that_wait_or_came_to_no_good_end_are_counted(desk: Desk) -> None:
    with desk.act() as writing:
        assert outbox.unsettled(writing) == (0, 0)
        plan = to_patient(writing, desk)
        row = plan.row(writing, desk)
        writing.sql.execute(insert(tables.dispatch).values(**row))
        assert outbox.unsettled(writing) == (1, 0)
        waiting = outbox.by_key(writing, desk.case_id, str(row["key"]))
        assert waiting is not None
        for n, (kind, counts) in enumerate(
            {"failed": (0, 1), "unknown": (0, 1), "sent": (0, 0)}.items(), 1
        ):
            outbox.happened(writing, waiting, kind, at=NOW + n, by="anna")
            assert outbox.unsettled(writing) == counts


def test_a_recipient_is_named_by_a_consent_or_a_letter(desk: Desk) -> None:
    with desk.act() as writing:
        assert people.is_named(writing, desk.physician_id)
        assert not people.is_named(writing, desk.patient_id)
        to_patient(writing, desk)
        assert people.is_named(writing, desk.patient_id)


def test_files_of_a_failed_act_go_and_files_that_were_kept_stay(desk: Desk) -> None:
    folder = desk.vault.content_folder
    before = set(folder.iterdir())
    stray = Kept(new_id(NOW), store(folder, (MemorySource("x", b"x"),)))
    with desk.vault.read() as reading:
        (one, *_rest) = records.all_contents(reading)
    kept = Kept(one["id"], stray.content.__class__(one["name"], "", 0, ()))
    records.forget(desk.vault, (stray, kept), Cancelled(""))
    assert set(folder.iterdir()) == before
    desk.vault.close()
    records.forget(desk.vault, (kept,), Cancelled(""))
    assert set(folder.iterdir()) == before
