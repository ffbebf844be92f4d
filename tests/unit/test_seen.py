"""What went out in the overlap is dropped when it comes again; losing the file costs repeats, never events."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from qualys_ta.frames import Batch, Frame
from qualys_ta.model import Window
from qualys_ta.splunk.seen import RECENT, SeenEvents, seen_path

UNTIL = "2024-06-01T11:50:00Z"
FIRST = Window("2024-01-01T00:00:00Z", "f", until=UNTIL)
SECOND = Window(UNTIL, "f", until="2024-06-02T11:50:00Z")
LATE, EARLY = "2024-06-01T11:55:00Z", "2024-06-01T11:49:59Z"
EVENTS = [b"a", b"bc"]


def unseen(seen: SeenEvents, record: int, events: list[bytes], moment: str) -> list[bytes]:
    """Those of a host's events that are to be written."""
    frame = Frame(record, moment, tuple(map(len, events)), b"".join(events))
    fresh = None if seen.all_new(Batch.of([frame])) else seen.unseen(frame)
    return events if fresh is None else fresh


def run(path: Path, window: Window, record: int, moment: str, key: str = "acme 1/1", close: bool = True) -> list[bytes]:
    """One process that reads one host."""
    seen = SeenEvents(path, key)
    seen.open(window)
    fresh = unseen(seen, record, EVENTS, moment)
    seen.commit()
    if close:
        seen.close_window()
    seen.close()
    return fresh


def test_path_is_the_inputs_own(tmp_path: Path) -> None:
    assert seen_path(tmp_path, "x") == tmp_path / "x.seen"


@pytest.mark.parametrize(("moment", "again"), [(LATE, []), (UNTIL, []), ("", []), (EARLY, EVENTS)])
def test_only_what_the_next_window_can_read_again_is_kept(tmp_path: Path, moment: str, again: list[bytes]) -> None:
    assert run(tmp_path / "seen", FIRST, 7, moment) == EVENTS
    assert run(tmp_path / "seen", SECOND, 7, moment) == again


def test_all_events_is_said_without_looking_at_any(tmp_path: Path) -> None:
    """So almost every host costs neither digests nor a copy of its events."""
    with closing(SeenEvents(tmp_path / "seen", "k")) as seen:
        seen.open(FIRST)
        assert seen.unseen(Frame(7, EARLY, (1, 2), b"abc")) is None
        assert seen.unseen(Frame(8, LATE, (1, 2), b"abc")) == EVENTS
        assert seen.unseen(Frame(7, EARLY, (1, 2), b"abd")) == [b"bd"]
        assert seen.unseen(Frame(9, EARLY, (), b"")) is None


def batch(*records: int, moment: str = EARLY) -> Batch:
    return Batch.of([Frame(record, moment, (1,), b"a") for record in records])


def test_a_batch_is_new_where_nothing_of_it_came_before(tmp_path: Path) -> None:
    many = range(10_000, 10_655)
    with closing(SeenEvents(tmp_path / "seen", "k")) as seen:
        seen.open(FIRST)
        assert seen.all_new(batch(*many))
        assert not seen.all_new(batch(many[-1]))
        assert not seen.all_new(batch(1, 2, 1))
        unseen(seen, 3, EVENTS, LATE)
        assert not seen.all_new(batch(4, 3, 5))
        assert seen.all_new(batch(*range(655)[4:]))


@pytest.mark.parametrize("moment", [LATE, ""])
def test_of_a_batch_that_may_come_again_all_is_kept(tmp_path: Path, moment: str) -> None:
    early = FIRST.since
    both = Batch.of([Frame(3, moment, (1, 1), b"ab"), Frame(4, early, (1,), b"c"), Frame(5, moment, (1,), b"d")])
    with closing(SeenEvents(tmp_path / "seen", "k")) as seen:
        seen.open(FIRST)
        assert seen.all_new(both)
        seen.close_window()
    with closing(SeenEvents(tmp_path / "seen", "k")) as seen:
        seen.open(SECOND)
        assert not seen.all_new(both)
        assert seen.unseen(Frame(3, moment, (1, 1), b"bx")) == [b"x"]
        assert seen.unseen(Frame(4, early, (1,), b"c")) is None
        assert seen.unseen(Frame(5, moment, (1,), b"d")) == []


def test_what_does_not_count_makes_no_event_another(tmp_path: Path) -> None:
    for window, told, again in ((FIRST, [b"a1", b"b1"], [b"a1", b"b1"]), (SECOND, [b"a2", b"c2"], [b"c2"])):
        with closing(SeenEvents(tmp_path / "seen", "k", lambda event: event[:1])) as seen:
            seen.open(window)
            assert unseen(seen, 7, told, LATE) == again
            seen.close_window()


def test_a_full_pull_takes_whatever_is_new_to_itself(tmp_path: Path) -> None:
    run(tmp_path / "seen", FIRST, 3, LATE)
    with closing(SeenEvents(tmp_path / "seen", "acme 1/1")) as seen:
        seen.open(replace(SECOND, full=True))
        assert seen.all_new(batch(3, moment=LATE))


def test_other_hosts_and_other_accounts_are_others(tmp_path: Path) -> None:
    run(tmp_path / "seen", FIRST, 7, LATE)
    assert run(tmp_path / "seen", SECOND, 8, LATE) == EVENTS
    assert run(tmp_path / "seen", SECOND, 7, LATE, key="other 1/1") == EVENTS


def test_window_that_goes_on_after_a_kill_drops_what_it_wrote(tmp_path: Path) -> None:
    run(tmp_path / "seen", FIRST, 7, LATE, close=False)
    assert run(tmp_path / "seen", FIRST, 7, LATE) == []


def test_earlier_windows_are_forgotten(tmp_path: Path) -> None:
    run(tmp_path / "seen", FIRST, 7, LATE)
    run(tmp_path / "seen", SECOND, 8, LATE)
    assert run(tmp_path / "seen", SECOND, 7, LATE) == EVENTS


def test_person_who_wants_it_all_again_gets_it(tmp_path: Path) -> None:
    run(tmp_path / "seen", FIRST, 7, LATE)
    seen = SeenEvents(tmp_path / "seen", "acme 1/1")
    seen.forget()
    seen.close()
    assert run(tmp_path / "seen", SECOND, 7, LATE) == EVENTS


def test_equal_findings_of_one_host_are_both_written(tmp_path: Path) -> None:
    seen = SeenEvents(tmp_path / "seen", "k")
    seen.open(FIRST)
    assert len(unseen(seen, 7, [EVENTS[0], EVENTS[0]], EARLY)) == 2
    seen.close()


def test_recent_hosts_are_bounded(tmp_path: Path) -> None:
    seen = SeenEvents(tmp_path / "seen", "k")
    seen.open(FIRST)
    for record in range(RECENT + 1):
        assert unseen(seen, record, EVENTS, EARLY) == EVENTS
    assert unseen(seen, RECENT, EVENTS, EARLY) == []
    assert unseen(seen, 0, EVENTS, EARLY) == EVENTS
    seen.close()


def test_uncommitted_is_not_kept(tmp_path: Path) -> None:
    seen = SeenEvents(tmp_path / "seen", "acme 1/1")
    seen.open(FIRST)
    unseen(seen, 7, EVENTS, LATE)
    seen.close()
    assert run(tmp_path / "seen", FIRST, 7, LATE) == EVENTS


def test_private_file(tmp_path: Path) -> None:
    run(tmp_path / "seen", FIRST, 7, LATE)
    assert (tmp_path / "seen").stat().st_mode & 0o777 == 0o600


def damaged(path: Path, kind: str) -> None:
    seen = SeenEvents(path, "acme 1/1")
    seen.open(FIRST)
    for record in range(400):
        unseen(seen, record, EVENTS, LATE)
    seen.commit()
    seen.close()
    whole = path.read_bytes()
    page = len(whole) // 4096 // 2 * 4096
    path.write_bytes(
        {
            "text": b"no database at all",
            "cut": whole[:page],
            "hole": whole[:page] + bytes(4096) + whole[page + 4096 :],
            "empty": b"",
        }[kind]
    )


@pytest.mark.parametrize("kind", ["text", "cut", "hole", "empty"])
def test_damaged_file_costs_repeats_only(tmp_path: Path, kind: str) -> None:
    damaged(tmp_path / "seen", kind)
    seen = SeenEvents(tmp_path / "seen", "acme 1/1")
    seen.open(SECOND)
    assert {str(unseen(seen, record, EVENTS, LATE)) for record in range(400)} == {str(EVENTS)}
    seen.close()
