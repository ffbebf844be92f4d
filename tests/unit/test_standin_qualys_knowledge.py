"""The knowledge base of the Qualys stand-in: what it holds and what a call brings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from standins.qualys import CUSTOMIZED_QIDS, UNKNOWN_QIDS, ExpectedScore, QualysStandin
from standins.qualys.catalog import INFORMATION, VULNERABILITIES
from standins.qualys.knowledge_base import words
from support.qualys import EVERY_DETAIL, KNOWLEDGE, Client, Reply, entries

CATALOG = {known.qid: known for known in (*INFORMATION, *VULNERABILITIES)}
TEXTS = {"DIAGNOSIS", "CONSEQUENCE", "SOLUTION"}
ONLY_ALL = {"CORRELATION", "COMPLIANCE_LIST", "VECTOR_STRING", "ACCESS", "ATTACK"}
SHOWN_WHEN_ASKED = {
    "show_pci_reasons": {"PCI_REASONS", "PCI_REASON", "AUTOMATIC_PCI_FAIL"},
    "show_supported_modules_info": {"SUPPORTED_MODULES"},
    "show_disabled_flag": {"IS_DISABLED"},
    "show_qid_change_log": {"CHANGE_LOG_LIST", "CHANGE_LOG_INFO", "CHANGE_DATE", "COMMENTS"},
}


@pytest.fixture(scope="module")
def unchanging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QualysStandin]:
    """A platform that no test here changes."""
    with QualysStandin(tmp_path_factory.mktemp("qualys"), hosts=20) as running:
        yield running


@pytest.fixture
def client(unchanging: QualysStandin) -> Iterator[Client]:
    with Client(unchanging) as connected:
        yield connected


def tags(reply: Reply) -> set[str]:
    return {node.tag for node in reply.xml.iter()}


def test_a_pull_brings_what_the_ledger_says(unchanging: QualysStandin, client: Client) -> None:
    found = entries(client.knowledge(**EVERY_DETAIL).xml)
    assert found == unchanging.knowledge_ledger.expected()
    assert len(found) == len(unchanging.knowledge) == 600


def test_get_and_post_and_every_version_bring_the_same(client: Client) -> None:
    whole = client.knowledge().qids
    assert whole == sorted(set(whole))
    assert [client.knowledge(version, method=way).qids for version in ("2.0", "3.0") for way in ("GET", "POST")] == [
        whole
    ] * 4


def test_entries_agree_with_the_findings_but_for_what_the_customer_changed(unchanging: QualysStandin) -> None:
    known = unchanging.knowledge_ledger.expected()
    assert set(CATALOG) - set(known) == set(UNKNOWN_QIDS)
    types = {"Info": {"Information Gathered"}, "Confirmed": set(), "Potential": set()}
    for qid in CATALOG.keys() & known.keys():
        finding = CATALOG[qid]
        types[finding.type].add(known[qid].type)
        assert (known[qid].severity != finding.severity) == (qid in CUSTOMIZED_QIDS)
        assert (finding.cve in known[qid].cves) == bool(finding.cve)
    assert types == {
        "Info": {"Information Gathered"},
        "Confirmed": {"Vulnerability", "Vulnerability or Potential Vulnerability"},
        "Potential": {"Potential Vulnerability", "Vulnerability or Potential Vulnerability"},
    }


def test_findings_use_qids_that_the_knowledge_base_does_not_know(unchanging: QualysStandin) -> None:
    found = {int(finding.elements["QID"]) for host in unchanging.ledger.expected_hosts() for finding in host.findings}
    assert set(UNKNOWN_QIDS) <= found
    assert found - set(unchanging.knowledge.qids) == set(UNKNOWN_QIDS)


def test_entries_differ_as_the_platforms_entries_do(unchanging: QualysStandin) -> None:
    known = unchanging.knowledge_ledger.expected().values()
    assert {len(entry.cves) for entry in known} >= {0, 1, 2, 3, 5}
    assert any(list(entry.cves) != sorted(entry.cves, reverse=True) for entry in known)
    assert {"", "-", "0", "7.5"} <= {entry.cvss.base for entry in known}
    assert {"", "-", "0", "9.8"} <= {entry.cvss_v3.base for entry in known}
    assert {ident for entry in known for ident, _ in entry.threats} == set(range(1, 21))
    forms = {reference[:2] for entry in known for reference in entry.vendor_references}
    assert {"KB", "MS", "RH"} <= forms
    for flag in ("patchable", "pci", "remote", "disabled", "exploits", "malware"):
        assert {getattr(entry, flag) for entry in known} == {True, False}, flag
    assert {entry.severity for entry in known} == {1, 2, 3, 4, 5}
    assert all("<P>" in entry.diagnosis and "\n" in entry.diagnosis for entry in known)


def test_harmful_text_comes_as_it_is(unchanging: QualysStandin, client: Client) -> None:
    served = entries(client.knowledge(**EVERY_DETAIL).xml).values()
    assert {entry.title for entry in served} >= set(words.HARMFUL_TITLES)
    found = [entry for entry in served if entry.title in words.HARMFUL_TITLES and entry.qid in CATALOG]
    assert len({entry.title for entry in found}) == len(words.HARMFUL_TITLES)
    assert any("<![CDATA[ in a text ]]>" in entry.diagnosis for entry in served)


@pytest.mark.parametrize(
    "params",
    [
        {"is_patchable": "1"},
        {"is_patchable": "0"},
        {"last_modified_after": "2025-10-02T00:00:00Z"},
        {"last_modified_before": "2015-01-01"},
        {"last_modified_by_service_after": "2025-10-02"},
        {"last_modified_by_service_before": "2015-01-01"},
        {"last_modified_by_user_after": "2001-01-01"},
        {"last_modified_by_user_before": "2025-10-30"},
        {"published_after": "2020-01-01"},
        {"published_before": "2005-01-01"},
        {"code_modified_after": "2024-01-01"},
        {"code_modified_before": "2015-01-01"},
        {"discovery_method": "RemoteOnly"},
        {"discovery_method": "Remote"},
        {"discovery_method": "Authenticated"},
        {"discovery_method": "AuthenticatedOnly"},
        {"discovery_method": "RemoteAndAuthenticated"},
        {"discovery_auth_types": "Windows,oracle"},
        {"ids": "45038,38000-38300,1"},
        {"id_min": "90000", "id_max": "91000"},
    ],
)
def test_filters_leave_out_the_rest(unchanging: QualysStandin, client: Client, params: dict[str, str]) -> None:
    found = entries(client.knowledge(**EVERY_DETAIL, **params).xml)
    assert found == unchanging.knowledge_ledger.expected(params)
    assert 0 < len(found) < len(unchanging.knowledge)


def test_last_modified_is_by_the_service_or_by_the_user(unchanging: QualysStandin) -> None:
    def kept(**params: str) -> set[int]:
        return set(unchanging.knowledge_ledger.expected(params))

    by_service, by_user = (
        kept(last_modified_by_service_after="2020-01-01"),
        kept(last_modified_by_user_after="2020-01-01"),
    )
    assert kept(last_modified_after="2020-01-01") == by_service | by_user
    assert kept(last_modified_by_user_after="1999-01-01") == set(CUSTOMIZED_QIDS)


@pytest.mark.parametrize("params", [{"ids": str(UNKNOWN_QIDS[0])}, {"ids": "1"}, {"id_min": "999999"}])
@pytest.mark.parametrize("details", ["Basic", "All", "None"])
def test_what_is_not_known_is_an_empty_response(client: Client, params: dict[str, str], details: str) -> None:
    reply = client.knowledge(details=details, **params)
    assert reply.status == 200
    assert [child.tag for child in reply.xml.find("RESPONSE") or ()] == ["DATETIME"]


@pytest.mark.parametrize(
    ("params", "expected", "text"),
    [
        ({}, "1903", "Missing required parameter(s): action"),
        ({"action": "list", "truncation_limit": "0"}, "1901", "Unrecognized parameter(s): truncation_limit"),
        (
            {"action": "list", "ids": "abc123"},
            "1905",
            "parameter ids has invalid value: abc123 (neither a positive integer nor a range: abc123)",
        ),
        ({"action": "list", "details": "Some"}, "1905", "must be one of: Basic, All, None"),
        ({"action": "list", "last_modified_after": "today"}, "1905", "not a valid date"),
        ({"action": "list", "discovery_method": "Guess"}, "1905", "must be one of: Remote"),
        ({"action": "purge"}, "1905", "must be one of: list"),
    ],
)
def test_parameters_are_refused_as_the_platform_does(
    client: Client, params: dict[str, str], expected: str, text: str
) -> None:
    reply = client.call(KNOWLEDGE, params)
    assert (reply.status, reply.code) == (400, expected)
    assert text in reply.xml.findtext("RESPONSE/TEXT", "")


def test_newer_versions_only_add(client: Client) -> None:
    added = {version: tags(client.knowledge(version, details="All")) for version in ("2.0", "3.0", "4.0")}
    assert added["3.0"] - added["2.0"] == {"TECHNOLOGY", "CODE_MODIFIED_DATETIME", "PATCH_PUBLISHED_DATE"}
    assert added["4.0"] - added["3.0"] == {"CVSS_V4", "CVSS4_VERSION"}
    assert added["2.0"] < added["3.0"] < added["4.0"]
    assert client.knowledge("2.0", code_modified_after="2024-01-01").code == "1901"


@pytest.mark.parametrize("version", ["5.0", "1.0"])
def test_versions_there_never_were_are_gone(client: Client, version: str) -> None:
    assert client.knowledge(version).status == client.detections("9.0").status == 404


def test_details_bring_more(client: Client) -> None:
    basic, everything = tags(client.knowledge()), tags(client.knowledge(details="All"))
    assert basic | ONLY_ALL <= everything
    assert not basic & ONLY_ALL
    assert basic >= TEXTS | {"BASE", "TEMPORAL", "THREAT_INTELLIGENCE", "CVE_LIST", "LAST_CUSTOMIZATION"}


@pytest.mark.parametrize("switch", SHOWN_WHEN_ASKED)
def test_some_elements_are_shown_when_asked_for(client: Client, switch: str) -> None:
    assert tags(client.knowledge(**{switch: "1"})) - tags(client.knowledge()) == SHOWN_WHEN_ASKED[switch]


def test_no_details_are_bare_qids_with_ranges(unchanging: QualysStandin, client: Client) -> None:
    reply = client.knowledge(details="None")
    spans = [(node.tag, (node.text or "").partition("-")) for node in reply.xml.find("RESPONSE/ID_SET") or ()]
    assert {tag for tag, _ in spans} == {"ID", "ID_RANGE"}
    numbers = [number for _, (low, _, high) in spans for number in range(int(low), int(high or low) + 1)]
    assert tuple(numbers) == unchanging.knowledge.qids


def test_scores_are_as_the_platform_writes_them(unchanging: QualysStandin, client: Client) -> None:
    vulns = client.knowledge(details="All").xml.findall(".//VULN")
    assert {vuln.find("CVSS/BASE").attrib.get("source") for vuln in vulns if vuln.find("CVSS/BASE") is not None} == {
        None,
        "service",
    }
    v2 = next(vuln for vuln in vulns if vuln.findtext("CVSS/BASE") == "7.5")
    assert v2.findtext("CVSS/VECTOR_STRING") == "CVSS:2.0/AV:N/AC:L/Au:N/C:P/I:P/A:P/E:U/RL:OF/RC:C"
    assert [v2.findtext(f"CVSS/{path}") for path in ("ACCESS/VECTOR", "IMPACT/INTEGRITY")] == ["3", "2"]
    expected = unchanging.knowledge_ledger.expected()[int(v2.findtext("QID", ""))].cvss
    assert expected == ExpectedScore("7.5", "5.5", "CVSS:2.0/AV:N/AC:L/Au:N/C:P/I:P/A:P/E:U/RL:OF/RC:C")


def test_request_is_echoed_when_asked(client: Client) -> None:
    request = client.knowledge(ids="6", echo_request="1").xml.find("REQUEST")
    assert request is not None
    assert {node.text for node in request.iter("KEY")} == {"action", "ids", "echo_request"}
