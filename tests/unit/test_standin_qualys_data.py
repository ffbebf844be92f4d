"""What the Qualys stand-in holds and serves: generator, filters, paging, versions, ledger."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from standins.qualys import EVERYTHING, QualysStandin
from standins.qualys.catalog import INFORMATION, VULNERABILITIES
from standins.qualys.clock import DAY_S, PlatformClock, seconds
from standins.qualys.population import Population, Recipe
from support.qualys import ALL_ELEMENTS, HOST_LIST, Client, pulled, same_as_ledger


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QualysStandin]:
    with QualysStandin(tmp_path_factory.mktemp("qualys"), hosts=60, findings=12, seed=7) as running:
        yield running


@pytest.fixture
def client(standin: QualysStandin) -> Iterator[Client]:
    with Client(standin) as connected:
        yield connected


def population(seed: int = 1, hosts: int = 5, findings: int = 8, results_bytes: int = 0) -> Population:
    return Population(Recipe(seed, findings, seconds("2025-11-01"), results_bytes), hosts, PlatformClock())


def everything(found: Population) -> list[Any]:
    return [(host, found.findings(host)) for host in found.hosts()]


def test_same_seed_gives_the_same_hosts() -> None:
    assert everything(population(3)) == everything(population(3))
    assert everything(population(3)) != everything(population(4))


def test_hosts_differ_as_customers_hosts_do() -> None:
    hosts = list(population(hosts=300).hosts())
    assert [host.id for host in hosts] == sorted({host.id for host in hosts})
    assert {"IP", "DNS", "NETBIOS", "AGENT", "EC2", "VIRTUAL_MACHINE_ID"} <= {host.tracking_method for host in hosts}
    assert {bool(host.domain) for host in hosts} == {True, False}
    assert {len(host.tags) for host in hosts} == {0, 1, 2, 3}
    assert all(host.qg_hostid for host in hosts if host.tracking_method == "AGENT")
    assert len({ipaddress.IPv6Address(host.ipv6) for host in hosts if host.ipv6}) > 10
    twins = [ip for ip, count in Counter(host.ip for host in hosts).items() if count > 1]
    assert len(twins) == 6
    assert len({(host.ip, host.network_id) for host in hosts}) == 300


def test_findings_are_of_every_kind() -> None:
    found = [finding for _, findings in everything(population(hosts=100)) for finding in findings]
    assert len(found) == 800
    assert len({finding.unique_vuln_id for finding in found}) == 800
    assert {finding.type for finding in found} == {"Confirmed", "Potential", "Info"}
    assert {finding.status for finding in found} == {"New", "Active", "Re-Opened", "Fixed", None}
    assert {finding.severity for finding in found} == {1, 2, 3, 4, 5, None}
    assert {finding.is_ignored for finding in found} == {finding.is_disabled for finding in found} == {0, 1}
    bare = [finding for finding in found if finding.severity is None]
    assert all(finding.type == "Info" and finding.last_update_at is None and not finding.status for finding in bare)
    assert {finding.qds_severity for finding in found if finding.qds} == {"LOW", "MEDIUM", "HIGH", "CRITICAL"}


def test_more_findings_than_known_vulnerabilities_stay_apart() -> None:
    ((_, findings),) = everything(population(hosts=1, findings=1000))
    assert len(findings) == 1000
    assert len({(finding.qid, finding.port, finding.instance) for finding in findings}) == 1000


def test_known_qids_are_unique() -> None:
    qids = [known.qid for known in (*INFORMATION, *VULNERABILITIES)]
    assert len(qids) == len(set(qids))


def test_results_can_be_as_long_as_wished() -> None:
    assert all(
        len(finding.results) >= 5000
        for _, findings in everything(population(results_bytes=5000))
        for finding in findings
    )


def test_a_pull_brings_what_the_ledger_says(standin: QualysStandin, client: Client) -> None:
    assert same_as_ledger(standin, client, {**ALL_ELEMENTS, "truncation_limit": "7"})


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"status": "Fixed"},
        {"status": "new,ACTIVE", "severities": "4-5"},
        {"show_igs": "1", "severities": "1"},
        {"qids": f"{VULNERABILITIES[0].qid}-{VULNERABILITIES[60].qid}"},
        {"include_ignored": "1", "include_disabled": "1"},
        {"include_vuln_type": "Potential"},
        {"ips": "10.0.0.3-10.0.0.9,10.0.0.20"},
        {"os_pattern": "^Windows"},
        {"network_ids": "0"},
        {"ag_ids": "400-410"},
        {"ag_titles": "All of site 400,日本語 403"},
        {"use_tags": "1", "tag_set_by": "name", "tag_set_include": "Prod,DMZ", "tag_set_exclude": "Linux"},
        {"use_tags": "1", "tag_include_selector": "all", "tag_set_include": "7650000,7650001"},
        {"qds_min": "70", "show_qds": "1"},
        {"qds_max": "30", "show_qds": "1"},
        {"vm_processed_after": "2025-10-20T00:00:00Z"},
        {"vm_processed_before": "2025-10-20"},
        {"vm_scan_since": "2025-10-25"},
        {"vm_auth_scan_date_after": "2025-10-10"},
        {"detection_updated_since": "2025-10-25T00:00:00Z", "show_igs": "1"},
        {"detection_updated_before": "2025-10-10"},
        {"detection_processed_after": "2025-10-20"},
        {"show_results": "0"},
    ],
)
def test_filters_leave_out_the_rest(standin: QualysStandin, client: Client, params: dict[str, str]) -> None:
    assert same_as_ledger(standin, client, params)
    everywhere = standin.ledger.expected()
    kept = standin.ledger.expected(params)
    assert sum(len(host.findings) for host in kept.values()) < sum(len(host.findings) for host in everywhere.values())


def test_default_leaves_out_fixed_ignored_disabled_and_information(standin: QualysStandin, client: Client) -> None:
    findings = [finding for host in pulled(client.pages()).values() for finding in host.findings.values()]
    assert {finding["STATUS"] for finding in findings} == {"New", "Active", "Re-Opened"}
    assert {finding["IS_IGNORED"] for finding in findings} == {finding["IS_DISABLED"] for finding in findings} == {"0"}


def test_ids_choose_hosts(standin: QualysStandin, client: Client) -> None:
    ids = standin.population.ids
    chosen = {"ids": f"{ids[0]},{ids[10]}-{ids[12]}", "id_max": str(ids[11])}
    assert list(pulled(client.pages(**chosen))) == [ids[0], ids[10], ids[11]]


def test_recent_days_are_the_platforms_days(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=20, epoch="2025-11-01T00:00:00Z") as standin, Client(standin) as client:
        standin.clock.set("2025-11-01T00:00:00Z")
        recent = pulled(client.pages(max_days_since_last_vm_scan="10"))
        scanned = {
            host.id for host in standin.population.hosts() if host.scanned_at >= standin.clock.now() - 10 * DAY_S
        }
    assert set(recent) == scanned
    assert 0 < len(scanned) < 20


def test_a_subscription_can_lack_elements(tmp_path: Path) -> None:
    lacking = {"NETWORK_ID", "OS_CPE", "ASSET_CVE"}
    with QualysStandin(tmp_path, hosts=5, without=lacking) as standin, Client(standin) as client:
        assert same_as_ledger(standin, client, dict(ALL_ELEMENTS))
        listed = client.call(HOST_LIST, {"action": "list", "details": "All"}).xml
        served = {node.tag for root in (*client.pages(**ALL_ELEMENTS), listed) for node in root.iter()}
    assert served.isdisjoint(lacking)
    assert {"NETWORK_NAME", "MITRE_TACTIC_ID", "OWNER"} <= served


def test_nothing_found_is_an_empty_response(client: Client) -> None:
    response = client.detections(ids="1").xml.find("RESPONSE")
    assert response is not None
    assert [child.tag for child in response] == ["DATETIME"]


def test_warning_names_the_first_host_of_the_next_page(standin: QualysStandin, client: Client) -> None:
    page = client.detections(truncation_limit="3", show_tags="1", **EVERYTHING).xml
    warning = page.find("RESPONSE/WARNING")
    assert warning is not None
    assert warning.findtext("CODE") == "1980"
    assert warning.findtext("TEXT") == "3 record limit exceeded. Use URL to get next batch of results."
    assert f"id_min={standin.population.ids[3]}&" in warning.findtext("URL", "")
    assert "status=New%2CActive%2CFixed%2CRe-Opened" in warning.findtext("URL", "")
    assert page.findall("RESPONSE/*")[-1] is warning


def test_last_page_has_no_warning_even_if_it_is_full(standin: QualysStandin, client: Client) -> None:
    assert client.detections(truncation_limit=str(len(standin.population)), **EVERYTHING).xml.find(".//WARNING") is None
    assert client.detections(truncation_limit="0", **EVERYTHING).xml.find(".//WARNING") is None


def test_page_limit_caps_what_is_asked(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=5, page_limit=2) as standin, Client(standin) as client:
        sizes = [[len(page.findall(".//HOST")) for page in client.pages(truncation_limit=str(n))] for n in (0, 1, 9)]
    assert sizes == [[2, 2, 1], [1] * 5, [2, 2, 1]]


def test_newer_versions_only_add(client: Client) -> None:
    tags = {}
    for version in ("2.0", "3.0", "4.0", "5.0"):
        tags[version] = {node.tag for node in client.detections(version, **ALL_ELEMENTS).xml.iter()}
    assert tags["2.0"] < tags["3.0"] == tags["4.0"] < tags["5.0"]
    assert "ASSET_CVE" in tags["3.0"] - tags["2.0"]
    assert "MITRE_TACTIC_ID" in tags["5.0"] - tags["4.0"]


def test_host_list_gives_ids_and_ranges(standin: QualysStandin, client: Client) -> None:
    spans = client.call(HOST_LIST, {"action": "list", "details": "None", "truncation_limit": "0"}).xml.find(".//ID_SET")
    assert spans is not None
    numbers: list[int] = []
    for node in spans:
        low, _, high = (node.text or "").partition("-")
        assert node.tag == ("ID_RANGE" if high else "ID")
        numbers.extend(range(int(low), int(high or low) + 1))
    assert tuple(numbers) == standin.population.ids


@pytest.mark.parametrize(
    ("details", "extra"),
    [("Basic", set()), ("Basic/AGs", {"ASSET_GROUP_IDS"}), ("All", {"LAST_VULN_SCAN_DATETIME", "OWNER"})],
)
def test_host_list_details(client: Client, details: str, extra: set[str]) -> None:
    def tags(of: str) -> set[str]:
        return {node.tag for node in client.call(HOST_LIST, {"action": "list", "details": of}).xml.iter()}

    assert extra <= tags(details) - (tags("Basic") if extra else set())


def test_served_is_counted(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=4, findings=3) as standin, Client(standin) as client:
        list(client.pages(**EVERYTHING))
        client.detections(ids=str(standin.population.ids[0]), **EVERYTHING)
        counts = standin.ledger.counts()
    assert counts == {
        "hosts": 4,
        "findings": 12,
        "served_hosts": 4,
        "served_records": 5,
        "served_findings": 15,
    }


def test_identity_without_unique_id_is_unique_too(standin: QualysStandin) -> None:
    keys = [finding.key for host in standin.ledger.expected_hosts() for finding in host.findings]
    assert len(keys) == len(set(keys))
