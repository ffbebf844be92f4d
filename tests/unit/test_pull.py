"""One window, page by page: what a kill at any step leaves, and what the next run makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Optional

import pytest

from qualys_ta.errors import Refused, TryLater
from qualys_ta.model import Request, Window
from qualys_ta.output import Totals
from qualys_ta.pull import next_since, summary
from qualys_ta.splunk import state
from qualys_ta.splunk.checkpoint import Checkpoint
from qualys_ta.splunk.seen import SeenEvents
from support.core import PLATFORM_TIME, SINCE, answer, detection, host
from support.pulls import ListLog, ListSink, MemoryPage, NothingSeen, Platform, converter, first_request, fleet, pull

UNTIL = "2024-06-01T11:50:00Z"
NAME, KEY = "host_detection", "acme 1/1"


class Killed(BaseException):
    """The process is gone."""


class Machine:
    """An add-on's disk and the pipe to splunkd: what survives the process. `start` is one process."""

    def __init__(self, folder: Path, hosts: dict[int, str], limit: int) -> None:
        self.sink = ListSink(self.step)
        self.platform = Platform(hosts, limit, step=self.step)
        self.steps = 0
        self.closed: Optional[Window] = None
        self._folder = folder
        self._kill_at = 0

    def step(self, _name: str) -> None:
        self.steps += 1
        if self.steps == self._kill_at:
            raise Killed

    def start(self, kill_at: int = 0, since: str = SINCE, full: bool = False) -> Totals:
        self.steps, self._kill_at = 0, kill_at
        known, _ = state.load(self._folder, NAME, 0.0)
        checkpoint = known.checkpoints.get(KEY) or Checkpoint(since)
        window = checkpoint.open or Window(checkpoint.since, "fingerprint", full=full)

        def save(open_window: Window) -> None:
            self.step("save")
            state.save(self._folder, NAME, known.with_checkpoint(KEY, replace(checkpoint, open=open_window)))
            self.step("saved")

        def close(done: Window) -> None:
            self.step("close")
            state.save(self._folder, NAME, known.with_checkpoint(KEY, Checkpoint(done.until)))
            self.closed = done

        seen = SeenEvents(self._folder / "seen", KEY)
        self.platform.convert = converter(window.since, changed_findings_only="0")
        try:
            return pull(self.platform, self.sink, seen=seen, save=save, close=close).run(window)
        finally:
            seen.close()


def test_kill_at_every_step_loses_nothing_and_repeats_at_most_one_page(tmp_path: Path) -> None:
    hosts, limit, per_host = fleet(8), 3, 3
    whole = Machine(tmp_path / "whole", hosts, limit)
    (tmp_path / "whole").mkdir()
    whole.start()
    expected, steps = set(whole.sink.received), whole.steps
    assert len(expected) == len(whole.sink.received) == 8 * per_host
    for kill_at in range(1, steps + 1):
        folder = tmp_path / str(kill_at)
        folder.mkdir()
        machine = Machine(folder, hosts, limit)
        with pytest.raises(Killed):
            machine.start(kill_at)
        assert machine.closed is None
        machine.start()
        assert machine.closed is not None
        assert set(machine.sink.received) == expected
        assert len(machine.sink.received) - len(expected) <= limit * per_host


def test_kill_at_every_step_again_and_again(tmp_path: Path) -> None:
    """A process that is killed at its 15th step, always, still comes to an end."""
    machine, starts = Machine(tmp_path, fleet(9), 2), 0
    while machine.closed is None and starts < 20:
        starts += 1
        try:
            machine.start(kill_at=15)
        except Killed:
            continue
    assert machine.closed is not None
    assert len(set(machine.sink.received)) == 9 * 3


def test_window_is_fixed_by_the_first_answer_and_kept_over_a_kill(tmp_path: Path) -> None:
    machine = Machine(tmp_path, fleet(4), 2)
    with pytest.raises(Killed):
        machine.start(kill_at=10)
    machine.platform.platform_time = "2024-06-09T00:00:00Z"
    machine.start()
    assert machine.closed is not None
    assert machine.closed.until == UNTIL
    assert machine.closed.pages == 2


def test_next_since_is_the_platforms_time_less_the_overlap() -> None:
    assert next_since("2024-06-01T12:00:00Z") == UNTIL


@pytest.mark.parametrize(
    ("since", "until", "told"),
    [
        ("2024-06-01T11:55:00Z", "2024-06-01T11:55:00Z", 0),
        ("2089-12-31T00:00:00Z", UNTIL, 1),
    ],
    ids=["never back before its start", "a start ahead of the platform's time is not kept"],
)
def test_where_the_next_window_starts(since: str, until: str, told: int) -> None:
    log, closed = ListLog(), []
    pull(Platform({1: host(1)}, 10), ListSink(), log=log, close=closed.append).run(Window(since, ""))
    assert [window.until for window in closed] == [until]
    assert sum(line.startswith(f"WARNING The pull starts at {since}") for line in log.lines) == told


@pytest.mark.parametrize("since", ["2024-06-01T00:00:00Z", "2024-06-01T11:55:00Z", "2089-12-31T00:00:00Z"])
@pytest.mark.parametrize("hours", [0, 24])
def test_a_run_tells_up_to_when_it_pulled_and_not_where_the_next_one_starts(since: str, hours: int) -> None:
    """What the next one reads again is no lag."""
    again = replace(pull(Platform({1: host(1), 2: host(2)}, 1), ListSink()), overlap=timedelta(hours=hours))
    assert again.run(Window(since, "")).until == PLATFORM_TIME


def test_a_run_that_goes_on_tells_when_its_window_was_opened(tmp_path: Path) -> None:
    machine = Machine(tmp_path, fleet(4), 2)
    with pytest.raises(Killed):
        machine.start(kill_at=10)
    machine.platform.platform_time = "2024-06-09T00:00:00Z"
    assert machine.start().until == PLATFORM_TIME


def test_what_the_overlap_reads_again_is_dropped_unless_it_changed(tmp_path: Path) -> None:
    late = {"LAST_PROCESSED_DATETIME": "2024-06-01T11:55:00Z"}
    machine = Machine(tmp_path, {1: host(1, detections=[detection(**late)]), 2: host(2, detections=[detection()])}, 10)
    machine.start()
    before = len(machine.sink.received)
    machine.platform.hosts = {1: machine.platform.hosts[1]}
    machine.start()
    assert len(machine.sink.received) == before
    machine.platform.hosts = {1: host(1, detections=[detection(STATUS="Fixed", **late)])}
    machine.start()
    assert [event.text.partition(":")[0] for event in machine.sink.received[before:]] == ["HOSTSUMMARY", "HOSTVULN"]


def test_host_that_two_pages_hold_is_written_once(tmp_path: Path) -> None:
    """Host 2 changes while we page: it ends the first page and starts the next one, in part unchanged."""
    sink, seen = ListSink(), SeenEvents(tmp_path / "seen", KEY)
    hosts = fleet(3)
    second = Platform({2: hosts[2], 3: hosts[3]})
    more = MemoryPage(answer(hosts[1], hosts[2]), first_request(), PLATFORM_TIME, converter())
    pages = iter([lambda _request: more, second.fetch])
    twice = replace(pull(second, sink, seen=seen), fetch=lambda request: next(pages)(request))
    totals = twice.run(Window(SINCE, "f"))
    seen.close()
    assert totals.repeats == 3
    assert len(sink.received) == len(set(sink.received)) == 9


def test_bad_records_are_left_out_and_named_once() -> None:
    log, sink = ListLog(), ListSink()
    hosts = {1: host("x"), 2: host(2, detections=[detection()]), 3: host("")}
    totals = pull(Platform(hosts), sink, log=log).run(Window(SINCE, ""))
    assert (totals.records, totals.events, totals.bad) == (1, 2, 2)
    assert [line for line in log.lines if "Left out" in line] == [
        "WARNING Left out a HOST whose ID is 'x', not a number. More of the kind are counted, not logged."
    ]


@pytest.mark.parametrize("error", [TryLater("busy"), Refused("no")])
def test_error_leaves_the_window_open_where_the_last_page_was_flushed(error: Exception) -> None:
    saved: list[Window] = []
    closed: list[Window] = []
    platform, sink = Platform(fleet(4), 2), ListSink()
    pages = iter([platform.fetch, failing(error)])
    failing_pull = replace(
        pull(platform, sink, save=saved.append, close=closed.append), fetch=lambda request: next(pages)(request)
    )
    with pytest.raises(type(error)):
        failing_pull.run(Window(SINCE, ""))
    assert closed == []
    assert [window.next.params["id_min"] for window in saved if window.next] == ["3"]
    assert len(sink.received) == 6


def failing(error: Exception) -> Callable[[Request], MemoryPage]:
    def fetch(_request: Request) -> MemoryPage:
        raise error

    return fetch


class Ordered(NothingSeen):
    """Notes when what was seen is kept."""

    def __init__(self, order: list[str]) -> None:
        self._order = order

    def commit(self) -> None:
        self._order.append("commit")


def test_checkpoint_moves_only_after_the_flush() -> None:
    order: list[str] = []
    sink = ListSink(order.append)
    platform = Platform(fleet(2, findings=0), 1, step=order.append)
    pull(
        platform,
        sink,
        seen=Ordered(order),
        save=lambda _window: order.append("save"),
        close=lambda _window: order.append("close"),
    ).run(Window(SINCE, ""))
    assert order == ["fetch", "write", "flush", "commit", "save", "fetch", "write", "flush", "commit", "close"]


def test_summary_line() -> None:
    totals = Totals(until=UNTIL, pages=2, bytes=10, records=3, events=7, repeats=1, bad=2)
    line = summary(totals, {"index": "main", "since": SINCE}, 0.0)
    expected = (
        f"Finished: index=main since={SINCE} until={UNTIL} pages=2 bytes=10 records=3 events=7 repeats_dropped=1 "
        "left_out=2 seconds="
    )
    assert line.startswith(expected)


def test_full_pull_writes_everything_again(tmp_path: Path) -> None:
    sink = ListSink()
    seen = SeenEvents(tmp_path / "seen", KEY)
    for _ in range(2):
        pull(Platform(fleet(70)), sink, seen=seen).run(Window(SINCE, "f", full=True))
    seen.close()
    assert len(sink.received) == 2 * len(set(sink.received))
