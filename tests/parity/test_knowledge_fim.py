"""The shipped knowledge objects over file integrity, evaluated as Splunk would; searches over a small history."""

from __future__ import annotations

import json
from typing import Any

import pytest

from standins.splunk import conf
from standins.splunk.breaking import Breakers
from standins.splunk.search import Knowledge, event_time
from standins.splunk.search.values import values_of
from support.fim import CREATED_MS
from support.fim_rows import ASSET, FIM, change_row, incident_row
from support.knowledge import epoch, package_copy

NOW = epoch("2024-05-05T00:00:00Z")
CHANGE_FIELDS = {
    "action": "modified",
    "change_type": "disk",
    "command": "/usr/bin/vi",
    "dest": "host1.example.com",
    "dvc": "Qualys",
    "object": "hosts",
    "object_attrs": "Content",
    "object_category": "file",
    "object_id": "99b92968-8f3a-3626-8d56-345a6d891546",
    "src": "host1.example.com",
    "status": "success",
    "user": "root",
    "vendor_product": "Qualys Cloud Platform",
}
"""What the CIM's Change requires of all changes (pytest-splunk-addon 6.4.0, Change.json)."""

FILE_FIELDS = {"file_name": "hosts", "file_path": "C:\\etc\\hosts", "process_id": "7"}
"""What Endpoint (Filesystem) asks for beside; the platform tells no file_size."""

FILE_ACTIONS = {"acl_modified", "created", "deleted", "modified", "read"}


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return Knowledge.load(package_copy(tmp_path_factory.mktemp("app")))


@pytest.mark.parametrize("name", ["plain", '","dateTime":"1999-01-01T00:00:00.000Z"', '{"dateTime":"1999-01-01T'])
@pytest.mark.parametrize("zone", ["+0000", "Z"])
def test_a_change_happened_when_the_host_says(knowledge: Knowledge, name: str, zone: str) -> None:
    row = change_row(name=name, dateTime=f"2024-05-02T03:04:05.678{zone}", asset={"name": name})
    assert event_time(knowledge.props_of(row), row["raw"]) == 1_714_619_045.678


def test_an_incident_happened_when_it_was_created(knowledge: Knowledge) -> None:
    row = incident_row(name='"createdBy":{"date":"1999-01-01T00:00:00.000Z"')
    assert event_time(knowledge.props_of(row), row["raw"]) == CREATED_MS / 1000


@pytest.mark.parametrize("sourcetype", FIM)
def test_events_are_broken_where_they_begin(knowledge: Knowledge, sourcetype: str) -> None:
    stanza = conf.Stanza(sourcetype, dict(knowledge.props[sourcetype]), "app", shipped=True)
    events = [change_row(name="x\n{")["raw"], incident_row()["raw"], change_row(newContent="\r\n{" * 5000)["raw"]]
    assert Breakers({sourcetype: stanza}).of(sourcetype).events("\n".join(events)) == events


@pytest.mark.parametrize("sourcetype", FIM[:3])
def test_a_change_of_a_file_has_its_cim_fields(knowledge: Knowledge, sourcetype: str) -> None:
    found = dict(knowledge.event(change_row(sourcetype)))
    assert {name: found.get(name) for name in {**CHANGE_FIELDS, **FILE_FIELDS}} == {**CHANGE_FIELDS, **FILE_FIELDS}


def test_only_changes_themselves_are_in_the_models(knowledge: Knowledge) -> None:
    tags = [set(values_of(knowledge.event(change_row(sourcetype)), "tag")) for sourcetype in FIM[:3]]
    assert tags == [{"change", "endpoint", "filesystem"}, set(), set()]
    registry = change_row(**{"class": "Registry", "type": "Value"})
    assert set(values_of(knowledge.event(registry), "tag")) == {"change", "endpoint"}
    assert "file_path" not in knowledge.event(registry)
    assert set(values_of(knowledge.event(incident_row()), "tag")) == set()


@pytest.mark.parametrize("action", ["Create", "Delete", "Rename", "Content", "Attributes", "Security", "Something new"])
def test_actions_are_those_of_the_model(knowledge: Knowledge, action: str) -> None:
    found = knowledge.event(change_row(action=action))
    assert found["action"] in FILE_ACTIONS
    assert found["vendor_action"] == action


@pytest.mark.parametrize(
    ("asset", "dest"),
    [
        ({}, "host1.example.com"),
        ({"name": None}, "10.0.0.7"),
        ({"name": None, "netbiosName": "HOST1"}, "HOST1"),
        ({"name": None, "interfaces": None}, "a1"),
    ],
)
def test_q6_dest_is_the_host_that_was_changed(knowledge: Knowledge, asset: dict[str, Any], dest: str) -> None:
    assert knowledge.event(change_row(asset={**ASSET, **asset}))["dest"] == dest


def test_null_is_no_value(knowledge: Knowledge) -> None:
    found = knowledge.event(change_row(actor=None, asset=None, action=None))
    assert {"user", "dest", "action", "process", "command", "vendor_action"} & set(found) == set()


def test_what_is_large_hides_no_field_of_the_model(knowledge: Knowledge) -> None:
    """Splunk reads the first 5,000 bytes."""
    long = knowledge.event(change_row(newContent="x" * 9000, oldContent="y" * 9000, incidentId=None))
    assert {name: long.get(name) for name in CHANGE_FIELDS} == CHANGE_FIELDS


def test_the_last_word_on_an_incident_is_what_was_indexed_last(knowledge: Knowledge) -> None:
    rows = [
        incident_row(1, id="a"),
        incident_row(3, id="a", status="CLOSED", approvalStatus="APPROVED"),
        incident_row(2, id="b", name="stays"),
        change_row(FIM[2], id="c1", incidentId="b"),
        change_row(FIM[2], id="c2", incidentId="b"),
    ]
    found = knowledge.search("`qualys_latest_fim_incidents` | table id, status", rows, now=NOW)
    assert sorted((str(row["id"]), str(row["status"])) for row in found) == [("a", "CLOSED"), ("b", "OPEN")]
    (open_one,) = knowledge.saved_search("Qualys: Open File Incidents", rows, now=NOW)
    assert {name: str(open_one[name]) for name in ("id", "Incident", "Changes", "Hosts")} == {
        "id": "b",
        "Incident": "stays",
        "Changes": "2",
        "Hosts": "1",
    }


def test_searches_about_changes(knowledge: Knowledge) -> None:
    rows = [change_row(id="1", severity=5), change_row(id="2", severity=1), change_row(FIM[1], id="3", severity=5)]
    (host,) = knowledge.saved_search("Qualys: File Changes by Host", rows, now=NOW)
    assert (str(host["Host"]), str(host["Changes"]), str(host["Severe"])) == ("host1.example.com", "2", "1")
    (severe,) = knowledge.saved_search("Qualys: Severe File Changes", rows, now=NOW)
    assert (str(severe["Object"]), str(severe["User"])) == ("C:\\etc\\hosts", "root")


def test_numbers_keep_their_digits(knowledge: Knowledge) -> None:
    row = change_row(large=2**53 + 1)
    assert json.loads(row["raw"])["large"] == 2**53 + 1
    assert knowledge.fields(row)["large"] == str(2**53 + 1)


def test_what_is_ignored_most_often(knowledge: Knowledge) -> None:
    rows = [
        *(change_row(FIM[1], id=str(n)) for n in range(3)),
        change_row(FIM[1], id="x", action="Delete"),
        change_row(),
    ]
    found = knowledge.saved_search("Qualys: Ignored File Changes", rows, now=NOW)
    assert [tuple(row.values()) for row in found] == [
        ("C:\\etc\\hosts", "Content", "3", "1", "1", "4"),
        ("C:\\etc\\hosts", "Delete", "1", "1", "1", "4"),
    ]
