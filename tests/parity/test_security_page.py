"""docs/security.md names tests that exist; what bandit finds is compared by `make check`."""

from __future__ import annotations

import re
from pathlib import Path

from support.core import PACKAGE

ROOT = PACKAGE.parent


def test_the_tests_that_the_page_names_exist() -> None:
    named = set(re.findall(r"`(test_\w+\.py)`", (ROOT / "docs" / "security.md").read_text(encoding="utf-8")))
    assert named
    assert sorted(named - {path.name for path in (ROOT / "tests").rglob("test_*.py")}) == []


def test_the_vulnerabilities_that_are_explained_are_those_of_packages_that_ship() -> None:
    """A package that is replaced takes its rows with it."""
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    shipped = Path(PACKAGE, "lib", "requirements.txt").read_text(encoding="utf-8").splitlines()
    told = re.findall(r"^\| `CVE-[\d-]+` \| ([\w-]+) ([\d.]+) \|", page, re.MULTILINE)
    assert told
    assert [pair for pair in told if "==".join(pair) not in shipped] == []
