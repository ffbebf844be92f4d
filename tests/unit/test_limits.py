"""When a run has written enough, and what people read of a first pull before it starts."""

from __future__ import annotations

import pytest

from qualys_ta.limits import Limits, Sample, bare, first_pull, told_size
from qualys_ta.model import Event, Events
from qualys_ta.splunk.seed_form import SeedForm
from qualys_ta.splunk.stream import StreamForm


@pytest.mark.parametrize(
    ("limits", "events", "size", "setting"),
    [
        (Limits(), 10**12, 10**15, ""),
        (Limits(100, 0), 99, 10**15, ""),
        (Limits(100, 0), 100, 0, "max_events_per_run"),
        (Limits(0, 2), 10**12, 1_999_999, ""),
        (Limits(0, 2), 0, 2_000_000, "max_mb_per_run"),
        (Limits(100, 2), 100, 2_000_000, "max_events_per_run"),
    ],
)
def test_a_limit_that_is_reached_is_named(limits: Limits, events: int, size: int, setting: str) -> None:
    told = limits.reached(events, size)
    assert bool(told) == bool(setting)
    assert setting in told


def test_the_sentence_for_people() -> None:
    sample = Sample(hosts=1000, events=45_000, size=45_000 * 450)
    assert first_pull(20_000, sample, Limits()) == (
        "First pull: about 20,000 hosts × 45 findings and summaries × 450 bytes ≈ 0.4 GB."
    )
    assert first_pull(20_000, sample, Limits(max_mb_per_run=100)).endswith(
        "≈ 0.4 GB; with max_mb_per_run about 5 runs."
    )
    assert first_pull(20_000, sample, Limits(300_000, 100)).endswith("max_mb_per_run about 5 runs.")
    assert first_pull(20_000, sample, Limits(100_000, 100)).endswith("max_events_per_run about 9 runs.")
    assert first_pull(20_000, sample, Limits(900_001, 1000)).endswith("≈ 0.4 GB.")


def test_a_page_without_hosts_is_no_error() -> None:
    assert first_pull(7, Sample(0, 0, 0), Limits(1, 1)) == (
        "First pull: about 7 hosts × 0 findings and summaries × 0 bytes ≈ 0 bytes."
    )


@pytest.mark.parametrize(
    ("size", "told"),
    [
        (0, "0 bytes"),
        (99, "99 bytes"),
        (100, "0.1 kB"),
        (123_456, "0.1 MB"),
        (10**8, "0.1 GB"),
        (10**13, "10,000.0 GB"),
    ],
)
def test_sizes(size: int, told: str) -> None:
    assert told_size(size) == told


@pytest.mark.parametrize("form", [SeedForm(), StreamForm("qualys://x", "qualys:hostDetection", "", "h")])
def test_what_the_license_counts_is_the_text_of_the_events(form: SeedForm | StreamForm) -> None:
    texts = ["HOSTSUMMARY: HOST_ID=7", "ä" * 100, ""]
    size = len("".join(form.rendered(Events.of([Event("1700000000", text) for text in texts]))).encode())
    assert bare(form, len(texts), size) == sum(len(text.encode()) for text in texts)
    assert bare(form, 0, 8) == 8
    assert bare(form, 100, 8) == 0
