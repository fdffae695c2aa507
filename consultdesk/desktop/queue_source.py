"""Where the queue gets its lines: pages and counts from the store, words from its search."""

from consultdesk.consultation.case import QueueRow
from consultdesk.desk import reports, viewing
from consultdesk.desk.reports import QueueView
from consultdesk.desktop.queue_model import QueueFilter, QueueSort, Which
from consultdesk.desktop.session import Session

_MOST_HITS = 200


class QueueSource:
    """Asks the store for lines of the queue; sorting and filtering happen in SQL.

    Words beat the filter: they are looked for in every case, its patient, number, questions
    and the text of its records.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._words = ""
        self._found: tuple[str, ...] = ()

    def forget(self) -> None:
        """Look again for words that were looked for before: the cases may have changed."""
        self._words = ""
        self._found = ()

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
            case_ids=self._cases_with(words) if words else None,
        )

    def _cases_with(self, words: str) -> tuple[str, ...]:
        if words != self._words:
            hits = viewing.find(self._session.vault, words, limit=_MOST_HITS)
            self._words = words
            self._found = tuple(dict.fromkeys(hit.case_id for hit in hits))
        return self._found


_SHOW = {Which.MY_OPEN: "mine"}
