"""A second look at the words of a letter: each remark says why and suggests, never edits."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from consultdesk.consultation.collegiality import Hit
from consultdesk.consultation.record import Sensitivity
from consultdesk.desk.letter import Check, hit_key, side_key
from consultdesk.desktop.assessment_parts import icon_button, muted, order_page_of
from consultdesk.desktop.case_words import sensitivity_words
from consultdesk.desktop.words import tr


class Remark(QFrame):
    """One remark: the words it is about, why, a suggestion, and what settles it.

    `settled` carries the reason a person gave; `found` wants the words shown in the text.
    """

    settled = Signal(str)
    taken_back = Signal()
    found = Signal(str)

    def __init__(self, words: str, why: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.words = words
        self.reason: QLineEdit | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 6)
        column.setSpacing(2)
        head = icon_button("search", f"“{words}”", self, "show_words")
        head.setProperty("link", True)
        head.setStyleSheet("text-align: left;")
        head.setToolTip(tr("Show these words in the text"))
        head.clicked.connect(lambda: self.found.emit(words))
        column.addWidget(head)
        said = QLabel(why, self)
        said.setTextFormat(Qt.TextFormat.PlainText)
        said.setWordWrap(True)
        column.addWidget(said)
        self._column = column
        self._head = head

    def suggest(self, suggestion: str) -> None:
        """Offer other words."""
        if suggestion:
            self._column.addWidget(muted(suggestion, self))

    def ask_reason(self, button: str, about: str) -> None:
        """Ask for the reason with which it stays as it is."""
        row = QHBoxLayout()
        row.setSpacing(4)
        reason = QLineEdit(self)
        reason.setMaxLength(300)
        reason.setPlaceholderText(tr("Reason"))
        reason.setAccessibleName(about)
        reason.setObjectName("reason")
        settle = icon_button("", button, self, "settle")
        settle.setEnabled(False)
        settle.setAccessibleDescription(tr("Give a reason first."))
        settle.setToolTip(tr("Give a reason first."))

        def changed(text: str) -> None:
            given = bool(text.strip())
            settle.setEnabled(given)
            settle.setAccessibleDescription("" if given else tr("Give a reason first."))
            settle.setToolTip("" if given else tr("Give a reason first."))

        def give() -> None:
            if reason.text().strip():
                self.settled.emit(reason.text().strip())

        reason.textChanged.connect(changed)
        reason.returnPressed.connect(give)
        settle.clicked.connect(give)
        self.reason = reason
        row.addWidget(reason, 1)
        row.addWidget(settle)
        self._column.addLayout(row)

    def show_settled(self, reason: str) -> None:
        """Say with what reason it stays, and offer to take that back."""
        self._column.addWidget(muted(tr("Stays: {reason}").format(reason=reason), self))
        back = icon_button("undo", tr("Take back"), self, "take_back")
        back.clicked.connect(self.taken_back)
        self._column.addWidget(back)


class Advice(QWidget):
    """Everything the check remarks. `overrides_changed` carries (key, reason), reason "" undoes.

    `topic_marked` carries a suggested sensitive topic that a person confirms.
    """

    overrides_changed = Signal(str, str)
    topic_marked = Signal(str)
    words_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._shown: object = None
        self.remarks: list[QWidget] = []
        self._say_nothing(tr("The wording is looked over while you write."))

    def show_check(self, check: Check, overrides: Mapping[str, str], *, read_only: bool) -> None:
        """Show what the check found; nothing is drawn anew when nothing is new."""
        state = (check.hits, check.sides, check.hedges, check.suggested, dict(overrides), read_only)
        if state == self._shown:
            return
        self._shown = state
        typed, focused = self._typed()
        self._empty()
        for hit in check.hits:
            self._show_hit(check, hit, overrides, only=read_only)
        for side in check.sides:
            remark = self._remark(side.said, side.why)
            if not read_only:
                about = tr("Why “{words}” is right").format(words=side.said)
                remark.ask_reason(tr("Confirm"), about)
                key = side_key(side)
                remark.settled.connect(lambda said, key=key: self.overrides_changed.emit(key, said))
        self._show_confirmed(overrides, read_only=read_only)
        for hedge in check.hedges:
            self._remark(hedge.words, hedge.suggestion)
        for topic in sorted(check.suggested):
            self._show_topic(topic, only=read_only)
        if not self.remarks:
            self._say_nothing(tr("Nothing to remark."))
        self._give_back(typed, focused)
        order_page_of(self)

    def _typed(self) -> tuple[dict[str, str], str]:
        """Reasons being written, and which of them has the focus."""
        lines = {r.words: r.reason for r in self.remarks if isinstance(r, Remark) and r.reason}
        focused = next((words for words, line in lines.items() if line.hasFocus()), "")
        return {words: line.text() for words, line in lines.items() if line.text()}, focused

    def _give_back(self, typed: Mapping[str, str], focused: str) -> None:
        for remark in self.remarks:
            if isinstance(remark, Remark) and remark.reason is not None:
                if remark.words in typed:
                    remark.reason.setText(typed[remark.words])
                if remark.words == focused:
                    remark.reason.setFocus()

    def _show_hit(
        self, check: Check, hit: Hit, overrides: Mapping[str, str], *, only: bool
    ) -> None:
        words, key = check.text[hit.start : hit.end], hit_key(check.text, hit)
        remark = self._remark(words, hit.why)
        remark.suggest(hit.suggestion)
        if only or not hit.needs_acknowledgement:
            return
        if reason := overrides.get(key, ""):
            remark.show_settled(reason)
            remark.taken_back.connect(lambda: self.overrides_changed.emit(key, ""))
        else:
            remark.ask_reason(tr("Keep"), tr("Why “{words}” stays").format(words=words))
            remark.settled.connect(lambda said: self.overrides_changed.emit(key, said))

    def _show_confirmed(self, overrides: Mapping[str, str], *, read_only: bool) -> None:
        for key, reason in overrides.items():
            if not key.startswith("side: ") or not reason:
                continue
            said, _, recorded = key.removeprefix("side: ").partition(" / ")
            why = tr("The records say {recorded}; confirmed.").format(recorded=recorded)
            remark = self._remark(said, why)
            if not read_only:
                remark.show_settled(reason)
                remark.taken_back.connect(lambda key=key: self.overrides_changed.emit(key, ""))

    def _show_topic(self, topic: Sensitivity, *, only: bool) -> None:
        words = sensitivity_words(topic)
        line = QFrame(self)
        column = QVBoxLayout(line)
        column.setContentsMargins(0, 2, 0, 6)
        said = tr("The text may touch a sensitive topic: {topic}.").format(topic=words)
        label = QLabel(said, line)
        label.setWordWrap(True)
        column.addWidget(label)
        if not only:
            mark = icon_button("check", tr("Mark it: {topic}").format(topic=words), line, "mark")
            mark.setToolTip(tr("The gate then asks whether the consent permits this topic."))
            mark.clicked.connect(lambda: self.topic_marked.emit(topic.value))
            column.addWidget(mark)
        self._add(line)

    def _remark(self, words: str, why: str) -> Remark:
        remark = Remark(words, why, self)
        remark.found.connect(self.words_wanted)
        self._add(remark)
        return remark

    def _say_nothing(self, words: str) -> None:
        self._empty()
        self._add(muted(words, self))
        self.remarks = []

    def _add(self, widget: QWidget) -> None:
        self._column.addWidget(widget)
        self.remarks.append(widget)

    def _empty(self) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.remarks = []
