"""A structured document as readable text: headings, lists, tables, and what is sealed covered."""

import html
from collections.abc import Iterable
from typing import ClassVar

from PySide6.QtCore import QEvent, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QFont, QKeyEvent, QKeySequence, QShortcut, QTextCursor, QTextDocument
from PySide6.QtWidgets import (
    QLabel,
    QTextBrowser,
    QTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from consultdesk.consultation.source import Block, Document
from consultdesk.desktop.form import Forms
from consultdesk.desktop.style import Tokens, tokens_now
from consultdesk.desktop.viewer.find_bar import FindBar
from consultdesk.desktop.words import tr

_AT_FIRST = 200_000
_MOST_HITS = 2_000
_UNSEAL, _MORE = "unseal:", "more:"
_LEAST_PX, _MOST_PX = 11, 32


class Reader(QTextBrowser):
    """Rich text that loads nothing from anywhere and follows no link by itself."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setUndoRedoEnabled(False)

    def loadResource(self, _type: int, _name: QUrl | str) -> object:
        """Nothing is loaded from anywhere."""
        return None


class DocumentView(QWidget):
    """Shows a `Document` view.

    With `sealed`, blocks that carry the first opinion's conclusion, and those whose anchor is
    in `sealed_anchors`, aren't in the text at all: nothing finds, copies or prints them.
    """

    FORM: ClassVar[str] = "readable"

    column: QVBoxLayout
    title: QLabel
    smaller: QToolButton
    larger: QToolButton
    find_words: QToolButton

    place_changed = Signal(str)
    unseal_asked = Signal()

    def __init__(
        self,
        forms: Forms,
        document: Document,
        parent: QWidget | None = None,
        *,
        sealed: bool = False,
        sealed_anchors: Iterable[str] = (),
    ) -> None:
        super().__init__(parent)
        forms.load(self, self.FORM)
        self._document = document
        self._sealed = sealed
        self._sealed_anchors = frozenset(sealed_anchors) if sealed else frozenset()
        self._limit = _AT_FIRST
        self._place = ""
        self._px = 0
        self._hits: list[QTextCursor] = []
        self._hit = -1
        self.title.setText(document.title)
        self.reader = Reader(self)
        self.reader.setAccessibleName(document.title or tr("Document"))
        self.reader.anchorClicked.connect(self._act_on_link)
        self.reader.cursorPositionChanged.connect(self._note_place)
        self.column.addWidget(self.reader, 1)
        self.find_bar = FindBar(forms, self)
        self.column.addWidget(self.find_bar)
        self.main_part = self.reader
        QWidget.setTabOrder(self.find_words, self.reader)
        QWidget.setTabOrder(self.reader, self.find_bar.words)
        self._scrolled = QTimer(self)
        self._scrolled.setSingleShot(True)
        self._scrolled.setInterval(100)
        self._scrolled.timeout.connect(self._note_place)
        self.reader.verticalScrollBar().valueChanged.connect(lambda _at: self._scrolled.start())
        self._connect()
        self._set()

    # --- the place, for evidence links ---------------------------------------------------------

    def place(self) -> str:
        """The anchor at the top of what is seen, or ""."""
        return self._place

    def go_to(self, place: str) -> bool:
        """Bring an anchor into view; false when there is none such, or it is sealed."""
        at = next(
            (n for n, block in enumerate(self._document.blocks) if block.anchor == place), None
        )
        if not place or at is None or self._is_sealed(self._document.blocks[at]):
            return False
        length = sum(_length(block) for block in self._document.blocks[: at + 1])
        if length > self._limit:
            self._limit = length + _AT_FIRST
            self._set()
        self.reader.scrollToAnchor(_name(at))
        self._place = place
        return True

    # --- the text -----------------------------------------------------------------------------

    def _is_sealed(self, block: Block) -> bool:
        return self._sealed and (block.sealed or block.anchor in self._sealed_anchors)

    def _set(self) -> None:
        bar = self.reader.verticalScrollBar()
        place = bar.value()
        self._px = self._px or self.reader.font().pixelSize()
        # By font, not by rule: to Qt a rule for "p" beats one for "p.level1".
        font = QFont(self.reader.font())
        font.setPixelSize(self._px)
        self.reader.document().setDefaultFont(font)
        self.reader.document().setDefaultStyleSheet(_sheet(tokens_now(), self._px))
        self.reader.document().setDocumentMargin(18)
        self.reader.setHtml(self._html())
        bar.setValue(place)
        if self._hits:  # they belonged to the text that was replaced
            self._hits = list(_places(self.reader.document(), self.find_bar.words.text().strip()))
            self._hit = min(self._hit, len(self._hits) - 1)
            self._show_hits()

    def _html(self) -> str:
        parts: list[str] = []
        length = 0
        covered = False
        for number, block in enumerate(self._document.blocks):
            if self._is_sealed(block):
                if not covered:
                    parts.append(_cover())
                covered = True
                continue
            covered = False
            if length > self._limit:
                parts.append(f'<p class="more"><a href="{_MORE}">{tr("Show more")}</a></p>')
                break
            length += _length(block)
            parts.append(_block(block, number))
        return "".join(parts) or f"<p>{tr('This document holds no text.')}</p>"

    def _act_on_link(self, link: QUrl) -> None:
        if link.toString() == _UNSEAL:
            self.unseal_asked.emit()
        elif link.toString() == _MORE:
            self._limit += _AT_FIRST * 2
            self._set()

    def _note_place(self) -> None:
        cursor = self.reader.cursorForPosition(self.reader.viewport().rect().topLeft())
        block = cursor.block()
        place = ""
        while block.isValid() and not place:
            fragments = block.begin()
            while not fragments.atEnd() and not place:
                for name in fragments.fragment().charFormat().anchorNames():
                    number = int(name[1:]) if name[:1] == "b" and name[1:].isdigit() else -1
                    if 0 <= number < len(self._document.blocks):
                        place = self._document.blocks[number].anchor
                fragments += 1
            block = block.previous()
        if place and place != self._place:
            self._place = place
            self.place_changed.emit(place)

    def _size(self, by: int) -> None:
        px = min(_MOST_PX, max(_LEAST_PX, self._px + by))
        if px != self._px:
            self._px = px
            self._set()

    def changeEvent(self, event: QEvent) -> None:
        """Draw marks anew when the colours change."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_scrolled"):
            self._set()

    # --- finding -------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Find, where no window around it has a command for that."""
        if event.matches(QKeySequence.StandardKey.Find):
            self.ask_for_words()
        else:
            super().keyPressEvent(event)

    def ask_for_words(self) -> None:
        """Open the find line."""
        self.find_bar.ask()

    def _connect(self) -> None:
        self.smaller.clicked.connect(lambda: self._size(-2))
        self.larger.clicked.connect(lambda: self._size(2))
        self.find_words.clicked.connect(self.ask_for_words)
        self.find_bar.words_changed.connect(self._look_for)
        self.find_bar.next_asked.connect(lambda: self._step(1))
        self.find_bar.previous_asked.connect(lambda: self._step(-1))
        self.find_bar.closed.connect(self.reader.setFocus)
        inside = Qt.ShortcutContext.WidgetWithChildrenShortcut
        for keys, act in (
            ("Ctrl++", self.larger.click),
            ("Ctrl+=", self.larger.click),
            ("Ctrl+-", self.smaller.click),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(inside)
            shortcut.activated.connect(act)

    def _look_for(self, words: str) -> None:
        if words.strip():
            whole = sum(_length(block) for block in self._document.blocks)
            if whole > self._limit:
                self._limit = whole + 1  # what isn't shown yet must be found too
                self._set()
        self._hits = list(_places(self.reader.document(), words.strip()))
        self._hit = 0 if self._hits else -1
        self._show_hits()

    def _step(self, by: int) -> None:
        if self._hits:
            self._hit = (self._hit + by) % len(self._hits)
            self._show_hits()

    def _show_hits(self) -> None:
        tokens = tokens_now()
        marks = []
        for number, cursor in enumerate(self._hits):
            mark = QTextEdit.ExtraSelection()
            current = number == self._hit
            mark.format.setBackground(tokens.colour("accent" if current else "selection"))
            mark.format.setForeground(tokens.colour("on_accent" if current else "on_selection"))
            mark.cursor = cursor
            marks.append(mark)
        self.reader.setExtraSelections(marks)
        if 0 <= self._hit < len(self._hits):
            spot = QTextCursor(self._hits[self._hit])
            spot.clearSelection()
            self.reader.setTextCursor(spot)
            self.reader.ensureCursorVisible()
        self.find_bar.say_hits(self._hit + 1, len(self._hits))


def _places(text: QTextDocument, words: str) -> Iterable[QTextCursor]:
    cursor = QTextCursor(text)
    for _ in range(_MOST_HITS):
        if not words:
            return
        cursor = text.find(words, cursor)
        if cursor.isNull():
            return
        yield cursor


def _length(block: Block) -> int:
    return len(block.text) + sum(len(cell) for row in block.rows for cell in row) + 1


def _name(number: int) -> str:
    return f"b{number}"


def _said(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")


def _block(block: Block, number: int) -> str:
    anchor = f'<a name="{_name(number)}"></a>' if block.anchor else ""
    said = anchor + _said(block.text)
    match block.kind:
        case "heading":
            level = min(4, max(1, block.level))
            # Qt has sizes of its own for h1…h6 and lets nothing overrule them.
            return f'<p class="level{level}" style="margin-top:14px"><b>{said}</b></p>'
        case "item":
            depth = min(6, max(1, block.level))
            indent = f'class="item" style="margin-left:{depth * 16}px"'
            return f"<p {indent}>{anchor}•&nbsp;{_said(block.text)}</p>"
        case "table":
            return anchor + _table(block)
        case "rule":
            return f"{anchor}<hr>"
        case "notice":
            return (
                '<table width="100%" cellspacing="0" cellpadding="8" class="notice">'
                f"<tr><td>{said}</td></tr></table>"
            )
        case _:
            return f"<p>{said}</p>"


def _table(block: Block) -> str:
    wide = max((len(row) for row in block.rows), default=0)
    lines = []
    for number, row in enumerate(block.rows):
        tag = "th" if block.headed and number == 0 else "td"
        cells = [*row, *[""] * (wide - len(row))]
        lines.append(
            "<tr>"
            + "".join(f"<{tag} align='left'>{_said(cell)}</{tag}>" for cell in cells)
            + "</tr>"
        )
    caption = f"<p class='caption'>{_said(block.text)}</p>" if block.text else ""
    return (
        f"{caption}<table class='facts' border='1' cellspacing='0' cellpadding='5' "
        f"width='100%'>{''.join(lines)}</table>"
    )


def _cover() -> str:
    sealed = tr("Sealed until your own read is locked.")
    action = tr("Open with a reason")
    return (
        '<table width="100%" cellspacing="0" cellpadding="12" class="cover"><tr><td>'
        f'<b>{sealed}</b> <a href="{_UNSEAL}">{action}</a></td></tr></table>'
    )


def _sheet(tokens: Tokens, px: int) -> str:
    first, second, third = (round(px * factor) for factor in (1.4, 1.2, 1.05))
    rules = (
        f"body, p, td, th {{ color: {tokens.text}; }}",
        "p { margin-top: 4px; margin-bottom: 6px; line-height: 140%; }",
        "p.item { margin-top: 1px; margin-bottom: 2px; text-indent: -10px; }",
        "p.caption { font-weight: 600; margin-bottom: 2px; }",
        f"p.level1 {{ font-size: {first}px; }}",
        f"p.level2 {{ font-size: {second}px; }}",
        f"p.level3, p.level4 {{ font-size: {third}px; color: {tokens.muted}; }}",
        f"a {{ color: {tokens.accent}; }}",
        f"table.facts {{ border-collapse: collapse; border-color: {tokens.hairline}; }}",
        f"th {{ background-color: {tokens.hover}; font-weight: 600; }}",
        f"table.notice td {{ background-color: {tokens.info_ground}; }}",
        f"table.cover td {{ background-color: {tokens.warning_ground}; }}",
    )
    return "\n".join(rules)
