"""Splunk's own pages: Data Inputs made of the add-on's scheme, the launcher and the log."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from standins.qualys import QualysStandin
from standins.splunk import SplunkStandin
from support.browser import DATA_INPUTS, Visitor
from support.e2e import NAME, REST
from support.page import account_form, names

INPUT = REST.format("qualys")


@pytest.fixture(autouse=True)
def account(splunk: SplunkStandin, qualys: QualysStandin) -> None:
    splunk.post(REST.format("account"), **account_form(qualys))


def _row(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("row").filter(has=visitor.page.get_by_role("link", name=name, exact=True))


def test_data_inputs_create_enable_disable_clone_and_delete(visitor: Visitor, splunk: SplunkStandin) -> None:
    page = visitor.page
    visitor.open(DATA_INPUTS)
    page.get_by_role("link", name="New").click()
    page.get_by_label("Name *").fill(NAME)
    page.get_by_label("Cron entry or interval").fill("0 25 * * *")
    visitor.press("Save")
    expect(page.get_by_role("alert")).to_contain_text("'0 25 * * *' cannot be read as a cron entry")
    page.get_by_label("Cron entry or interval").fill("0 2 * * *")
    visitor.press("Save")
    row = _row(visitor, NAME)
    expect(row).to_contain_text("0 2 * * *")
    expect(row).to_contain_text("Disabled")
    visitor.press("Enable")
    expect(row).to_contain_text("Enabled")
    visitor.press("Disable")
    expect(row).to_contain_text("Disabled")
    row.get_by_role("link", name="Clone").click()
    page.get_by_label("Name *").fill("copy")
    page.get_by_label("Metric").fill(NAME)
    visitor.press("Save")
    expect(_row(visitor, "copy")).to_contain_text("0 2 * * *")
    row.get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)
    assert names(splunk, INPUT) == ["copy"]


def test_the_launcher_counts_and_the_log_is_shown(visitor: Visitor, splunk: SplunkStandin) -> None:
    splunk.post(INPUT, name=NAME, duration="1h")
    events = splunk.tick(NAME).events
    page = visitor.page
    visitor.open("/")
    expect(page.get_by_text(f"1 input, {events} events indexed.")).to_be_visible()
    page.get_by_role("link", name="Log", exact=True).click()
    expect(page.locator("pre.log")).to_contain_text(f"({NAME}) INFO: Finished: ")
    assert page.locator("pre.log .error").count() == 0
