"""Finds out whether this computer can run ConsultDesk, and with --install makes it so.

Runs from a checkout where nothing is installed, also under a Python too old for the rest, which it
then names: standard library only, and no syntax newer than Python 3.6.
"""

import argparse
import ctypes
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

DONE, FAILED, LACKING = 0, 1, 78

OLDEST_PYTHON = (3, 11)
# What the wheels are built for, by processor.
OLDEST_MACOS = {"arm64": 14, "x86_64": 15}
OLDEST_GLIBC = {"x86_64": (2, 34), "aarch64": (2, 39)}

# Debian package: the libraries in it that Qt loads, even when it draws off screen.
OFFSCREEN_LIBRARIES = {
    "libglib2.0-0": ("libglib-2.0.so.0", "libgthread-2.0.so.0"),
    "libegl1": ("libEGL.so.1",),
    "libgl1": ("libGL.so.1",),
    "libx11-6": ("libX11.so.6",),
    "libdbus-1-3": ("libdbus-1.so.3",),
    "libfontconfig1": ("libfontconfig.so.1",),
    "libfreetype6": ("libfreetype.so.6",),
    "libxkbcommon0": ("libxkbcommon.so.0",),
    "libbrotli1": ("libbrotlidec.so.1",),
}
# The same for a window on a display.
DISPLAY_LIBRARIES = {
    "libxcb-cursor0": ("libxcb-cursor.so.0",),
    "libxcb-icccm4": ("libxcb-icccm.so.4",),
    "libxcb-image0": ("libxcb-image.so.0",),
    "libxcb-keysyms1": ("libxcb-keysyms.so.1",),
    "libxcb-randr0": ("libxcb-randr.so.0",),
    "libxcb-render-util0": ("libxcb-render-util.so.0",),
    "libxcb-shape0": ("libxcb-shape.so.0",),
    "libxcb-sync1": ("libxcb-sync.so.1",),
    "libxcb-xfixes0": ("libxcb-xfixes.so.0",),
    "libxcb-xkb1": ("libxcb-xkb.so.1",),
    "libx11-xcb1": ("libX11-xcb.so.1",),
    "libxkbcommon-x11-0": ("libxkbcommon-x11.so.0",),
}

# Locked distribution: the module that shows whether its compiled part loads on this machine.
TRIALS = {
    "pyside6-essentials": "PySide6.QtWidgets",
    "pyside6-addons": "PySide6.QtPdf",
    "pyside6-pdf": "PySide6.QtPdf",
    "cryptography": "cryptography.hazmat.primitives.ciphers.aead",
    "imagecodecs": "imagecodecs",
    "lxml": "lxml.etree",
    "pikepdf": "pikepdf",
    "pyrage": "pyrage",
    "python-gdcm": "gdcm",
    "sqlcipher3": "sqlcipher3.dbapi2",
}
# One build of Qt lost a reference at each signal and aborted after some five hundred.
TRIAL = """
import importlib, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ImportError as error:
        sys.exit(name + " does not load: " + str(error).splitlines()[0])
if "PySide6.QtWidgets" in sys.argv:
    from PySide6.QtCore import QObject, Signal
    class Bell(QObject):
        rang = Signal(bool)
    bell = Bell()
    bell.rang.connect(lambda loud: None)
    for _ in range(2000):
        bell.rang.emit(True)
"""


class Trouble(Exception):
    """What keeps the desk from running here, in words for the person, and the exit status."""

    def __init__(self, message: str, status: int = FAILED) -> None:
        """Keep the words and the status."""
        super().__init__(message)
        self.status = status


def main(arguments: "list[str] | None" = None) -> int:
    """Check this computer, set up what can be set up, say what is lacking.

    Returns 0 when the desk can run, 1 when something failed, 78 when the computer lacks something
    that a person has to add.
    """
    parser = argparse.ArgumentParser(
        prog="python3 -m consultdesk.doctor",
        description="Find out whether this computer can run ConsultDesk, and set it up.",
    )
    parser.add_argument(
        "--install",
        action="store_true",
        help="also install the system libraries that are missing (Debian, Ubuntu)",
    )
    options = parser.parse_args(arguments)
    try:
        examine(install=options.install)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return trouble.status
    except OSError as error:
        print(f"The set-up stopped: {_in_words(error)}.", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("\nStopped. Run it again to go on from here.", file=sys.stderr)
        return FAILED
    return DONE


def examine(install: bool) -> None:
    """Go through Python, platform, system libraries and, in a checkout, its own Python folder.

    Raises Trouble at the first thing that can't be put right.
    """
    check_python(sys.version_info[:3], sys.executable)
    check_platform()
    checkout = find_checkout()
    packages, libraries = find_missing(needs_venv=checkout is not None)
    if packages:
        provide(packages, libraries, install)
    if checkout is None:
        try_modules(Path(sys.executable), sorted(set(TRIALS.values())))
        print("This computer has what ConsultDesk needs.")
        return
    set_up(checkout)
    print("ConsultDesk is ready: " + os.path.join(".venv", _scripts(), "consultdesk"))


def check_python(version: "tuple[int, ...]", executable: str) -> None:
    """Raise Trouble when this Python is too old for the desk."""
    if tuple(version) >= OLDEST_PYTHON:
        return
    found = ".".join(str(part) for part in version)
    raise Trouble(
        f"ConsultDesk needs Python 3.11 or newer; this is Python {found} ({executable}). "
        "Install a newer Python and start this with it, for example: "
        "python3.11 -m consultdesk.doctor --install",
        LACKING,
    )


def check_platform() -> None:
    """Raise Trouble when the libraries are not made for this system or processor."""
    system, machine = platform.system(), platform.machine()
    if sys.maxsize < 2**32:
        raise Trouble("ConsultDesk needs a 64-bit Python; this one is 32-bit.", LACKING)
    if system == "Linux":
        check_linux(machine, _glibc())
    elif system == "Darwin":
        check_macos(machine, platform.mac_ver()[0])
    elif system == "Windows":
        if machine.upper() not in ("AMD64", "X86_64"):
            raise Trouble(
                f"ConsultDesk runs on Windows with an x64 processor; this one is {machine}.",
                LACKING,
            )
    else:
        raise Trouble(f"ConsultDesk runs on Linux, macOS and Windows, not on {system}.", LACKING)


def check_macos(machine: str, release: str) -> None:
    """Raise Trouble when the libraries are made for a newer macOS than this."""
    oldest = OLDEST_MACOS.get(machine, max(OLDEST_MACOS.values()))
    if int(release.split(".")[0] or 0) < oldest:
        processor = "Apple" if machine == "arm64" else "Intel"
        raise Trouble(
            f"On a Mac with {processor} processor ConsultDesk needs macOS {oldest} or newer; "
            f"this is macOS {release}.",
            LACKING,
        )


def check_linux(machine: str, glibc: "tuple[int, ...] | None") -> None:
    """Raise Trouble when the Qt libraries can't load with this processor and C library."""
    oldest = OLDEST_GLIBC.get(machine)
    if oldest is None:
        raise Trouble(
            f"ConsultDesk runs on Linux with an x86-64 or ARM64 processor; this one is {machine}.",
            LACKING,
        )
    if glibc is None:
        raise Trouble(
            "ConsultDesk needs a Linux with the GNU C library (glibc); this one has another. "
            "Debian, Ubuntu, Fedora and openSUSE have it.",
            LACKING,
        )
    if glibc < oldest:
        kind = "ARM Linux" if machine == "aarch64" else "Linux"
        newer = "Debian 13 or Ubuntu 24.04" if machine == "aarch64" else "Debian 12 or Ubuntu 22.04"
        raise Trouble(
            f"On {kind} ConsultDesk needs glibc {oldest[0]}.{oldest[1]} or newer; this computer "
            f"has {glibc[0]}.{glibc[1]}. {newer} has it.",
            LACKING,
        )


def find_checkout() -> "Path | None":
    """The checkout this file lies in, or None when it runs from an installed wheel."""
    folder = Path(__file__).resolve().parent.parent
    return folder if (folder / "pyproject.toml").is_file() else None


def find_missing(needs_venv: bool) -> "tuple[list[str], list[str]]":
    """Debian packages and what of each is missing here, found by trying, not by asking apt."""
    if platform.system() != "Linux":
        return [], []
    packages, libraries = [], []
    for package, names in {**OFFSCREEN_LIBRARIES, **DISPLAY_LIBRARIES}.items():
        absent = [name for name in names if not _loads(name)]
        if absent:
            packages.append(package)
            libraries.extend(absent)
    if needs_venv and importlib.util.find_spec("ensurepip") is None:
        packages.insert(0, _venv_package())
        libraries.insert(0, "Python's own venv and ensurepip")
    return packages, libraries


def provide(packages: "list[str]", libraries: "list[str]", install: bool) -> None:
    """Install the packages where that is asked for and permitted; else say how, and raise."""
    print("This computer lacks: " + ", ".join(libraries))
    if shutil.which("apt-get") is None:
        raise Trouble(
            "Install them with this system's own package manager, then run this again.", LACKING
        )
    lines = apt_lines(packages)
    shown = "\n".join("  " + " ".join(line) for line in lines)
    if not install:
        raise Trouble(
            f"Let an administrator run\n{shown}\n"
            "or have it done by: python3 -m consultdesk.doctor --install",
            LACKING,
        )
    if not _may_install():
        raise Trouble(
            "They can't be installed from here: this needs an administrator. Let one run\n"
            f"{shown}\nthen start this again.",
            LACKING,
        )
    print(("Asking sudo to run" if lines[0][0] == "sudo" else "Running") + f"\n{shown}", flush=True)
    for line in lines:
        _run_apt(line)
    still = find_missing(needs_venv=False)[1]
    if still:
        raise Trouble("Installed, yet this computer still lacks: " + ", ".join(still), LACKING)


def apt_lines(packages: "list[str]") -> "list[list[str]]":
    """The two commands that bring the packages, as this person has to type them."""
    prefix = [] if _is_root() else ["sudo"]
    return [
        [*prefix, "apt-get", "update"],
        [*prefix, "apt-get", "install", "--yes", "--no-install-recommends", *packages],
    ]


def set_up(checkout: Path) -> None:
    """Make `.venv` in the checkout hold the locked libraries and the package.

    Quick when a stamp says that it already holds this very lock.
    """
    lock = checkout / "requirements.lock"
    if not lock.is_file():
        raise Trouble("This checkout is incomplete: requirements.lock is missing.")
    folder = checkout / ".venv"
    python = folder / _scripts() / ("python.exe" if os.name == "nt" else "python")
    stamp, wanted = folder / "set-up-for", _fingerprint(checkout)
    if _runs(python) and stamp.is_file() and stamp.read_bytes() == wanted:
        return
    _make_folder(folder, python)
    if stamp.exists():
        stamp.unlink()
    print("Installing the libraries: half a gigabyte, a few minutes.", flush=True)
    _pip(python, ["--require-hashes", "--only-binary", ":all:", "--requirement", str(lock)])
    _pip(python, ["--no-deps", "--no-build-isolation", "--editable", str(checkout)])
    lines = lock.read_text(encoding="utf-8").splitlines()
    locked = {line.split("==")[0] for line in lines if "==" in line}
    try_modules(python, sorted({TRIALS[name] for name in locked & set(TRIALS)}))
    stamp.write_bytes(wanted)


def try_modules(python: Path, modules: "list[str]") -> None:
    """Load them in a Python of their own; Trouble names the one that fails on this computer."""
    answer = _ask([str(python), "-c", TRIAL, *modules], _environment())
    if answer.returncode == 0:
        return
    said = _last_line(answer.stderr) or "no reason given"
    if answer.returncode < 0:
        said = f"Qt or another library ended the program by signal {-answer.returncode}"
    raise Trouble(
        f"The libraries are installed, but one does not work on this computer: {said}",
        LACKING if "shared object" in said else FAILED,
    )


def _make_folder(folder: Path, python: Path) -> None:
    if folder.exists() and not (folder / "pyvenv.cfg").is_file() and any(folder.iterdir()):
        raise Trouble("The folder .venv holds something else; move it away, then run this again.")
    if _runs(python):
        return
    print("Making .venv, a folder with the desk's own Python.", flush=True)
    clear = ["--clear"] if folder.exists() else []
    answer = _ask([sys.executable, "-m", "venv", *clear, str(folder)], _environment())
    if answer.returncode != 0:
        said = _last_line(answer.stderr) or _last_line(answer.stdout)
        raise Trouble(f"The folder .venv could not be made: {said}")


def _pip(python: Path, arguments: "list[str]") -> None:
    """Run pip install with the person's own settings for where packages come from."""
    command = [str(python), "-m", "pip", "install", "--no-input", "--progress-bar", "off"]
    process = subprocess.Popen(
        [*command, *arguments],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    last, error, count, unreachable = "", "", 0, ""
    with process:
        for line in process.stdout or ():
            last = line.strip() or last
            error = last if last.startswith("ERROR:") else error
            if "connection broken by" in line:
                unreachable = "; the server they come from can't be reached"
            if line.startswith("Collecting "):
                count += 1
                _progress(f"{count} libraries found")
            elif line.startswith("Installing collected"):
                _progress(f"{count} libraries found, installing")
    _progress("")
    if process.returncode != 0:
        raise Trouble(
            f"The libraries could not be installed{unreachable}. pip says: {error or last}"
        )


def _progress(text: str) -> None:
    """Show on a terminal how far it is, on one line; say nothing into a file."""
    if sys.stdout.isatty():
        print("\r" + text.ljust(40), end="" if text else "\r", flush=True)


def _run_apt(line: "list[str]") -> None:
    environment = {**_environment(), "DEBIAN_FRONTEND": "noninteractive"}
    at_terminal = line[0] == "sudo" and _at_terminal()
    process = subprocess.run(
        line,
        env=environment,
        # sudo asks for the password at the terminal; nothing else has a question
        stdin=None if at_terminal else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if process.returncode != 0:
        shown = " ".join(line[:3])
        raise Trouble(f"{shown} failed: {_last_line(process.stdout)}")


def _may_install() -> bool:
    if _is_root():
        return True
    if shutil.which("sudo") is None:
        return False
    return _at_terminal() or _ask(["sudo", "-n", "true"], _environment()).returncode == 0


def _at_terminal() -> bool:
    # a closed standard input is None
    return sys.stdin is not None and sys.stdin.isatty()


def _is_root() -> bool:
    return os.name == "posix" and os.geteuid() == 0


def _venv_package() -> str:
    """python3-venv serves the system's own Python; another one has a package of its own."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    system = Path("/usr/bin/python3")
    own = not system.exists() or version in system.resolve().name
    return "python3-venv" if own else f"python{version}-venv"


def _fingerprint(checkout: Path) -> bytes:
    """Changes with the lock, the package's own description, the Python and the place."""
    digest = hashlib.sha256()
    for name in ("requirements.lock", "pyproject.toml"):
        digest.update((checkout / name).read_bytes())
    digest.update(f"{sys.version_info[:2]} {checkout}".encode())
    return digest.hexdigest().encode()


def _runs(python: Path) -> bool:
    """Whether it is a Python of this one's version that has pip."""
    if not python.exists():
        return False
    program = "import sys, pip; print(*sys.version_info[:2])"
    answer = _ask([str(python), "-I", "-c", program], _environment())
    wanted = f"{sys.version_info[0]} {sys.version_info[1]}"
    return answer.returncode == 0 and answer.stdout.strip() == wanted


def _ask(command: "list[str]", environment: "dict[str, str]") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def _environment() -> "dict[str, str]":
    """The person's environment without what would send an installation somewhere else."""
    astray = ("PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT")
    kept = {name: value for name, value in os.environ.items() if name not in astray}
    return {**kept, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "LC_ALL": "C.UTF-8"}


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _glibc() -> "tuple[int, ...] | None":
    try:
        said = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, ValueError, OSError):
        return None
    numbers = said.split(" ")[-1].split(".")
    return tuple(int(part) for part in numbers[:2]) if numbers[0].isdigit() else None


def _scripts() -> str:
    return "Scripts" if os.name == "nt" else "bin"


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _in_words(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{reason} ({error.filename})" if error.filename else reason


if __name__ == "__main__":
    sys.exit(main())
