"""The shipped knowledge objects over tickets, evaluated as Splunk would; searches and the page over a small history."""

from __future__ import annotations

import json
from typing import Any

import pytest

from standins import cim
from standins.splunk import conf
from standins.splunk.breaking import Breakers
from standins.splunk.search import Knowledge, Panel, dashboard, event_time
from standins.splunk.search.values import values_of
from support.knowledge import PACKAGE, epoch, package_copy
from support.ticket_events import MODIFIED, TICKET, TOLD, ticket_event, ticket_on, ticket_row

VIEW = PACKAGE / "default/data/ui/views/qualys_tickets.xml"
NOW = epoch("2018-09-20T13:00:05Z")
HISTORY = [
    # 1 was closed and came back; 2 is late; 3 is resolved; 4 fixed; 5 ignored; 6 has time.
    ticket_on(1, 1),
    ticket_on(1, 3, current_state="CLOSED", current_status="FIXED"),
    ticket_on(1, 9, current_status="REOPENED", reopened=True, due_datetime="2018-10-30T00:00:00Z"),
    ticket_on(2, 2, severity=5, user="acme_cd2"),
    ticket_on(3, 2),
    ticket_on(3, 8, current_state="RESOLVED"),
    ticket_on(4, 8, current_state="CLOSED", current_status="FIXED"),
    ticket_on(5, 8, current_state="CLOSED", current_status="IGNORED"),
    ticket_on(6, 8, severity=1, due_datetime="2018-09-25T12:00:00Z"),
]


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return Knowledge.load(package_copy(tmp_path_factory.mktemp("app")))


@pytest.fixture(scope="module")
def panels(knowledge: Knowledge) -> list[Panel]:
    return dashboard(VIEW, knowledge)


def fields_of(knowledge: Knowledge, **changes: Any) -> dict[str, Any]:
    return dict(knowledge.event(ticket_row(ticket_event(**changes))))


# Index time and extraction


@pytest.mark.parametrize("title", ["plain", '","modified":"1999-01-01T00:00:00Z"', '{"number":1,"modified":"x'])
def test_a_ticket_happened_when_it_was_modified(knowledge: Knowledge, title: str) -> None:
    raw = ticket_event(vuln={"title": title})
    assert event_time(knowledge.props_of(ticket_row(raw)), raw) == epoch(MODIFIED)


def test_events_are_broken_where_they_begin(knowledge: Knowledge) -> None:
    stanza = conf.Stanza(TICKET, dict(knowledge.props[TICKET]), "app", shipped=True)
    events = [ticket_event(), ticket_event(number=2**53 + 1), ticket_event(details={"result": "x\n{" * 5000})]
    assert Breakers({TICKET: stanza}).of(TICKET).events("\n".join(events)) == events


def test_every_member_is_a_field(knowledge: Knowledge) -> None:
    found = fields_of(knowledge)
    assert (found["number"], found["detection.ip"], found["vuln.qid"]) == ("1201", "10.0.0.7", "70000")
    assert found["history{}.comment"] == "in work"
    assert found["reopened"] == "false"


def test_a_long_history_hides_no_field_of_the_model(knowledge: Knowledge) -> None:
    """Splunk reads the first 5,000 bytes."""
    entries = [{"comment": "x" * 900, "n": n} for n in range(9)]
    short, long = fields_of(knowledge), fields_of(knowledge, history=entries)
    assert {name: long.get(name) for name in cim_names()} == {name: short.get(name) for name in cim_names()}


# CIM


def cim_names() -> list[str]:
    return [field["name"] for field in cim.TICKETING["fields"] if field["name"] != "comments"]


def test_a_ticket_belongs_into_ticket_management(knowledge: Knowledge) -> None:
    event = knowledge.event(ticket_row(ticket_event()))
    assert list(cim.ticket_faults(event)) == []
    expected = {
        "ticket_id": "1201",
        "status": "open",
        "severity": "high",
        "severity_id": "4",
        "priority": "high",
        "dest": "shop.example.com",
        "user": "acme_ab1",
        "description": "NetBIOS Name Accessible",
        "time_submitted": "2018-09-01T12:00:00Z",
        "cve": "CVE-1999-0621",
    }
    assert {name: event.get(name) for name in expected} == expected
    assert set(values_of(event, "tag")) == {"ticketing"}


@pytest.mark.parametrize(
    "state", [{"current_state": "CLOSED", "current_status": "IGNORED"}, {"detection": {"ip": "::1"}}]
)
def test_so_does_every_other(knowledge: Knowledge, state: dict[str, Any]) -> None:
    assert list(cim.ticket_faults(knowledge.event(ticket_row(ticket_event(**state))))) == []


@pytest.mark.parametrize(
    ("spot", "dest"),
    [
        ({"ip": "10.0.0.7", "nbhname": "SHOP"}, "SHOP"),
        ({"ip": "10.0.0.7", "dnsname": "-", "nbhname": "-"}, "10.0.0.7"),
    ],
    ids=["netbios", "address"],
)
def test_dest_is_the_best_name_there_is(knowledge: Knowledge, spot: dict[str, str], dest: str) -> None:
    assert fields_of(knowledge, detection=spot)["dest"] == dest


@pytest.mark.parametrize(
    ("state", "status", "kind"),
    [
        ("OPEN", None, "open"),
        ("OPEN", "REOPENED", "open"),
        ("RESOLVED", None, "resolved"),
        ("CLOSED", "FIXED", "closed"),
        ("CLOSED", None, "closed"),
        ("CLOSED", "IGNORED", "ignored"),
        ("SLEEPING", None, None),
    ],
)
def test_a_ticket_is_of_one_kind(knowledge: Knowledge, state: str, status: Any, kind: Any) -> None:
    event = knowledge.event(ticket_row(ticket_event(current_state=state, current_status=status)))
    kinds = {f"qualys_ticket_{kind}"} if kind else set()
    assert set(values_of(event, "eventtype")) == {"qualys_ticket_event", *kinds}
    assert event["status"] == (status or state).lower()


def test_what_conf_reads_exists_in_events(knowledge: Knowledge) -> None:
    rules = knowledge.rules((TICKET,))
    read = {name for _, expression in rules.calculated for name in expression.names}
    read |= {alias.old for alias in rules.aliases}
    assert read - fields_of(knowledge, current_status="REOPENED").keys() == set()
    calculated = {name for name, _ in rules.calculated}
    assert not {other for name, one in rules.calculated for other in one.names if other != name} & calculated


# Searches


def test_current_tickets_are_the_last_word_on_each_that_is_not_closed(knowledge: Knowledge) -> None:
    for rows in (HISTORY, HISTORY[::-1]):
        found = knowledge.search("`qualys_current_tickets` | sort 0 number | table number, overdue", rows, now=NOW)
        assert [tuple(row.values()) for row in found] == [
            ("1", "false"),
            ("2", "true"),
            ("3", "false"),
            ("6", "false"),
        ]


def test_overdue_is_told_by_the_time_of_the_search(knowledge: Knowledge) -> None:
    later = epoch("2019-01-01T00:00:00Z")
    found = knowledge.search('`qualys_current_tickets` | search overdue="true" | table number', HISTORY, now=later)
    assert {row["number"] for row in found} == {"1", "2", "6"}


def saved(knowledge: Knowledge, name: str) -> list[dict[str, Any]]:
    return knowledge.saved_search(f"Qualys: {name}", HISTORY, now=NOW)


def test_open_tickets(knowledge: Knowledge) -> None:
    found = [(row["Ticket"], row["Status"], row["Overdue"]) for row in saved(knowledge, "Open Tickets")]
    assert found == [
        ("2", "open", "true"),
        ("3", "resolved", "false"),
        ("6", "open", "false"),
        ("1", "reopened", "false"),
    ]


def test_tickets_by_assignee(knowledge: Knowledge) -> None:
    found = [tuple(row.values()) for row in saved(knowledge, "Tickets by Assignee")]
    assert found == [
        ("acme_cd2", "1", "1", "1", "0", TOLD["due_datetime"]),
        ("acme_ab1", "3", "2", "0", "1", TOLD["due_datetime"]),
    ]


def shown(knowledge: Knowledge, panels: list[Panel], title: str) -> list[tuple[Any, ...]]:
    (panel,) = [each for each in panels if each.title == title]
    return [tuple(row.values()) for row in knowledge.search(panel.search, HISTORY, now=NOW)]


def test_the_page(knowledge: Knowledge, panels: list[Panel]) -> None:
    late = shown(knowledge, panels, "Tickets that are overdue for the longest time")
    assert [row[1:4] for row in late] == [("2", "5", "acme_cd2")]
    assert [row[0] for row in shown(knowledge, panels, "Tickets that were opened again last")] == ["1"]
    assert shown(knowledge, panels, "Hosts with the most tickets") == [("10.0.0.7", "shop.example.com", "4", "5")]
    people = shown(knowledge, panels, "Assignees with the most tickets")
    assert people == [("acme_cd2", "1", "0", "1"), ("acme_ab1", "0", "1", "3")]
    left = {row[0] for row in shown(knowledge, panels, "Tickets by what is left of their time")}
    assert left == {"1 overdue", "2 within a week", "4 later", "5 resolved"}


def test_the_golden_numbers_stay_whole(knowledge: Knowledge) -> None:
    assert fields_of(knowledge, number=2**53 + 1)["ticket_id"] == str(2**53 + 1)
    assert json.loads(ticket_event())["number"] == 1201
