"""How much a run may write, and how much a first pull will be: counts and sentences, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from .model import Events, Form

MEGABYTE = 1_000_000
_A_TIME = "1700000000"
_UNITS = ((1_000_000_000, "GB"), (MEGABYTE, "MB"), (1_000, "kB"))


class Limits(NamedTuple):
    """The most that one run writes, settings of the same names; 0 is no limit. A page is never cut."""

    max_events_per_run: int = 0
    max_mb_per_run: int = 0

    def reached(self, events: int, size: int) -> str:
        """Why a run that has written so many events of `size` bytes ends now; "" where it does not."""
        if self.max_events_per_run and events >= self.max_events_per_run:
            return f"{events:,} events are written, {self.max_events_per_run:,} are the most (max_events_per_run)"
        if self.max_mb_per_run and size >= self.max_mb_per_run * MEGABYTE:
            return f"{told_size(size)} are written, {self.max_mb_per_run:,} MB are the most (max_mb_per_run)"
        return ""

    def runs(self, events: int, size: int) -> tuple[int, str]:
        """How many runs so much takes, and the setting that decides it; 1 and "" where no limit is reached."""
        needed = [
            (-(-events // self.max_events_per_run) if self.max_events_per_run else 1, "max_events_per_run"),
            (-(-size // (self.max_mb_per_run * MEGABYTE)) if self.max_mb_per_run else 1, "max_mb_per_run"),
        ]
        runs, setting = max(needed)
        return (runs, setting) if runs > 1 else (1, "")


class Counting(Protocol):
    """A sink that counts."""

    events: int
    bytes: int


@dataclass(frozen=True)
class Spent:
    """What a run has written so far; `form` is what its sink's events look like there."""

    sink: Counting
    form: Form

    def enough(self, limits: Limits) -> str:
        """Why the run ends now; "" where it does not."""
        return limits.reached(self.sink.events, bare(self.form, self.sink.events, self.sink.bytes))


def bare(form: Form, events: int, size: int) -> int:
    """The bytes of the events alone, as the license counts them, of what takes `size` bytes in their receiver's form.

    What the form replaces within an event (``&`` and its likes) counts as it stands there.
    """
    (nothing,) = form.rendered(Events((_A_TIME,), ""))
    return max(0, size - events * len(nothing.encode("utf-8")))


class Sample(NamedTuple):
    """What is known of a part of a pull: so many hosts gave so many events of so many bytes."""

    hosts: int
    events: int
    size: int


def first_pull(hosts: int, sample: Sample, limits: Limits) -> str:
    """The size of a pull of `hosts`, if all are like the sample, for people."""
    events = round(sample.events / max(sample.hosts, 1))
    size = round(sample.size / max(sample.events, 1))
    runs, setting = limits.runs(hosts * events, hosts * events * size)
    spread = f"; with {setting} about {runs:,} runs" if setting else ""
    return (
        f"First pull: about {hosts:,} hosts × {events:,} findings and summaries × {size:,} bytes "
        f"≈ {told_size(hosts * events * size)}{spread}."
    )


def told_size(size: int) -> str:
    """``0.4 GB``, ``12.0 MB``, ``7 bytes``: in the largest unit that leaves at least a tenth."""
    for unit, name in _UNITS:
        if size >= unit / 10:
            return f"{size / unit:,.1f} {name}"
    return f"{size} bytes"
