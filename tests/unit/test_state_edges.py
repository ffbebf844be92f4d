"""What a state says to people, and what becomes of values that nobody but people could have written."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from qualys_ta.splunk import state
from qualys_ta.splunk.checkpoint import Checkpoint
from qualys_ta.splunk.state import MOST_ATTEMPTS, State

NOW = 1_700_000_000.0


def test_a_person_is_told_whom_the_input_waits_for() -> None:
    assert State().held("wrong password", "1").what_next().startswith("The input waits until somebody saves")
    assert State().later("busy", NOW, None).what_next() == "Next try: 2023-11-14T22:14:20Z."


@pytest.mark.parametrize(("written", "read"), [(-1, 0), (0, 0), (3, 3), (10**9, MOST_ATTEMPTS)])
def test_attempts_that_cannot_be_are_the_nearest_that_can(tmp_path: Path, written: int, read: int) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"v": 1, **asdict(State(attempts=written))}))
    assert state.read(path).attempts == read


def test_all_is_pulled_again_when_its_days_are_over_and_not_at_once() -> None:
    whole = Checkpoint("2024-01-01T00:00:00Z", whole_at=NOW)
    due = [whole.is_resync_due(2, 0.0, NOW + after) for after in (0, 1, 2 * 86_400 - 1, 2 * 86_400)]
    assert due == [False, False, False, True]
