"""Answers of the platform and the events we promise for them, pair by pair.

`<case>.xml` is what the platform says, `<case>.settings.json` (optional) the tab *VM*, `<case>.events.jsonl` the
events, one JSON object a line. ``make golden`` writes the events anew; review the difference before you keep it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qualys_ta.populator.host_detection import FEED
from support.core import broken, events, inspected

CASES = sorted((Path(__file__).parent / "host_detection").glob("*.xml"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_golden(case: Path, request: pytest.FixtureRequest) -> None:
    body, expected = case.read_bytes(), case.with_suffix(".events.jsonl")
    assert inspected(body).root == FEED.root
    lines = "".join(json.dumps(event._asdict(), ensure_ascii=False) + "\n" for event in events(body, **_chosen(case)))
    if request.config.getoption("--rewrite"):
        expected.write_bytes(lines.encode())
    assert lines.split("\n") == expected.read_text(encoding="utf-8").split("\n")


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_every_golden_event_stays_one_event(case: Path) -> None:
    found = [event.text for event in events(case.read_bytes(), **_chosen(case))]
    assert broken("\n".join(found)) == found or not found


def _chosen(case: Path) -> dict[str, str]:
    path = case.with_suffix(".settings.json")
    chosen: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return chosen


def test_all_pairs_are_whole() -> None:
    expectations = {path.name for path in CASES[0].parent.glob("*.events.jsonl")}
    assert expectations == {f"{case.stem}.events.jsonl" for case in CASES}
