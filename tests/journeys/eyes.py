"""What a screen reader sees of the desk, told line by line; run by the system's own Python.

Each line on standard input asks for all that is showing; the answer is one line of JSON: a list
of [role, name, description, left, top, width, height, states, text].
"""

import json
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402 - the version must be chosen first

MOST = 4000
Atspi.set_timeout(3000, 15000)
STATES = {
    Atspi.StateType.ENABLED: "enabled",
    Atspi.StateType.CHECKED: "checked",
    Atspi.StateType.FOCUSED: "focused",
    Atspi.StateType.SELECTED: "selected",
    Atspi.StateType.ACTIVE: "active",
}
TEXTS = ("text", "password text", "paragraph", "entry", "label", "document text")


def look() -> list[list[object]]:
    """Everything of the desk that is showing, parents before children."""
    seen: list[list[object]] = []
    desktop = Atspi.get_desktop(0)
    for n in range(desktop.get_child_count()):
        app = desktop.get_child_at_index(n)
        if app is not None and "consultdesk" in (app.get_name() or "").lower():
            for window in windows(app):
                seen.append(said(window, window.get_state_set()))
                walk(window, seen)
    return seen


def windows(app: Atspi.Accessible) -> list[Atspi.Accessible]:
    """The window that has the keyboard, or all of them while none has."""
    all_of_them = [app.get_child_at_index(n) for n in range(app.get_child_count())]
    there = [one for one in all_of_them if one is not None]
    active = [one for one in there if one.get_state_set().contains(Atspi.StateType.ACTIVE)]
    return active or there


def walk(node: Atspi.Accessible, seen: list[list[object]]) -> None:
    for n in range(node.get_child_count()):
        child = node.get_child_at_index(n)
        if child is None or len(seen) > MOST:
            continue
        states = child.get_state_set()
        if child.get_role_name() in ("menu bar", "table cell"):
            continue
        if not states.contains(Atspi.StateType.SHOWING):
            continue
        seen.append(said(child, states))
        walk(child, seen)


def said(node: Atspi.Accessible, states: Atspi.StateSet) -> list[object]:
    box = node.get_extents(Atspi.CoordType.SCREEN)
    names = [name for state, name in STATES.items() if states.contains(state)]
    role = node.get_role_name()
    text = ""
    if role in TEXTS and node.get_text_iface() is not None:
        text = Atspi.Text.get_text(node, 0, min(2000, Atspi.Text.get_character_count(node)))
    return [
        role, node.get_name() or "", node.get_description() or "",
        box.x, box.y, box.width, box.height, names, text,
    ]  # fmt: skip


for _line in sys.stdin:
    try:
        answer = look()
    except Exception as problem:  # noqa: BLE001 - a window that closes while we look
        answer = [["error", str(problem), "", 0, 0, 0, 0, [], ""]]
    print(json.dumps(answer), flush=True)
