"""What tickets are told of their hosts: who logged on last, which host it is, and tickets that go out without."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Optional
from xml.etree.ElementTree import fromstring

import pytest

from qualys_ta.errors import AuthError, Ended, Refused, TryLater
from qualys_ta.feed import Conversion
from qualys_ta.model import Request, knows_nothing
from qualys_ta.populator import ticket_hosts
from qualys_ta.populator.tickets import FEED
from qualys_ta.splunk.forms import SEED
from qualys_ta.spool import Asked, Spooled, batches, spool_path
from qualys_ta.work import ticket_hosts as work
from qualys_ta.work.beside import BESIDE, put_beside, told_beside
from qualys_ta.work.conversion import Converter, Recipe
from support.core import cdata, leaves, tag
from support.courses import Listed
from support.pulls import ListLog
from support.tickets import CREATED, entry, history, ticket, ticket_answer, ticket_settings

RESULT = 'Winlogon\\DefaultUserName\t=\t"ACME\\müller"\nAutoAdminLogon\t=\t0'


def found(qid: int, result: str) -> str:
    return tag("VULN_INFO", tag("QID", str(qid), id=f"qid_{qid}"), leaves({"TYPE": "IG"}), tag("RESULT", cdata(result)))


def asset(address: str = "10.0.0.7", *infos: str, network: str = "0", **values: object) -> str:
    usual = {"TRACKING_METHOD": "IP", "DNS": "host.example.com", "OPERATING_SYSTEM": "Windows 10"}
    groups = tag("ASSET_GROUPS", tag("ASSET_GROUP_TITLE", cdata("All")), tag("ASSET_GROUP_TITLE", cdata('"DMZ"')))
    ip = tag("IP", address, network_id=network)
    return tag("HOST", ip, leaves({**usual, **values}), groups, tag("VULN_INFO_LIST", *infos))


def host(*infos: str, **values: Any) -> Optional[ticket_hosts.Host]:
    return ticket_hosts.told(fromstring(asset("10.0.0.7", *infos, **values)))


def test_what_is_told_of_a_host() -> None:
    assert host(found(38170, "x"), found(105311, RESULT), NETBIOS="") == {
        "ip": "10.0.0.7",
        "network_id": 0,
        "tracking_method": "IP",
        "dns": "host.example.com",
        "operating_system": "Windows 10",
        "asset_groups": ["All", '"DMZ"'],
        "last_logged_on_user": "ACME\\müller",
    }


def test_what_is_no_host() -> None:
    assert ticket_hosts.told(fromstring("<HOST><DNS>a</DNS></HOST>")) is None
    assert ticket_hosts.told(fromstring("<VULN_DETAILS><IP>10.0.0.7</IP></VULN_DETAILS>")) is None
    assert ticket_hosts.told(fromstring("<HOST><IP>10.0.0.7</IP></HOST>")) == {"ip": "10.0.0.7"}


@pytest.mark.parametrize(
    ("result", "user"),
    [
        ("DefaultUserName\t=\tAdministrator", "Administrator"),
        ("HKLM\\Software\\Winlogon\nDefaultUserName = ann lee \nShell = explorer.exe", "ann lee"),
        ('"DefaultUserName"="ann"', "ann"),
        ("defaultusername: ann", "ann"),
        ("DefaultUserName\tann", "ann"),
        ('DefaultUserName\t=\t"ACME\\müller "x""', 'ACME\\müller "x"'),
        ('DefaultUserName = ""', ""),
        ("DefaultUserName\t=\t\nShell\t=\texplorer.exe", ""),
        ("AutoAdminLogon = 0", ""),
        ("DefaultUserNames = ann", ""),
        ("", ""),
    ],
)
def test_who_logged_on_last(result: str, user: str) -> None:
    assert ticket_hosts.user(result) == user


ONE, OTHER = {"ip": "10.0.0.7", "dns": "a", "netbios": "A"}, {"ip": "10.0.0.7", "dns": "b"}


@pytest.mark.parametrize(
    ("hosts", "detection", "expected"),
    [
        ([ONE], {}, ONE),
        ([ONE], {"dnsname": "renamed"}, ONE),
        ([], {"dnsname": "a"}, None),
        ([ONE, OTHER], {"dnsname": "b"}, OTHER),
        ([ONE, OTHER], {"dnsname": "a", "nbhname": "A"}, ONE),
        ([ONE, OTHER], {"dnsname": "a", "nbhname": "X"}, None),
        ([ONE, OTHER], {}, None),
        ([ONE, ONE], {"dnsname": "a"}, None),
    ],
)
def test_an_address_in_several_networks(hosts: Any, detection: Any, expected: Any) -> None:
    assert ticket_hosts.of_ticket(hosts, detection) == expected


class Platform:
    """Answers for every address that is not in `unknown`; `errors` are raised first, one a call."""

    def __init__(self, *errors: Exception, unknown: tuple[str, ...] = ()) -> None:
        self.errors = list(errors)
        self.unknown = unknown
        self.listed = Listed(self._markup)
        self.log = ListLog()
        self.hosts = work.TicketHosts(self.listed.reader, self.log, batch=2)

    def _markup(self, request: Request) -> list[str]:
        if self.errors:
            raise self.errors.pop(0)
        asked = request.params["target_ips"].split(",")
        return [asset(address) for address in asked if address not in self.unknown] + ["<VULN_DETAILS/>"]

    @property
    def asked(self) -> list[str]:
        return [request.params["target_ips"] for request in self.listed.asked]


def test_each_address_is_asked_for_once_in_batches() -> None:
    platform = Platform(unknown=("10.0.0.2",))
    addresses = ["10.0.0.1", "10.0.0.2", "10.0.0.1", "", "fe80::1", "10.0.0.3"]
    assert platform.hosts.of(addresses).keys() == {"10.0.0.1", "10.0.0.3"}
    assert platform.hosts.of(["10.0.0.4", "10.0.0.2", "10.0.0.3"]).keys() == {"10.0.0.4", "10.0.0.3"}
    assert platform.asked == ["10.0.0.1,10.0.0.2", "10.0.0.3", "10.0.0.4"]
    assert platform.log.lines == []
    assert {request.path for request in platform.listed.asked} == {"/msp/asset_range_info.php"}


def test_memory_has_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "MOST_KNOWN", 5)
    platform = Platform()
    for page in range(20):
        addresses = [f"10.0.{page}.{number}" for number in range(4)]
        assert platform.hosts.of(addresses).keys() == set(addresses)
        assert len(platform.hosts._known) <= 5
    assert len(platform.hosts.of(f"10.1.0.{number}" for number in range(99))) == 5


def test_a_host_that_is_told_twice_is_one() -> None:
    platform = Platform()
    platform.listed.markup = lambda _request: [asset(), asset(), asset(network="1001")]
    assert [host["network_id"] for host in platform.hosts.of(["10.0.0.7"])["10.0.0.7"]] == [0, 1001]


def test_a_batch_that_is_refused_costs_its_hosts_alone() -> None:
    platform = Platform(Refused("/msp/asset_range_info.php answered: 1905 no such IP."))
    addresses = [f"10.0.0.{number}" for number in range(1, 6)]
    assert platform.hosts.of(addresses).keys() == set(addresses[2:])
    (line,) = platform.log.lines
    said = "WARNING The tickets of 2 addresses are written without their hosts."
    assert line == f"{said} /msp/asset_range_info.php answered: 1905 no such IP."


@pytest.mark.parametrize(
    "errors",
    [(TryLater("busy"),), (AuthError("refused"),), (Refused("no"), Refused("no"), Refused("no"))],
    ids=["busy", "login", "three times"],
)
def test_what_fails_for_good_is_not_asked_again_in_this_run(errors: tuple[Exception, ...]) -> None:
    platform = Platform(*errors)
    assert platform.hosts.of([f"10.0.0.{number}" for number in range(1, 20)]) == {}
    assert platform.hosts.of(["10.0.1.1"]) == {}
    assert len(platform.asked) == len(errors)
    assert platform.log.lines[-1].endswith("This run asks for no more hosts.")


def test_a_run_that_ends_is_no_failure() -> None:
    with pytest.raises(Ended):
        Platform(Ended("over")).hosts.of(["10.0.0.1"])


def converted(folder: Path, body: bytes, hosts: Optional[dict[str, Any]] = None) -> dict[str, Any]:
    """The one event of a page that was converted with these hosts beside it."""
    page = folder / "page.xml"
    page.write_bytes(body)
    converter = Converter(Recipe(FEED.name, dict(ticket_settings()), "", {"name": SEED}), knows_nothing)
    with put_beside(page, lambda: hosts or {}):
        spooled = converter.convert(page, None, 1 << 20, Asked())
    assert isinstance(spooled, Spooled)
    with open(spool_path(page), "rb") as file:
        (batch,) = batches(file)
    (frame,) = batch.frames()
    told: dict[str, Any] = json.loads(frame.data)
    return told


def test_the_host_stands_in_the_event_before_what_may_be_long(tmp_path: Path) -> None:
    body = ticket_answer(ticket(history(entry(CREATED, new="OPEN"))))
    told = converted(tmp_path, body, {"10.0.0.7": [host(found(105311, RESULT))]})
    assert told["host"]["last_logged_on_user"] == "ACME\\müller"
    assert list(told)[-2:] == ["host", "history"]
    assert "host" not in converted(tmp_path, body)
    assert "host" not in converted(tmp_path, body, {"10.0.0.8": [ONE]})
    assert list(tmp_path.glob(f"*{BESIDE}")) == []


def test_nothing_is_asked_unless_a_person_wants_it() -> None:
    assert ticket_settings()["ticket_host_data"] is False
    assert FEED.made_of(ticket_settings()) == ""
    assert FEED.made_of(ticket_settings(ticket_host_data="1")) == "ticket_host_data"
    event = FEED.resource.converter(Conversion(ticket_settings()))(fromstring(ticket())).events[0]
    assert "host" not in json.loads(event.text)


def test_what_lies_beside_a_page_goes_with_it(tmp_path: Path) -> None:
    page = tmp_path / "page.xml"
    assert told_beside(page) == {}
    with put_beside(page, lambda: {"a": 1}):
        assert told_beside(page) == {"a": 1}
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(TryLater, match="Free disk space"), put_beside(tmp_path / "gone" / "page.xml", dict):
        pass
