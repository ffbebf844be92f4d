"""The Inputs page: create, switch on, watch, ask, clone, switch off and delete."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from standins.qualys import QualysStandin
from standins.splunk import SplunkStandin
from support.browser import INPUTS, Visitor
from support.e2e import NAME, REST
from support.page import account_form, content, names

INPUT = REST.format("qualys")
HOSTS = 5


@pytest.fixture
def account(splunk: SplunkStandin, qualys: QualysStandin) -> None:
    splunk.post(REST.format("account"), **account_form(qualys))


@pytest.fixture
def enabled(splunk: SplunkStandin, account: None) -> None:
    """The input of its metric, on, once a day."""
    splunk.post(INPUT, name=NAME)
    splunk.post(f"{INPUT}/{NAME}", disabled="0")


@pytest.mark.usefixtures("account")
def test_a_new_input_starts_disabled_and_runs_when_it_is_switched_on(visitor: Visitor, splunk: SplunkStandin) -> None:
    visitor.open(INPUTS)
    visitor.press("Create New Input")
    visitor.enter(name=NAME, duration="61 * * * *")
    visitor.dialog.get_by_role("button", name="Add").click()
    visitor.reads_refusal("Cron entry or interval: ")
    visitor.enter(duration="1h", start_date="2020-01-01T00:00:00Z")
    visitor.dialog.get_by_role("button", name="Add").click()
    row = visitor.row(NAME)
    expect(row).to_contain_text("Disabled")
    assert visitor.columns() == ["Metric", "Cron entry or Interval", "Start Date", "Status", "Actions"]
    assert row.get_by_test_id("cell").all_inner_texts()[:3] == [NAME, "1h", "2020-01-01T00:00:00Z"]
    row.get_by_role("switch").click()
    expect(row).to_contain_text("Enabled")
    assert not content(splunk, f"{INPUT}/{NAME}")["disabled"]
    assert splunk.tick(NAME).events > HOSTS
    visitor.open(INPUTS)
    visitor.unfold(NAME)
    expect(visitor.details).to_contain_text("acme: pulled up to 20")
    expect(visitor.details).to_contain_text("Outcome\ndone", use_inner_text=True)


@pytest.mark.usefixtures("enabled")
@pytest.mark.parametrize(
    ("button", "shown", "logged", "events"),
    [
        ("Run now", "run now", "admin asks for action=run_now since=checkpoint.", 0),
        ("Start again from", "start again", "admin asks for action=start_again since=1999-01-01T00:00:00Z.", 1),
    ],
    ids=["run_now", "start_again"],
)
def test_what_is_asked_is_done_once_and_logged(
    visitor: Visitor, splunk: SplunkStandin, button: str, shown: str, logged: str, events: int
) -> None:
    first = splunk.tick(NAME).events
    assert splunk.tick(NAME).events == 0, "not due"
    visitor.open(INPUTS)
    visitor.unfold(NAME)
    expect(visitor.details).to_contain_text("pulled up to")
    visitor.press(button)
    expect(visitor.details).to_contain_text(f"Waiting for\n{shown}", use_inner_text=True)
    expect(visitor.details.get_by_role("status")).to_have_text("Asked. splunkd looks once a minute.")
    assert splunk.log().count(logged) == 1
    assert splunk.tick(NAME).events == events * first
    assert splunk.log().count("Finished: ") == 2
    assert splunk.tick(NAME).events == 0, "asked once, done once"
    assert splunk.log().count("Finished: ") == 2


@pytest.mark.usefixtures("enabled")
def test_a_time_that_is_none_is_refused(visitor: Visitor, splunk: SplunkStandin) -> None:
    visitor.open(INPUTS)
    visitor.unfold(NAME)
    visitor.page.get_by_label("Start again from (UTC)").fill("yesterday")
    visitor.press("Start again from")
    expect(visitor.details.get_by_role("status")).to_have_text(
        "Start again from 'yesterday': use YYYY-MM-DDTHH:MM:SSZ, in UTC."
    )
    assert "asks for" not in splunk.log()


@pytest.mark.usefixtures("enabled")
def test_clone_switch_off_and_delete(visitor: Visitor, splunk: SplunkStandin) -> None:
    visitor.open(INPUTS)
    visitor.row(NAME).get_by_label("Clone").click()
    visitor.enter(name="nightly", duration="0 2 * * *")
    visitor.dialog.get_by_role("button", name="Save").click()
    clone = visitor.row("nightly")
    expect(clone).to_contain_text(f"nightly ({NAME})")
    expect(clone).to_contain_text("Disabled")
    visitor.row(NAME).get_by_role("switch").click()
    expect(visitor.row(NAME)).to_contain_text("Disabled")
    assert content(splunk, f"{INPUT}/{NAME}")["disabled"]
    visitor.row(NAME).get_by_label("Delete").click()
    visitor.press("Delete")
    expect(visitor.row(NAME)).to_have_count(0)
    assert names(splunk, INPUT) == ["nightly"]


def test_an_input_without_an_account_is_told_what_is_missing(visitor: Visitor) -> None:
    visitor.open(INPUTS)
    visitor.press("Create New Input")
    visitor.enter(name=NAME)
    visitor.dialog.get_by_role("button", name="Add").click()
    visitor.reads_refusal("Account: there is none yet; add one on the Configuration page.")
