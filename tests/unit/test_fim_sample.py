"""A public recording of events of file integrity: what the populator makes of it, and what the stand-in is held to.

The recording went through another product, which wrote the text "None" where the platform has null. It is not part of
this repository; it lies in ../shared/samples beside a checkout, or the tests are left out.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from qualys_ta.populator.fim import touched
from standins.qualys.gateway.draw import draw_event
from support.fim import fim_converted, fim_events
from support.recordings import MISSING, SAMPLES

SAMPLE = SAMPLES / "fim" / "demisto_list_events.json"

pytestmark = pytest.mark.skipif(not SAMPLE.is_file(), reason=MISSING)


@pytest.fixture(scope="module")
def body() -> bytes:
    return SAMPLE.read_bytes()


def shape(value: Any, path: str = "") -> set[str]:
    """The paths of all names in a record."""
    if isinstance(value, dict):
        return {path}.union(*(shape(inner, f"{path}.{name}") for name, inner in value.items()))
    if isinstance(value, list):
        return {path}.union(*(shape(inner, f"{path}[]") for inner in value))
    return {path}


def test_each_record_is_an_event_that_says_the_same(body: bytes) -> None:
    records = json.loads(body)
    found = fim_converted(body)
    assert len(found) == len(records) == 2
    for converted, record in zip(found, records):
        (event,) = converted.events
        assert json.loads(event.text) == {**record["data"], "splunk_event_type": "FIM_EVENT"}
        assert converted.moment == touched(record["data"]["processedTime"])
        assert event.time == f"{record['sortValues'][0] / 1000:.3f}"


def test_the_recorded_events_are_two(body: bytes) -> None:
    assert len({event.text for event in fim_events(body)}) == 2


def test_the_standin_knows_all_names_that_were_recorded(body: bytes) -> None:
    recorded = set().union(*(shape(record["data"]) for record in json.loads(body)))
    drawn = set().union(*(shape(draw_event(1, "event", number, 1_613_379_953_800)) for number in range(30)))
    assert recorded - drawn == set()


def test_the_standin_writes_times_and_kinds_as_recorded(body: bytes) -> None:
    (recorded, _), drawn = json.loads(body), draw_event(1, "event", 3, 1_613_379_953_800)
    for path in ("dateTime", "processedTime", "severity", "platform", "class", "type", "id", "actor", "asset"):
        assert type(drawn[path]) is type(recorded["data"][path]), path
    assert len(drawn["dateTime"]) == len(recorded["data"]["dateTime"])
    assert drawn["processedTime"] == "2021-02-15T09:05:53.800+0000" == recorded["data"]["processedTime"]
