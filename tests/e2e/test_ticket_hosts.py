"""Tickets with their hosts: asked for page by page, and never at the cost of a ticket."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from standins.qualys.standin import Received
from support import e2e
from support.deaths import deaths
from support.e2e_inventory import TicketSite
from support.page import choose

PER_PAGE = 9


@pytest.fixture(scope="module")
def _platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[e2e.Site]:
    with e2e.site(tmp_path_factory.mktemp("tickets"), hosts=25, tickets=30, tickets_per_page=PER_PAGE) as site:
        yield site


@pytest.fixture
def tickets(_platform: e2e.Site) -> Iterator[TicketSite]:
    made = TicketSite.of(_platform)
    assert isinstance(made, TicketSite)
    fresh(made)
    yield made
    sys.stdout.write(made.splunk.log())


def fresh(tickets: TicketSite) -> None:
    tickets.fresh()
    choose(tickets, "tickets", ticket_host_data="1", ticket_timeout="2")


def asked(tickets: TicketSite) -> list[Received]:
    calls = tickets.qualys.requests[tickets.calls_before :]
    return [call for call in calls if call.path.endswith("/asset_range_info.php")]


def told(tickets: TicketSite) -> list[dict[str, Any]]:
    return [json.loads(raw) for raw in tickets.raw]


def wrong_hosts(tickets: TicketSite) -> list[str]:
    """Tickets whose host is not what the platform holds."""
    hosts = {host.ip: host for host in tickets.qualys.population.hosts()}
    users = tickets.qualys.range_info.expected_users()
    found = []
    for ticket in told(tickets):
        held = hosts[ticket["detection"]["ip"]]
        expected = (held.os, held.network_id, users.get(held.ip))
        host = ticket.get("host", {})
        if (host.get("operating_system"), host.get("network_id"), host.get("last_logged_on_user")) != expected:
            found.append(f"{ticket['number']}: {host}, not {expected}")
    return found


def test_every_ticket_tells_its_host_and_each_host_is_asked_for_once(tickets: TicketSite) -> None:
    tickets.pull()
    assert tickets.differences() == []
    assert wrong_hosts(tickets) == []
    assert len({ticket["host"].get("last_logged_on_user") for ticket in told(tickets)}) > 2
    addresses = [address for call in asked(tickets) for address in call.params["target_ips"].split(",")]
    assert len(addresses) == len(set(addresses)) > 1
    assert 1 < len(asked(tickets)) <= len(tickets.calls)
    assert tickets.leftovers() == []
    since = tickets.pull_later(7 * 3600)
    assert tickets.differences(since) == []
    assert wrong_hosts(tickets) == []


def test_without_the_option_nothing_is_asked(tickets: TicketSite) -> None:
    choose(tickets, "tickets", ticket_host_data="0")
    tickets.pull()
    assert asked(tickets) == []
    assert not any("host" in ticket for ticket in told(tickets))


@pytest.mark.parametrize("fault", ["unavailable", "expired", "html", "stall", "wrong_root"])
def test_hosts_that_cannot_be_had_cost_no_ticket(tickets: TicketSite, fault: str) -> None:
    """The run ends well, in one line it says what is missing, and it does not ask again and again."""
    choose(tickets, "api", max_retries="0")
    tickets.qualys.faults.set(f"asset_range:{fault}*always")
    tickets.pull()
    assert tickets.differences() == []
    assert not any("host" in ticket for ticket in told(tickets))
    assert [line for line in tickets.lines("WARNING") if "are written without their hosts" in line]
    assert len(asked(tickets)) <= 3
    assert "This run asks for no more hosts." in tickets.splunk.log()


def test_a_call_that_is_refused_costs_its_hosts_alone(tickets: TicketSite) -> None:
    tickets.qualys.faults.set("asset_range:simple1905*1")
    tickets.pull()
    assert tickets.differences() == []
    without = [ticket for ticket in told(tickets) if "host" not in ticket]
    assert 0 < len(without) < len(told(tickets))
    (line,) = (line for line in tickets.lines("WARNING") if "are written without their hosts" in line)
    assert "asset_range_info.php answered: " in line


def test_dirt_and_a_short_failure_cost_nothing(tickets: TicketSite) -> None:
    tickets.qualys.dirt.set(["comments", "keepalive", "tag_space", "control_chars", "doctype"])
    tickets.qualys.faults.set("asset_range:busy*1")
    tickets.pull()
    assert all("host" in ticket for ticket in told(tickets))


def test_a_pull_killed_while_pages_are_converted_is_resumed(tickets: TicketSite) -> None:
    last = 0
    for number in deaths(tickets, "conversion"):
        last = number
        assert tickets.tick().returncode == 0
        assert tickets.differences() == []
        assert wrong_hosts(tickets) == []
        assert [name for name in tickets.leftovers() if "_batch_" in name] == []
        fresh(tickets)
    assert last >= 3
