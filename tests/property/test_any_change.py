"""Whatever the gateway says of a change arrives as it was said, from the page's bytes to the event in the stream."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualys_ta.model import Event, knows_nothing
from qualys_ta.populator.fim import iso
from qualys_ta.splunk.forms import stream_form
from qualys_ta.spool import batches, spool_path
from qualys_ta.work.conversion import Converter, Recipe
from support.fim import EVENTS, IGNORED, INCIDENTS, event, fim_settings, incident
from support.pulls import unrendered

KINDS = {EVENTS: "FIM_EVENT", IGNORED: "FIM_IGNORED_EVENT", INCIDENTS: "FIM_INCIDENT"}
FORM = stream_form("qualys://fim", "qualys:fim", "main", "host")
DOUBLE = 2**53
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.text("abcdefghijk", min_size=1, max_size=4).map("more_{}".format)


def streamed(*records: dict[str, Any], metric: str = EVENTS) -> list[Event]:
    """What a page becomes on its way to splunkd."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.json")
        page.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
        Converter(Recipe(metric, fim_settings(), "", FORM), knows_nothing).convert(page, None, 1 << 30)
        with spool_path(page).open("rb") as file:
            return [found for batch in batches(file) for found in unrendered(batch.data)]


def record_of(metric: str, **data: Any) -> dict[str, Any]:
    return incident(**data) if metric == INCIDENTS else event(**data)


@pytest.mark.parametrize("metric", KINDS)
@given(more=st.dictionaries(NAMES, VALUES, max_size=4))
def test_every_value_arrives_as_it_was_said(metric: str, more: dict[str, Any]) -> None:
    record = record_of(metric, **more)
    (found,) = streamed(record, metric=metric)
    assert found.text.isascii()
    said = json.loads(found.text)
    if metric == INCIDENTS:
        said["createdBy"]["date"] = record["data"]["createdBy"]["date"]  # told as text, see below
    assert said == {**record["data"], "splunk_event_type": KINDS[metric]}


@pytest.mark.parametrize("metric", KINDS)
@given(number=st.integers(DOUBLE + 1, 2**200), sign=st.sampled_from([1, -1]))
def test_integers_above_2_53_keep_every_digit(metric: str, number: int, sign: int) -> None:
    (found,) = streamed(record_of(metric, number=sign * number, listed=[number]), metric=metric)
    assert f'"number":{sign * number},' in found.text
    assert f'"listed":[{number}]' in found.text


@pytest.mark.parametrize("metric", KINDS)
@pytest.mark.parametrize(
    "name", ["interfaces", "tags", "profiles", "changedAttributes", "reviewers", "filters", "asset"]
)
def test_null_in_the_place_of_a_list_stays_null(metric: str, name: str) -> None:
    inside = {"interfaces": None, "tags": None}
    (found,) = streamed(record_of(metric, **{"asset": inside, name: None}), metric=metric)
    said = json.loads(found.text)
    assert said[name] is None
    assert name == "asset" or said["asset"] == inside


@given(ms=st.integers(0, 4_000_000_000_000))
def test_both_date_forms_give_an_event_the_same_time(ms: int) -> None:
    """Milliseconds since 1970, and ISO 8601 with ``+0000`` or ``Z``: the text stays as the platform wrote it."""
    with_z = iso(ms)
    forms = [ms, with_z, f"{with_z[:-1]}+0000"]
    found = streamed(*(event(dateTime=form, processedTime=form) for form in forms))
    assert {each.time for each in found} == {f"{ms // 1000}.{ms % 1000:03}"}
    assert [json.loads(each.text)["dateTime"] for each in found] == forms


@given(ms=st.integers(0, 4_000_000_000_000))
def test_both_date_forms_give_an_incident_the_same_event(ms: int) -> None:
    forms = [ms, iso(ms), f"{iso(ms)[:-1]}+0000"]
    first, *others = streamed(*(incident(createdBy={"date": form}) for form in forms), metric=INCIDENTS)
    assert first.time == f"{ms // 1000}.{ms % 1000:03}"
    assert others == [first, first]
