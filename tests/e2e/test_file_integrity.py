"""File integrity between the stand-ins: tokens that end, clocks that are wrong, decisions that come late, defects by
number."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import pytest

from qualys_ta.splunk import state
from support import e2e
from support.e2e_fim import FimEventSite, FimIncidentSite, FimSite
from support.page import choose

DAY_S = 86_400


@pytest.fixture(scope="module")
def _platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[e2e.Site]:
    with e2e.site(tmp_path_factory.mktemp("fim"), fim_incidents=4) as site:
        yield site


@pytest.fixture
def events(_platform: e2e.Site) -> Iterator[FimSite]:
    made = FimEventSite.of(_platform)
    assert isinstance(made, FimSite)
    yield made
    sys.stdout.write(made.splunk.log())


@pytest.fixture
def incidents(_platform: e2e.Site) -> Iterator[FimSite]:
    made = FimIncidentSite.of(_platform)
    assert isinstance(made, FimSite)
    yield made
    sys.stdout.write(made.splunk.log())


def logins(site: FimSite) -> int:
    return sum(call.path == "/auth" for call in site.qualys.requests[site.calls_before :])


@pytest.mark.parametrize("days", [-30, -3, 2, 30])
def test_l1_a_clock_that_is_wrong_cuts_nothing_off(events: FimSite, days: int) -> None:
    events.qualys.fim.happen(3)
    run = events.tick(clock=days * DAY_S)
    assert run.returncode == 0
    assert events.differences() == []


def test_h21_the_usual_start_date_is_no_error(events: FimSite) -> None:
    events.set_input(start_date="1999-01-01T00:00:00Z")
    events.pull()
    assert "['2017-01-01T00:00:00.000Z'..'" in events.calls[0].params["filter"]


def test_a_checkpoint_of_the_vendors_add_on_is_honored(events: FimSite) -> None:
    moment = sorted(each["processedTime"] for each in events.qualys.fim.events)[20][:19]
    left = {"last_run_datetime": f"{moment}.123Z", "searchAfter": [1]}
    (events.checkpoints / "fim_events").write_text(json.dumps(left), encoding="utf-8")
    events.pull()
    assert events.differences(f"{moment}Z") == []


def test_a_token_that_ends_in_the_middle_is_renewed(events: FimSite) -> None:
    choose(events, "fim", fim_events_page_size="9")
    events.qualys.faults.set("fim_event:expired_token@3")
    events.pull()
    assert events.differences() == []
    assert logins(events) == 2
    assert events.repeats == 0


@pytest.mark.parametrize("kind", ["forbidden", "expired_token"])
def test_an_account_that_is_refused_is_asked_no_more(events: FimSite, kind: str) -> None:
    events.qualys.faults.set(f"fim_event:{kind}*always")
    assert events.tick().returncode == 1
    called = len(events.qualys.requests)
    events.qualys.faults.set()
    assert events.tick(clock=3600).returncode == 0
    assert len(events.qualys.requests) == called
    assert events.raw == []


@pytest.mark.parametrize("kind", ["bad_json", "cut_gzip", "no_content"])
def test_what_only_the_gateway_does_costs_nothing_but_time(events: FimSite, kind: str) -> None:
    choose(events, "fim", fim_events_page_size="9")
    events.qualys.faults.set(f"fim_event:{kind}@2")
    events.pull()
    assert events.differences() == []
    assert events.repeats == 0


def test_no_content_behind_a_full_page_leaves_the_window_open(events: FimSite) -> None:
    """It is not how this API says that there is no more: the next run goes on behind that page."""
    choose(events, "fim", fim_events_page_size="9")
    events.qualys.faults.set("fim_event:no_content*2@2")
    assert events.tick().returncode == 1
    assert len(events.raw) == 9
    assert "without content behind a full page" in events.error()
    assert events.tick(clock=3600).returncode == 0
    assert events.differences() == []
    assert events.repeats == 0


def test_without_sort_values_pages_are_numbered(events: FimSite) -> None:
    choose(events, "fim", fim_events_page_size="9")
    events.qualys.faults.set("fim_event:no_sort_values*always")
    events.pull()
    assert events.differences() == []
    assert [call.params.get("pageNumber") for call in events.calls] == [None, "1", "2", "3", "4", "5"]


def test_d3_what_lies_on_the_border_of_two_windows_comes_once(events: FimSite) -> None:
    events.qualys.clock.set("2026-03-01T12:00:00Z")
    events.qualys.fim.happen(2)
    events.pull()
    since = str(events.checkpoint["since"])
    assert since == "2026-03-01T11:50:00Z"
    first = events.found
    events.qualys.clock.advance(60)
    events.qualys.fim.happen(1)
    state.ask(events.checkpoints, events.name, state.RUN_NOW)
    events.pull()
    assert max(events.found.values()) == 1
    assert sum(events.found.values()) == sum(first.values()) + 1


def test_l16_a_query_restricts_what_is_pulled(events: FimSite) -> None:
    choose(events, "fim", fim_events_extra_params="severity: 5")
    events.pull()
    severe = {each["id"] for each in events.qualys.fim.events if each["severity"] == 5}
    assert {json.loads(raw)["id"] for raw in events.raw} == severe
    assert 0 < len(severe) < 40


@pytest.mark.parametrize("query", ["severity: 5 OR severity: 1", "NOT severity: 5 OR severity: 5"])
def test_an_or_in_a_query_does_not_open_the_window(events: FimSite, query: str) -> None:
    """It stays in parentheses of its own: by itself it would bring what was before the start date."""
    held = events.qualys.fim.events
    start = sorted(str(each["processedTime"]) for each in held)[20][:19]
    severities = {5, 1} if query.startswith("severity") else {1, 2, 3, 4, 5}
    choose(events, "fim", fim_events_extra_params=query)
    events.set_input(start_date=f"{start}Z")
    events.pull()
    wanted = [each for each in held if each["severity"] in severities]
    in_time = {each["id"] for each in wanted if each["processedTime"][:19] >= start}
    assert {json.loads(raw)["id"] for raw in events.raw} == in_time
    assert 0 < len(in_time) < len(wanted)


def test_l16_a_query_that_names_the_times_is_not_used_at_all(events: FimSite) -> None:
    """An editor of the conf file gets the same answer as at the page: nothing is pulled, and the log says why."""
    choose(events, "fim", fim_events_extra_params="dateTime > now-1d")
    assert events.tick().returncode == 1
    assert "dateTime is not allowed" in events.error()
    assert (events.raw, events.calls) == ([], [])


def test_l8_a_query_restricts_every_list_of_incidents(incidents: FimSite) -> None:
    choose(incidents, "fim", fim_incidents_extra_params="changeType: MANUAL")
    incidents.pull()
    incidents.pull_later(7 * 3600)
    assert len(incidents.calls) > 6
    assert [call for call in incidents.calls if not call.params["filter"].endswith(" AND (changeType: MANUAL)")] == []


def test_a_decision_arrives_whether_or_not_somebody_updates_the_incident(incidents: FimSite) -> None:
    incidents.pull()
    incidents.qualys.clock.advance(60)
    new = incidents.qualys.fim.report(4)
    states: dict[str, list[str]] = {ident: [] for ident in new}
    for hours in (0, 7, 14, 9):
        incidents.qualys.clock.advance(hours * 3600 + 1)
        incidents.splunk.clean()
        state.ask(incidents.checkpoints, incidents.name, state.RUN_NOW)
        incidents.pull()
        for kind, ident, *told in incidents.found:
            if kind == "FIM_INCIDENT" and ident in states:
                states[ident].append(told[1])
    assert list(states.values()) == [
        ["PENDING", "APPROVED"],
        ["PENDING", "POLICY_VIOLATION"],
        ["PENDING"],
        ["PENDING", "APPROVED"],
    ]


def test_an_event_of_an_incident_comes_once_however_often_it_is_looked_at(incidents: FimSite) -> None:
    incidents.pull()
    for _ in range(3):
        incidents.qualys.clock.advance(61)
        state.ask(incidents.checkpoints, incidents.name, state.RUN_NOW)
        incidents.pull()
    assert incidents.differences() == []
    assert max(incidents.found.values()) == 1


def test_an_incident_whose_events_are_gone_stops_nothing(incidents: FimSite) -> None:
    """It is open, so each run asks for it again; all else comes, and the checkpoint moves."""
    lost = next(each["id"] for each in incidents.qualys.fim.incidents if each["status"] == "OPEN")
    incidents.qualys.fim.lose([lost])
    incidents.pull()
    assert incidents.differences() == []
    since = incidents.pull_later(7 * 3600)
    assert incidents.differences(since) == []
    assert str(incidents.checkpoint["since"]) > since
    told = incidents.lines("WARNING")
    assert [lost in line for line in told] == [True, True], told
