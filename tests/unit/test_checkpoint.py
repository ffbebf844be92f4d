"""How far a pull has come: when everything is pulled again, and what a closed window leaves."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest

from qualys_ta.model import Request, Window
from qualys_ta.splunk.checkpoint import Checkpoint, checkpoint_from

DAY_S = 86_400.0
NOW = 1_714_557_600.0
SINCE, UNTIL = "2024-04-01T00:00:00Z", "2024-05-01T09:50:00Z"
DONE = Window(SINCE, "fingerprint", until=UNTIL)


@pytest.mark.parametrize(
    ("days", "since", "whole_at", "first_seen", "is_due"),
    [
        (0, SINCE, NOW - 900 * DAY_S, NOW, False),
        (7, SINCE, NOW - 7 * DAY_S, NOW, True),
        (7, SINCE, NOW - 7 * DAY_S + 1, 1.0, False),
        (7, "", NOW - 9 * DAY_S, 1.0, False),
        (7, SINCE, 0.0, NOW - 6 * DAY_S, False),
        (7, SINCE, 0.0, NOW - 8 * DAY_S, True),
        (7, SINCE, NOW + 1, NOW, True),
    ],
    ids=["never", "due", "a second early", "first pull", "old file, new", "old file, due", "clock went back"],
)
def test_when_everything_is_pulled_again(
    days: int, since: str, whole_at: float, first_seen: float, is_due: bool
) -> None:
    assert Checkpoint(since, whole_at=whole_at).is_resync_due(days, first_seen, NOW) is is_due


@pytest.mark.parametrize(
    ("since", "kind", "left"),
    [
        ("", {}, Checkpoint(UNTIL, whole_at=NOW)),
        (SINCE, {}, Checkpoint(UNTIL, whole_at=5.0)),
        (SINCE, {"resync": True}, Checkpoint(UNTIL, whole_at=NOW)),
        (SINCE, {"full": True}, Checkpoint(SINCE, whole_at=NOW)),
        ("", {"full": True}, Checkpoint("", whole_at=NOW)),
    ],
    ids=["first", "changes", "resync", "full", "full without a checkpoint"],
)
def test_what_a_closed_window_leaves(since: str, kind: dict[str, Any], left: Checkpoint) -> None:
    window = Window(SINCE, "fingerprint", until=UNTIL, pages=9, **kind)
    assert Checkpoint(since, open=window, whole_at=5.0).closed(window, NOW) == left


def test_what_was_stored_is_read_back() -> None:
    window = Window(SINCE, "f", until=UNTIL, next=Request("/p", {"a": "1"}), pages=2, resync=True, estimate="much")
    known = Checkpoint(SINCE, window, NOW)
    assert checkpoint_from(asdict(known)) == known
    assert checkpoint_from(asdict(Checkpoint(SINCE))) == Checkpoint(SINCE)


def test_the_list_that_is_asked_next_is_stored_with_the_request() -> None:
    """A pull that stopped between two policies must not go on in the list of policies."""
    asked = Request("/posture/", {"policy_id": "7"}, resource="posture_info")
    known = Checkpoint(SINCE, Window(SINCE, "f", until=UNTIL, next=asked, pages=2))
    assert checkpoint_from(asdict(known)) == known
    assert Request.from_json(asked.as_json()) == asked


def test_a_request_that_an_older_version_stored_asks_the_first_list() -> None:
    older = {"path": "/p", "params": {"a": "1"}, "method": "POST"}
    assert Request.from_json(older) == Request("/p", {"a": "1"})
    assert Request("/p", {"a": "1"}).as_json() == older, "so fingerprints of windows that are open still fit"
    window = {**asdict(DONE), "next": older}
    assert checkpoint_from({"since": SINCE, "open": window}).open == replace(DONE, next=Request("/p", {"a": "1"}))


def test_what_an_older_version_stored_is_read() -> None:
    window = {name: value for name, value in asdict(DONE).items() if name not in ("resync", "estimate")}
    assert checkpoint_from({"since": SINCE, "open": window}) == Checkpoint(SINCE, DONE)


@pytest.mark.parametrize("wrong", [{"whole_at": "soon"}, {"whole_at": -1}, {"since": "yesterday"}, {"open": {}}])
def test_a_value_that_makes_no_sense_is_not_believed(wrong: dict[str, Any]) -> None:
    with pytest.raises((ValueError, KeyError)):
        checkpoint_from({"since": SINCE, "open": None, "whole_at": 0.0, **wrong})
