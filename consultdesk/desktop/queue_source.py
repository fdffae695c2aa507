"""Where the queue gets its lines: pages and counts from the store, words from its search."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from consultdesk.consultation.case import QueueRow
from consultdesk.consultation.source import Progress
from consultdesk.desk import reports, viewing
from consultdesk.desk.reports import QueueView
from consultdesk.desktop.queue_model import QueueFilter, QueueSort, Which
from consultdesk.desktop.session import Session
from consultdesk.errors import Cancelled, ConsultDeskError
from consultdesk.vault.vault import Vault

if TYPE_CHECKING:
    from consultdesk.desktop.work import Task

_MOST_HITS = 200


class QueueSource:
    """Asks the store for lines of the queue; sorting and filtering happen in SQL.

    Words beat the filter: they are looked for in every case, its patient, number, questions
    and the text of its records, beside the window.
    """

    def __init__(self, session: Session, failed: Callable[[ConsultDeskError], None]) -> None:
        self._session = session
        self._failed = failed
        self._words = ""
        self._found: tuple[str, ...] = ()
        self._stale = False
        self._looking: Task | None = None

    def forget(self) -> None:
        """Look again for words that were looked for before: the cases may have changed."""
        self._stale = True

    def look(self, words: str, then: Callable[[], None]) -> None:
        """Find the cases that hold these words, and go on with `then` unless others are asked."""
        if self._looking is not None:
            self._looking.forget()
            self._looking = None
        if words == self._words and not self._stale:
            then()
            return
        vault = self._session.vault

        def take(found: tuple[str, ...]) -> None:
            self._looking = None
            self._words, self._found, self._stale = words, found, False
            then()

        self._looking = self._session.tools.work.run(
            lambda _progress: _cases_with(vault, words), take, self._give_up, owner=self._session
        )

    def first(self, words: str, amount: int, then: Callable[[tuple[QueueRow, ...]], None]) -> None:
        """Find the first few cases with these words, and hand their lines to `then`."""
        vault, now = self._session.vault, self._session.tools.now()

        def job(_progress: Progress) -> tuple[QueueRow, ...]:
            found = _cases_with(vault, words)
            view = QueueView(show="all", user=vault.user, now=now, case_ids=found)
            return reports.queue(vault, view, 0, amount)

        def give_up(error: ConsultDeskError) -> None:
            self._give_up(error)
            then(())

        self._session.tools.work.run(job, then, give_up, owner=self._session)

    def _give_up(self, error: ConsultDeskError) -> None:
        if not isinstance(error, Cancelled):
            self._failed(error)

    def count(self, wanted: QueueFilter) -> int:
        """How many lines there are."""
        return reports.queue_count(self._session.vault, self._view(wanted, QueueSort()))

    def fetch(
        self, offset: int, limit: int, sort: QueueSort, wanted: QueueFilter
    ) -> tuple[QueueRow, ...]:
        """A page of lines."""
        return reports.queue(self._session.vault, self._view(wanted, sort), offset, limit)

    def _view(self, wanted: QueueFilter, sort: QueueSort) -> QueueView:
        words = wanted.words.strip()
        return QueueView(
            show="all" if words else _SHOW.get(wanted.which, wanted.which.value),
            user=self._session.vault.user,
            now=self._session.tools.now(),
            sort=sort.key,
            descending=sort.descending,
            case_ids=(self._found if words == self._words else ()) if words else None,
        )


def _cases_with(vault: Vault, words: str) -> tuple[str, ...]:
    hits = viewing.find(vault, words, limit=_MOST_HITS)
    return tuple(dict.fromkeys(hit.case_id for hit in hits))


_SHOW = {Which.MY_OPEN: "mine"}
