"""The page of events: filters by metric, time, field and text, the fields of an event, and turning the pages."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from standins.qualys import QualysStandin
from standins.splunk import SplunkStandin
from standins.splunk.store import Event
from support.browser import EVENTS, Visitor
from support.e2e import NAME, REST
from support.page import account_form

HOSTILE = "<img src=x onerror='throw new Error(1)'>"
LINES = 30


@pytest.fixture(autouse=True)
def raw(splunk: SplunkStandin, qualys: QualysStandin) -> list[str]:
    """What one pull brought."""
    splunk.post(REST.format("account"), **account_form(qualys))
    splunk.post(REST.format("qualys"), name=NAME, duration="1h")
    assert splunk.tick(NAME).returncode == 0
    return [row["raw"] for row in splunk.events()]


def _finds(page: Page, number: int) -> None:
    expect(page.get_by_role("status")).to_have_text(re.compile(rf"^{number:,} events? "))


def _search(page: Page) -> None:
    page.get_by_role("button", name="Search", exact=True).click()


def _field(page: Page, name: str) -> Locator:
    """A field beside the events, opened."""
    field = page.locator("aside details.field").filter(has=page.get_by_text(name, exact=True))
    field.locator("summary").click()
    return field


def _counted(raw: list[str], *parts: str) -> int:
    return sum(all(part in text for part in parts) for text in raw)


def test_by_metric_kind_and_text(visitor: Visitor, splunk: SplunkStandin, raw: list[str]) -> None:
    splunk.splunkd.store.add([Event(1.0, "main", "h", "s", "other", "qualys://other", "of another input")])
    page = visitor.page
    visitor.open(EVENTS)
    _finds(page, len(raw) + 1)
    page.get_by_label("Metric").select_option(f"metric:{NAME}")
    _search(page)
    _finds(page, len(raw))
    expect(page.get_by_label("Metric")).to_have_value(f"metric:{NAME}")
    page.get_by_label("Metric").select_option("type:qualys:hostDetection|HOSTSUMMARY")
    _search(page)
    _finds(page, _counted(raw, "HOSTSUMMARY: "))
    page.get_by_label("Metric").select_option("")
    page.get_by_label("Text in the event").fill("unique_vuln_id")
    _search(page)
    _finds(page, _counted(raw, "UNIQUE_VULN_ID"))
    expect(page.locator("article mark").first).to_have_text("UNIQUE_VULN_ID")


def test_by_time(visitor: Visitor, splunk: SplunkStandin) -> None:
    rows = sorted(splunk.events(), key=lambda row: row["time"])
    page = visitor.page
    visitor.open(EVENTS)
    page.locator(".picker summary").click()
    visitor.keep("events_time_picker", whole=False)
    page.get_by_role("link", name="Last 15 minutes").click()
    _finds(page, 0)
    expect(page.get_by_text("No events found.")).to_be_visible()
    page.locator(".picker summary").click()
    page.get_by_role("link", name="All time").click()
    _finds(page, len(rows))
    columns = page.get_by_label("Events over time").get_by_role("link")
    told = columns.first.get_attribute("title") or ""
    columns.first.click()
    _finds(page, int(told.partition(" ")[0]))
    page.locator(".picker summary").click()
    page.get_by_label("From").fill("2000-01-01T00:00")
    page.get_by_label("To", exact=True).fill("2001-01-01T00:00")
    visitor.press("Apply")
    _finds(page, 0)
    expect(page.locator(".picker summary")).to_have_text("from 2000-01-01 00:00:00 to 2001-01-01 00:00:00")


def test_by_field_in_the_list_beside_the_events(visitor: Visitor, raw: list[str]) -> None:
    page = visitor.page
    visitor.open(EVENTS)
    status = _field(page, "STATUS")
    value = status.get_by_role("link").first.inner_text()
    count = _counted(raw, f'STATUS="{value}"')
    expect(status.locator("li").first).to_contain_text(str(count))
    status.get_by_role("link", name=value, exact=True).click()
    _finds(page, count)
    expect(page.get_by_label("Condition")).to_have_value(f"STATUS={value}")
    expect(page.locator("article")).to_have_count(min(count, 50))
    severity = _field(page, "severity_id").get_by_role("listitem").first
    severity.hover()
    excluded = severity.get_by_role("link").first.inner_text()
    severity.get_by_label("Exclude").click()
    _finds(page, count - _counted(raw, f'STATUS="{value}"', f"SEVERITY={excluded},"))
    page.get_by_label("Condition").fill("STATUS=FIXED OR STATUS=NEW")
    page.get_by_label("Condition").press("Enter")
    _finds(page, _counted(raw, 'STATUS="FIXED"') + _counted(raw, 'STATUS="NEW"'))


def test_an_event_shows_cim_fields_event_types_and_tags(visitor: Visitor, splunk: SplunkStandin) -> None:
    page = visitor.page
    visitor.open(f"{EVENTS}?search=eventtype%3Dqualys_vm_open_finding+severity%3D*")
    first = page.locator("article").first
    first.get_by_text("of the CIM").click()
    cim = first.get_by_role("table", name="CIM: Vulnerabilities")
    expect(cim.get_by_role("row", name="vendor_product")).to_contain_text("Qualys Cloud Platform")
    expect(cim.get_by_role("row", name="dest_ip")).to_be_visible()
    others = first.get_by_role("table", name="Event", exact=True)
    expect(others.get_by_role("row", name="tag", exact=False).first).to_contain_text("vulnerability")
    expect(others.get_by_role("row", name="UNIQUE_VULN_ID")).to_be_visible()
    expect(others.get_by_role("row", name="vendor_product")).to_have_count(0)
    visitor.keep("events_fields", whole=False)
    cim.get_by_role("row", name="signature_id").get_by_role("link").click()
    expect(page.get_by_label("Condition")).to_have_value(
        re.compile(r"^eventtype=qualys_vm_open_finding severity=\* signature_id=\d+$")
    )
    visitor.open(EVENTS)
    page.locator("article .chip.tag", has_text="vulnerability").first.click()
    expect(page.get_by_label("Condition")).to_have_value("tag=vulnerability")
    rows = splunk.events()
    knowledge = splunk.splunkd.knowledge.current()
    _finds(page, sum("vulnerability" in knowledge.tags(row) for row in rows))


def test_results_of_many_lines_and_hostile_text(visitor: Visitor, splunk: SplunkStandin) -> None:
    lines = "\n".join(f"line {number} {HOSTILE}" for number in range(LINES))
    template = Event(4e9, "main", HOSTILE, HOSTILE, "qualys:hostDetection", "qualys://x", "")
    splunk.splunkd.store.add([replace(template, raw=f'HOSTVULN: HOST_ID=1, QID="1", RESULTS="{lines}"')])
    page = visitor.page
    visitor.open(EVENTS)
    first = page.locator("article").first
    expect(first).to_contain_text(f"line 1 {HOSTILE}")
    expect(first.get_by_text(f"line {LINES - 1} ").first).to_be_hidden()
    first.get_by_text(f"Show all {LINES} lines").click()
    expect(first.get_by_text(f"line {LINES - 1} ").first).to_be_visible()
    first.locator(".meta").get_by_role("link", name=HOSTILE).first.click()
    _finds(page, 1)
    assert page.locator("article img").count() == 0


def test_older_newer_newest(visitor: Visitor, splunk: SplunkStandin) -> None:
    template = Event(0.0, "main", "h", "s", "numbers", "qualys://numbers", "")
    splunk.splunkd.store.add([replace(template, time=1e9 + n, raw=f"number {n:03}") for n in range(120)])
    page = visitor.page
    visitor.open(f"{EVENTS}?what=type:numbers")
    pager, first = page.locator(".pager").first, page.locator("article").first
    expect(pager).to_contain_text("1–50 of 120")
    pager.get_by_role("link", name="Older").click()
    expect(first).to_contain_text("number 069")
    page.locator(".pager").last.get_by_role("link", name="Older").click()
    expect(pager).to_contain_text("101–120 of 120")
    pager.get_by_role("link", name="Newer").click()
    expect(first).to_contain_text("number 069")
    pager.get_by_role("link", name="Newest").click()
    expect(first).to_contain_text("number 119")
    expect(pager.get_by_role("link", name="Newer")).to_have_count(0)


def test_searches_with_commands_typed_and_saved(visitor: Visitor, raw: list[str]) -> None:
    page = visitor.page
    visitor.open(EVENTS)
    page.get_by_label("Condition").fill("index=* qualys_event=HOSTVULN | stats count")
    _search(page)
    expect(page.get_by_role("status")).to_have_text("1 result (all time).")
    expect(page.locator(".results td")).to_have_text(str(_counted(raw, "HOSTVULN: ")))
    page.get_by_role("link", name="Reports", exact=True).click()
    page.get_by_role("link", name="Qualys: Host Distribution by OS").click()
    expect(page.get_by_label("Condition")).to_have_value(re.compile("stats count AS Hosts by OS"))
    expect(page.get_by_role("status")).to_contain_text("(since ")
