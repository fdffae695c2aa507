"""Where the forms and resources lie, in a checkout or in an installed wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _root() -> Path:
    """The wheel carries `ui` and `resources` inside the package; a checkout has them beside it."""
    carried = _PACKAGE / "_assets"
    return carried if carried.is_dir() else _PACKAGE.parent


def ui_file(name: str) -> Path:
    """A Designer form by its file name, with or without `.ui`; FileNotFoundError names it."""
    return _existing(_root() / "ui", name if name.endswith(".ui") else f"{name}.ui")


def resource(*parts: str) -> Path:
    """A file or folder below `resources`, by its parts; FileNotFoundError names it."""
    return _existing(resources_dir(), *parts)


def resources_dir() -> Path:
    """The folder with icons, fonts, letters, specialties, calendars, languages and styles."""
    return _root() / "resources"


def _existing(folder: Path, *parts: str) -> Path:
    path = folder.joinpath(*parts)
    if not path.exists():
        wanted = "/".join((folder.name, *parts))
        message = f"This copy of ConsultDesk is incomplete: {wanted} is missing. Install it again."
        raise FileNotFoundError(message)
    return path
