"""The anchors of an open store against its database: what is missing, what isn't anchored yet."""

import logging

from consultdesk.errors import VaultBusy, VaultDamaged
from consultdesk.vault import audit, practice
from consultdesk.vault.anchors import ANCHORED, Anchor, Anchors
from consultdesk.vault.rows import Reading

_LOG = logging.getLogger(__name__)


class Anchoring:
    """Sets an audit line and its epoch against the anchors that lie outside the database.

    `lost` says that the store was opened without any anchor, though it must have had one.
    """

    def __init__(self, anchors: Anchors) -> None:
        self._anchors = anchors
        self.lost = False

    def found(self, reading: Reading) -> tuple[Anchor, ...]:
        """Every anchor that a member signed."""
        return self._anchors.read(reading.keys.signatures)

    def missing(self, reading: Reading) -> Anchor | None:
        """The newest anchor that this database doesn't hold: the database is older than it."""
        epoch = practice.epoch(reading)
        missing = [
            one
            for one in self.found(reading)
            if one.epoch > epoch
            or (one.epoch == epoch and audit.link_of(reading, one.seq) != one.link)
        ]
        return max(missing, key=lambda one: (one.epoch, one.seq), default=None)

    def covers(self, reading: Reading) -> bool:
        """Whether an anchor holds every act that had to be anchored."""
        epoch = practice.epoch(reading)
        held = max((one.seq for one in self.found(reading) if one.epoch == epoch), default=0)
        return held >= audit.last_of(reading, ANCHORED)

    def holds(self, reading: Reading) -> bool:
        """Whether every act that had to be anchored is, and the database lacks none."""
        return not self.lost and self.missing(reading) is None and self.covers(reading)

    def is_lost(self, reading: Reading) -> bool:
        """Whether there must have been an anchor, and none is left.

        A store whose making was just finished by a kill has had none yet.
        """
        had = audit.last_of(reading, ANCHORED - {"create_store"})
        return bool(had) and not self.found(reading)

    def anchor(self, reading: Reading, user: str) -> None:
        """Anchor the last line of the audit. What was done stays done where that fails."""
        try:
            last, epoch = audit.last_line(reading), practice.epoch(reading)
            if last is None:
                return
            made = Anchor(self._anchors.store_id, epoch, last.seq, last.link, last.at, user)
            if not self._anchors.write(made.signed(reading.keys.signatures)):
                _LOG.warning("The anchor in the user's config folder couldn't be written.")
        except (OSError, VaultDamaged, VaultBusy):
            _LOG.exception("The anchor couldn't be written.")
