"""The stand-in's tickets: what is asked for, page by page, what becomes of them in time, and how it says no."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from pathlib import Path

import pytest

from standins.qualys import QualysStandin
from standins.qualys.dirt import KINDS as DIRT
from standins.qualys.faults import MSP_RESOURCES
from standins.qualys.nodes import clean
from support.qualys import Client
from support.recordings import MISSING, SAMPLES, names

PATH, RANGE = "/msp/ticket_list.php", "/msp/asset_range_info.php"
PATHS = {"ticket": PATH, "asset_range": RANGE, "report_template": "/msp/report_template_list.php"}
ALL = {"asset_groups": "All"}
NOW = "2025-11-20T00:00:00Z"
SAMPLE = SAMPLES / "tickets" / "gitpan_ticket_list.xml"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QualysStandin]:
    with QualysStandin(tmp_path_factory.mktemp("qualys"), hosts=6, seed=5, tickets=40, tickets_per_page=7) as standin:
        yield standin


@pytest.fixture
def standin(running: QualysStandin) -> QualysStandin:
    running.faults.set()
    running.dirt.set(())
    running.tickets.restore()
    running.clock.set(NOW)
    return running


@pytest.fixture
def client(standin: QualysStandin) -> Iterator[Client]:
    with Client(standin) as connected:
        yield connected


def pages(client: Client, params: Mapping[str, str]) -> Iterator[ET.Element]:
    """All pages, each asked for behind the last ticket of the one before."""
    asked = dict(params)
    while True:
        reply = client.call(PATH, asked, method="GET")
        assert reply.status == 200
        yield reply.xml
        cut = reply.xml.find("TRUNCATION")
        if cut is None:
            return
        asked["since_ticket_number"] = str(int(cut.attrib["last"]) + 1)


def numbers(client: Client, params: Mapping[str, str]) -> list[int]:
    return [int(told.text or "") for page in pages(client, params) for told in page.iter("NUMBER")]


def test_all_pages_bring_all_tickets_in_ascending_order(standin: QualysStandin, client: Client) -> None:
    found = list(pages(client, ALL))
    assert [len(page.findall("TICKET_LIST/TICKET")) for page in found] == [7, 7, 7, 7, 7, 5]
    assert numbers(client, ALL) == sorted(standin.tickets.numbers)
    assert names(found[0]) == ("HEADER", "TICKET_LIST", "TRUNCATION")
    assert found[0].findtext("TRUNCATION") == "Truncated after 7 records"
    assert found[0].findtext("HEADER/DATETIME") == NOW
    assert found[1].findtext("HEADER/WHERE/SINCE_TICKET_NUMBER")


def test_every_kind_of_ticket_is_there(standin: QualysStandin) -> None:
    held = standin.ticket_ledger.expected().values()
    assert {each.state for each in held} == {"OPEN", "RESOLVED", "CLOSED"}
    assert {each.elements.get("CURRENT_STATUS") for each in held} == {None, "REOPENED", "FIXED", "IGNORED"}
    assert {(each.reopened, each.overdue) for each in held} == {(True, False), (False, True), (False, False)}
    assert {each.elements["INVALID"] for each in held} == {"0", "1"}
    assert len({each.elements["ASSIGNEE/LOGIN"] for each in held}) == 3
    assert any("HISTORY_LIST/HISTORY/DATETIME" not in each.elements for each in held)


@pytest.mark.parametrize(
    "params",
    [
        {"states": "OPEN"},
        {"states": "IGNORED,RESOLVED"},
        {"states": "CLOSED"},
        {"overdue": "1"},
        {"overdue": "0"},
        {"invalid": "1"},
        {"ticket_assignee": "acme_cd2"},
        {"until_ticket_number": "1250"},
        {"ticket_numbers": "1-1230,1300"},
        {"modified_since_datetime": "2025-09-20"},
        {"unmodified_since_datetime": "2025-09-20T00:00:00Z"},
        {"ips": "10.0.0.1-10.0.0.3"},
        {"dns_contains": "EXAMPLE"},
        {"netbios_contains": "host"},
        {"vuln_severities": "4,5"},
        {"potential_vuln_severities": "1,2,3,4,5"},
        {"vuln_severities": "5", "potential_vuln_severities": "1"},
        {"vuln_title_contains": "QUOTED"},
        {"vuln_details_contains": "anybody"},
        {"vendor_ref_contains": "ms08"},
    ],
    ids=lambda params: " ".join(params),
)
def test_a_parameter_leaves_out_what_the_ledger_leaves_out(
    standin: QualysStandin, client: Client, params: dict[str, str]
) -> None:
    found = numbers(client, params)
    assert found == sorted(standin.ticket_ledger.expected(params))
    assert found
    everything = {"vuln_details_contains"}
    assert len(found) < 40 or everything & params.keys()


def test_what_is_served_is_what_the_ledger_says(standin: QualysStandin, client: Client) -> None:
    standin.ticket_ledger.served.clear()
    expected = standin.ticket_ledger.expected()
    for page in pages(client, {**ALL, "show_vuln_details": "1"}):
        for served in page.iter("TICKET"):
            elements = expected[int(served.findtext("NUMBER", ""))].elements
            for path in ("VULNINFO/TITLE", "DETECTION/IP", "CURRENT_STATE", "DETAILS/DIAGNOSIS"):
                assert clean(served.findtext(path, "")) == elements[path]
    assert set(standin.ticket_ledger.served) == set(expected)


def test_details_and_host_ids_come_where_they_are_asked_for(client: Client) -> None:
    plain, full = (next(pages(client, {**ALL, "show_vuln_details": on, "show_host_id": on})) for on in "01")
    assert plain.find(".//DETAILS") is None
    assert plain.find(".//HOST_ID") is None
    assert full.find(".//DETAILS/DIAGNOSIS") is not None
    assert full.find(".//DETECTION/HOST_ID") is not None


@pytest.mark.parametrize(
    ("params", "number"),
    [
        ({}, "1922"),
        ({"show_vuln_details": "1"}, "1922"),
        ({"state": "OPEN"}, "1901"),
        ({"states": "FIXED"}, "1905"),
        ({"qids": ",".join(map(str, range(11)))}, "1905"),
        ({"dns_contains": "x" * 101}, "1905"),
        ({"vuln_title_contains": "ü"}, "1905"),
        ({"modified_since_datetime": "yesterday"}, "1905"),
    ],
    ids=range(8),
)
def test_it_says_no_inside_the_usual_root(client: Client, params: dict[str, str], number: str) -> None:
    reply = client.call(PATH, params)
    assert (reply.status, reply.xml.tag, names(reply.xml)) == (200, "REMEDIATION_TICKETS", ("ERROR",))
    assert reply.xml.find("ERROR").attrib == {"number": number}  # type: ignore[union-attr]


def test_clients_of_that_time_send_no_name_of_theirs(client: Client) -> None:
    assert client.call(PATH, ALL, {"X-Requested-With": ""}).xml.find("TICKET_LIST") is not None


def test_a_wrong_password_is_refused(standin: QualysStandin) -> None:
    with Client(standin, password="wrong") as stranger:
        assert stranger.call(PATH, ALL).status == 401


@pytest.mark.parametrize("resource", MSP_RESOURCES)
def test_errors_of_this_dialect(standin: QualysStandin, client: Client, resource: str) -> None:
    path = PATHS[resource]
    standin.faults.set(f"{resource}:error_in_root,{resource}:expired")
    first, second = client.call(path, ALL), client.call(path, ALL)
    assert (first.status, first.xml.find("ERROR").attrib) == (200, {"number": "999"})  # type: ignore[union-attr]
    assert (second.status, second.xml.tag) == (200, "GENERIC_RETURN")
    assert second.xml.find("RETURN").attrib == {"status": "FAILED", "number": "2001"}  # type: ignore[union-attr]


def test_a_list_that_never_ends(standin: QualysStandin, client: Client) -> None:
    standin.faults.set("ticket:loop@2")
    first, second = (client.call(PATH, {**ALL, "since_ticket_number": "1225"}).xml.find("TRUNCATION") for _ in "12")
    assert first is not None
    assert second is not None
    assert (int(first.attrib["last"]) > 1225, second.attrib["last"]) == (True, "1224")


@pytest.mark.parametrize("kind", [kind for kind in DIRT if kind != "cut"])
def test_dirt_changes_no_ticket(standin: QualysStandin, client: Client, kind: str) -> None:
    standin.dirt.set(kind)
    assert sorted(set(numbers(client, ALL))) == sorted(standin.tickets.numbers)


def test_a_page_that_breaks_off_is_whole_the_second_time(standin: QualysStandin, client: Client) -> None:
    standin.dirt.set("cut")
    with pytest.raises(HTTPException):
        client.call(PATH, ALL)
    assert client.call(PATH, ALL).xml.find("TRUNCATION") is not None


# In time.


def test_what_happens_to_a_ticket_is_a_modification_and_a_scan_is_none(standin: QualysStandin) -> None:
    first, second, third, fourth, *_ = standin.tickets.numbers
    standin.clock.set("2025-12-01T00:00:00Z")
    standin.tickets.advance([first])
    standin.tickets.comment([second])
    standin.tickets.rescan([third])
    standin.tickets.remove([fourth])
    (new,) = standin.tickets.add(1)
    changed = standin.ticket_ledger.expected({"modified_since_datetime": "2025-11-21"})
    assert changed.keys() == {first, second, new}
    assert {each.modified for each in changed.values()} == {"2025-12-01T00:00:00Z"}
    held = standin.ticket_ledger.expected()
    assert held[third].elements["STATS/LAST_FOUND_DATETIME"] == "2025-12-01T00:00:00Z"
    assert fourth not in held


def test_a_ticket_goes_round(standin: QualysStandin) -> None:
    ticket = standin.tickets.numbers[0]
    seen = []
    for day in range(2, 6):
        standin.clock.set(f"2025-12-0{day}T00:00:00Z")
        standin.tickets.advance([ticket])
        told = standin.ticket_ledger.expected()[ticket]
        seen.append((told.state, told.elements.get("CURRENT_STATUS"), told.reopened))
    assert seen == [
        ("RESOLVED", None, False),
        ("CLOSED", "FIXED", False),
        ("OPEN", "REOPENED", True),
        ("RESOLVED", None, False),
    ]


def test_the_same_seed_gives_the_same_tickets_and_each_ninth_large_numbers(tmp_path: Path) -> None:
    told = []
    for place, seed in enumerate((4, 4, 9)):
        with QualysStandin(tmp_path / str(place), hosts=3, seed=seed, tickets=3) as made:
            made.clock.set(NOW)
            told.append(made.ticket_ledger.expected())
    first, second, large = told
    assert first == second
    assert min(large) >= 2**53


# Hosts.


def test_hosts_of_a_range_with_who_logged_on_last(standin: QualysStandin, client: Client) -> None:
    root = client.call(RANGE, {"target_ips": "10.0.0.0-10.0.0.255"}, method="GET").xml
    assert names(root) == ("HEADER", "HOST_LIST", "GLOSSARY")
    found = {}
    for host in root.iterfind("HOST_LIST/HOST"):
        for information in host.iterfind("VULN_INFO_LIST/VULN_INFO"):
            if information.findtext("QID") == "105311":
                user = re.search(r'DefaultUserName\s*=\s*"(.*)"\n', information.findtext("RESULT", ""))
                assert user
                found[host.findtext("IP", "")] = user[1]
    assert found == standin.range_info.expected_users()
    assert 0 < len(found) < len(root.findall("HOST_LIST/HOST"))
    explained = {each.get("id") for each in root.iterfind("GLOSSARY/VULN_DETAILS_LIST/VULN_DETAILS")}
    told = {each.get("id") for each in root.iterfind("HOST_LIST/HOST/VULN_INFO_LIST/VULN_INFO/QID")}
    assert explained <= told


@pytest.mark.parametrize("params", [{}, {"target_ips": "host"}, {"target_ips": ""}], ids=range(3))
def test_a_range_that_is_none(client: Client, params: dict[str, str]) -> None:
    assert client.call(RANGE, params).xml.find("ERROR") is not None


def test_hosts_of_groups(standin: QualysStandin, client: Client) -> None:
    assert len(client.call(RANGE, {"target_asset_groups": "All"}).xml.findall("HOST_LIST/HOST")) == 6
    assert client.call(RANGE, {"target_asset_groups": "None"}).xml.find("HOST_LIST") is None


# The public sample.


@pytest.mark.skipif(not SAMPLE.is_file(), reason=MISSING)
def test_elements_stand_as_in_the_public_sample(client: Client) -> None:
    """Those that the sample has, in its order and with its markup."""
    recorded = ET.parse(SAMPLE).getroot()
    served = list(pages(client, {**ALL, "states": "OPEN"}))
    assert names(served[0]) == names(recorded)
    assert names(served[0].find("HEADER")) == names(recorded.find("HEADER"))  # type: ignore[arg-type]
    for path in ("", "/ASSIGNEE", "/DETECTION", "/STATS", "/HISTORY_LIST/HISTORY", "/VULNINFO"):
        order = names(recorded.find(f"TICKET_LIST/TICKET{path}"))  # type: ignore[arg-type]
        for page in served:
            for element in page.iterfind(f"TICKET_LIST/TICKET{path}"):
                known = [name for name in names(element) if name in order]
                assert known == [name for name in order if name in known], path
    text = client.call(PATH, ALL).text
    for line in re.findall(r"^ +<(?:TICKET|NUMBER|TRUNCATION|NAME)>?", SAMPLE.read_text("utf-8"), re.MULTILINE):
        assert re.search(rf"^{line}", text, re.MULTILINE), line
