"""The shipped knowledge objects over policies and their postures, evaluated as Splunk would."""

from __future__ import annotations

from typing import Any

import pytest

from standins.splunk import conf
from standins.splunk.breaking import Breakers
from standins.splunk.search import Knowledge, event_time
from support.knowledge import epoch, package_copy
from support.posture_events import (
    EVALUATED,
    MODIFIED,
    POLICY,
    POLICY_INFO,
    POSTURE,
    POSTURE_INFO,
    policy,
    policy_row,
    policy_summary,
    posture,
    posture_row,
)

ROWS: dict[str, dict[str, Any]] = {
    "policy": policy_row(policy()),
    "policy never evaluated": policy_row(policy(LAST_EVALUATED_DATETIME=None)),
    "policy with a text that poses as the time": policy_row(
        policy(POLICY_TITLE="x, LAST_EVALUATED_DATETIME='2001-01-01T00:00:00Z'")
    ),
    "posture": posture_row(posture()),
    "posture never changed": posture_row(posture(POSTURE_MODIFIED_DATE=None)),
    "posture changed at no time": posture_row(posture(POSTURE_MODIFIED_DATE="")),
}
HAPPENED = {
    "policy never evaluated": MODIFIED,
    "posture": MODIFIED,
}


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return Knowledge.load(package_copy(tmp_path_factory.mktemp("fresh")))


def fields_of(knowledge: Knowledge, row: dict[str, Any]) -> dict[str, Any]:
    return dict(knowledge.event(row))


@pytest.mark.parametrize("name", ROWS)
def test_every_event_says_when_it_happened(knowledge: Knowledge, name: str) -> None:
    row = ROWS[name]
    assert event_time(knowledge.props_of(row), row["raw"]) == epoch(HAPPENED.get(name, EVALUATED))


@pytest.mark.parametrize(
    ("sourcetype", "events"),
    [
        (POLICY, [policy(), policy(POLICY_ID="8")]),
        (POSTURE, [posture(), policy_summary(7, 12, 90, 7), posture(EVIDENCE="x" * 20_000), posture(POLICY_ID="8")]),
    ],
    ids=["policies", "postures"],
)
def test_events_are_broken_where_they_begin(knowledge: Knowledge, sourcetype: str, events: list[str]) -> None:
    stanza = conf.Stanza(sourcetype, dict(knowledge.props[sourcetype]), "app", shipped=True)
    assert Breakers({sourcetype: stanza}).of(sourcetype).events("\n".join(events)) == events


@pytest.mark.parametrize(("row", "told"), [("policy", POLICY_INFO), ("posture", POSTURE_INFO)])
def test_every_field_is_found(knowledge: Knowledge, row: str, told: dict[str, str]) -> None:
    found = fields_of(knowledge, ROWS[row])
    assert {name: found.get(name) for name in told} == told


HOSTILE = ("' STATUS='Passed' HOST_ID='1", "STATUS=Passed, POLICY_ID=9", "POSTURE_INFO: POLICY_ID=9", " =,\\ \u00e9")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("name", ["CONTROL_STATEMENT", "EVIDENCE"])
def test_nothing_inside_a_value_becomes_a_field(knowledge: Knowledge, name: str, text: str) -> None:
    plain, hostile = (fields_of(knowledge, posture_row(posture(**{name: value}))) for value in ("plain", text))
    assert hostile[name] == text
    same = {"signature", "_raw", name}
    assert {n: v for n, v in hostile.items() if n not in same} == {n: v for n, v in plain.items() if n not in same}


@pytest.mark.parametrize("sourcetype", [POLICY, POSTURE])
def test_what_conf_reads_exists_in_events(knowledge: Knowledge, sourcetype: str) -> None:
    rules = knowledge.rules((sourcetype,))
    read = {name for _, expression in rules.calculated for name in expression.names}
    assert read | {alias.old for alias in rules.aliases} <= {*POLICY_INFO, *POSTURE_INFO}
    assert not read & {name for name, _ in rules.calculated}
    assert not rules.lookups


# What tells postures apart


@pytest.mark.parametrize("name", ["POLICY_ID", "HOST_ID", "CONTROL_ID", "TECHNOLOGY_ID", "INSTANCE"])
def test_a_posture_is_known_by_what_was_looked_at(knowledge: Knowledge, name: str) -> None:
    found = {fields_of(knowledge, posture_row(posture(**{name: value})))["qualys_posture"] for value in ("1", "2")}
    assert len(found) == 2


def test_a_posture_stays_the_same_when_it_changes(knowledge: Knowledge) -> None:
    raws = posture(), posture(STATUS="Passed", POSTURE_MODIFIED_DATE=EVALUATED, POSTURE_ID="4712", HOST_DNS="other")
    assert len({fields_of(knowledge, posture_row(raw))["qualys_posture"] for raw in raws}) == 1
    assert "qualys_posture" not in fields_of(knowledge, posture_row(policy_summary(7, 1, 1, 0)))
    assert "qualys_posture" in fields_of(knowledge, posture_row(posture(TECHNOLOGY_ID=None, INSTANCE=None)))


# Names that the CIM would use


@pytest.mark.parametrize(
    ("missing", "dest"),
    [
        ((), "wordpress.example.com"),
        (("HOST_DNS",), "WORDPRESS"),
        (("HOST_DNS", "HOST_NETBIOS"), "172.16.5.4"),
        (("HOST_DNS", "HOST_NETBIOS", "HOST_IP"), "190339320"),
    ],
)
def test_dest_is_the_best_name_there_is(knowledge: Knowledge, missing: tuple[str, ...], dest: str) -> None:
    for nothing in ("", "-", None):
        found = fields_of(knowledge, posture_row(posture(**dict.fromkeys(missing, nothing))))
        assert found["dest"] == dest
        assert found.get("dest_name") == (dest if len(missing) < 2 else None)


def test_a_posture_has_the_names_of_the_cim(knowledge: Knowledge) -> None:
    expected = {
        "dest_ip": "172.16.5.4",
        "dvc": "Qualys",
        "signature": POSTURE_INFO["CONTROL_STATEMENT"],
        "signature_id": "1071",
        "status": "Failed",
        "vendor_product": "Qualys Cloud Platform",
    }
    found = fields_of(knowledge, ROWS["posture"])
    assert {name: found.get(name) for name in expected} == expected
    assert "dest" not in fields_of(knowledge, posture_row(policy_summary(7, 1, 1, 0)))


# Eventtypes; no tags

STATES: dict[str, tuple[dict[str, Any], str]] = {
    "failed": ({}, "failed"),
    "failed, exception asked for": ({"EXCEPTION_STATUS": "Pending"}, "failed"),
    "failed, exception refused": ({"EXCEPTION_STATUS": "Rejected"}, "failed"),
    "failed, exception approved": ({"EXCEPTION_STATUS": "Approved"}, "excepted"),
    "passed": ({"STATUS": "Passed"}, "passed"),
    "passed, exception approved": ({"STATUS": "Passed", "EXCEPTION_STATUS": "Approved"}, "passed"),
    "error": ({"STATUS": "Error"}, "error"),
    "unheard-of status": ({"STATUS": "Skipped"}, ""),
}


@pytest.mark.parametrize("state", STATES)
def test_a_posture_is_in_one_state_and_in_no_model(knowledge: Knowledge, state: str) -> None:
    changes, name = STATES[state]
    found = fields_of(knowledge, posture_row(posture(**changes)))
    assert found["eventtype"] == sorted(["qualys_posture_info_event", *([f"qualys_posture_{name}"] if name else [])])
    assert "tag" not in found


def test_policies_and_summaries_are_events_of_their_own(knowledge: Knowledge) -> None:
    summary = fields_of(knowledge, posture_row(policy_summary(7, 12, 90, 7)))
    assert (summary["eventtype"], summary["NUMBER_OF_CONTROLS"]) == (["qualys_policy_summary_event"], "12")
    assert fields_of(knowledge, ROWS["policy"])["eventtype"] == ["qualys_policy_info_event"]
    assert not {"tag"} & (summary.keys() | fields_of(knowledge, ROWS["policy"]).keys())
