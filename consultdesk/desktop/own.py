"""Our own widgets that Designer forms may place by name."""

from PySide6.QtWidgets import QWidget

from consultdesk.desktop.banner import Banner
from consultdesk.desktop.chip import DueBar, PriorityChip
from consultdesk.desktop.empty import EmptyState
from consultdesk.desktop.label import ElidedLabel
from consultdesk.desktop.recovery_key import KeyField, KeyGroups


def own_widgets() -> tuple[type[QWidget], ...]:
    """Each is made with its parent alone, and shows nothing until it is told to."""
    return (Banner, DueBar, ElidedLabel, EmptyState, KeyField, KeyGroups, PriorityChip)
