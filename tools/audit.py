"""Judges our code with bandit, and with pip-audit what we ship and develop with.

Usage: ``python tools/audit.py code`` (offline) or ``python tools/audit.py packages <pip-audit>`` (asks PyPI's list of
vulnerabilities). Ends with 1 for a finding that docs/security.md does not explain, or what it explains and bandit does
not find; with 2 where the list could not be asked.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

CODE = Path("package/bin")
REQUIREMENTS = ("package/lib/requirements.txt", "requirements-dev.txt")
DOCS = Path("docs/security.md")
ANY = "any"
_ROW = re.compile(r"^\| `([A-Z]+-?[\w-]+)` \| ([^|]+) \| [^|]{20,} \|$", re.MULTILINE)

Finding = tuple[str, str]
"""A rule of bandit and the module it speaks of, or a vulnerability and the package that has it."""


def code() -> int:
    done = _run([sys.executable, "-m", "bandit", "--quiet", "--recursive", "--format", "json", str(CODE)])
    report = json.loads(done.stdout)
    found = {(each["test_id"], _module(each["filename"])) for each in report["results"]}
    print(f"bandit: {report['metrics']['_totals']['loc']} lines, {len(report['results'])} findings")
    return _judged(found, _explained("B"), report["errors"])


def _module(path: str) -> str:
    """As the page names it."""
    return Path(path).relative_to(CODE).as_posix().removeprefix("qualys_ta/")


def packages(pip_audit: str) -> int:
    """Both lists of requirements are complete, so nothing is resolved."""
    found: set[Finding] = set()
    for requirements in REQUIREMENTS:
        done = _run([pip_audit, "--no-deps", "--disable-pip", "--progress-spinner=off", "-f=json", "-r", requirements])
        if not done.stdout:
            return _unasked(done.stderr.strip().rpartition("\n")[2])
        dependencies = json.loads(done.stdout)["dependencies"]
        skipped = [each["name"] for each in dependencies if "skip_reason" in each]
        if skipped:
            return _unasked(f"it does not know {', '.join(skipped)} of {requirements}")
        found |= set(_vulnerable(dependencies))
        print(f"pip-audit: {len(dependencies)} packages of {requirements}")
    return _judged(found, _explained("C"), (), needed=False)  # lists differ in what they tell, and when


def _vulnerable(dependencies: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    for each in dependencies:
        for vulnerability in each["vulns"]:
            names = sorted((vulnerability["id"], *vulnerability["aliases"]))
            yield names[0], f"{each['name']} {each['version']}"  # CVE-… comes before GHSA-… and PYSEC-…


def _explained(kind: str) -> set[Finding]:
    """The rows of the page's tables: what, and where of it (several, or any)."""
    rows = _ROW.findall(DOCS.read_text(encoding="utf-8"))
    return {(rule, place.strip(" `")) for rule, places in rows if rule.startswith(kind) for place in places.split(",")}


def _judged(found: set[Finding], explained: set[Finding], errors: Collection[object], *, needed: bool = True) -> int:
    new = {finding for finding in found - explained if (finding[0], ANY) not in explained}
    old = {(rule, place) for rule, place in explained - found if place != ANY or rule not in dict(found)}
    for error in errors:
        print(f"cannot be judged: {error}")
    for rule, place in sorted(new):
        print(f"{DOCS} does not explain: {rule} {place}")
    for rule, place in sorted(old):
        print(f"{DOCS} explains what is not there: {rule} {place}")
    return 1 if new or errors or (old and needed) else 0


def _unasked(why: str) -> int:
    print(f"pip-audit: the list of vulnerabilities could not be asked, so nothing is proved: {why}")
    return 2


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(packages(sys.argv[2]) if sys.argv[1] == "packages" else code())
