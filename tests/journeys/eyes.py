"""What a screen reader sees of the desk, told line by line; run by the system's own Python.

The line "look" on standard input asks for all that is showing, "look NAME" for what bears that
name (or begins with it, ending in "…"), "focus SECONDS" for what has got the keyboard since this
was asked last, waited for so long. The answer is one line of JSON: a list of [role, name,
description, left, top, width, height, states, text].
"""

import json
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402 - the version must be chosen first

MOST = 4000
VIEWPORT = "qt_scrollarea_viewport"
Atspi.set_timeout(3000, 15000)
STATES = {
    Atspi.StateType.ENABLED: "enabled",
    Atspi.StateType.CHECKED: "checked",
    Atspi.StateType.FOCUSED: "focused",
    Atspi.StateType.SELECTED: "selected",
    Atspi.StateType.ACTIVE: "active",
}
TEXTS = ("text", "password text", "paragraph", "entry", "label", "document text")


def look(wanted: str) -> list[list[object]]:
    """What is showing of the desk and bears that name, parents before children; "" for all."""
    seen: list[list[object]] = []
    desktop = Atspi.get_desktop(0)
    for n in range(desktop.get_child_count()):
        app = desktop.get_child_at_index(n)
        if app is not None and "consultdesk" in (app.get_name() or "").lower():
            for window in windows(app):
                if bears(window, window.get_role_name(), wanted):
                    seen.append(said(window, window.get_state_set()))
                walk(window, seen, wanted)
    return seen


def windows(app: Atspi.Accessible) -> list[Atspi.Accessible]:
    """The window that has the keyboard, or all of them while none has."""
    all_of_them = [app.get_child_at_index(n) for n in range(app.get_child_count())]
    there = [one for one in all_of_them if one is not None]
    active = [one for one in there if one.get_state_set().contains(Atspi.StateType.ACTIVE)]
    return active or there


def walk(node: Atspi.Accessible, seen: list[list[object]], wanted: str) -> None:
    for n in range(node.get_child_count()):
        child = node.get_child_at_index(n)
        if child is None or len(seen) > MOST:
            continue
        states, role = child.get_state_set(), child.get_role_name()
        if role in ("menu bar", "table cell") or not states.contains(Atspi.StateType.SHOWING):
            continue
        if bears(child, role, wanted):
            seen.append(said(child, states))
        walk(child, seen, wanted)
        if n == 0 and child.get_accessible_id().endswith(VIEWPORT):
            # its siblings are bars that come and go; Qt dies when asked for one that has just
            # gone (QAccessibleAbstractScrollArea::child doesn't look whether it is there)
            break


def bears(node: Atspi.Accessible, role: str, wanted: str) -> bool:
    """Whether that is its name; each further question to the desk takes its time."""
    if not wanted:
        return True
    name = (role == "combo box" and label_of(node)) or node.get_name() or ""
    name = name.replace("&", "")
    return name.startswith(wanted[:-1]) if wanted.endswith("…") else name == wanted


def said(node: Atspi.Accessible, states: Atspi.StateSet) -> list[object]:
    box = node.get_extents(Atspi.CoordType.SCREEN)
    names = [name for state, name in STATES.items() if states.contains(state)]
    role, name = node.get_role_name(), node.get_name() or ""
    text = ""
    if role == "combo box":
        name, text = label_of(node) or name, name  # Qt names it by what is chosen
    if role in TEXTS and node.get_text_iface() is not None:
        text = Atspi.Text.get_text(node, 0, min(2000, Atspi.Text.get_character_count(node)))
    return [
        role, name, node.get_description() or "",
        box.x, box.y, box.width, box.height, names, text,
    ]  # fmt: skip


def label_of(node: Atspi.Accessible) -> str:
    for relation in node.get_relation_set():
        if relation.get_relation_type() == Atspi.RelationType.LABELLED_BY:
            return str(relation.get_target(0).get_name() or "")
    return ""


def focus(seconds: float) -> list[list[object]]:
    """What got the keyboard last, or nothing when nothing did."""
    end = time.monotonic() + seconds
    while True:
        while GLib.MainContext.default().iteration(False):
            pass
        if heard or time.monotonic() > end:
            break
        time.sleep(0.01)
    if not heard:
        return []
    node = heard[-1]
    heard.clear()
    return [said(node, node.get_state_set())]


def hear(event: Atspi.Event) -> None:
    if event.detail1 and event.source is not None:
        heard.append(event.source)


heard: list[Atspi.Accessible] = []
listener = Atspi.EventListener.new(hear)
listener.register("object:state-changed:focused")
for line in sys.stdin:
    try:
        order, _, asked = line.strip().partition(" ")
        answer = focus(float(asked)) if order == "focus" else look(asked)
    except Exception as problem:  # a window that closes while we look
        answer = [["error", str(problem), "", 0, 0, 0, 0, [], ""]]
    print(json.dumps(answer), flush=True)
