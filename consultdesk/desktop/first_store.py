"""The first store on its way: made, its recovery sheet kept, and then handed over open."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from consultdesk.consultation.source import Progress
from consultdesk.desktop.work import Work

if TYPE_CHECKING:
    from consultdesk.consultation.recovery import RecoverySheet
    from consultdesk.desktop.first_run import FirstRun, NewStore
    from consultdesk.vault.vault import Vault


class FirstStore(QObject):
    """Does what the steps of the first run ask for.

    `ready` carries the open store, and what went wrong with the keychain, "" when nothing.
    """

    ready = Signal(object, str)

    def __init__(
        self, form: "FirstRun", work: Work, now: Callable[[], int], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._form, self._work, self._now = form, work, now
        self._vault: Vault | None = None
        self._said: NewStore | None = None
        form.store_requested.connect(self._make)
        form.sheet_kept.connect(self._keep_sheet)

    def close(self) -> None:
        """Close a store that was made and not handed over."""
        if self._vault is not None:
            self._vault.close()
            self._vault = None

    def _make(self, said: "NewStore") -> None:
        form, now = self._form, self._now()
        form.show_busy()
        self._said = said

        def job(progress: Progress) -> "tuple[Vault, RecoverySheet | None]":
            # Here, not at the top: it takes far longer to load than the first step.
            from consultdesk.desktop import opening

            return opening.make(said, now, progress)

        self._work.run(job, self._made, lambda error: form.show_error(str(error)), owner=self)

    def _made(self, made: "tuple[Vault, RecoverySheet | None]") -> None:
        self._vault, sheet = made
        if sheet is None:
            self._hand_over("")
        else:
            self._form.show_recovery(sheet)

    def _keep_sheet(self, sheet: "RecoverySheet") -> None:
        """Its key was typed back, so from now on the sheet opens the store."""
        form, vault, said, now = self._form, self._vault, self._said, self._now()
        if vault is None or said is None:
            return
        form.show_busy()

        def job(progress: Progress) -> str:
            from consultdesk.desktop import opening

            opening.keep_sheet(vault, sheet, now)
            if not said.keychain:
                return ""
            return opening.remember_by_keychain(vault, said.passphrase, now, progress)

        self._work.run(job, self._hand_over, lambda error: form.show_error(str(error)), owner=self)

    def _hand_over(self, went_wrong: str) -> None:
        self._form.forget()
        vault, self._vault, self._said = self._vault, None, None
        self.ready.emit(vault, went_wrong)
