"""The knowledge base's input, killed at every write and on full disks: never half a lookup, never a broken store."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping

import pytest

from support import e2e
from support.deaths import STRIDE, deaths
from support.e2e import Site
from support.e2e_knowledge import KB, LOOKUPS, KnowledgeSite
from support.files import read_only
from support.page import choose

LATER = {"clock": 120}
ENTRIES = 120
PARTS = {
    "sink": 1,  # events to splunkd's pipe
    "knowledge_store": 4,  # rows, that all are there, that lookups were made of them
    "lookups": 3,  # rows of lookups, not yet in their place
    "run": 1,  # the PID file
}
"""Part of the add-on that writes -> how many of its writes a pull has, at least; pages: see test_kill."""
FILES = 3 * 4 + 3 * 3
"""Checkpoints and lookups: fsync, rename, fsync of the folder."""


@pytest.fixture(scope="module")
def _small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A knowledge base of few entries, because it is pulled a hundred times here."""
    with e2e.site(tmp_path_factory.mktemp("small"), knowledge_entries=ENTRIES) as site:
        yield site


@pytest.fixture
def kb(_small: Site) -> Iterator[KnowledgeSite]:
    kb = KnowledgeSite.of(_small)
    due_again(kb)
    yield kb
    sys.stdout.write(kb.splunk.log())  # pytest shows it where the test failed


def due_again(kb: KnowledgeSite) -> None:
    """As good as new, with events."""
    kb.fresh()
    choose(kb, "kb", is_index_knowledgebase="1")


def whole(kb: KnowledgeSite) -> Mapping[str, bytes]:
    """The lookups of a pull that nothing befell."""
    assert kb.tick().returncode == 0
    return kb.texts()


def assert_never_half(kb: KnowledgeSite, *states: Mapping[str, bytes]) -> None:
    """Each lookup is as it was in one of these states."""
    found = kb.texts()
    assert [name for name in LOOKUPS if found[name] not in {state[name] for state in states}] == []


def assert_complete(kb: KnowledgeSite, changed: tuple[int, ...] = ()) -> None:
    """The next start ends complete, repeats one batch of events at most, and forgets nothing that it will need."""
    assert kb.tick().returncode == 0
    assert kb.differences() == []
    assert kb.begun() == []
    assert kb.state["lookups"] == dict.fromkeys(LOOKUPS, kb.store.name)
    told = [json.loads(text)["QID"] for text in kb.raw]
    assert {*told} == set(map(str, changed or kb.qualys.knowledge.qids))
    assert len(told) <= 2 * len({*told})


@pytest.mark.parametrize("part", PARTS)
def test_a_first_pull_killed_at_any_write_is_resumed(kb: KnowledgeSite, part: str) -> None:
    stubs, complete, last = kb.texts(), whole(kb), 0
    due_again(kb)
    for number in deaths(kb, part):
        last = number
        assert_never_half(kb, stubs, complete)
        assert_complete(kb)
        due_again(kb)
    assert last > PARTS[part] - STRIDE


def with_changes(kb: KnowledgeSite) -> tuple[int, ...]:
    """All is pulled, then some entries change, always the same, and the input is asked to run."""
    due_again(kb)
    kb.qualys.clock.set("2026-03-01T12:00:00Z")
    kb.pulled()
    return kb.qualys.modify_entries(kb.qualys.knowledge.qids[::30], at="2026-03-01T12:30:00Z")


@pytest.mark.parametrize("part", ["knowledge_store", "lookups"])
def test_a_later_pull_killed_at_any_write_is_resumed(kb: KnowledgeSite, part: str) -> None:
    before = whole(kb)
    with_changes(kb)
    after, last = whole(kb), 0
    changed = with_changes(kb)
    for number in deaths(kb, part):
        last = number
        assert_never_half(kb, before, after)
        assert_complete(kb, changed)
        changed = with_changes(kb)
    assert last >= 3


def test_one_pull_survives_a_kill_at_every_start(kb: KnowledgeSite) -> None:
    """Each start dies a little later than the one before."""
    states, starts = [kb.texts(), whole(kb)], 0
    due_again(kb)
    for _ in deaths(kb, "files"):
        assert_never_half(kb, *states)
        starts += 1
    assert starts >= FILES / STRIDE
    assert kb.differences() == []
    assert kb.begun() == []
    assert kb.state["lookups"] == dict.fromkeys(LOOKUPS, kb.store.name)


def test_a_tick_that_mends_lost_lookups_may_be_killed_too(kb: KnowledgeSite) -> None:
    before, last = whole(kb), 0
    stubs = {name: (kb.lookups / f"{name}.default").read_bytes() for name in LOOKUPS}
    (kb.lookups / KB).unlink()
    for number in deaths(kb, "files"):
        last = number
        assert_never_half(kb, before, stubs, dict.fromkeys(LOOKUPS, b""))
        for name in LOOKUPS:
            (kb.lookups / name).unlink(missing_ok=True)
    assert kb.texts() == before
    assert last > 9 - STRIDE


def test_a_full_disk_under_the_lookups(kb: KnowledgeSite) -> None:
    """The old ones stay; what was pulled is not lost, so the next start mends them before it asks anybody."""
    kb.pulled()
    before = kb.texts()
    kb.qualys.modify_entries(kb.qualys.knowledge.qids[::30])
    assert kb.tick(full={"lookups": 9_000}).returncode == 1
    assert kb.error() == f"Cannot use {kb.lookups / KB}: File too large."
    assert (kb.texts(), kb.begun()) == (before, [])
    kb.qualys.faults.set("knowledge:unavailable*always")
    assert kb.tick(**LATER).returncode == 1
    assert kb.differences() == []
    kb.qualys.faults.set()
    assert kb.tick(clock=7200).returncode == 0
    assert kb.differences() == []


def test_a_full_disk_at_the_first_pull(kb: KnowledgeSite) -> None:
    stubs = kb.texts()
    assert kb.tick(full={"lookups": 9_000}).returncode == 1
    assert kb.texts() == stubs
    kb.qualys.faults.set("knowledge:unavailable*always")
    kb.tick(**LATER)
    assert kb.differences() == []
    assert kb.begun() == []


def test_a_full_disk_under_the_store(kb: KnowledgeSite) -> None:
    """What was kept before stays; once there is room the next start pulls what is missing."""
    kb.pulled()
    before = kb.texts()
    kb.qualys.publish_entries(new=300)
    assert kb.tick(full={"knowledge_store": kb.store.stat().st_size}).returncode == 1
    assert kb.error().startswith("A store in the checkpoint folder (*.seen, *.db) cannot be used:")
    assert kb.texts() == before
    assert kb.tick(**LATER).returncode == 0
    assert kb.differences() == []


def test_a_folder_of_lookups_that_may_not_be_written(kb: KnowledgeSite) -> None:
    """One line says which; the store is filled, so the lookups come as soon as they may."""
    with read_only(kb.lookups):
        assert kb.tick(humble=True).returncode == 1
    assert kb.error() == f"Cannot use {kb.lookups / KB}: Permission denied."
    assert kb.tick(**LATER).returncode == 0
    assert kb.differences() == []


def test_lost_lookups_that_cannot_be_mended_are_told_and_stop_nothing(kb: KnowledgeSite) -> None:
    kb.pulled()
    (kb.lookups / KB).unlink()
    with read_only(kb.lookups):
        kb.tick(humble=True)
    assert kb.lines("ERROR")[0].startswith("Lookups were lost and cannot be written again")
    assert kb.tick(clock=700).returncode == 0
    assert kb.differences() == []
