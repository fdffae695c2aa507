"""Going from pane to pane by keys."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget


class PaneFocus:
    """Knows the panes in their order, and gives the keyboard to one of them."""

    def __init__(self, panes: tuple[QWidget, ...]) -> None:
        self._panes = panes

    def acts(self) -> dict[str, Callable[[], object]]:
        """The commands that go to a pane."""
        acts: dict[str, Callable[[], object]] = {
            f"pane_{n}": partial(focus_in, pane) for n, pane in enumerate(self._panes, 1)
        }
        acts["next_pane"] = lambda: self._cycle(1)
        acts["previous_pane"] = lambda: self._cycle(-1)
        return acts

    def _cycle(self, by: int) -> None:
        now: QWidget | None = QApplication.focusWidget()
        places = [n for n, pane in enumerate(self._panes) if now is not None and _holds(pane, now)]
        at = places[0] if places else -1
        for step in range(1, len(self._panes) + 1):
            if focus_in(self._panes[(at + by * step) % len(self._panes)]):
                return


def focus_in(pane: QWidget) -> bool:
    """Give the keyboard to a pane: to what had it there last, else to its first field."""
    last: QWidget | None = pane.focusWidget()
    candidates = [last] if last is not None else []
    if pane.focusPolicy() is not Qt.FocusPolicy.NoFocus or pane.focusProxy() is not None:
        candidates.append(pane)
    candidates += pane.findChildren(QWidget)
    for widget in candidates:
        reachable = widget.focusPolicy() & Qt.FocusPolicy.TabFocus or widget.focusProxy()
        if reachable and widget.isVisible() and widget.isEnabled():
            widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return True
    return False


def _holds(pane: QWidget, widget: QWidget) -> bool:
    return pane is widget or pane.isAncestorOf(widget)
