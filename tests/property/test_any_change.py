"""Whatever the gateway says of a change arrives as it was said, from the page's bytes to the event in the stream."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualys_ta import jsonpage
from qualys_ta.errors import Refused
from qualys_ta.model import Event, knows_nothing
from qualys_ta.populator.fim import iso
from qualys_ta.records import Unread
from qualys_ta.splunk.forms import stream_form
from qualys_ta.spool import batches, spool_path
from qualys_ta.work.conversion import Converter, Recipe
from support.fim import EVENTS, IGNORED, INCIDENTS, event, fim_settings, incident, whole_json
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


def arrived(body: bytes, metric: str = EVENTS) -> tuple[list[Event], int]:
    """What a page becomes on its way to splunkd, and how many of its records were left out."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.json")
        page.write_bytes(body)
        spooled = Converter(Recipe(metric, fim_settings(), "", FORM), knows_nothing).convert(page, None, 1 << 30)
        with spool_path(page).open("rb") as file:
            return [found for batch in batches(file) for found in unrendered(batch.data)], spooled.bad


def streamed(*records: dict[str, Any], metric: str = EVENTS) -> list[Event]:
    """The events of a page with these records."""
    return arrived(json.dumps(records, ensure_ascii=False).encode(), metric)[0]


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


class Page(NamedTuple):
    """A page, and how it comes out of the pieces in which it is read."""

    body: bytes
    piece: int


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
DEEP = st.builds(
    lambda value, depth: json.loads("[" * depth + json.dumps(value) + "]" * depth), VALUES, st.integers(0, 60)
)
SIGNS = st.sampled_from(b'[]{}",:\\0189eE.+-u/ \n\x00\x1e\x7f\xc3\xed\xff') | st.integers(0, 255)


@st.composite
def soiled_pages(draw: st.DrawFn) -> Page:
    """Records of any values, whole, cut at any byte, or with any bytes replaced; read in any pieces."""
    more = st.dictionaries(st.text(), ANYTHING | DEEP, max_size=3)
    records = [
        {"sortValues": draw(ANYTHING), "data": {"id": draw(st.text()), **draw(more)}}
        for _ in range(draw(st.integers(0, 4)))
    ]
    text = json.dumps(records, ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from([None, 1])))
    body = bytearray(text.encode("utf-8", "surrogatepass"))
    for place, sign in draw(st.lists(st.tuples(st.integers(0, len(body) - 1), SIGNS), max_size=2)):
        body[place] = sign
    cut = draw(st.none() | st.integers(0, len(body)))
    return Page(bytes(body[:cut]), draw(st.integers(1, 200)))


@given(soiled_pages())
def test_whatever_becomes_of_a_page_no_record_is_lost_or_made_up(page: Page) -> None:
    """It arrives as `json` reads all of it, each record as an event or counted as left out, or nothing of it does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonpage, "CHUNK", page.piece)
        try:
            events, left_out = arrived(page.body)
        except (Unread, Refused):
            events, left_out = [], None
    try:
        records = whole_json(page.body)
    except ValueError:
        assert left_out is None
        return
    if not isinstance(records, list):
        assert events == []  # no list: `inspected` tells what it is
        return
    assert (left_out is None) == any(not isinstance(record, dict) for record in records)
    if left_out is None:
        return
    data = [record.get("data") for record in records]
    good = [each for each in data if isinstance(each, dict) and isinstance(each.get("id"), str) and each["id"]]
    assert [json.loads(event.text) for event in events] == [{**each, "splunk_event_type": "FIM_EVENT"} for each in good]
    assert left_out == len(records) - len(good)
