"""ConsultDesk is Apache-2.0: nothing in the default installation may force the GPL on it."""

import ast
import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# Distributions whose metadata declares no licence, with what their licence file says.
UNDECLARED = {
    "pyrage": "MIT, in its dist-info/licenses/LICENSE",
    "sqlcipher3": "zlib, in the LICENSE of its sources; SQLCipher itself is BSD-3-Clause",
}
# Distributions that look GPL-only and are not, by name and reason. None at present.
EXPLAINED: dict[str, str] = {}

# Qt modules that come under the GPL alone (or for money), though their wheel holds LGPL ones too.
GPL_QT_MODULES = {
    "QtCharts",
    "QtDataVisualization",
    "QtGraphs",
    "QtGraphsWidgets",
    "QtHttpServer",
    "QtNetworkAuth",
    "QtQuick3D",
    "QtQuickTimeline",
    "QtVirtualKeyboard",
}


def _default_distributions(checkout: Path) -> dict[str, metadata.Distribution]:
    """What `pip install consultdesk` brings on this machine, all the way down."""
    with (checkout / "pyproject.toml").open("rb") as file:
        wanted = [Requirement(line) for line in tomllib.load(file)["project"]["dependencies"]]
    found: dict[str, metadata.Distribution] = {}
    while wanted:
        requirement = wanted.pop()
        name = canonicalize_name(requirement.name)
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if name in found or not applies:
            continue
        found[name] = metadata.distribution(name)
        wanted += [Requirement(line) for line in found[name].requires or ()]
    return found


def _declared(distribution: metadata.Distribution) -> list[str]:
    """The alternatives it is offered under; a licence that joins several stays one."""
    said = distribution.metadata
    fields = ("License-Expression", "License")
    expression = next((said[field] for field in fields if field in said), "")
    classifiers = [
        line.split(" :: ")[-1]
        for line in said.get_all("Classifier") or ()
        if line.startswith("License :: ") and not line.endswith("OSI Approved")
    ]
    stated = expression.strip().split("\n")[0]
    return re.split(r"\s+OR\s+|/", stated) if stated else classifiers


def is_gpl_only(alternatives: list[str]) -> bool:
    """Whether every alternative carries the GPL or AGPL (the LGPL is fine)."""
    harmless = r"LGPL\S*|GNU (Lesser|Library) General Public|GPL\S*[ -]with[ -]GCC[ -]exception"
    general = r"GPL|GNU General Public|GNU Affero"
    return bool(alternatives) and all(
        re.search(general, re.sub(harmless, "", one, flags=re.IGNORECASE)) for one in alternatives
    )


@pytest.mark.parametrize(
    ("alternatives", "gpl_only"),
    [
        (["GPL-3.0-only"], True),
        (["AGPL-3.0"], True),
        (["MIT AND GPL-2.0-or-later"], True),
        (["GNU General Public License v3 (GPLv3)"], True),
        (["LGPL-3.0-only", "GPL-2.0-only", "GPL-3.0-only"], False),
        (["GNU Lesser General Public License v2 or later (LGPLv2+)"], False),
        (["LGPL-2.1-only AND GPL-2.0-only"], True),
        (["BSD-3-Clause AND GPL-3.0-or-later WITH GCC-exception-3.1"], False),
        (["GNU General Public License v2 or later (GPLv2+)", "MPL 1.1"], False),
        (["BSD-3-Clause"], False),
    ],
)
def test_a_gpl_licence_is_told_from_one_that_leaves_a_choice(
    alternatives: list[str], gpl_only: bool
) -> None:
    assert is_gpl_only(alternatives) is gpl_only


def test_no_library_of_the_default_installation_is_gpl_only(checkout: Path) -> None:
    distributions = _default_distributions(checkout)

    assert len(distributions) > 30
    forced = {
        name: _declared(distribution)
        for name, distribution in distributions.items()
        if name not in EXPLAINED and is_gpl_only(_declared(distribution))
    }
    assert forced == {}


def test_every_library_of_the_default_installation_declares_its_licence(checkout: Path) -> None:
    distributions = _default_distributions(checkout)
    silent = {name for name, found in distributions.items() if not _declared(found)}

    assert silent - UNDECLARED.keys() == set()


def test_no_qt_module_under_the_gpl_alone_is_used(checkout: Path) -> None:
    used = set()
    for path in (checkout / "consultdesk").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ImportFrom):
                used |= {alias.name for alias in node.names}
                used |= set((node.module or "").split("."))
            elif isinstance(node, ast.Import):
                used |= {part for alias in node.names for part in alias.name.split(".")}

    assert used & GPL_QT_MODULES == set()
