"""The event stream alone: events rendered and written into splunkd's pipe, at whose other end somebody reads."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "package" / "bin"))

from benchmarks.figures import Bench, Figure, least
from benchmarks.pythons import VERSIONS, call, how_to_get, interpreter
from qualys_ta.model import Event, Events
from qualys_ta.splunk.sink import StreamSink
from qualys_ta.splunk.stream import StreamForm

EVENTS, EVENT_BYTES, TRIES = 300_000, 370, 3
DIFFERENT = 10_000
PER_HOST = 50
"""Events are made and written host by host."""

READER = "import os\nwhile os.read(0, 1 << 16): pass"


def figures(bench: Bench) -> Iterator[Figure]:
    for version in VERSIONS:
        python = interpreter(version)
        bench.doing(f"writing with Python {version}" if python else how_to_get(version))
        if python:
            rate = call(python, __name__, "events_per_second")
            yield Figure(f"Events of {EVENT_BYTES} bytes, Python {version}", rate, "events/s", least(150_000))


def events_per_second() -> float:
    """The best of some tries; the pipe's reader is a process of its own."""
    return max(_events_per_second() for _ in range(TRIES))


def _events_per_second() -> float:
    texts = (f'HOSTVULN: HOST_ID={number}, IP="10.20.0.7", RESULTS="a < b & c" ' for number in range(DIFFERENT))
    events = [Event("1732170000", text.ljust(EVENT_BYTES, "x")) for text in texts]
    reader = subprocess.Popen([sys.executable, "-c", READER], stdin=subprocess.PIPE)
    assert reader.stdin
    form = StreamForm("qualys://host_detection", "qualys:hostDetection", "main", "host")
    with reader.stdin as pipe:
        sink = StreamSink(pipe.fileno(), form)
        started = time.perf_counter()
        for _ in range(EVENTS // DIFFERENT):
            for first in range(0, DIFFERENT, PER_HOST):
                rendered = form.rendered(Events.of(events[first : first + PER_HOST]))
                sink.pass_on("".join(rendered).encode("utf-8"), PER_HOST)
        sink.flush()
        sink.close()
    reader.wait()
    return EVENTS / (time.perf_counter() - started)
