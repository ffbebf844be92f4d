"""The tabs of tickets, file integrity, assets, tags and reports: each is filled, refused with its reason, and saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import expect

from standins.splunk import SplunkStandin
from support.browser import CONFIGURATION, Visitor
from support.e2e import REST
from support.page import content

SETTINGS = REST.format("settings")


@dataclass(frozen=True)
class Tab:
    """What is typed and said, in turn; then what is saved of it."""

    name: str
    title: str
    refusals: tuple[tuple[Mapping[str, str], str], ...]
    saved: Mapping[str, str]
    """As a person types it, and as it is stored."""
    ticked: Mapping[str, str] = field(default_factory=dict)
    """Boxes that are clicked, and what they then say."""


TABS = (
    Tab(
        "tickets",
        "Tickets",
        (
            (
                {"ips": "10.0.0.9-10.0.0.1", "asset_groups": "Servers"},
                "IP addresses: '10.0.0.9-10.0.0.1' ",
            ),
            (
                {"ips": "10.0.0.1-10.0.0.9", "qids": "1,2,3,4,5,6,7,8,9,10,11"},
                "QIDs: these are 11 QIDs; the platform takes 10 at most.",
            ),
            (
                {"qids": "105311", "dns_contains": "Köln"},
                "DNS name: 'Köln' holds characters that are not ASCII; the platform takes no others.",
            ),
            (
                {"dns_contains": "shop", "modified_since_datetime": "yesterday"},
                "Modified since: 'yesterday' is no UTC date such as 2024-01-31 or 2024-01-31T12:00:00Z.",
            ),
            (
                {"modified_since_datetime": "2024-01-31", "unmodified_since_datetime": "2024-01-01"},
                "Not modified since: 2024-01-01T00:00:00Z is not after 2024-01-31T00:00:00Z (Modified since)",
            ),
            (
                {"unmodified_since_datetime": "", "ticket_timeout": "0"},
                "Timeout (seconds) must be a whole number from 1 to 86400.",
            ),
        ),
        {
            "asset_groups": "Servers",
            "qids": "105311",
            "dns_contains": "shop",
            "modified_since_datetime": "2024-01-31T00:00:00Z",
            "ticket_timeout": "600",
        },
        {"show_vuln_details": "1", "ticket_host_data": "1"},
    ),
    Tab(
        "fim",
        "FIM",
        (
            (
                {"fim_events_extra_params": "severity: 5 AND (action: Delete"},
                "Extra query: events: A parenthesis is not closed.",
            ),
            (
                {"fim_events_extra_params": "severity: 5", "fim_ignored_events_extra_params": "dateTime: 2024"},
                "Extra query: ignored events: dateTime is not allowed: the add-on asks for times itself.",
            ),
            (
                {"fim_ignored_events_extra_params": "", "fim_incidents_extra_params": "createdBy.date: 2024"},
                "Extra query: incidents: createdBy.date is not allowed: the add-on asks for times itself.",
            ),
            (
                {"fim_incidents_extra_params": "", "fim_events_page_size": "1001"},
                "Per page: events must be a whole number from 1 to 1000.",
            ),
        ),
        {
            "fim_events_extra_params": "severity: 5",
            "fim_events_page_size": "10",
            "fim_ignored_events_page_size": "20",
            "fim_incidents_page_size": "30",
        },
    ),
    Tab(
        "assets",
        "Assets",
        (
            ({"asset_page_size": "101"}, "Assets per page must be a whole number from 1 to 100."),
            (
                {"asset_page_size": "50", "full_resync_days": "x"},
                "Full resync (days) must be a whole number from 0 to 3650.",
            ),
        ),
        {"asset_tag_filter": "DMZ\nBüro Köln", "asset_page_size": "50", "full_resync_days": "30"},
        {"log_asset_ports": "1", "log_asset_software": "1", "log_asset_tags": "1"},
    ),
    Tab(
        "tags",
        "Tags",
        (({"tag_page_size": "0"}, "Tags per page must be a whole number from 1 to 1000."),),
        {"tag_page_size": "100"},
        {"pull_asset_groups": "0", "log_tag_events": "0"},
    ),
    Tab(
        "reports",
        "Reports",
        (
            (
                {"report_templates": "\n".join(map(str, range(1, 52)))},
                "Report templates: these are 51 templates; choose 50 at most.",
            ),
            (
                {"report_templates": "Weekly\n535353", "report_file": "reports/week.xml"},
                "Report on this server: 'reports/week.xml' is not an absolute path on this server.",
            ),
            (
                {"report_file": "", "report_poll_seconds": "0"},
                "Between two looks (seconds) must be a whole number from 1 to 3600.",
            ),
        ),
        {"report_templates": "Weekly\n535353", "report_file": "/srv/reports", "report_poll_seconds": "60"},
        {"report_results": "0", "report_details": "1", "report_delete": "0"},
    ),
)


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: str(tab.name))
def test_a_tab_is_filled_refused_and_saved(visitor: Visitor, splunk: SplunkStandin, tab: Tab) -> None:
    visitor.tab(tab.name)
    before = content(splunk, f"{SETTINGS}/{tab.name}")
    for typed, said in tab.refusals:
        visitor.enter(**typed)
        visitor.press("Save")
        visitor.reads_refusal(said)
        assert content(splunk, f"{SETTINGS}/{tab.name}") == before
    visitor.enter(**tab.saved)
    for name in tab.ticked:
        visitor.tick_box(name)
    visitor.press("Save")
    visitor.reads("Updated")
    saved = content(splunk, f"{SETTINGS}/{tab.name}")
    wanted = {**tab.saved, **tab.ticked}
    assert {name: saved[name] for name in wanted} == wanted
    visitor.tab(tab.name)
    for name, text in tab.saved.items():
        expect(visitor.entry(name)).to_have_value(text)
    for name, state in tab.ticked.items():
        expect(visitor.field(name).get_by_role("checkbox")).to_be_checked(checked=state == "1")


def test_what_stands_on_a_tab_fits_into_the_window(visitor: Visitor) -> None:
    visitor.open(CONFIGURATION)
    for tab in TABS:
        visitor.page.get_by_role("tab", name=tab.title, exact=True).click()
        expect(visitor.page.get_by_role("tab", name=tab.title, exact=True)).to_have_attribute("aria-selected", "true")
        assert visitor.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
