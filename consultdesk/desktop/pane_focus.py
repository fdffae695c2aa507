"""Going from pane to pane by keys, and on from what a step has taken away."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial

import shiboken6
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
    candidates += [part for one in pane.findChildren(QWidget) if (part := main_part_of(one))]
    if pane.focusPolicy() is not Qt.FocusPolicy.NoFocus or pane.focusProxy() is not None:
        candidates.append(pane)
    candidates += pane.findChildren(QWidget)
    for widget in candidates:
        reachable = widget.focusPolicy() & Qt.FocusPolicy.TabFocus or widget.focusProxy()
        if reachable and widget.isVisible() and widget.isEnabled():
            widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return True
    return False


def main_part_of(widget: QWidget | None) -> QWidget | None:
    """The part of a widget that the keyboard is given to first, where it names one.

    It is no focus proxy: Tab would jump to it and never reach the tools before it.
    """
    part = getattr(widget, "main_part", None)
    return part if isinstance(part, QWidget) else None


def first_of(widget: QWidget) -> QWidget:
    """Where the keyboard goes in a widget: its main part, its first field, else itself."""
    part = main_part_of(widget)
    fields = (one for one in widget.findChildren(QWidget) if _takes_tab(one))
    return part or next(fields, widget)


def held_in(pane: QWidget) -> QWidget | None:
    """What has the keyboard in a pane's window, or gets it once the window is active."""
    return pane.window().focusWidget()


@contextmanager
def leading_on(root: QWidget, to: Callable[[], QWidget]) -> Iterator[None]:
    """Where what happens inside takes the keyboard from its place in `root`, lead it on to `to`.

    Qt would give it to whatever comes next in the window. `root` itself holds it for an answer
    that is waited for.
    """
    held = held_in(root)
    yield
    lost = held is not None and root.isAncestorOf(held) and not _can_take(held)
    if held is root or lost:
        to().setFocus(Qt.FocusReason.OtherFocusReason)


class KeptKeyboard:
    """Keeps the keyboard for a pane while an act is under way and the pane can't hold it itself.

    Nobody who went elsewhere meanwhile loses it there.
    """

    def __init__(self, pane: QWidget) -> None:
        self._pane = pane
        self._before: QWidget | None = None
        self.wanted = False

    def keep(self) -> None:
        """Call this before the pane is disabled."""
        window, held = self._pane.window(), held_in(self._pane)
        self.wanted = held is None or held is window or self._pane.isAncestorOf(held)
        self._before = held
        if self.wanted:
            # Qt would give it to the first field of the window, at once or once it is active
            window.setFocus(Qt.FocusReason.OtherFocusReason)

    def give(self, to: Iterable[QWidget]) -> None:
        """Give it to the first of these that can take it, where the pane is waiting for it."""
        if not self.wanted:
            return
        self.wanted = False
        if self._is_elsewhere():
            return
        for widget in to:
            if _takes_tab(widget):
                widget.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    def give_back(self) -> None:
        """Give it back to what had it: the act wasn't done."""
        if self._before is not None:
            self.give((self._before,))

    def _is_elsewhere(self) -> bool:
        window, now = self._pane.window(), held_in(self._pane)
        return now is not None and now is not window and not self._pane.isAncestorOf(now)


def _can_take(widget: QWidget) -> bool:
    seen = shiboken6.isValid(widget) and widget.isVisibleTo(widget.window())
    return seen and widget.isEnabled()


def _takes_tab(widget: QWidget) -> bool:
    return _can_take(widget) and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)


def _holds(pane: QWidget, widget: QWidget) -> bool:
    return pane is widget or pane.isAncestorOf(widget)
