import threading
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow
from pytestqt.qtbot import QtBot

from consultdesk.consultation.source import Frame, Window
from consultdesk.desktop.form import Forms
from consultdesk.desktop.viewer.film import FilmView
from consultdesk.desktop.viewer.windowing import first_window, picture, samples_of, value_at
from consultdesk.desktop.work import Work
from consultdesk.errors import RecordUnreadable
from tests.desktop.reading import nameless, tab_order

BRAIN, BONE = Window(40, 80, "Brain"), Window(500, 2000, "Bone")


def _grey(value: int = 40, rows: int = 80, columns: int = 40, **more: object) -> Frame:
    values = np.full((rows, columns), value, dtype=np.int16)
    whole = {"slope": 1.0, "intercept": 0.0, "windows": (BRAIN,), **more}
    return Frame(values.tobytes(), rows, columns, 1, "int16", **whole)  # type: ignore[arg-type]


@dataclass
class Series:
    count: int = 30
    title: str = "CT axial"
    presets: tuple[Window, ...] = (BRAIN, BONE)
    asked: list[int] = field(default_factory=list)
    broken: frozenset[int] = frozenset()
    gate: threading.Event | None = None

    def frame(self, index: int) -> Frame:
        self.asked.append(index)
        if self.gate is not None:
            self.gate.wait(10)
        if index in self.broken:
            raise RecordUnreadable(f"Image {index + 1} is cut short.")
        return _grey(index, overlay=("Lind, Ada", "1961-04-02"))


def _film(qtbot: QtBot, forms: Forms, work: Work, series: Series) -> FilmView:
    film = FilmView(forms, work, series)
    qtbot.addWidget(film)
    film.resize(700, 500)
    film.show()
    return film


@pytest.fixture
def series() -> Series:
    return Series()


@pytest.fixture
def film(qtbot: QtBot, forms: Forms, work: Work, series: Series) -> FilmView:
    film = FilmView(forms, work, series)
    qtbot.addWidget(film)
    film.resize(700, 500)
    with qtbot.waitSignal(film.ready):
        film.show()
    return film


# --- windows ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "seen"), [(-100, 0), (0, 0), (39, 126), (40, 129), (79, 255), (200, 255)]
)
def test_a_window_is_the_linear_function_of_the_standard(value: int, seen: int) -> None:
    image = picture(samples_of(_grey(value)), BRAIN)
    x = (value - 39.5) / 79 + 0.5
    assert image.pixelColor(1, 1).red() == seen == min(255, max(0, round(x * 255)))


def test_slope_and_intercept_come_before_the_window() -> None:
    frame = _grey(1064, intercept=-1024.0)
    assert picture(samples_of(frame), BRAIN).pixelColor(0, 0).red() == 129
    assert value_at(samples_of(frame), 0, 0) == "40"


def test_an_inverted_image_is_turned_and_the_person_may_turn_it_back() -> None:
    samples = samples_of(_grey(79, inverted=True))
    assert picture(samples, BRAIN).pixelColor(0, 0).red() == 0
    assert picture(samples, BRAIN, inverted=True).pixelColor(0, 0).red() == 255


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32"])
def test_every_kind_of_sample_gives_the_same_grey(dtype: str) -> None:
    values = np.arange(64).reshape(8, 8).astype(dtype)
    frame = Frame(values.tobytes(), 8, 8, 1, dtype)
    image = picture(samples_of(frame), Window(32, 64))
    for row, column in ((0, 0), (3, 5), (7, 7)):
        expected = round(min(1, max(0, (values[row, column] - 31.5) / 63 + 0.5)) * 255)
        assert abs(image.pixelColor(column, row).red() - expected) <= 1


def test_an_odd_width_keeps_its_rows_straight() -> None:
    values = np.zeros((5, 7), dtype=np.uint8)
    values[:, 3] = 255
    image = picture(samples_of(Frame(values.tobytes(), 5, 7, 1, "uint8")), Window(127.5, 255))
    assert [image.pixelColor(3, row).red() for row in range(5)] == [255] * 5
    assert [image.pixelColor(2, row).red() for row in range(5)] == [0] * 5


def test_colour_is_shown_as_it_is() -> None:
    values = np.zeros((4, 5, 3), dtype=np.uint8)
    values[1, 2] = (200, 100, 50)
    image = picture(samples_of(Frame(values.tobytes(), 4, 5, 3, "uint8")), BRAIN)
    assert image.pixelColor(2, 1).name() == "#c86432"


def test_without_a_window_one_spans_the_values_and_leaves_out_the_extremes() -> None:
    values = np.random.default_rng(7).integers(0, 100, (64, 64)).astype(np.int16)
    values[0, 0] = 32000
    window = first_window(samples_of(Frame(values.tobytes(), 64, 64, 1, "int16")))
    assert 30 < window.centre < 70
    assert 80 < window.width < 110


@pytest.mark.parametrize(
    "frame",
    [
        Frame(b"\0" * 10, 8, 8, 1, "uint8"),
        Frame(b"", 0, 0, 1, "uint8"),
        Frame(b"\0" * 64, 8, 8, 1, "complex64"),
        Frame(b"\0" * 64, 4, 4, 4, "uint8"),
    ],
)
def test_an_image_whose_size_and_bytes_differ_is_refused(frame: Frame) -> None:
    with pytest.raises(RecordUnreadable):
        samples_of(frame)


def test_values_that_are_no_numbers_are_drawn_black() -> None:
    values = np.array([[np.nan, np.inf, -np.inf, 5.0]], dtype=np.float32)
    samples = samples_of(Frame(values.tobytes(), 1, 4, 1, "float32"))
    image = picture(samples, first_window(samples))
    assert image.pixelColor(0, 0).red() == 0


# --- the view -----------------------------------------------------------------------------


def test_the_first_image_comes_and_says_what_it_is(film: FilmView) -> None:
    assert film.place() == "image 1"
    assert film.of_images.text() == "of 30"
    assert film.canvas.accessibleName() == "CT axial, Image 1 of 30"
    assert film.notice.text() == "For review, not for primary diagnosis."
    assert film.notice.isVisible()
    assert film.window_now == BRAIN
    assert (film.level.value(), film.width_of_window.value()) == (40, 80)


def test_keys_scroll_by_one_by_ten_and_to_the_ends(film: FilmView) -> None:
    keys = Qt.Key
    shift = Qt.KeyboardModifier.ShiftModifier
    none = Qt.KeyboardModifier.NoModifier
    for key, held, place in (
        (keys.Key_Down, none, 2),
        (keys.Key_Down, shift, 12),
        (keys.Key_Up, none, 11),
        (keys.Key_Up, shift, 1),
        (keys.Key_Up, none, 1),
        (keys.Key_End, none, 30),
        (keys.Key_Down, none, 30),
        (keys.Key_Home, none, 1),
    ):
        QTest.keyClick(film.canvas, key, held)
        assert film.place() == f"image {place}"
        assert film.image.value() == place


def test_a_place_can_be_gone_to_and_only_one_that_is_there(film: FilmView) -> None:
    assert film.go_to("image 7")
    assert film.place() == "image 7"
    for wrong in ("image 0", "image 31", "page 2", "", "image 7; image 8"):
        assert not film.go_to(wrong)
    assert film.place() == "image 7"


def test_number_keys_are_presets_and_nought_gives_back_what_was_sent(film: FilmView) -> None:
    QTest.keyClick(film.canvas, Qt.Key.Key_2)
    assert film.window_now == BONE
    QTest.keyClick(film.canvas, Qt.Key.Key_Down)
    assert film.window_now == BONE
    QTest.keyClick(film.canvas, Qt.Key.Key_9)
    assert film.window_now == BONE
    QTest.keyClick(film.canvas, Qt.Key.Key_0)
    assert film.window_now == BRAIN


def test_dragging_changes_the_window_and_so_do_the_fields(film: FilmView) -> None:
    middle = film.canvas.rect().center()
    QTest.mousePress(film.canvas, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(film.canvas, middle + QPoint(64, -64))
    QTest.mouseRelease(film.canvas, Qt.MouseButton.LeftButton)
    seen = film.window_now
    assert seen is not None
    assert seen.width == pytest.approx(80 + 64 * 80 / 256)
    assert seen.centre == pytest.approx(40 - 64 * 80 / 256)
    film.level.setValue(300)
    film.width_of_window.setValue(1500)
    assert film.window_now == Window(300.0, 1500.0, "")


def test_middle_or_space_and_drag_pan_and_leave_the_window(film: FilmView) -> None:
    before, window = film.canvas.image_rect(), film.window_now
    middle = film.canvas.rect().center()
    for button, space in ((Qt.MouseButton.MiddleButton, False), (Qt.MouseButton.LeftButton, True)):
        if space:
            QTest.keyPress(film.canvas, Qt.Key.Key_Space)
        QTest.mousePress(film.canvas, button, pos=middle)
        QTest.mouseMove(film.canvas, middle + QPoint(10, 20))
        QTest.mouseRelease(film.canvas, button)
    moved = film.canvas.image_rect().topLeft() - before.topLeft()
    assert moved == QPointF(20, 40)
    assert film.window_now == window
    QTest.keyRelease(film.canvas, Qt.Key.Key_Space)
    QTest.keyClick(film.canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert film.canvas.image_rect().left() == before.left() + 60


def test_the_wheel_scrolls_and_with_ctrl_it_zooms_about_the_pointer(film: FilmView) -> None:
    _turn(film, -120)
    assert film.place() == "image 2"
    _turn(film, -60)
    assert film.place() == "image 2"
    _turn(film, -60)
    assert film.place() == "image 3"
    spot = film.canvas.image_rect().center() + QPointF(20, 30)
    before = film.canvas.image_rect()
    share = (spot.x() - before.left()) / before.width()
    _turn(film, 120, Qt.KeyboardModifier.ControlModifier, spot)
    after = film.canvas.image_rect()
    assert after.width() == pytest.approx(before.width() * 1.2)
    assert (spot.x() - after.left()) / after.width() == pytest.approx(share)
    assert film.place() == "image 3"


def _turn(
    film: FilmView,
    by: int,
    held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    spot: QPointF | None = None,
) -> None:
    where = spot or QPointF(film.canvas.rect().center())
    event = QWheelEvent(
        where,
        film.canvas.mapToGlobal(where),
        QPoint(),
        QPoint(0, by),
        Qt.MouseButton.NoButton,
        held,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(film.canvas, event)


def test_fit_keeps_the_image_whole_when_the_window_changes(film: FilmView) -> None:
    film.resize(500, 700)
    QApplication.processEvents()
    where = film.canvas.image_rect()
    assert where.width() <= film.canvas.width() + 1
    assert where.height() == pytest.approx(film.canvas.height(), abs=1) or where.width() == (
        pytest.approx(film.canvas.width(), abs=1)
    )
    film.actual_size.click()
    assert film.canvas.image_rect().width() == pytest.approx(40 / film.devicePixelRatioF())
    QTest.keyClick(film.canvas, Qt.Key.Key_F)
    assert film.canvas.fitted


def test_samples_that_are_not_square_keep_their_proportions(
    qtbot: QtBot, forms: Forms, work: Work
) -> None:
    class Tall(Series):
        def frame(self, index: int) -> Frame:
            return _grey(40, 10, 10, spacing=(2.0, 1.0))

    film = FilmView(forms, work, Tall())
    qtbot.addWidget(film)
    with qtbot.waitSignal(film.ready):
        film.show()
    where = film.canvas.image_rect()
    assert where.height() == pytest.approx(2 * where.width())


@pytest.mark.parametrize("width", [900, 500, 360])
def test_fields_and_buttons_never_cover_one_another(film: FilmView, width: int) -> None:
    film.resize(width, 500)
    film.tools.activate()
    fields = (film.image, film.of_images, film.level, film.width_of_window)
    buttons = (film.presets, film.invert, film.smaller, film.larger, film.fit, film.actual_size)
    parts = [part for part in (*fields, *buttons) if part.isVisible()]
    assert len(parts) == 10
    for one, other in combinations(parts, 2):
        assert not one.geometry().intersects(other.geometry())
    assert all(film.rect().contains(part.geometry()) for part in parts)


def test_turning_black_to_white_is_one_key(film: FilmView) -> None:
    QTest.keyClick(film.canvas, Qt.Key.Key_I)
    assert film.invert.isChecked()
    QTest.keyClick(film.canvas, Qt.Key.Key_I)
    assert not film.invert.isChecked()


def test_a_fast_scroll_decodes_what_is_seen_and_not_all_between(
    qtbot: QtBot, forms: Forms, work: Work
) -> None:
    gate = threading.Event()
    series = Series(count=500, gate=gate)
    film = _film(qtbot, forms, work, series)
    qtbot.waitUntil(lambda: series.asked == [0])
    for index in range(1, 400):
        film.go_to(f"image {index + 1}")
    gate.set()
    qtbot.waitUntil(lambda: film.stack.samples(399) is not None)
    qtbot.waitUntil(lambda: not work.tasks)
    assert len(series.asked) < 10
    assert film.canvas.accessibleName().endswith("Image 400 of 500")
    assert film._samples is not None  # noqa: SLF001 - the answer for the image left is not shown
    assert film._samples.values[0, 0] == 399  # noqa: SLF001


def test_neighbours_are_fetched_ahead(qtbot: QtBot, film: FilmView, series: Series) -> None:
    qtbot.waitUntil(lambda: film.stack.samples(3) is not None)
    assert sorted(series.asked) == [0, 1, 2, 3]


def test_an_image_that_is_broken_says_why_and_the_others_are_shown(
    qtbot: QtBot, forms: Forms, work: Work
) -> None:
    film = _film(qtbot, forms, work, Series(broken=frozenset({1})))
    qtbot.waitUntil(lambda: film.stack.samples(3) is not None)
    film.step(1)
    assert film.canvas._message == "Image 2 is cut short."  # noqa: SLF001 - what is written there
    film.step(1)
    assert film.canvas._message == ""  # noqa: SLF001


def test_an_image_that_takes_long_says_that_it_is_being_opened(
    qtbot: QtBot, forms: Forms, work: Work
) -> None:
    series = Series(count=1, gate=threading.Event())
    film = _film(qtbot, forms, work, series)
    qtbot.waitUntil(lambda: film.canvas.message == "Opening the image…")
    assert series.gate is not None
    with qtbot.waitSignal(film.ready):
        series.gate.set()
    assert not film.canvas.message


def test_closing_during_a_decode_is_quiet(qtbot: QtBot, forms: Forms, work: Work) -> None:
    gate = threading.Event()
    window = QMainWindow()
    qtbot.addWidget(window)
    film = FilmView(forms, work, Series(gate=gate), window)
    film.deleteLater()
    qtbot.waitUntil(lambda: not shiboken6.isValid(film))
    gate.set()
    qtbot.waitUntil(lambda: not work.tasks)


def test_a_photograph_has_no_window_and_a_drag_pans(qtbot: QtBot, forms: Forms, work: Work) -> None:
    class Photograph(Series):
        def frame(self, index: int) -> Frame:
            return Frame(bytes(3 * 40 * 30), 30, 40, 3, "uint8", lossy=True)

    film = FilmView(forms, work, Photograph(count=1, title="Photograph"))
    qtbot.addWidget(film)
    film.resize(700, 500)
    with qtbot.waitSignal(film.ready):
        film.show()
    assert not film.level.isVisible()
    assert not film.presets.isVisible()
    before = film.canvas.image_rect()
    middle = film.canvas.rect().center()
    QTest.mousePress(film.canvas, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(film.canvas, middle + QPoint(12, 0))
    QTest.mouseRelease(film.canvas, Qt.MouseButton.LeftButton)
    assert film.canvas.image_rect().left() == before.left() + 12


def test_every_part_of_the_film_has_a_name_and_an_order(film: FilmView) -> None:
    assert nameless(film) == []
    order = tab_order(film)
    assert order.index("image") < order.index("level") < order.index("presets")
    assert order.index("presets") < order.index("actual_size")
    assert film.level_label.buddy() is film.level
