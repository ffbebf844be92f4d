"""An account's row: its button says, line by line, what stands between this server and Qualys."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from standins.qualys import QualysStandin
from standins.splunk import SplunkStandin
from support.browser import CONFIGURATION, Visitor
from support.e2e import REST
from support.page import account_form


@pytest.fixture
def account(splunk: SplunkStandin, qualys: QualysStandin) -> None:
    splunk.post(REST.format("account"), **account_form(qualys))


@pytest.mark.usefixtures("account")
def test_the_button_tells_what_is_wrong_and_again_when_it_is_mended(visitor: Visitor, qualys: QualysStandin) -> None:
    qualys.faults.set("about:unauthorized")
    visitor.open(CONFIGURATION)
    visitor.unfold("acme")
    expect(visitor.diagnosis).to_contain_text(f"CA certificates\n{qualys.ca}", use_inner_text=True)
    status = visitor.diagnosis.get_by_role("status")
    expect(status).to_have_text("Logs in to Qualys once and changes nothing.")
    visitor.press("Diagnose")
    expect(status).to_have_text("1 failed")
    lines = visitor.diagnosis.locator(".qualys-diagnosis tr")
    told = [line.splitlines()[0].split("\t")[:2] for line in lines.all_inner_texts()]
    assert ["✓ ok", "TLS"] in told
    assert ["✗ failed", "Credentials"] in told
    assert ["– left out", "API: host list"] in told
    expect(lines.filter(has_text="Credentials").first).to_contain_text("Correct the account and save it.")
    visitor.keep("an_account_that_is_diagnosed")
    visitor.press("Diagnose")
    expect(status).to_have_text("All is well.")
    assert lines.count() == len(told)


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("fault", "line", "todo"),
    [
        ("policy:unlicensed", "API: policy compliance", "the subscription needs the module PC"),
        ("was_finding:no_permission", "API: web applications", "Allow this user the API in Qualys"),
        ("was_finding:invalid_credentials", "API: web applications", "Correct the account and save it."),
    ],
)
def test_a_module_that_is_refused_has_its_line(
    visitor: Visitor, qualys: QualysStandin, fault: str, line: str, todo: str
) -> None:
    qualys.faults.set(fault)
    visitor.open(CONFIGURATION)
    visitor.unfold("acme")
    visitor.press("Diagnose")
    expect(visitor.diagnosis.get_by_role("status")).to_have_text("1 failed")
    told = visitor.diagnosis.locator(".qualys-diagnosis tr").filter(has_text=line).first
    expect(told).to_contain_text("✗ failed")
    expect(told).to_contain_text(todo)


def test_what_others_say_is_shown_as_text_and_an_account_that_is_gone_is_said(
    visitor: Visitor, splunk: SplunkStandin
) -> None:
    account = REST.format("account")
    server = "https://qualysapi.nowhere.invalid"
    splunk.post(account, name="acme", api_server=server, username="<b>ann</b>", password="geheim", skip_test="1")
    visitor.open(CONFIGURATION)
    visitor.unfold("acme")
    visitor.press("Diagnose")
    expect(visitor.diagnosis).to_contain_text("qualysapi.nowhere.invalid cannot be resolved")
    expect(visitor.diagnosis).to_contain_text("user <b>ann</b> at")
    status = visitor.diagnosis.get_by_role("status")
    expect(status).to_have_text("1 failed, 1 to look at")
    splunk.delete(f"{account}/acme")
    visitor.press("Diagnose")
    expect(status).to_have_text("There is no account acme.")
