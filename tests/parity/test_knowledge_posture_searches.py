"""Macros, searches and the page about policy compliance over a small history, against what one counts by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from standins.splunk.search import Knowledge, Panel, dashboard
from support.knowledge import PACKAGE, epoch, package_copy
from support.posture_events import checked, policy, policy_row, policy_summary, posture_row

VIEW = PACKAGE / "default/data/ui/views/qualys_policy_compliance.xml"
NOW = epoch("2018-09-20T13:00:05Z")
URGENT = {"CRITICALITY_LABEL": "URGENT", "CRITICALITY_VALUE": "5"}
UNRATED = {"CRITICALITY_LABEL": None, "CRITICALITY_VALUE": None}


def told(policy_id: int, title: str, on: int, indexed_at: float, **changes: Any) -> dict[str, Any]:
    evaluated = f"2018-09-{on:02}T12:00:00Z"
    raw = policy(POLICY_ID=str(policy_id), POLICY_TITLE=title, LAST_EVALUATED_DATETIME=evaluated, **changes)
    return policy_row(raw, index="anywhere", time=epoch(evaluated), indexed_at=indexed_at)


def counted(policy_id: int, passed: int, failed: int, indexed_at: float) -> dict[str, Any]:
    raw = policy_summary(policy_id, 3, passed, failed)
    return posture_row(raw, index="anywhere", time=1.0, indexed_at=indexed_at)


HISTORY = [
    told(7, "Linux", 1, 1.0),
    told(7, "Linux baseline", 10, 3.0),
    told(8, "Windows", 2, 2.0),
    told(9, "Empty", 3, 2.0),
    counted(7, 1, 9, 1.0),
    counted(7, 2, 3, 3.0),
    counted(8, 4, 0, 2.0),
    # Control 100 of policy 7 fails on hosts 1 and 2, and was mended on host 3; 200 fails on host 1, with an exception.
    checked(7, 1, 100, 1, **URGENT),
    checked(7, 2, 100, 10, **URGENT),
    checked(7, 3, 100, 1, **URGENT),
    checked(7, 3, 100, 9, STATUS="Passed", **URGENT),
    checked(7, 1, 200, 2, EXCEPTION_STATUS="Approved"),
    checked(7, 1, 300, 19),
    # The same control on the same host in policy 8; one that could not be evaluated; one of no criticality.
    checked(8, 1, 100, 4, **URGENT),
    checked(8, 1, 400, 4, STATUS="Error"),
    checked(8, 4, 500, 4, **UNRATED),
    # One control on two instances.
    checked(8, 2, 600, 5, INSTANCE="ora1"),
    checked(8, 2, 600, 5, INSTANCE="ora2", STATUS="Passed"),
]


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return Knowledge.load(package_copy(tmp_path_factory.mktemp("app")))


@pytest.fixture(scope="module")
def panels(knowledge: Knowledge) -> list[Panel]:
    return dashboard(VIEW, knowledge)


def test_latest_postures_are_the_last_word_on_each_control_on_each_host(knowledge: Knowledge) -> None:
    for rows in (HISTORY, HISTORY[::-1]):
        found = knowledge.search("`qualys_latest_postures` | table HOST_ID, CONTROL_ID, STATUS", rows, now=NOW)
        assert len(found) == 10
        assert {"HOST_ID": "3", "CONTROL_ID": "100", "STATUS": "Passed"} in found
    titles = knowledge.search("`qualys_latest_postures` | stats count by POLICY_TITLE", HISTORY, now=NOW)
    assert [tuple(row.values()) for row in titles] == [("Linux baseline", "5"), ("Windows", "5")]


def test_a_posture_of_a_policy_that_was_never_told_of_counts(knowledge: Knowledge) -> None:
    found = knowledge.search("`qualys_latest_postures`", [checked(7, 1, 100, 1)], now=NOW)
    assert [row.get("POLICY_TITLE") for row in found] == [None]


def test_the_last_summary_is_the_one_indexed_last(knowledge: Knowledge) -> None:
    found = knowledge.search("`qualys_current_policies` | search POLICY_ID=7", HISTORY[::-1], now=NOW)
    assert [(row["POLICY_TITLE"], row["Passed"], row["Failed"]) for row in found] == [("Linux baseline", "2", "3")]


def test_two_subscriptions_in_an_index_each_are_told_apart(knowledge: Knowledge) -> None:
    other = [
        {**told(7, "macOS", 2, 9.0), "index": "other"},
        {**counted(7, 5, 6, 9.0), "index": "other"},
        {**checked(7, 1, 100, 2, STATUS="Passed"), "index": "other"},
    ]
    rows = [*other, *HISTORY]
    found = knowledge.search("`qualys_latest_postures` | stats count by index, POLICY_TITLE", rows, now=NOW)
    counts = [("anywhere", "Linux baseline", "5"), ("anywhere", "Windows", "5"), ("other", "macOS", "1")]
    assert [tuple(row.values()) for row in found] == counts
    found = knowledge.search("`qualys_current_policies` | search POLICY_ID=7 | sort index", rows, now=NOW)
    names = ("index", "POLICY_TITLE", "Passed", "Failed")
    assert [tuple(row[name] for name in names) for row in found] == [
        ("anywhere", "Linux baseline", "2", "3"),
        ("other", "macOS", "5", "6"),
    ]


def saved(knowledge: Knowledge, name: str) -> list[dict[str, Any]]:
    return knowledge.saved_search(f"Qualys: {name}", HISTORY, now=NOW)


def test_policy_compliance(knowledge: Knowledge) -> None:
    names = ("Policy", "Controls", "Passed", "Failed", "Error", "Passed %")
    assert [tuple(row.get(name) for name in names) for row in saved(knowledge, "Policy Compliance")] == [
        ("Linux baseline", "3", "2", "3", "0", "40"),
        ("Windows", "3", "4", "0", "0", "100"),
        ("Empty", None, "0", "0", "0", None),
    ]


def test_failing_controls_by_policy(knowledge: Knowledge) -> None:
    names = ("Policy", "CONTROL_ID", "Criticality", "Hosts")
    assert [tuple(row.get(name) for name in names) for row in saved(knowledge, "Failing Controls by Policy")] == [
        ("Linux baseline", "100", "URGENT", "2"),
        ("Linux baseline", "300", "SERIOUS", "1"),
        ("Windows", "100", "URGENT", "1"),
        ("Windows", "600", "SERIOUS", "1"),
        ("Windows", "500", None, "1"),
    ]


def test_hosts_with_the_most_failed_controls(knowledge: Knowledge) -> None:
    names = ("Host", "Failed controls", "Critical or urgent", "Policies")
    found = saved(knowledge, "Hosts with the most Failed Controls")
    assert [tuple(row.get(name) for name in names) for row in found] == [
        ("10.0.0.1", "2", "1", "2"),
        ("10.0.0.2", "2", "1", "2"),
        ("10.0.0.4", "1", "0", "1"),
    ]


# The page


def shown(knowledge: Knowledge, panels: list[Panel], title: str) -> list[dict[str, Any]]:
    (panel,) = [panel for panel in panels if panel.title.startswith(title)]
    found = knowledge.search(panel.search, HISTORY, now=NOW, earliest=panel.earliest, latest=panel.latest)
    return [{name: row.get(name) for name in panel.fields or row} for row in found]


PANELS: dict[str, list[dict[str, Any]]] = {
    "Postures by result": [
        {"Result": "Error", "SERIOUS": "1"},
        {"Result": "Excepted", "SERIOUS": "1"},
        {"Result": "Failed", "SERIOUS": "2", "UNDEFINED": "1", "URGENT": "3"},
        {"Result": "Passed", "SERIOUS": "1", "URGENT": "1"},
    ],
    "Postures by criticality": [
        {"Criticality": "5 URGENT", "Failed": "3", "Passed": "1"},
        {"Criticality": "3 SERIOUS", "Error": "1", "Excepted": "1", "Failed": "2", "Passed": "1"},
        {"Criticality": "0 UNDEFINED", "Failed": "1"},
    ],
    "Policies, those": [
        {"Policy": "Linux baseline", "Last evaluated": "2018-09-10T12:00:00Z", "Controls": "3", "Passed": "1",
         "Failed": "3", "Excepted": "1", "Error": "0", "Passed %": "20"},
        {"Policy": "Windows", "Last evaluated": "2018-09-02T12:00:00Z", "Controls": "4", "Passed": "1",
         "Failed": "3", "Excepted": "0", "Error": "1", "Passed %": "20"},
        {"Policy": "Empty", "Last evaluated": "2018-09-03T12:00:00Z", "Controls": "0", "Passed": "0",
         "Failed": "0", "Excepted": "0", "Error": "0", "Passed %": None},
    ],
    "Hosts with the most failed controls": [
        {"Host": "10.0.0.1", "IP": "10.0.0.1", "Failed controls": "2", "Critical or urgent": "1"},
        {"Host": "10.0.0.2", "IP": "10.0.0.2", "Failed controls": "2", "Critical or urgent": "1"},
        {"Host": "10.0.0.4", "IP": "10.0.0.4", "Failed controls": "1", "Critical or urgent": "0"},
    ],
}  # fmt: skip


@pytest.mark.parametrize("title", PANELS)
def test_panels(knowledge: Knowledge, panels: list[Panel], title: str) -> None:
    assert shown(knowledge, panels, title) == PANELS[title]


def test_controls_that_fail_on_the_most_hosts(knowledge: Knowledge, panels: list[Panel]) -> None:
    found = shown(knowledge, panels, "Controls that fail")
    names = ("Control ID", "Criticality", "Hosts", "Policies")
    assert [tuple(row.get(name) for name in names) for row in found] == [
        ("100", "5", "2", "2"),
        ("300", "3", "1", "1"),
        ("600", "3", "1", "1"),
        ("500", None, "1", "1"),
    ]


@pytest.mark.parametrize("criticality", ["*", "CRITICALITY_VALUE&gt;=3", "CRITICALITY_VALUE=5"])
def test_all_panels_count_the_same_and_obey_the_choice(knowledge: Knowledge, tmp_path: Path, criticality: str) -> None:
    page = tmp_path / "page.xml"
    page.write_text(VIEW.read_text("utf-8").replace("<default>*<", f"<default>{criticality}<"), "utf-8")
    panels = dashboard(page, knowledge)
    results = {row["Result"]: row for row in shown(knowledge, panels, "Postures by result")}
    counted = {
        result: sum(int(count or 0) for name, count in row.items() if name != "Result")
        for result, row in results.items()
    }
    policies = shown(knowledge, panels, "Policies, those")
    for result in ("Passed", "Failed", "Excepted", "Error"):
        assert sum(int(row[result]) for row in policies) == counted.get(result, 0), result
    assert len(policies) == 3, "a policy without such controls is still one"


def test_changes_per_day(knowledge: Knowledge, panels: list[Panel]) -> None:
    found = {float(row.pop("_time")): row for row in shown(knowledge, panels, "Postures that changed")}
    assert found[epoch("2018-09-04T00:00:00Z")] == {"Failed": "2", "Excepted": "0", "Error": "1", "Passed": "0"}
    assert found[epoch("2018-09-09T00:00:00Z")] == {"Failed": "0", "Excepted": "0", "Error": "0", "Passed": "1"}
    assert len(found) == 19


def test_no_panel_is_forgotten(panels: list[Panel]) -> None:
    assert len(panels) == len(PANELS) + 2
