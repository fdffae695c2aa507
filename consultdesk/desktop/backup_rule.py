"""How long backups are kept, and when a person is reminded of one: the form of that rule."""

from typing import ClassVar

from PySide6.QtWidgets import QSpinBox, QWidget

from consultdesk.consultation.backup import BackupRule
from consultdesk.desk import backup
from consultdesk.desktop.ask import Ask
from consultdesk.desktop.session import Session
from consultdesk.desktop.style import pad_spin_boxes


class BackupRuleDialog(Ask):
    """Lays the rule down for the whole practice."""

    FORM: ClassVar[str] = "backup_rule"

    hours: QSpinBox
    days: QSpinBox
    weeks: QSpinBox
    remind_after: QSpinBox

    def __init__(self, session: Session, rule: BackupRule, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        for name, value in vars(rule).items():
            getattr(self, name).setValue(value)
        pad_spin_boxes(self)
        self.adjustSize()

    @property
    def laid_down(self) -> BackupRule:
        """The rule as it stands in the form."""
        return BackupRule(
            self.hours.value(), self.days.value(), self.weeks.value(), self.remind_after.value()
        )

    def try_it(self) -> None:
        """Lay it down."""
        vault, rule = self.session.vault, self.laid_down
        now = vault.now(self.session.tools.now())
        self.do(lambda: backup.choose_rule(vault, rule, now))
