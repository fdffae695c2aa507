"""The look a person has chosen for this computer, kept from one start to the next."""

from PySide6.QtCore import QSettings

from consultdesk.desktop.style import Scheme, Style

_SCHEME, _TEXT = "look/scheme", "look/text_size"
TEXT_SIZES = (1.0, 1.15, 1.3, 1.5, 1.75, 2.0)


def put_on_kept_look(style: Style, settings: QSettings) -> None:
    """The look this computer was left with; it belongs to the computer, not to a store."""
    kept = str(settings.value(_SCHEME, Scheme.SYSTEM.value))
    if kept in set(Scheme):
        style.choose(Scheme(kept))
    size = settings.value(_TEXT, 1.0)
    try:
        style.scale_text(float(str(size)))
    except ValueError:
        settings.remove(_TEXT)


def choose_scheme(style: Style, settings: QSettings, scheme: Scheme) -> None:
    """Change the colours, here and at the next start."""
    style.choose(scheme)
    settings.setValue(_SCHEME, scheme.value)


def scale_text(style: Style, settings: QSettings, size: float) -> None:
    """Change the size of all words, here and at the next start."""
    style.scale_text(size)
    settings.setValue(_TEXT, size)


def step_text(style: Style, settings: QSettings, by: int) -> None:
    """The next larger or smaller size."""
    now = kept_text_size(settings)
    at = min(range(len(TEXT_SIZES)), key=lambda n: abs(TEXT_SIZES[n] - now))
    scale_text(style, settings, TEXT_SIZES[min(len(TEXT_SIZES) - 1, max(0, at + by))])


def kept_text_size(settings: QSettings) -> float:
    """How large words are: 1.0…2.0."""
    try:
        return float(str(settings.value(_TEXT, 1.0)))
    except ValueError:
        return 1.0
