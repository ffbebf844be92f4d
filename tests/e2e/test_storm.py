"""Storms, see support/storm.py: whatever strikes, ledger = index in the end. `make soak` has a thousand of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import count

import pytest

from standins.qualys.faults import KINDS
from support.e2e import NAME
from support.storm import Storm, storm
from support.storm_changes import CHANGES
from support.storm_plan import FEED_TICKS, FEEDS, PAGES, Blow, StartPlan, draw
from support.storm_sets import FEED_CHANGES, FEED_SETS, LIST_KINDS, REPORT_CHANGES, kinds_of

OF_HOSTS = range(28)
"""More than there are kinds of faults, so that each is the first of a storm."""
SEEDS = (*OF_HOSTS, *range(FEEDS, FEEDS + len(FEED_SETS)))
"""The others are of other feeds, one for each set of inputs."""


@pytest.fixture(scope="module")
def weather(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storm]:
    with storm(tmp_path_factory.mktemp("storm")) as made:
        yield made


@pytest.mark.parametrize("seed", SEEDS)
def test_ledger_is_index_after_a_storm(weather: Storm, seed: int) -> None:
    wrong = weather.weather(draw(seed))
    sys.stdout.write(weather.site.splunk.log())  # pytest shows it where the test failed
    assert wrong == []


def test_sigterm_at_any_line_of_the_log_ends_without_a_traceback(weather: Storm) -> None:
    """Also while an error is being told and its consequence noted."""
    weather.begin(draw(0))
    weather.site.qualys.faults.set("simple1905*always@2")
    for line in count(1):
        start = weather.start(StartPlan(NAME, Blow("term", "effects", line, "log")))
        assert "Traceback" not in start.stderr
        if start.returncode == 1 and weather.site.lines("ERROR"):
            break
    assert line > 2
    assert weather.state(NAME).outcome == "later"


def test_storms_go_through_all_faults_and_pages() -> None:
    first = [draw(seed).ticks[0].faults[0] for seed in range(len(KINDS) * PAGES)]
    assert {*first} == {f"{kind}@{page}" for kind in KINDS for page in range(1, PAGES + 1)}
    assert {fault.partition("@")[0] for fault in first[: len(OF_HOSTS)]} == {*KINDS}


@pytest.mark.parametrize("inputs", FEED_SETS)
def test_storms_of_other_feeds_go_through_all_their_faults(inputs: str) -> None:
    """In the first turns, fewer than ``make soak`` has."""
    turns, place = len(kinds_of(inputs)) // FEED_TICKS + 1, [*FEED_SETS].index(inputs)
    seeds = [FEEDS + turn * len(FEED_SETS) + place for turn in range(turns)]
    faults = [tick.faults[0].split("@")[0].split("*")[0] for seed in seeds for tick in draw(seed).ticks]
    assert {*faults} == {f"{name}:{kind}" for name, kind in kinds_of(inputs)}


def test_storms_strike_every_list_and_change_every_feed() -> None:
    assert {each for inputs in FEED_SETS for each in kinds_of(inputs)} == {
        (name, kind) for name, kinds in LIST_KINDS.items() for kind in kinds
    }
    drawn = {what for changes in FEED_CHANGES.values() for what in changes}
    assert drawn - {"touch", "process", "add", *REPORT_CHANGES} == CHANGES.keys()


def test_a_seed_draws_the_same_storm() -> None:
    assert [draw(seed) for seed in SEEDS] == [draw(seed) for seed in SEEDS]
