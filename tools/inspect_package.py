"""Runs AppInspect, all of its checks, and says what it found.

Usage: ``python tools/inspect_package.py <splunk-appinspect> <archive.tar.gz>``. Ends with 1 where a check failed, could
not run, or will fail with a later AppInspect; warnings are printed, and docs/appinspect.md explains each.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

REPORT = Path("build/appinspect.json")
BAD = ("failure", "future_failure", "error")
DOCS = Path("docs/appinspect.md")


def inspect(appinspect: str, archive: str) -> dict[str, Any]:
    """AppInspect's report. Its exit status says nothing of warnings and future failures, so it is not used."""
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.unlink(missing_ok=True)
    options = ["--mode", "precert", "--skip-trusted-libraries-update", "--max-messages", "all"]
    command = [appinspect, "inspect", archive, *options, "--data-format", "json", "--output-file", str(REPORT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not REPORT.exists():
        sys.exit(
            f"AppInspect left no report:\n{done.stdout}{done.stderr}\nIf it misses libmagic: apt-get install libmagic1"
        )
    report: dict[str, Any] = json.loads(REPORT.read_text(encoding="utf-8"))
    return report


def checks(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [check for app in report["reports"] for group in app["groups"] for check in group["checks"]]


def told(check: dict[str, Any]) -> str:
    messages = [f"    {message['message']}" for message in check["messages"]]
    return "\n".join([f"{check['result'].upper()} {check['name']}", *messages])


def main(appinspect: str, archive: str) -> int:
    found = checks(inspect(appinspect, archive))
    counts = Counter(check["result"] for check in found)
    for check in found:
        if check["result"] in (*BAD, "warning"):
            print(told(check))
    print(", ".join(f"{count} {result}" for result, count in sorted(counts.items())))
    unexplained = [
        check["name"] for check in found if check["result"] == "warning" and check["name"] not in _explained()
    ]
    if unexplained:
        print(f"Warnings that {DOCS} does not explain: {', '.join(unexplained)}")
    return 1 if unexplained or any(counts[result] for result in BAD) else 0


def _explained() -> str:
    return DOCS.read_text(encoding="utf-8") if DOCS.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
