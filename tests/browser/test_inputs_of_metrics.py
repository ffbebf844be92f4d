"""Tickets, file integrity, assets, tags and reports: each from a new input to its events and the outcome in its row."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from standins.qualys import QualysStandin
from standins.qualys.reports import TEMPLATES
from standins.splunk import SplunkStandin
from support.browser import INPUTS, Visitor
from support.e2e import REST
from support.page import account_form

SOURCETYPES = {
    "tickets": ("qualys:ticket",),
    "fim_events": ("qualys:fim:event",),
    "fim_ignored_events": ("qualys:fim:ignored_event",),
    "fim_incidents": ("qualys:fim:incident", "qualys:fim:incident_event"),
    "host_assets": ("qualys:hostAsset",),
    "asset_tags": ("qualys:tag",),
    "scan_report": ("qualys:scanReport",),
}
"""What the events of each metric are."""


@pytest.fixture(autouse=True)
def needed(splunk: SplunkStandin, qualys: QualysStandin) -> None:
    """File integrity needs the gateway, and reports need a template."""
    splunk.post(REST.format("account"), **account_form(qualys, gateway_server=qualys.url))
    reports = {"report_templates": TEMPLATES[1].title, "report_poll_seconds": "1"}
    splunk.post(f"{REST.format('settings')}/reports", **reports)


def _add(visitor: Visitor, metric: str) -> None:
    """A new input, named after its metric and switched on."""
    visitor.press("Create New Input")
    visitor.enter(name=metric)
    visitor.dialog.get_by_role("button", name="Add").click()
    row = visitor.row(metric)
    expect(row).to_contain_text("Disabled")
    row.get_by_role("switch").click()
    expect(row).to_contain_text("Enabled")


def _reads_outcome(visitor: Visitor, metric: str) -> None:
    """What the opened row of an input that is on says; then it is closed again."""
    expect(visitor.row(metric)).to_contain_text("Enabled")
    visitor.unfold(metric)
    expect(visitor.details).to_contain_text("acme: pulled up to 20")
    expect(visitor.details).to_contain_text("Outcome\ndone", use_inner_text=True)
    visitor.unfold(metric)
    expect(visitor.details).to_have_count(0)


@pytest.mark.slow
def test_the_input_of_each_metric_is_added_switched_on_and_tells_its_outcome(
    visitor: Visitor, splunk: SplunkStandin
) -> None:
    """All in one walk: what each needs beside its pull takes longer than the pull."""
    visitor.open(INPUTS)
    for metric in SOURCETYPES:
        _add(visitor, metric)
    for metric in SOURCETYPES:
        assert splunk.tick(metric).returncode == 0, metric
    found = {(event["stanza"], event["sourcetype"]) for event in splunk.events()}
    assert found == {(f"qualys://{metric}", kind) for metric, kinds in SOURCETYPES.items() for kind in kinds}
    visitor.open(INPUTS)
    for metric in SOURCETYPES:
        _reads_outcome(visitor, metric)
