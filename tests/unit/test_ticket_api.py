"""What a person may choose of the ticket API, and what is asked for then."""

from __future__ import annotations

import pytest

from qualys_ta.errors import ConfigError
from qualys_ta.populator import ticket_api
from qualys_ta.populator.tickets import FEED
from qualys_ta.splunk import fields
from support.core import SINCE
from support.tickets import ticket_settings

NOW = 1_700_000_000.0


def test_the_usual_call_names_all_states_and_all_hosts() -> None:
    """A ticket that was fixed is seen, and the platform always gets a filter."""
    assert FEED.params(ticket_settings()) == {"states": "OPEN,RESOLVED,CLOSED,IGNORED", "asset_groups": "All"}
    assert FEED.since_params(SINCE) == {"modified_since_datetime": SINCE}
    assert FEED.since_params(None) == {"modified_since_datetime": "1970-01-01T00:00:00Z"}
    assert FEED.params(ticket_settings(states=""))["states"] == "OPEN,RESOLVED,CLOSED,IGNORED"


CHOSEN = {
    "ticket_numbers": "1, 5-9",
    "until_ticket_number": "77",
    "ticket_assignee": "acme_ab1",
    "overdue": "0",
    "invalid": "1",
    "unmodified_since_datetime": "2030-01-01",
    "asset_groups": 'Büro Köln, "DMZ" & lab',
    "dns_contains": "example.com",
    "netbios_contains": "HOST",
    "vuln_severities": "4,5",
    "potential_vuln_severities": "5",
    "qids": "1,2,3,4,5,6,7,8,9,10",
    "vuln_title_contains": "x" * 100,
    "vuln_details_contains": "a & b",
    "vendor_ref_contains": "MS08",
}


def test_what_is_chosen_goes_to_the_platform_under_its_own_name() -> None:
    asked = FEED.params(ticket_settings(**CHOSEN, states="closed,open", show_vuln_details="1"))
    expected = {**CHOSEN, "states": "CLOSED,OPEN", "show_vuln_details": "1"}
    expected |= {"ticket_numbers": "1,5-9", "unmodified_since_datetime": "2030-01-01T00:00:00Z"}
    assert asked == {**expected, "asset_groups": 'Büro Köln,"DMZ" & lab'}
    assert {*CHOSEN, "ips"} == set(ticket_api.CHOSEN)


def test_addresses_instead_of_groups() -> None:
    asked = FEED.params(ticket_settings(ips="10.0.0.1, 10.1.0.0-10.1.0.255"))
    assert asked["ips"] == "10.0.0.1,10.1.0.0-10.1.0.255"
    assert FEED.params(ticket_settings(ips="10.0.0.1 - 10.0.0.5, 10.0.0.7 -10.0.0.9"))["ips"] == (
        "10.0.0.1-10.0.0.5,10.0.0.7-10.0.0.9"
    )
    assert "asset_groups" not in asked


@pytest.mark.parametrize(
    ("chosen", "start"),
    [
        ({}, "1970-01-01T00:00:00Z"),
        ({"history_days": "2"}, "2023-11-12T22:13:20Z"),
        ({"history_days": "36500"}, "1970-01-01T00:00:01Z"),
        ({"modified_since_datetime": "2009-01-30"}, "2009-01-30T00:00:00Z"),
        ({"modified_since_datetime": "2006-05-25T23:12:00Z", "history_days": "2"}, "2006-05-25T23:12:00Z"),
    ],
    ids=["nothing", "two days", "before 1970", "a date", "a date goes before days"],
)
def test_where_the_first_pull_starts(chosen: dict[str, str], start: str) -> None:
    assert FEED.start
    assert FEED.start(ticket_settings(**chosen), NOW) == start


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("ticket_numbers", "1;2"),
        ("ticket_numbers", "9-5"),
        ("ticket_numbers", "1-2-3"),
        ("ticket_numbers", ","),
        ("until_ticket_number", "1,2"),
        ("ticket_assignee", "a,b"),
        ("overdue", "yes"),
        ("invalid", "2"),
        ("states", "OPEN,FIXED"),
        ("modified_since_datetime", "30.01.2009"),
        ("modified_since_datetime", "2009-02-30"),
        ("unmodified_since_datetime", "2009-01-30T10:00"),
        ("history_days", "-1"),
        ("ips", "10.0.0.256"),
        ("ips", "10.0.0.9-10.0.0.1"),
        ("ips", "host.example"),
        ("asset_groups", "a\x07b"),
        ("dns_contains", "x" * 101),
        ("netbios_contains", "BÜRO"),
        ("vuln_severities", "6"),
        ("potential_vuln_severities", "4-5"),
        ("qids", "1,2,3,4,5,6,7,8,9,10,11"),
        ("qids", "QID7"),
        ("vuln_title_contains", "日本語"),
        ("vuln_details_contains", "a\tb"),
        ("vendor_ref_contains", "x" * 101),
        ("ticket_timeout", "0"),
    ],
)
def test_what_the_platform_would_refuse_is_not_saved(setting: str, value: str) -> None:
    with pytest.raises(ConfigError) as refused:
        ticket_settings(**{setting: value})
    assert refused.value.setting == setting
    assert str(refused.value).startswith(next(f.label for f in fields.STANZAS["tickets"] if f.name == setting))


def test_no_ticket_is_modified_and_not_modified_since() -> None:
    with pytest.raises(ConfigError) as refused:
        ticket_settings(modified_since_datetime="2024-02-01", unmodified_since_datetime="2024-02-01T00:00:00Z")
    assert refused.value.setting == "unmodified_since_datetime"


@pytest.mark.parametrize("setting", ["show_vuln_details", "ticket_host_data"])
def test_only_what_needs_lines_is_read_with_them(setting: str) -> None:
    assert [FEED.keeps_lines(ticket_settings(**{setting: flag})) for flag in "01"] == [False, True]


def test_hosts_may_be_chosen_in_both_ways() -> None:
    """The seed: at least one of them is given."""
    sent = FEED.params(ticket_settings(ips="10.0.0.1", asset_groups="Servers"))
    assert (sent["ips"], sent["asset_groups"]) == ("10.0.0.1", "Servers")
