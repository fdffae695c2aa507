"""Forms and resources are found in a checkout and in an installed wheel alike."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from consultdesk import assets

CARRIED = ("ui", "resources")


def test_a_checkout_finds_its_own_resources(checkout: Path) -> None:
    assert assets.resources_dir() == checkout / "resources"
    assert assets.resource("fonts", "Inter-Regular.ttf").is_file()


def test_a_missing_file_is_named_by_its_place() -> None:
    with pytest.raises(FileNotFoundError, match=r"resources/fonts/Comic\.ttf is missing"):
        assets.resource("fonts", "Comic.ttf")
    with pytest.raises(FileNotFoundError, match=r"ui/no_such_form\.ui is missing"):
        assets.ui_file("no_such_form")


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the checkout, unpacked as an installation would."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(checkout / name, source)
    for name in ("consultdesk", *CARRIED):
        if (checkout / name).is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(checkout / name, source / name, ignore=ignore)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"]
    subprocess.run(
        [*command, "--no-build-isolation", "--wheel-dir", source / "dist", source],
        check=True,
        capture_output=True,
    )
    built = list((source / "dist").glob("consultdesk-*.whl"))
    assert len(built) == 1
    place = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(built[0]) as archive:
        archive.extractall(place)
    return place


def test_the_wheel_carries_every_form_resource_and_data_file(checkout: Path, wheel: Path) -> None:
    expected = {
        Path("consultdesk/_assets") / path.relative_to(checkout): path
        for folder in CARRIED
        for path in (checkout / folder).rglob("*")
    } | {path.relative_to(checkout): path for path in (checkout / "consultdesk").rglob("*")}
    files = {
        name: path
        for name, path in expected.items()
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert any(name.suffix == ".ttf" for name in files)
    differing = [
        str(name)
        for name, path in files.items()
        if not (wheel / name).is_file() or (wheel / name).read_bytes() != path.read_bytes()
    ]
    assert differing == []


def test_the_wheel_finds_what_it_carries(wheel: Path, tmp_path: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from consultdesk import assets;"
        "print(assets.resource('fonts', 'Inter-Regular.ttf'))"
    )
    answer = subprocess.run(
        [sys.executable, "-I", "-c", program, str(wheel)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    found = Path(answer.stdout.strip())
    assert found == wheel / "consultdesk/_assets/resources/fonts/Inter-Regular.ttf"


def test_the_wheel_starts_the_command_line_and_needs_what_the_project_needs(wheel: Path) -> None:
    information = next(wheel.glob("consultdesk-*.dist-info"))

    commands = (information / "entry_points.txt").read_text()
    assert "consultdesk = consultdesk.__main__:main" in commands
    assert "Requires-Python: >=3.11" in (information / "METADATA").read_text(encoding="utf-8")
