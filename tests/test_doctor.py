"""The doctor, run as a person runs it, on computers that lack this or that."""

import ast
import base64
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest

from consultdesk import doctor

on_linux = pytest.mark.skipif(
    platform.system() != "Linux", reason="system libraries come from apt only on Linux"
)

# Another computer, for a Python started with this on its path: which libraries load, who runs it.
OTHER_COMPUTER = """
import ctypes, os, sys
from pathlib import Path

class _Library(ctypes.CDLL):
    def __init__(self, name, *rest, **options):
        place = Path(os.environ["LIBRARIES"])
        if name in os.environ["ABSENT"].split() and not (place / name).exists():
            raise OSError(name + ": cannot open shared object file: No such file or directory")

ctypes.CDLL = _Library
os.geteuid = lambda: int(os.environ["USER_NUMBER"])
if os.environ.get("NO_ENSUREPIP"):
    sys.modules["ensurepip"] = None
"""

# A checkout whose build needs nothing from elsewhere.
DESCRIPTION = """
[build-system]
requires = []
build-backend = "build_here"
backend-path = ["."]

[project]
name = "consultdesk"
version = "0"
"""
BUILD = """
import zipfile
from pathlib import Path

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "consultdesk-0-py3-none-any.whl"
    with zipfile.ZipFile(Path(folder) / name, "w") as wheel:
        wheel.writestr("consultdesk.pth", str(Path.cwd()))
        wheel.writestr("consultdesk-0.dist-info/METADATA",
                       "Metadata-Version: 2.1\\nName: consultdesk\\nVersion: 0\\n")
        wheel.writestr("consultdesk-0.dist-info/WHEEL",
                       "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("consultdesk-0.dist-info/RECORD", "")
    return name
"""


@dataclass(frozen=True)
class Computer:
    """A folder with an uninstalled checkout, and what the computer around it is like."""

    checkout: Path
    programs: Path
    libraries: Path
    python_path: Path

    def add_program(self, name: str, script: str) -> None:
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def consult(
        self,
        *arguments: str,
        user: int = 1000,
        absent: Sequence[str] = (),
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> "subprocess.CompletedProcess[str]":
        outside = {name: os.environ[name] for name in os.environ if name.startswith("SSL_")}
        answer = subprocess.run(
            [sys.executable, "-m", "consultdesk.doctor", *arguments],
            cwd=self.checkout,
            env={
                **outside,
                "PATH": str(self.programs),
                "HOME": str(self.checkout.parent),
                "PYTHONPATH": str(self.python_path),
                "PIP_CONFIG_FILE": os.devnull,
                "LIBRARIES": str(self.libraries),
                "ABSENT": " ".join(absent),
                "USER_NUMBER": str(user),
                **more,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert "Traceback" not in answer.stderr + answer.stdout
        return answer


@pytest.fixture
def computer(tmp_path: Path, checkout: Path) -> Computer:
    made = Computer(
        tmp_path / "checkout", tmp_path / "bin", tmp_path / "lib", tmp_path / "otherwise"
    )
    for folder in (made.checkout / "consultdesk", made.programs, made.libraries, made.python_path):
        folder.mkdir(parents=True)
    for name in ("__init__.py", "doctor.py"):
        shutil.copy(checkout / "consultdesk" / name, made.checkout / "consultdesk" / name)
    (made.checkout / "pyproject.toml").write_text(DESCRIPTION, encoding="utf-8")
    (made.checkout / "build_here.py").write_text(BUILD, encoding="utf-8")
    (made.checkout / "requirements.lock").write_text("", encoding="utf-8")
    (made.python_path / "sitecustomize.py").write_text(OTHER_COMPUTER, encoding="utf-8")
    return made


def _bell_wheel(folder: Path) -> str:
    """A distribution of one line, as a wheel; returns its SHA-256."""
    path = folder / "cd_bell-1-py3-none-any.whl"
    parts = {
        "cd_bell.py": b"rang = True\n",
        "cd_bell-1.dist-info/METADATA": b"Metadata-Version: 2.1\nName: cd-bell\nVersion: 1\n",
        "cd_bell-1.dist-info/WHEEL": (
            b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    record = "cd_bell-1.dist-info/RECORD,,\n"
    for name, content in parts.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(content)}\n"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in parts.items():
            wheel.writestr(name, content)
        wheel.writestr("cd_bell-1.dist-info/RECORD", record)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_doctor_can_be_read_by_a_python_too_old_for_the_desk(checkout: Path) -> None:
    source = (checkout / "consultdesk" / "doctor.py").read_text(encoding="ascii")
    ast.parse(source, feature_version=(3, 6))
    assert "from __future__" not in source


def test_an_old_python_is_named() -> None:
    with pytest.raises(doctor.Trouble, match=r"3\.11 or newer; this is Python 3\.9\.2") as refusal:
        doctor.check_python((3, 9, 2), "python3")
    assert refusal.value.status == 78


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 1), (3, 13, 0)])
def test_a_python_new_enough_passes(version: tuple[int, ...]) -> None:
    doctor.check_python(version, "python3")


@pytest.mark.parametrize(
    ("machine", "glibc", "words"),
    [
        ("aarch64", (2, 36), r"ARM Linux .* glibc 2\.39 or newer; this computer has 2\.36"),
        ("x86_64", (2, 31), r"glibc 2\.34 or newer; this computer has 2\.31"),
        ("x86_64", None, r"GNU C library"),
        ("riscv64", (2, 41), r"this one is riscv64"),
    ],
)
def test_a_linux_the_libraries_are_not_made_for_is_told_plainly(
    machine: str, glibc: tuple[int, ...] | None, words: str
) -> None:
    with pytest.raises(doctor.Trouble, match=words) as refusal:
        doctor.check_linux(machine, glibc)
    assert refusal.value.status == 78
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(("machine", "glibc"), [("x86_64", (2, 36)), ("aarch64", (2, 39))])
def test_a_linux_the_libraries_are_made_for_passes(machine: str, glibc: tuple[int, ...]) -> None:
    doctor.check_linux(machine, glibc)


@pytest.mark.parametrize(
    ("machine", "release", "words"),
    [
        ("arm64", "13.7.1", "Apple processor ConsultDesk needs macOS 14 or newer; .* macOS 13.7.1"),
        ("x86_64", "14.2", "Intel processor ConsultDesk needs macOS 15 or newer; .* macOS 14.2"),
    ],
)
def test_a_mac_that_is_too_old_is_told_plainly(machine: str, release: str, words: str) -> None:
    with pytest.raises(doctor.Trouble, match=words):
        doctor.check_macos(machine, release)
    doctor.check_macos(machine, "15.0")


@on_linux
def test_without_permission_the_exact_lines_are_printed(computer: Computer) -> None:
    computer.add_program("apt-get", 'echo "$*" >> ../apt-ran')

    answer = computer.consult("--install", absent=["libEGL.so.1", "libxcb-cursor.so.0"])

    assert answer.returncode == 78
    assert "This computer lacks: libEGL.so.1, libxcb-cursor.so.0" in answer.stdout
    assert [line for line in answer.stderr.splitlines() if line.startswith("  ")] == [
        "  sudo apt-get update",
        "  sudo apt-get install --yes --no-install-recommends libegl1 libxcb-cursor0",
    ]
    assert not (computer.checkout.parent / "apt-ran").exists()
    assert not (computer.checkout / ".venv").exists()


@on_linux
def test_a_sudo_that_would_ask_is_not_waited_for_where_nobody_can_answer(
    computer: Computer,
) -> None:
    computer.add_program("apt-get", 'echo "$*" >> ../apt-ran')
    computer.add_program("sudo", '[ "$1" = -n ] && exit 1; read answer')

    answer = computer.consult("--install", absent=["libEGL.so.1"])

    assert answer.returncode == 78
    assert "  sudo apt-get install --yes --no-install-recommends libegl1" in answer.stderr
    assert not (computer.checkout.parent / "apt-ran").exists()


@on_linux
def test_without_install_nothing_is_run_even_by_root(computer: Computer) -> None:
    computer.add_program("apt-get", 'echo "$*" >> ../apt-ran')

    answer = computer.consult(user=0, absent=["libX11-xcb.so.1"])

    assert answer.returncode == 78
    assert "\n  apt-get install --yes --no-install-recommends libx11-xcb1\n" in answer.stderr
    assert not (computer.checkout.parent / "apt-ran").exists()


@on_linux
def test_a_python_without_ensurepip_gets_its_debian_package_named(computer: Computer) -> None:
    computer.add_program("apt-get", "exit 1")

    answer = computer.consult(more={"NO_ENSUREPIP": "1"})

    assert answer.returncode == 78
    install = next(line for line in answer.stderr.splitlines() if "apt-get install" in line)
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert install.split()[-1] in ("python3-venv", f"python{version}-venv")


@on_linux
def test_where_there_is_no_apt_the_libraries_are_named(computer: Computer) -> None:
    answer = computer.consult("--install", user=0, absent=["libEGL.so.1"])

    assert answer.returncode == 78
    assert "libEGL.so.1" in answer.stdout
    assert "apt" not in answer.stdout + answer.stderr


@on_linux
def test_root_gets_the_lists_first_and_then_the_libraries(computer: Computer) -> None:
    computer.add_program("apt-get", 'echo "$*" >> ../apt-ran')

    answer = computer.consult("--install", user=0, absent=["libEGL.so.1", "libGL.so.1"])

    assert (computer.checkout.parent / "apt-ran").read_text().splitlines() == [
        "update",
        "install --yes --no-install-recommends libegl1 libgl1",
    ]
    assert answer.returncode == 78
    assert "still lacks: libEGL.so.1, libGL.so.1" in answer.stderr


@on_linux
def test_sudo_is_used_after_saying_so(computer: Computer) -> None:
    computer.add_program("apt-get", 'echo "$*" >> ../apt-ran')
    computer.add_program("sudo", '[ "$1" = -n ] && exit 0; echo sudo >> ../apt-ran; exec "$@"')

    answer = computer.consult("--install", absent=["libEGL.so.1"])

    assert "Asking sudo to run\n  sudo apt-get update\n" in answer.stdout
    assert (computer.checkout.parent / "apt-ran").read_text().splitlines() == [
        "sudo",
        "update",
        "sudo",
        "install --yes --no-install-recommends libegl1",
    ]


@on_linux
def test_an_apt_that_fails_is_quoted_in_one_line(computer: Computer) -> None:
    computer.add_program("apt-get", 'echo Reading...; echo "E: The list is locked" >&2; exit 100')

    answer = computer.consult("--install", user=0, absent=["libEGL.so.1"])

    assert answer.returncode == 1
    assert answer.stderr == "apt-get update failed: E: The list is locked\n"


def test_a_checkout_is_set_up_with_what_the_lock_names_and_then_left_alone(
    computer: Computer, tmp_path: Path
) -> None:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    lock = computer.checkout / "requirements.lock"
    lock.write_text(f"cd-bell==1 \\\n    --hash=sha256:{_bell_wheel(shelf)}\n", encoding="ascii")
    from_shelf = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(shelf)}
    scripts = "Scripts" if os.name == "nt" else "bin"

    first = computer.consult(more={**from_shelf, "PIP_USER": "1"})

    assert first.returncode == 0, first.stderr
    program = "import cd_bell, consultdesk; print(cd_bell.rang, consultdesk.__file__)"
    said = subprocess.run(
        [computer.checkout / ".venv" / scripts / "python", "-I", "-c", program],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == ["True", str(computer.checkout / "consultdesk/__init__.py")]

    shutil.rmtree(shelf)
    second = computer.consult(more=from_shelf)

    assert second.returncode == 0, second.stderr
    assert "Installing" not in second.stdout

    lock.write_text(f"cd-bell==2 \\\n    --hash=sha256:{'0' * 64}\n", encoding="ascii")
    third = computer.consult(more=from_shelf)

    assert third.returncode == 1
    assert third.stderr.startswith("The libraries could not be installed. pip says: ERROR:")


def test_an_altered_library_is_refused_and_no_network_is_said_in_one_line(
    computer: Computer, tmp_path: Path
) -> None:
    _bell_wheel(tmp_path)
    lock = computer.checkout / "requirements.lock"
    lock.write_text(f"cd-bell==1 \\\n    --hash=sha256:{'0' * 64}\n", encoding="ascii")

    altered = computer.consult(more={"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)})
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "1"}
    unreachable = computer.consult(more=nowhere)

    assert altered.returncode == 1
    assert "DO NOT MATCH THE HASHES" in altered.stderr
    assert unreachable.returncode == 1
    assert "the server they come from can't be reached. pip says: ERROR:" in unreachable.stderr
    assert len(unreachable.stderr.splitlines()) == 1


def test_a_folder_that_is_somebody_elses_is_not_touched(computer: Computer) -> None:
    theirs = computer.checkout / ".venv" / "notes.txt"
    theirs.parent.mkdir()
    theirs.write_text("mine")

    answer = computer.consult()

    assert answer.returncode == 1
    assert answer.stderr.startswith("The folder .venv holds something else")
    assert theirs.read_text() == "mine"


def test_a_checkout_without_its_lock_says_so(computer: Computer) -> None:
    (computer.checkout / "requirements.lock").unlink()

    answer = computer.consult()

    assert answer.returncode == 1
    assert answer.stderr == "This checkout is incomplete: requirements.lock is missing.\n"


def test_a_library_that_does_not_load_is_named() -> None:
    with pytest.raises(doctor.Trouble, match="no_such_part does not load"):
        doctor.try_modules(Path(sys.executable), ["no_such_part"])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to die of")
def test_a_library_that_ends_the_program_is_told_from_one_that_works(tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\nkill -ABRT $$\n", encoding="ascii")
    broken.chmod(0o755)
    with pytest.raises(doctor.Trouble, match="ended the program by signal 6"):
        doctor.try_modules(broken, ["json"])


def test_every_library_installed_here_loads() -> None:
    doctor.try_modules(Path(sys.executable), sorted(set(doctor.TRIALS.values())))
