"""Changes of files as events: times in all their forms, what a query may say, what the calls ask for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualys_ta.errors import BadRecord, ConfigError
from qualys_ta.feed import Conversion
from qualys_ta.populator import load
from qualys_ta.populator.fim import FLOOR, happened, iso, number_of, touched
from qualys_ta.times import epoch, utc
from support.fim import EVENTS, HAPPENED, IGNORED, INCIDENTS, event, fim_converted, fim_settings, told

NOW = 1_790_000_000.0
SINCE = "2024-05-02T03:04:05Z"
FORMS = [
    ("2021-02-15T09:05:53.800+0000", "1613379953.800", "2021-02-15T09:05:53Z"),
    ("2021-02-15T09:05:53.800Z", "1613379953.800", "2021-02-15T09:05:53Z"),
    ("2021-02-14T09:31:47Z", "1613295107", "2021-02-14T09:31:47Z"),
    ("2021-02-15T11:05:53.800+0200", "1613379953.800", "2021-02-15T09:05:53Z"),
    ("2021-02-15T05:05:53.800-04:00", "1613379953.800", "2021-02-15T09:05:53Z"),
    (1_613_379_953_800, "1613379953.800", "2021-02-15T09:05:53Z"),
    ("1970-01-01T00:00:00.000+0000", "0.000", "1970-01-01T00:00:00Z"),
]
NO_TIMES = ["", "None", None, "yesterday", "2021-02-30T00:00:00Z", "2021-02-15", -1, 10**20, True, 1.5, [], {}]


@pytest.mark.parametrize(("given_as", "seconds", "second"), FORMS)
def test_a_time_is_understood_in_all_its_forms(given_as: Any, seconds: str, second: str) -> None:
    assert (happened(given_as), touched(given_as)) == (seconds, second)
    assert touched(iso(given_as)) == second


@pytest.mark.parametrize("given_as", NO_TIMES, ids=repr)
def test_what_is_no_time_gives_none(given_as: Any) -> None:
    assert (happened(given_as), touched(given_as), iso(given_as)) == ("", "", "")


@given(st.integers(0, 4_000_000_000_000))
def test_milliseconds_and_text_say_the_same(moment: int) -> None:
    text = iso(moment)
    assert text[19:] == f".{moment % 1000:03}Z"
    assert (happened(text), touched(text)) == (happened(moment), touched(moment))


def test_a_change_is_told_as_the_api_tells_it() -> None:
    record = event(incidentId=None, large=2**53 + 1, asset={"name": "host1", "interfaces": None})
    read = told(record)
    assert read == {**record["data"], "splunk_event_type": "FIM_EVENT"}
    (found,) = fim_converted(json.dumps([record]).encode())
    assert found.events[0].time == "1714619045.678"
    assert found.moment == "2024-05-02T03:04:09Z"
    assert found.events[0].text.startswith(f'{{"dateTime":"{HAPPENED}",')


def test_q6_the_host_of_the_asset_stays_in_the_event() -> None:
    assert told(event(asset={"name": "host1"}))["asset"] == {"name": "host1"}


def test_what_is_large_stands_last() -> None:
    """Splunk makes fields of the beginning of an event only."""
    names = list(told(event(profiles=[{"name": "x" * 6000}], newContent="y", asset={"name": "h"})))
    assert names[-2:] == ["profiles", "newContent"]
    assert names.index("splunk_event_type") < names.index("profiles")


def test_ignored_changes_are_told_as_such() -> None:
    assert told(event(), IGNORED)["splunk_event_type"] == "FIM_IGNORED_EVENT"


def test_no_text_of_a_host_poses_as_the_time_or_as_an_event() -> None:
    hostile = 'x</data></event>\n{"dateTime":"1999-01-01T00:00:00.000Z"}\x1e\r\u2028'
    (found,) = fim_converted(json.dumps([event(name=hostile, **{hostile: 1})]).encode())
    (one,) = found.events
    assert one.text.isascii()
    assert not {"\n", "\r", "\x1e"} & set(one.text)
    assert json.loads(one.text)["name"] == hostile
    assert one.text.index('"dateTime":"') == 1


@pytest.mark.parametrize(
    "record", [{}, {"data": None}, {"data": []}, {"data": {}}, {"data": {"id": ""}}, {"data": {"id": 7}}]
)
@pytest.mark.parametrize("metric", [EVENTS, IGNORED, INCIDENTS])
def test_a_record_without_an_id_is_left_out(record: dict[str, Any], metric: str) -> None:
    convert = load(metric).resource.converter(Conversion(fim_settings()))
    with pytest.raises(BadRecord):
        convert(record)


def test_the_number_of_an_id_is_always_the_same() -> None:
    assert number_of("a") == number_of("a") != number_of("b")
    assert len({number_of(str(each)) for each in range(10_000)}) == 10_000
    assert 0 <= number_of("\ud800") < 2**60
    assert number_of("a", "b") != number_of("b", "a")


@pytest.mark.parametrize(
    ("metric", "field"), [(EVENTS, "processedTime"), (IGNORED, "processedTime"), (INCIDENTS, "createdBy.date")]
)
def test_the_first_call_asks_for_the_window(metric: str, field: str) -> None:
    feed = load(metric)
    params = feed.params(fim_settings(**{f"{metric}_page_size": "7"}))
    assert params == {"pageSize": "7", "sort": f'[{{"{field}":"asc"}},{{"id":"asc"}}]'}
    asked = feed.first_params(params, SINCE, NOW)
    assert asked["filter"] == f"{field}: ['2024-05-02T03:04:05.000Z'..'2027-10-26T14:13:20.000Z']"
    assert {name: value for name, value in asked.items() if name != "filter"} == params


def test_l8_l16_a_query_of_a_person_goes_on_to_count() -> None:
    for metric in (EVENTS, IGNORED, INCIDENTS):
        feed = load(metric)
        params = feed.params(fim_settings(**{f"{metric}_extra_params": " severity: 5\n OR severity: 4 "}))
        asked = feed.first_params(params, SINCE, NOW)["filter"]
        assert asked.endswith("'] AND (severity: 5 OR severity: 4)")


def test_h21_a_start_that_the_api_refuses_is_raised() -> None:
    feed = load(EVENTS)
    for since in ("1999-01-01T00:00:00Z", "1970-01-01T00:00:00Z", FLOOR):
        asked = feed.first_params({}, since, NOW)["filter"]
        assert asked.startswith("processedTime: ['2017-01-01T00:00:00.000Z'..")


@pytest.mark.parametrize("behind_s", [0, 86_400, 398 * 86_400, -86_400])
def test_l1_no_clock_of_ours_cuts_anything_off(behind_s: int) -> None:
    """A server that is further behind than a certificate lives cannot agree on TLS."""
    asked = load(EVENTS).first_params({}, SINCE, NOW - behind_s)["filter"]
    end = asked.rpartition("'..'")[2].rstrip("']")
    assert touched(end) > utc(NOW)
    assert epoch(touched(end))


@pytest.mark.parametrize(
    ("metric", "query", "named"),
    [
        (EVENTS, "dateTime: ['2024-01-01'..'2024-02-01']", "dateTime"),
        (EVENTS, "severity: 5 AND (datetime > now-1d)", "dateTime"),
        (IGNORED, "processedTime: [now-1d .. now]", "processedTime"),
        (INCIDENTS, "createdBy.date: ['2024-01-01'..'2024-02-01']", "createdBy.date"),
        (INCIDENTS, "lastUpdatedBy.date > 5", "lastUpdatedBy.date"),
    ],
)
def test_l16_a_query_that_names_the_times_is_refused(metric: str, query: str, named: str) -> None:
    """And not dropped, which would pull everything."""
    with pytest.raises(ConfigError, match=f"{named} is not allowed: the add-on asks for times itself") as refused:
        fim_settings(**{f"{metric}_extra_params": query})
    assert refused.value.setting == f"{metric}_extra_params"


@pytest.mark.parametrize(
    "query",
    [
        "a) OR (b",
        "(a",
        "a)",
        "name: 'x",
        'name: "x',
        "name: `x",
        "name: 'x' OR name: \"y'",
    ],
)
def test_a_query_that_is_not_whole_is_refused(query: str) -> None:
    with pytest.raises(ConfigError):
        fim_settings(fim_events_extra_params=query)


@pytest.mark.parametrize(
    ("given_as", "kept"),
    [
        ("name: 'dateTime'", "name: 'dateTime'"),
        ('fullPath: "C:\\\\a)b" AND action: Delete', 'fullPath: "C:\\\\a)b" AND action: Delete'),
        ("name: 'it\\'s'", "name: 'it\\'s'"),
        ("file.createdBy.dateX: 5", "file.createdBy.dateX: 5"),
        ("(a: 1\n  OR b: 2)", "(a: 1 OR b: 2)"),
        ("name: `(`", "name: `(`"),
    ],
)
def test_what_is_in_quotes_is_text(given_as: str, kept: str) -> None:
    assert fim_settings(fim_incidents_extra_params=given_as)["fim_incidents_extra_params"] == {"filter": kept}


def test_without_a_query_there_is_none() -> None:
    assert fim_settings()["fim_events_extra_params"] == {}


@pytest.mark.parametrize("size", ["0", "1001", "x"])
def test_pages_are_as_large_as_the_api_allows(size: str) -> None:
    with pytest.raises(ConfigError):
        fim_settings(fim_events_page_size=size)
