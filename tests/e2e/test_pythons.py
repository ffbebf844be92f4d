"""The built add-on on each Python that Splunk brings: pages, inputs, events and lookups are the same."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from benchmarks.pythons import VERSIONS, how_to_get, interpreter
from standins.qualys import QualysStandin
from standins.qualys.dirt import KINDS
from standins.splunk import SplunkStandin
from standins.splunk.store import EventRow
from support.e2e import BUILT, NAME, REST
from support.e2e_knowledge import GONE, KNOWLEDGE_BASE, LOOKUPS
from support.page import ACCOUNT, account_form

DIRT = tuple(kind for kind in KINDS if kind != "cut")
"""All that soils an answer; one that breaks off only makes the run wait."""


class Pulled(NamedTuple):
    """What came of all pulls: events but for when they were indexed, and the bytes of the lookups."""

    events: list[dict[str, object]]
    lookups: dict[str, bytes]


def pulled(folder: Path, platform: QualysStandin, python: str) -> Pulled:
    """Two pulls of findings, one of the knowledge base; handlers, validation and runs are all started with `python`."""
    with SplunkStandin(folder, BUILT, python=python) as splunk:
        assert splunk.scheme().title
        splunk.post(ACCOUNT, **account_form(platform))
        splunk.post(f"{REST.format('settings')}/vm", detection_truncation_limit="7", enrich_detections="1")
        splunk.post(f"{REST.format('settings')}/kb", log_kb_additional_fields="1", is_index_knowledgebase="1")
        splunk.post(REST.format("qualys"), name=NAME, duration="1h")
        splunk.post(REST.format("qualys"), name=KNOWLEDGE_BASE)
        assert splunk.validate("other", metric="none").startswith("Metric: 'none' is unknown")
        assert splunk.tick(KNOWLEDGE_BASE).returncode == 0
        assert splunk.tick(NAME).returncode == 0
        splunk.post(f"{REST.format('checkpoint')}/{NAME}", action="run_now")
        run = splunk.tick(NAME)
        assert (run.returncode, run.stderr) == (0, "")
        assert "ERROR" not in splunk.log()
        lookups = {name: (splunk.app_home / "lookups" / name).read_bytes() for name in (*LOOKUPS, GONE)}
        return Pulled(without_arrival(splunk.events()), lookups)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QualysStandin]:
    with QualysStandin(
        tmp_path_factory.mktemp("platform"), hosts=20, dirt=DIRT, epoch="2026-01-01T00:00:00Z"
    ) as running:
        running.clock.set("2026-02-01T00:00:00Z")
        yield running


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory, platform: QualysStandin) -> Pulled:
    """What the Python of the tests pulls."""
    found = pulled(tmp_path_factory.mktemp("ours"), platform, sys.executable)
    assert len(found.events) > 800
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_same_events(tmp_path: Path, platform: QualysStandin, ours: Pulled, version: str) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(how_to_get(version))
    assert pulled(tmp_path, platform, python) == ours


def without_arrival(events: list[EventRow]) -> list[dict[str, object]]:
    """Events but for when they were indexed."""
    return [{name: value for name, value in event.items() if name != "indexed_at"} for event in events]
