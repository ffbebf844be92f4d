"""The process among others: splunkd that hangs up or stops it, a second start, files that people touch."""

from __future__ import annotations

import os
import signal
import time
from itertools import count
from typing import Any

import pytest

from standins.splunk.stream import EventStream
from support.e2e import DEADLINE_S, EVENTS_PER_PAGE, HOSTS, NAME, PER_PAGE, Site
from support.fake_addon import eventually

STOPPED_WITHIN_S = 5.0


def test_splunkd_that_closes_the_pipe(site: Site) -> None:
    """No traceback, one line; what splunkd did not take comes with the next start."""
    process = site.popen()
    assert process.stdout
    assert process.stdout.read(1) == b"<"
    process.stdout.close()
    process.stdout = None
    _, errors = process.communicate(timeout=DEADLINE_S)
    assert (process.returncode, errors) == (1, b"")
    assert [line for line in site.lines("WARNING") if "splunkd closed the pipe" in line] == site.lines("WARNING") != []
    assert site.state["outcome"] == "running"
    assert site.tick().returncode == 0
    site.assert_complete()


def test_sigterm_while_events_are_written(site: Site) -> None:
    """The stream ends at an event's end, and is XML to its end."""
    process = site.popen()
    assert process.stdout
    head = process.stdout.read(1)  # the pipe is full: the add-on waits in the middle of a page
    process.send_signal(signal.SIGTERM)
    sent_at = time.monotonic()
    output, errors = process.communicate(timeout=DEADLINE_S)
    assert time.monotonic() - sent_at < STOPPED_WITHIN_S
    stream = EventStream()
    events = [*stream.feed(head + output), *stream.close(cut=False)]
    assert (process.returncode, errors, stream.error) == (0, b"", "")
    assert len(events) > 10
    (window,) = (checkpoint["open"] for checkpoint in site.state["checkpoints"].values())
    assert (window["pages"], window["next"]) == (0, None)
    assert site.tick().returncode == 0
    site.assert_complete()


def test_sigterm_at_any_write_leaves_a_whole_stream(site: Site) -> None:
    """Each page's events in turn, and the end of the stream, where it is too late to stop."""
    for write in count(1):
        run = site.tick(kill=["sink", write, signal.SIGTERM])
        assert (run.returncode, run.stderr, run.stream_error) == (0, "", "")
        if site.state["outcome"] == "closed":
            break
        assert site.tick().returncode == 0
        site.assert_complete(repeats=EVENTS_PER_PAGE)
        site.fresh()
    assert write == HOSTS // PER_PAGE + 1
    site.assert_complete()


@pytest.mark.parametrize(
    ("fault", "waits"),
    [("stall*always", lambda site: len(site.calls) == 1), ("unavailable*always", lambda site: site.lines("WARNING"))],
)
def test_sigterm_while_nothing_comes(site: Site, fault: str, waits: Any) -> None:
    """Neither a platform that is silent nor a wait of minutes holds up splunkd's end."""
    site.save("api", retry_interval_seconds="300", max_retries="100")
    site.qualys.faults.set(fault)
    run = site.start()
    eventually(lambda: waits(site))
    sent_at = time.monotonic()
    run.terminate()
    run.wait(DEADLINE_S)
    assert time.monotonic() - sent_at < STOPPED_WITHIN_S
    assert (run.returncode, run.stderr, run.stream_error) == (0, "", "")
    assert "Stopped by splunkd" in site.lines("INFO")[-1]
    assert list(site.tmp.rglob("*.xml")) == []
    assert not (site.tmp / f"{NAME}.pid").exists()
    site.qualys.faults.set()
    assert site.tick().returncode == 0
    site.assert_complete()


def test_two_starts_at_once(site: Site) -> None:
    """The second sees the first and leaves; the first is not disturbed."""
    site.qualys.faults.set("stall")
    first = site.start()
    eventually(lambda: len(site.calls) == 1)
    pid_file = site.tmp / f"{NAME}.pid"
    assert pid_file.read_text() == f"{first.pid}\n"
    second = site.tick()
    assert (second.returncode, second.stderr, second.events) == (0, "", 0)
    assert "Another process is running this input already" in site.lines("INFO")[-1]
    assert (first.poll(), len(site.calls)) == (None, 1)
    first.kill()
    first.wait(DEADLINE_S)
    assert site.tick().returncode == 0
    site.assert_complete()
    assert not pid_file.exists()


def test_a_pid_file_of_another_living_process_blocks_nothing(site: Site) -> None:
    site.tmp.mkdir(exist_ok=True)
    (site.tmp / f"{NAME}.pid").write_text(f"{os.getpid()}\n")
    assert site.tick().returncode == 0
    site.assert_complete()


def test_a_lock_that_somebody_deletes_at_that_moment_is_not_held(site: Site) -> None:
    """Two processes could both be sure of a deleted file; the next start locks the new one."""
    lock = site.checkpoints / f"{NAME}.lock"
    assert site.tick(unlink=str(lock)).returncode == 0
    assert "Another process is running this input already" in site.lines("INFO")[-1]
    assert site.calls == []
    assert site.tick().returncode == 0
    site.assert_complete()
