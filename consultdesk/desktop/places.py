"""Which store is opened, and where a new one would lie."""

from pathlib import Path

_APP = "ConsultDesk"
_DEFAULT = "practice.desk"
_LAST = "last-store"
_DEMO_MARK = "demo"
_DATABASE = "desk.db"


def default_store() -> Path:
    """Where a first store is made when nobody says otherwise."""
    import platformdirs  # here, not at the top: a store that was said needs none of it

    return platformdirs.user_data_path(_APP, appauthor=False) / _DEFAULT


def wanted_store(said: Path | None) -> Path | None:
    """The store to open: the one said, else the last one, else the default; None for a first run.

    One that is said is opened even where there is none, so that its absence is told.
    """
    if said is not None:
        return said
    return next((one for one in (last_store(), default_store()) if one and is_store(one)), None)


def is_store(folder: Path) -> bool:
    """Whether a store lies there."""
    return (folder / _DATABASE).is_file()


def last_store() -> Path | None:
    """The store that was open last; a path and nothing else is kept of it."""
    try:
        said = _last_file().read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return Path(said) if said else None


def remember(folder: Path) -> None:
    """Keep which store was open last. A demo isn't worth remembering."""
    if is_demo(folder):
        return
    file = _last_file()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_text(str(folder.resolve()), "utf-8")
    except OSError:
        return  # it is only a convenience


def mark_demo(folder: Path) -> None:
    """Mark a store as one of synthetic patients, so that it says so wherever it is opened."""
    (folder / _DEMO_MARK).write_text("synthetic patients only\n", "utf-8")


def is_demo(folder: Path) -> bool:
    """Whether a store holds synthetic patients only."""
    return (folder / _DEMO_MARK).is_file()


def _last_file() -> Path:
    import platformdirs  # as above

    return platformdirs.user_config_path(_APP, appauthor=False) / _LAST
