"""Two subscriptions in an index each, whose numbers are the same: what the macros give of both."""

from __future__ import annotations

import re
from typing import Any

import pytest

from standins.splunk import conf
from standins.splunk.search import Knowledge
from support.asset_events import asset_on
from support.fim_rows import FIM, change_row, incident_row
from support.knowledge import PACKAGE, epoch, package_copy
from support.knowledge_history import scan, vuln
from support.posture_events import checked, policy, policy_row
from support.report_rows import report_row
from support.ticket_events import ticket_on
from support.web_events import web_vuln

NOW = epoch("2024-06-12T12:00:00Z")
POLICY = policy_row(policy(), index="anywhere", time=epoch("2018-09-19T02:47:26Z"))
ROWS = {
    "hosts": [scan(1, 1, "Linux", 1)],
    "findings": [vuln(1, 11, 1)],
    "vulns": [vuln(1, 11, 1)],
    "was_findings": [web_vuln(1, 11, 1)],
    "compliance": [POLICY, checked(7, 1, 100, 1)],
    "postures": [checked(7, 1, 100, 1)],
    "policies": [POLICY],
    "tickets": [ticket_on(1, 1)],
    "assets": [asset_on(1, 1)],
    "fim_incidents": [incident_row()],
    "report_findings": [report_row(1)],
}
"""What a macro is about -> one thing of each kind that it gives."""


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return Knowledge.load(package_copy(tmp_path_factory.mktemp("app")))


def twice(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """In an index of another subscription, too, the later one."""
    return [*rows, *({**row, "index": "other", "time": row["time"] + 60, "indexed_at": 9.0} for row in rows)]


def macros() -> list[str]:
    stanzas = conf.parse((PACKAGE / "default/macros.conf").read_text("utf-8"))
    return [name for name in stanzas if re.match("qualys_(?:latest|current)_", name)]


@pytest.mark.parametrize("macro", macros())
def test_equal_numbers_of_two_subscriptions_are_two_things(knowledge: Knowledge, macro: str) -> None:
    rows = ROWS[re.sub("qualys_(?:latest|current)_", "", macro)]
    assert len(knowledge.search(f"`{macro}`", twice(rows), now=NOW)) == 2 * len(rows)
    again = [*rows, *({**row, "indexed_at": 9.0} for row in rows)]
    assert len(knowledge.search(f"`{macro}`", again, now=NOW)) == len(rows)


def test_so_are_open_incidents_and_their_changes(knowledge: Knowledge) -> None:
    rows = [incident_row(id="a"), change_row(FIM[2], id="c1", incidentId="a")]
    more = {**change_row(FIM[2], id="c2", incidentId="a"), "index": "other"}
    found = knowledge.saved_search("Qualys: Open File Incidents", [*twice(rows), more], now=NOW)
    assert sorted(row["Changes"] for row in found) == ["1", "2"]
