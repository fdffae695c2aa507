"""Every command of the window: the one list from which menus, keys, palette and help are made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QMenuBar, QToolButton

from consultdesk.desktop import icons
from consultdesk.desktop.words import tr

NOTHING = "-"


@dataclass(frozen=True)
class Command:
    """One entry of a menu.

    `keys` work wherever the window is active; `said_keys` are only named, since the pane they
    belong to handles them. `of_case` says that a case must be open.
    """

    key: str
    words: str
    keys: tuple[str, ...] = ()
    icon_name: str = ""
    of_case: bool = False
    said_keys: str = ""
    short: str = ""

    @property
    def shown_keys(self) -> str:
        """The keys as the shortcut sheet names them."""
        return self.said_keys or ", ".join(self.keys)

    @property
    def plain(self) -> str:
        """The words without the mark of a mnemonic."""
        return self.words.replace("&&", "\0").replace("&", "").replace("\0", "&")


def menus() -> tuple[tuple[str, tuple[Command, ...]], ...]:
    """The menus in their order, each with its commands; "-" separates."""
    line = Command(NOTHING, "")
    case = _case_menu(line)
    return (
        (
            tr("&File"),
            (
                Command("import", tr("&Import files…"), ("Ctrl+O",), "import", short=tr("Import")),
                Command("import_folder", tr("Import a &folder or disc…"), ("Ctrl+Shift+O",)),
                line,
                Command("settings", tr("&Settings…"), ("Ctrl+,",), "settings"),
                Command("new_sheet", tr("New &recovery sheet…"), icon_name="document"),
                line,
                Command("lock", tr("&Lock"), ("Ctrl+L",), "lock"),
                Command("quit", tr("&Quit"), ("Ctrl+Q",)),
            ),
        ),
        (
            tr("&Edit"),
            (
                Command("undo", tr("&Undo"), ("Ctrl+Z",), "undo"),
                Command("redo", tr("&Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"), "redo"),
                line,
                Command("cut", tr("Cu&t"), ("Ctrl+X",)),
                Command("copy", tr("&Copy"), ("Ctrl+C",)),
                Command("paste", tr("&Paste"), ("Ctrl+V",)),
                Command("select_all", tr("Select &all"), ("Ctrl+A",)),
                line,
                Command("find", tr("&Find in the record…"), ("Ctrl+F",), "search"),
                Command("palette", tr("Find a case or a co&mmand…"), ("Ctrl+K",), "search"),
            ),
        ),
        (tr("&Case"), case),
        (tr("&Patient"), _patient_menu(line)),
        (tr("&View"), _view_menu(line)),
        (tr("&Letter"), _letter_menu(line)),
        (
            tr("&Tools"),
            (
                Command("turnaround", tr("&Turnaround…"), icon_name="chart"),
                Command("jobs", tr("&Work under way"), icon_name="refresh"),
                line,
                Command("verify", tr("&Verify the store"), icon_name="check"),
                Command("backup", tr("&Backup…"), icon_name="save"),
                Command("back_up", tr("Back up &now")),
                line,
                Command("audit_all", tr("&Audit trail of the store…"), icon_name="eye"),
                Command("retention", tr("&How long records are kept…"), icon_name="book"),
                Command("confirm_clock", tr("Confirm &date and time…"), icon_name="calendar"),
                line,
                Command("users", tr("&Users…"), icon_name="person"),
                Command("exchange_keys", tr("E&xchange keys…")),
            ),
        ),
        (
            tr("&Help"),
            (
                Command("shortcuts", tr("&Keys"), ("F1",), "info"),
                Command("about", tr("&About ConsultDesk")),
            ),
        ),
    )


def _case_menu(line: Command) -> tuple[Command, ...]:
    return (
        Command("next_case", tr("&Next case"), said_keys="J"),
        Command("previous_case", tr("&Previous case"), said_keys="K"),
        Command("open_case", tr("&Open the chosen case"), said_keys="Enter"),
        line,
        Command("patient", tr("&Who is the patient?"), icon_name="person", of_case=True),
        Command("details", tr("Case d&etails…"), ("Ctrl+E",), "case", of_case=True),
        Command("red_flags", tr("&Red flags…"), icon_name="flag", of_case=True),
        Command("declare", tr("Declare &interests…"), of_case=True),
        Command("accept", tr("&Accept the case"), icon_name="check", of_case=True),
        Command("go_on_without", tr("&Go on without a record…"), of_case=True),
        Command("make_ready", tr("Read&y to read"), of_case=True),
        Command("begin", tr("&Begin own read"), icon_name="play", of_case=True),
        line,
        Command("wait", tr("Wai&t for…"), of_case=True),
        Command("stop_waiting", tr("&Stop waiting"), of_case=True),
        Command("hold", tr("Put on &hold…"), of_case=True),
        Command("resume", tr("Take o&ff hold"), of_case=True),
        Command("return", tr("Ret&urn to the sender…"), of_case=True),
        Command("decline", tr("Dec&line…"), of_case=True),
        Command("withdraw", tr("With&draw…"), of_case=True),
        Command("acknowledge", tr("Record ac&knowledgement…"), of_case=True),
        Command("close_case", tr("&Close the case…"), of_case=True),
    )


def _patient_menu(line: Command) -> tuple[Command, ...]:
    words = tr("&Export everything about this patient…")
    return (
        Command("audit", tr("Who &saw and did what…"), ("Ctrl+Shift+H",), "eye", of_case=True),
        line,
        Command("export_patient", words, icon_name="save", of_case=True),
        Command("legal_hold", tr("&Legal hold…"), icon_name="shield-lock", of_case=True),
        Command("erase", tr("E&rase the patient…"), icon_name="trash", of_case=True),
    )


def _view_menu(line: Command) -> tuple[Command, ...]:
    return (
        Command("pane_1", tr("&Queue"), ("Ctrl+1",), "queue"),
        Command("pane_2", tr("&Case and next step"), ("Ctrl+2",), "case"),
        Command("pane_3", tr("&List of records"), ("Ctrl+3",), "stack"),
        Command("pane_4", tr("&Record"), ("Ctrl+4",), "document"),
        Command("pane_5", tr("&Assessment"), ("Ctrl+5",), "note"),
        Command("next_pane", tr("&Next pane"), ("F6",)),
        Command("previous_pane", tr("&Previous pane"), ("Shift+F6",)),
        Command("hide_queue", tr("H&ide or show the queue"), ("F9",)),
        line,
        Command("next_record", tr("Ne&xt record"), ("Ctrl+PgDown",), of_case=True),
        Command("previous_record", tr("Pre&vious record"), ("Ctrl+PgUp",), of_case=True),
        Command("record_details", tr("Record &details…"), of_case=True),
        line,
        Command("light", tr("Li&ght"), icon_name=""),
        Command("dark", tr("Dar&k"), icon_name=""),
        Command("system", tr("As the &system"), icon_name=""),
        Command("larger_text", tr("Larger &text"), ("Ctrl+Alt++", "Ctrl+Alt+=")),
        Command("smaller_text", tr("S&maller text"), ("Ctrl+Alt+-",)),
    )


def _letter_menu(line: Command) -> tuple[Command, ...]:
    return (
        Command("preview_letter", tr("&Preview letter"), ("Ctrl+P",), "preview", of_case=True),
        Command("sign", tr("&Sign…"), ("Ctrl+Return", "Ctrl+Enter"), "sign", of_case=True),
        Command(
            "send",
            tr("S&end…"),
            ("Ctrl+Shift+Return", "Ctrl+Shift+Enter"),
            "send",
            of_case=True,
        ),
        Command("patient_only", tr("Release to patient &only…"), of_case=True),
        Command("addendum", tr("Write an &addendum…"), of_case=True),
        line,
        Command("record_consent", tr("Record &consent to send…"), of_case=True),
        Command("record_review_consent", tr("Record consent to &review…"), of_case=True),
        Command("consents", tr("Consents and &withdrawal…"), of_case=True),
    )


_CLINICAL = ("import", "import_folder", "open_case", "find")
"""Commands that need no open case, and a role that opens clinical content."""

WRITING = frozenset(
    {"import", "import_folder", "settings", "new_sheet", "backup", "confirm_clock"}
    | {"exchange_keys", "patient", "details", "red_flags", "declare", "accept", "go_on_without"}
    | {"make_ready", "begin", "wait", "stop_waiting", "hold", "resume", "return", "decline"}
    | {"withdraw", "acknowledge", "close_case", "sign", "patient_only", "addendum"}
    | {"record_consent", "record_review_consent", "export_patient", "legal_hold", "erase"}
)
"""Commands that come to nothing while the store can only be read."""

VIEWER_KEYS = (
    ("↑  ↓", "Image before, image after"),
    ("Shift+↑  Shift+↓", "Ten images"),
    ("←  →", "Record or series before, after"),
    ("Home  End", "First image, last image"),
    ("1 … 9", "Window presets"),
    ("Ctrl++  Ctrl+-", "Larger, smaller"),
    ("Esc", "Closes the top layer only"),
)
"""Keys that the viewer handles itself."""


class Commands(QObject):
    """The commands as actions, with their menus; `acts` says what each does.

    `refused` says why, when the keys of a command are pressed that can't be chosen.
    """

    refused = Signal(str)

    def __init__(
        self,
        acts: Mapping[str, Callable[[], object]],
        parent: QObject,
        barred: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(parent)
        self._window = parent
        self._barred = dict(barred or {})
        self._closed = ""
        self.all: dict[str, Command] = {}
        self.actions: dict[str, QAction] = {}
        self._asked: dict[str, tuple[bool, str]] = {}
        self._read_only = ""
        for _title, commands in menus():
            for command in commands:
                if command.key != NOTHING and command.key in acts:
                    self._add(command, acts[command.key])
        for key, why in self._barred.items():
            self.allow(key, allowed=False, why=why)

    @property
    def claimed_keys(self) -> set[str]:
        """Every key that belongs to a command wherever the window is active."""
        return {keys for command in self.all.values() for keys in command.keys}

    def fill(self, bar: QMenuBar) -> None:
        """Put every command into its menu."""
        for title, commands in menus():
            menu = QMenu(title, bar)
            menu.setToolTipsVisible(True)
            for command in commands:
                if command.key == NOTHING:
                    menu.addSeparator()
                elif command.key in self.actions:
                    menu.addAction(self.actions[command.key])
            bar.addMenu(menu)

    def say_case_open(self, *, is_open: bool, erased: bool = False, closed: str = "") -> None:
        """Let the commands that need a case be chosen, or say why they can't be.

        `closed` says why nothing clinical can be opened at all.
        """
        self._closed = closed
        why = tr("What this case held was erased.") if erased else tr("Open a case first.")
        for key, command in self.all.items():
            if command.of_case:
                may = is_open and not closed and (not erased or key == "audit")
                self.allow(key, allowed=may, why=closed or why)
        for key in _CLINICAL:
            self.allow(key, allowed=not closed, why=closed)

    def why_never(self, key: str) -> str:
        """Why the open user's role can't use a command at all; "" where it can."""
        command = self.all.get(key)
        clinical = key in _CLINICAL or (command is not None and command.of_case)
        return (self._closed if clinical else "") or self._barred.get(key, "")

    def say_read_only(self, why: str) -> None:
        """Close the commands that write, and say why; "" opens them as they were."""
        self._read_only = why
        for key in WRITING & self.all.keys():
            allowed, reason = self._asked.get(key, (True, ""))
            self.allow(key, allowed=allowed, why=reason)

    def closed(self, key: str) -> str:
        """Why a command can't be chosen while the store can only be read; "" where it can."""
        return self._read_only if key in WRITING else ""

    def allow(self, key: str, *, allowed: bool, why: str) -> None:
        """Enable a command, or disable it and say why."""
        self._asked[key] = (allowed, why)
        if self._read_only and key in WRITING:
            allowed, why = False, self._read_only
        if never := self.why_never(key):
            allowed, why = False, never
        action = self.actions.get(key)
        if action is not None:
            action.setEnabled(allowed)
            words = self.all[key].plain.rstrip("…")
            action.setToolTip(words if allowed else f"{words}: {why}")
            action.setStatusTip("" if allowed else why)
            for shown in action.associatedObjects():
                if isinstance(shown, QToolButton):
                    shown.setAccessibleDescription("" if allowed else why)

    def dress(self) -> None:
        """Draw the icons in the colours in use now."""
        palette = QGuiApplication.palette()
        for key, command in self.all.items():
            if command.icon_name:
                self.actions[key].setIcon(icons.icon(command.icon_name, palette))

    def _add(self, command: Command, act: Callable[[], object]) -> None:
        named = f"{command.words}\t{command.said_keys}" if command.said_keys else command.words
        action = QAction(named, self)
        action.setObjectName(command.key)
        action.setIconText(command.short or command.plain.rstrip("…"))
        action.setToolTip(command.plain.rstrip("…"))
        action.setShortcuts([QKeySequence(keys) for keys in command.keys])
        action.setMenuRole(QAction.MenuRole.NoRole)
        action.triggered.connect(lambda _on=False: act())
        self.all[command.key] = command
        self.actions[command.key] = action
        for keys in command.keys:
            self._answer(keys, action)

    def _answer(self, keys: str, action: QAction) -> None:
        """Have the keys of a command that can't be chosen say why, since Qt says nothing."""
        asked = QShortcut(QKeySequence(keys), self._window)
        asked.setEnabled(False)
        action.enabledChanged.connect(lambda may: asked.setEnabled(not may))
        asked.activated.connect(lambda: self.refused.emit(action.statusTip()))
