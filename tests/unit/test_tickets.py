"""A TICKET becomes an event, whatever the platform leaves out or empties; when it was modified, reopened, overdue."""

from __future__ import annotations

import json
from xml.etree.ElementTree import fromstring

import pytest

from qualys_ta.api import msp
from qualys_ta.errors import Refused
from qualys_ta.feed import MSP, Conversion
from qualys_ta.model import Request
from qualys_ta.populator.tickets import FEED
from qualys_ta.times import epoch
from support.core import PLATFORM_TIME, leaves, tag
from support.pulls import ListLog
from support.recordings import MISSING, SAMPLES
from support.tickets import (
    CREATED,
    DUE,
    entry,
    history,
    ticket,
    ticket_answer,
    ticket_converted,
    ticket_events,
    ticket_settings,
    told,
    vuln,
)

SAMPLE = SAMPLES / "tickets" / "gitpan_ticket_list.xml"

LATER, LATEST = "2024-05-03T00:00:00Z", "2024-05-04T00:00:00Z"


def test_the_feed() -> None:
    assert FEED.resource.dialect == MSP
    assert FEED.timeout_setting == "ticket_timeout"
    assert ticket_settings()["ticket_timeout"] == 900


def test_an_ordinary_ticket() -> None:
    found = told(history(entry(CREATED, new="OPEN")))
    assert list(found)[:4] == ["number", "modified", "creation_datetime", "due_datetime"]
    assert (found["number"], found["current_state"], found["invalid"]) == (1234, "OPEN", 0)
    assert found["assignee"] == {"name": "Ada Brown", "email": "ada@example.com", "login": "acme_ab1"}
    assert found["detection"] == {"ip": "10.0.0.7", "dnsname": "host.example.com", "port": 443}
    assert found["vuln"]["qid"] == 70000
    assert found["history"] == [{"datetime": CREATED, "actor": "acme_ab1", "state": {"new": "OPEN"}}]


def test_what_may_be_long_stands_last() -> None:
    """Splunk makes fields of the first 5,000 bytes."""
    found = told(tag("DETAILS", leaves({"DIAGNOSIS": "x" * 9000})), history(entry(CREATED, new="OPEN")))
    assert list(found)[-2:] == ["history", "details"]
    assert len(json.dumps({name: value for name, value in found.items() if name not in ("history", "details")})) < 1000


@pytest.mark.parametrize(
    ("markup", "modified"),
    [
        (history(entry(LATER), entry(CREATED)), LATER),
        (history(entry(CREATED), entry(LATER)), LATER),
        (history(entry("")), CREATED),
        (history(entry("yesterday"), entry(CREATED)), CREATED),
        (history(), CREATED),
        ("", CREATED),
    ],
    ids=["newest first", "oldest first", "no time", "no such time", "empty", "none"],
)
def test_a_ticket_was_modified_when_its_history_says(markup: str, modified: str) -> None:
    (found,) = ticket_converted(ticket_answer(ticket(markup)))
    assert found.moment == modified
    assert found.events[0].time == epoch(modified)
    assert json.loads(found.events[0].text)["modified"] == modified


def test_a_ticket_that_says_no_time_is_told_all_the_same() -> None:
    (found,) = ticket_converted(ticket_answer(ticket(CREATION_DATETIME=None)))
    assert (found.moment, found.events[0].time) == ("", "")
    assert "modified" not in json.loads(found.events[0].text)


@pytest.mark.parametrize(
    ("entries", "reopened"),
    [
        ((entry(LATER, old="CLOSED", new="OPEN"), entry(CREATED, new="OPEN")), True),
        ((entry(CREATED, new="OPEN"), entry(LATER, old="CLOSED", new="OPEN")), True),
        ((entry(LATEST, COMMENT="and again"), entry(LATER, old="CLOSED", new="OPEN")), True),
        ((entry(LATEST, old="OPEN", new="RESOLVED"), entry(LATER, old="CLOSED", new="OPEN")), False),
        ((entry(LATER, old="RESOLVED", new="OPEN"),), False),
        ((entry(LATER, new="OPEN"),), False),
        ((), False),
    ],
    ids=["newest first", "oldest first", "commented since", "resolved since", "from resolved", "new", "no history"],
)
def test_a_ticket_is_reopened_whose_last_change_of_state_was_that(entries: tuple[str, ...], reopened: bool) -> None:
    assert told(history(*entries))["reopened"] is reopened


@pytest.mark.parametrize("entries", [(), (entry(CREATED, old="RESOLVED", new="OPEN"),)], ids=["no history", "resolved"])
def test_a_ticket_is_reopened_where_the_platform_calls_it_so(entries: tuple[str, ...]) -> None:
    assert told(history(*entries), CURRENT_STATUS="REOPENED")["reopened"] is True
    assert told(history(*entries), CURRENT_STATUS="FIXED")["reopened"] is False


@pytest.mark.parametrize(
    ("state", "due", "told_at", "overdue"),
    [
        ("OPEN", DUE, PLATFORM_TIME, True),
        ("OPEN", DUE, DUE, False),
        ("OPEN", PLATFORM_TIME, DUE, False),
        ("RESOLVED", DUE, PLATFORM_TIME, False),
        ("CLOSED", DUE, PLATFORM_TIME, False),
        ("OPEN", "", PLATFORM_TIME, False),
        ("OPEN", "soon", PLATFORM_TIME, False),
        ("OPEN", DUE, "", False),
    ],
    ids=range(8),
)
def test_overdue_is_what_is_open_and_due_at_the_platforms_time(
    state: str, due: str, told_at: str, overdue: bool
) -> None:
    assert told(CURRENT_STATE=state, DUE_DATETIME=due, told_at=told_at)["overdue"] is overdue


def test_without_an_answers_time_nothing_is_overdue() -> None:
    (element,) = fromstring(ticket_answer(ticket())).iter("TICKET")
    assert json.loads(FEED.resource.converter(Conversion({}))(element).told.text)["overdue"] is False


def test_a_ticket_without_a_number_is_left_out() -> None:
    body = ticket_answer(ticket(NUMBER=None), ticket(NUMBER="12a"), ticket(NUMBER=""), ticket(NUMBER=5))
    assert [record.record for record in ticket_converted(body)] == [5]


def test_cves_come_in_either_form() -> None:
    listed = tag("CVE_ID_LIST", tag("CVE_ID", "CVE-1"), tag("CVE_ID", leaves({"ID": "CVE-2", "URL": "http://x"})))
    assert told(vulnerability=vuln(listed))["vuln"]["cve"] == ["CVE-1", "CVE-2"]


@pytest.mark.parametrize("markup", ["", "<ASSIGNEE/>", "<STATS></STATS>", "<DETAILS> </DETAILS>"])
def test_nothing_empty_is_written(markup: str) -> None:
    found = told(markup)
    assert not {"stats", "details"} & found.keys()


def test_numbers_above_what_a_float_holds_stay_whole() -> None:
    (found,) = ticket_converted(ticket_answer(ticket(NUMBER=2**53 + 1)))
    assert found.record == 2**53 + 1
    assert f'"number":{2**53 + 1},' in found.told.text


@pytest.mark.skipif(not SAMPLE.is_file(), reason=MISSING)
def test_the_public_sample() -> None:
    (event,) = ticket_events(SAMPLE.read_bytes())
    found = json.loads(event.text)
    assert event.time == epoch("2008-02-13T22:22:29Z")
    assert (found["number"], found["overdue"], found["reopened"]) == (1234, True, False)
    assert found["stats"]["times_found"] == 9
    assert "times_not_found" not in found["stats"]
    assert found["vuln"] == {
        "title": "NetBIOS Name Accessible",
        "type": "VULN",
        "qid": 70000,
        "severity": 2,
        "standard_severity": 2,
        "cve": ["CVE-1999-0621"],
    }
    assert found["history"][0]["scan"] == {"ref": "scan/5555555555.55555", "datetime": "2008-02-13T21:29:28Z"}
    request = Request(FEED.resource.path, {"states": "OPEN"})
    following = msp.following(request, {"TRUNCATION/@last": "1234"}, ListLog())
    assert following
    assert following.params == {"states": "OPEN", "since_ticket_number": "1235"}


def test_a_list_that_is_cut_before_it_began_is_refused() -> None:
    with pytest.raises(Refused):
        msp.following(Request("/", {"since_ticket_number": "9"}), {"TRUNCATION/@last": "8"}, ListLog())
