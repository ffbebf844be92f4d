"""Incidents: their state and their events, and which of them are looked at again."""

from __future__ import annotations

import json

import pytest

from qualys_ta.populator.fim_incidents import Due, due, event_params, open_params, updated_params
from support.fim import CREATED_MS, EVENTS, INCIDENTS, event, fim_converted, fim_settings, incident, told

CREATED = "2024-05-02T03:04:05.678Z"
BEFORE, AFTER = "2024-05-02T03:04:05Z", "2024-05-02T03:04:06Z"
NOW = 1_790_000_000.0
HOUR_MS = 3_600_000
BY_LATER = {"date": CREATED_MS + HOUR_MS}


def test_an_incident_is_told_with_the_time_of_its_creation_as_text() -> None:
    record = incident(reviewers=None, comment=None)
    created_by = {"date": CREATED, "user": {"id": "u", "name": "Ada"}}
    assert told(record, INCIDENTS) == {**record["data"], "createdBy": created_by, "splunk_event_type": "FIM_INCIDENT"}
    (found,) = fim_converted(json.dumps([record]).encode(), INCIDENTS)
    assert found.events[0].time == "1714619045.678"
    assert found.events[0].text.startswith(f'{{"createdBy":{{"date":"{CREATED}",')
    assert found.moment == ""  # so that it is compared whenever it comes again


@pytest.mark.parametrize(
    ("data", "state"),
    [
        ({}, "open"),
        ({"status": "CLOSED"}, "closed"),
        ({"status": "closed"}, "closed"),
        ({"status": "IN_REVIEW"}, "open"),
        ({"status": None}, "open"),
        ({"deleted": True}, "closed"),
        ({"deleted": False}, "open"),
    ],
)
def test_what_is_not_closed_counts_as_open(data: dict[str, object], state: str) -> None:
    (found,) = fim_converted(json.dumps([incident(**data)]).encode(), INCIDENTS)
    assert found.tally == f"1714619045:{state}"


@pytest.mark.parametrize("created", [None, {}, {"date": None}, {"date": "x"}, "x", 5])
def test_an_incident_without_a_time_is_told_all_the_same(created: object) -> None:
    (found,) = fim_converted(json.dumps([incident(createdBy=created)]).encode(), INCIDENTS)
    assert (found.tally, found.events[0].time) == ("", "")
    assert json.loads(found.events[0].text)["createdBy"] == created


def test_the_event_of_an_incident_says_which_one_it_is_of() -> None:
    for given_as in (None, "None", ""):
        read = told(event(incidentId=given_as), INCIDENTS, incident="i1")
        assert (read["incidentId"], read["splunk_event_type"]) == ("i1", "FIM_INCIDENT_EVENT")
    assert told(event(), INCIDENTS, incident="i1")["incidentId"] == "i1"
    assert told(event(incidentId="i2"), INCIDENTS, incident="i2")["incidentId"] == "i2"


def test_an_event_may_belong_to_several_incidents() -> None:
    page = json.dumps([event()]).encode()
    ((one,), (other,), (plain,)) = (
        fim_converted(page, INCIDENTS, incident="i1"),
        fim_converted(page, INCIDENTS, incident="i2"),
        fim_converted(page, EVENTS),
    )
    assert len({one.record, other.record, plain.record}) == 3


@pytest.mark.parametrize(
    ("data", "since", "expected"),
    [
        ({}, BEFORE, True),
        ({"status": "CLOSED"}, BEFORE, True),
        ({}, AFTER, False),
        ({"status": "CLOSED"}, AFTER, None),
        ({"status": "CLOSED", "lastUpdatedBy": BY_LATER}, AFTER, False),
        ({"status": "CLOSED", "approvalDate": CREATED_MS + HOUR_MS}, AFTER, False),
        ({"status": "CLOSED", "lastUpdatedBy": None, "approvalDate": None}, AFTER, None),
    ],
)
def test_whose_events_are_asked_for(data: dict[str, object], since: str, expected: bool) -> None:
    """All events of an incident that is new; of one that is open or changed those that came meanwhile."""
    found = due(incident(**data), since)
    assert found == (None if expected is None else Due(CREATED, incident()["data"]["id"], expected))


def test_a_record_without_an_id_is_due_nowhere() -> None:
    assert due({"data": {}}, BEFORE) is None


def test_what_the_calls_ask_for() -> None:
    own = {"pageSize": "9", "filter": "changeType: MANUAL"}
    assert open_params(own, 1_700_000_000, BEFORE)["filter"] == (
        "createdBy.date: ['2023-11-14T22:13:20.000Z'..'2024-05-02T03:04:05.000Z'] AND (changeType: MANUAL)"
    )
    earliest = open_params({}, 5, "2018-01-01T00:00:00Z")["filter"]
    assert earliest.startswith("createdBy.date: ['2017-01-01T00:00:00.000Z'..")
    assert updated_params(own, BEFORE, NOW)["filter"] == (
        "lastUpdatedBy.date: ['2024-05-02T03:04:05.000Z'..'2027-10-26T14:13:20.000Z'] AND (changeType: MANUAL)"
    )


def test_an_incident_that_nobody_ever_closes_does_not_make_the_list_of_open_ones_longer_and_longer() -> None:
    """It begins 460 days before the window: after 15 months the platform holds no events of theirs."""
    assert open_params({}, 1_600_000_000, BEFORE)["filter"] == (
        "createdBy.date: ['2023-01-28T03:04:05.000Z'..'2024-05-02T03:04:05.000Z']"
    )


def test_a_query_for_incidents_does_not_restrict_their_events() -> None:
    settings = fim_settings(fim_incidents_extra_params="changeType: MANUAL", fim_incidents_page_size="9")
    whole = event_params(settings, Due(CREATED, "i1", whole=True), BEFORE, NOW)
    assert whole == {"pageSize": "9", "sort": '[{"processedTime":"asc"},{"id":"asc"}]', "@incident": "i1"}
    later = event_params(settings, Due(CREATED, "i1", whole=False), BEFORE, NOW)
    assert later["filter"].startswith("processedTime: ['2024-05-02T03:04:05.000Z'..")
