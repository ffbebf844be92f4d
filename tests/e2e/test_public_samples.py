"""Public recordings of the real platform pass through the add-on, and become what we expect of them.

The recordings are not part of this repository; they lie in ../shared/samples beside a checkout, or these tests are left
out.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Optional
from urllib.parse import urlsplit

import pytest

from qualys_ta.records import RecordReader
from qualys_ta.xmlpage import Inspector
from standins.replay import ANY, Recorded, Replay
from support.core import extracted
from support.e2e import DETECTION as DETECTION_PATH
from support.e2e import Site
from support.e2e_knowledge import CIM, CVES, KB, KnowledgeSite
from support.page import account_form, choose, names, refusal
from support.recordings import MISSING, SAMPLES, recorded, run_against

HOST = ("RESPONSE", "HOST_LIST", "HOST")

if not SAMPLES.is_dir():  # here, not as a mark: one line for the whole module
    pytest.skip(MISSING, allow_module_level=True)


def pull(site: Site, folder: Path, answer: Recorded) -> tuple[int, Replay]:
    """A run against a platform that answers everything with `answer`. Returns its exit code."""
    choose(site, "vm", log_gone_hosts="0")
    return run_against(site, folder, {ANY: answer})


def test_no_sample_is_forgotten() -> None:
    known = {
        *DATA,
        *ERRORS,
        *HOST_LISTS,
        *KNOWLEDGE,
        BAD_QID,
        "knowledgebase/qualyspy_knowledge_base_vuln_list_output.dtd",
    }
    folders = ("vm-detection", "host-list", "errors", "knowledgebase")
    there = {f"{folder}/{path.name}" for folder in folders for path in (SAMPLES / folder).iterdir()}
    assert there | {MIXED} == known


class Expected(NamedTuple):
    """Events by kind, values that must be among them (HOST_ID, QID -> fields), and the next `since`."""

    kinds: dict[str, int]
    since: str
    values: Mapping[tuple[str, Optional[str]], dict[str, str]]


DATA = {
    "vm-detection/j1_detections.xml": Expected(
        {"HOSTSUMMARY": 1, "HOSTVULN": 3},
        "2020-09-27T01:19:21Z",
        {
            ("6506432", None): {
                "IP": "10.10.10.11",
                "TRACKING_METHOD": "IP",
                "OS": "Windows 2008 R2 Enterprise Service Pack1",
                "DNS": "2k8r2-u-10-11",
                "NETBIOS": "2K8R2-U-10-11",
                "LAST_SCAN_DATETIME": "2018-04-13T03:49:05Z",
                "SEVERITY_2": "3",
                "CONFIRMED": "3",
                "ACTIVE": "3",
                "CONFIRMED_ACTIVE": "3",
                "TOTAL_VULNS": "3",
            },
            ("6506432", "38170"): {
                "SEVERITY": "2",
                "TYPE": "CONFIRMED",
                "PORT": "3389",
                "PROTOCOL": "TCP",
                "SSL": "1",
                "STATUS": "ACTIVE",
                "FIRST_FOUND_DATETIME": "2018-01-26T04:45:50Z",
                "TIMES_FOUND": "111",
                "RESULTS": "Certificate #0 CN=2k8r2-u-10-11(2k8r2-u-10-11) doesn&apos;tresolve",
            },
            ("6506432", "38173"): {
                "RESULTS": "Certificate #0 CN=2k8r2-u-10-11\nunable to get local\nissuer certificate"
            },
            ("6506432", "38601"): {"STATUS": "ACTIVE", "LAST_UPDATE_DATETIME": "2018-04-13T03:49:05Z"},
        },
    ),
    "vm-detection/j1_har_iterateHostDetectionsUnknownId.har": Expected({}, "2020-09-27T01:13:33Z", {}),
}


@pytest.mark.parametrize("name", DATA)
def test_data(site: Site, tmp_path: Path, name: str) -> None:
    expected = DATA[name]
    code, _ = pull(site, tmp_path, *recorded(name))
    assert (code, site.lines("ERROR"), site.lines("WARNING")) == (0, [], [])
    fields = {}
    for text in site.raw:
        event = dict(extracted(text))
        fields[event["HOST_ID"], event.get("QID")] = event
    assert Counter(text.partition(":")[0] for text in site.raw) == expected.kinds
    assert {key: {name: fields[key].get(name) for name in values} for key, values in expected.values.items()} == (
        expected.values
    )
    assert site.checkpoint["since"] == expected.since


class Refused(NamedTuple):
    """What the log says, and how the input waits then; `page` is what the Account tab says."""

    log: str
    outcome: str
    page: str = ""


LOGIN = "/msp/about.php answered: "
DETECTION = "/api/5.0/fo/asset/host/vm/detection/ answered: "
BAD_LOGIN = "2000 Bad Login/Password. The user name or password is wrong."
NO_LOGIN = "INVALID_CREDENTIALS Authentication failed. The user name or password is wrong."
MOVED = "HTTP status 301. The platform points elsewhere: check the account's API server."
NO_ACTION = "1903 Missing required parameter(s): action."
BAD_ID = "1905 parameter ids has invalid value: abc123 (neither a positive integer nor a range: abc123)."
ERRORS = {
    "vm-detection/j1_har_iterateHostDetectionsBadId.har": [Refused(DETECTION + BAD_ID, "later", LOGIN + BAD_ID)],
    "errors/rubyqualys_unlogged.yml": [Refused(DETECTION + BAD_LOGIN, "held", LOGIN + BAD_LOGIN)],
    "errors/rubyqualys_wrong.yml": [
        Refused(f"{DETECTION}{MOVED} (setting: api_server)", "held", LOGIN + MOVED),
        Refused(DETECTION + NO_ACTION, "later", LOGIN + NO_ACTION),
    ],
    "errors/j1_har_verifyAuthenticationInaccesible.har": [Refused(DETECTION + NO_LOGIN, "held", LOGIN + NO_LOGIN)],
}
CASES = [(name, number) for name, answers in ERRORS.items() for number in range(len(answers))]


@pytest.mark.parametrize(("name", "number"), CASES)
def test_error(site: Site, tmp_path: Path, name: str, number: int) -> None:
    answer, expected = recorded(name)[number], ERRORS[name][number]
    code, platform = pull(site, tmp_path / "run", answer)
    assert (code, site.error(), site.raw) == (1, expected.log, [])
    assert site.state["outcome"] == expected.outcome
    assert len(platform.requests) == 1, "an account locks when refused credentials are repeated"
    with Replay(tmp_path / "page", {ANY: answer}) as platform:
        assert refusal(site.splunk, account_form(platform)) == expected.page
    assert names(site.splunk) == ["demo"]
    assert [urlsplit(call.path).path for call in platform.requests] == ["/msp/about.php"]


HOST_LISTS: dict[str, dict[str, dict[str, str]]] = {
    "host-list/demisto_qualys_host_list_rawresponse.xml": {
        "69291564": {
            "IP": "172.31.11.229",
            "TRACKING_METHOD": "EC2",
            "CLOUD_RESOURCE_ID": "i-055ef1b4734491575",
            "EC2_INSTANCE_ID": "i-055ef1b4734491575",
            "OS": "Windows 2003 R2 Service Pack 2",
            "DNS_DATA/HOSTNAME": "i-055ef1b4734491575",
            "DNS_DATA/DOMAIN": "",
            "QG_HOSTID": "8725d236-7f5b-41e1-b795-fa67e3adc108",
        }
    },
    "host-list/j1_har_fetchScannedHostIds.har": {},
    "host-list/j1_har_fetchScannedHostIdsNone.har": {},
}
"""Host id -> values by path; an answer with ids only has no HOST."""


@pytest.mark.parametrize("name", HOST_LISTS)
def test_host_list_is_read_and_not_taken_for_detections(site: Site, tmp_path: Path, name: str) -> None:
    (answer,) = recorded(name)
    path = tmp_path / "page.xml"
    path.write_bytes(answer.body if isinstance(answer.body, bytes) else b"")
    inspector = Inspector(HOST)
    inspector.feed(path.read_bytes())
    inspector.close()
    assert inspector.root == "HOST_LIST_OUTPUT"
    with path.open("rb") as file:
        hosts = {host.findtext("ID") or "": host for host in RecordReader(HOST, inspector.noted).records(file)}
    found = {number: {at: hosts[number].findtext(at) for at in values} for number, values in HOST_LISTS[name].items()}
    assert (found, hosts.keys()) == (HOST_LISTS[name], HOST_LISTS[name].keys())
    code, _ = pull(site, tmp_path, answer)
    assert (code, site.raw) == (1, [])
    assert "The answer is a document HOST_LIST_OUTPUT instead of HOST_LIST_VM_DETECTION_OUTPUT." in site.error()


GONE_LISTS = {
    "host-list/j1_har_fetchScannedHostIds.har": ("2020-09-29T21:33:33Z", ""),
    "host-list/j1_har_fetchScannedHostIdsNone.har": ("", "lists no host at all, although 1 are known here"),
    "host-list/demisto_qualys_host_list_rawresponse.xml": ("", "lists no host at all, although 1 are known here"),
}
"""What a comparison with this list says of a host that it does not name: when it was missed, or a warning."""


@pytest.mark.parametrize("name", GONE_LISTS)
def test_hosts_are_compared_with_a_list(site: Site, tmp_path: Path, name: str) -> None:
    gone_at, warning = GONE_LISTS[name]
    (findings,) = recorded("vm-detection/j1_detections.xml")
    answers = {DETECTION_PATH: findings, "/api/5.0/fo/asset/host/": recorded(name)[0]}
    with Replay(tmp_path, answers) as platform:
        site.save_account(**account_form(platform, skip_test="1"))
        assert site.tick().returncode == 0
    told = [text for text in site.raw if text.startswith("HOSTGONE")]
    assert told == ([f'HOSTGONE: HOST_ID=6506432, GONE_DATETIME="{gone_at}"'] if gone_at else [])
    assert [warning in line for line in site.lines("WARNING")] == ([True] if warning else [])
    assert Counter(text.partition(":")[0] for text in site.raw)["HOSTVULN"] == 3


class Known(NamedTuple):
    """Rows of the lookups: how many, and by QID what some of their columns must say; and the next `since`."""

    entries: int
    cves: int
    since: str
    kb: Mapping[str, dict[str, str]]
    cim: Mapping[str, dict[str, str]]


MIXED = "was-finding/j1_har_steps_findings_and_kb.har"
BAD_QID = "knowledgebase/j1_har_iterateVulnerabilitiesBadId.har"
KNOWLEDGE = {
    "knowledgebase/demisto_vulnerabilities_raw.xml": Known(
        2,
        3,
        "2024-02-12T15:11:40Z",
        {
            "10052": {
                "SEVERITY": "3",
                "VULN_TYPE": "Vulnerability",
                "PATCHABLE": "NO",
                "PCI_FLAG": "YES",
                "TITLE": "Vtecrm Vtenext Multiple Security Vulnerabilities",
                "PUBLISHED_DATETIME": "2021-01-21T12:51:22Z",
                "LAST_SERVICE_MODIFICATION_DATETIME": "2023-12-19T12:02:30Z",
                "DISCOVERY_REMOTE": "YES",
                "CVE": "CVE-2020-10229, CVE-2020-10228, CVE-2020-10227",
                "THREAT_INTEL_IDS": "2, 8, 13, 15",
                "THREAT_INTEL_VALUES": "Exploit_Public, No_Patch, Privilege_Escalation, Remote_Code_Execution",
                "EXPLOIT": "YES",
                "MALWARE": "NO",
            },
            "10186": {"TITLE": "", "CVE": "", "BUGTRAQ_IDS": "1881", "PATCHABLE": "YES", "EXPLOIT": "YES"},
        },
        {"10186": {"signature": "QID 10186", "bugtraq": "1881", "cvss": "", "vendor_severity": "Medium"}},
    ),
    "knowledgebase/j1_har_iterateVulnerabilities.har": Known(
        1,
        1,
        "2020-10-07T17:36:23Z",
        {
            "316760": {
                "TITLE": "Cisco IOS XE Software Command Injection Vulnerability (cisco-sa-iosxe-cmdinj-2MzhjM6K)",
                "AUTHENTICATION": "Unix, SNMP, WEBLOGIC_VULN",
                "CVE": "CVE-2020-3403",
                "CONSEQUENCE": "A successful exploit could allow the attacker to execute commands with root privileges "
                "each time the affected device is restarted.<P>",
            }
        },
        {
            "316760": {
                "xref": "cisco-sa-iosxe-cmdinj-2MzhjM6K",
                "url": "https://tools.cisco.com/security/center/content/CiscoSecurityAdvisory/"
                "cisco-sa-iosxe-cmdinj-2MzhjM6K",
                "severity": "medium",
            }
        },
    ),
    MIXED: Known(
        42,
        6,
        "2022-10-28T16:46:27Z",
        {
            "6": {"TITLE": "DNS Host Name", "VULN_TYPE": "Information Gathered", "SEVERITY": "1"},
            "150272": {"CVE": "CVE-2019-11042, CVE-2019-11041", "VENDOR_REFERENCE": "PHP Bug #78256"},
            "150461": {"THREAT_INTEL_IDS": "11, 13, 15, 18", "SEVERITY": "4"},
        },
        {"150272": {"xref": "PHP Bug #78256", "mskb": "", "msft": "", "signature": "PHP 7 Multiple Vulnerabilities"}},
    ),
}


def shown(rows: list[dict[str, str]], expected: Mapping[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """QID -> those columns of its row that are expected."""
    found = {row["QID"]: row for row in rows}
    return {qid: {name: found[qid][name] for name in columns} for qid, columns in expected.items()}


@pytest.mark.parametrize("name", KNOWLEDGE)
def test_knowledge_base(site: Site, tmp_path: Path, name: str) -> None:
    expected, kb = KNOWLEDGE[name], KnowledgeSite.of(site)
    (answer,) = [each for each in recorded(name) if b"<KNOWLEDGE_BASE_VULN_LIST_OUTPUT>" in body_of(each)]
    choose(kb, "kb", log_kb_additional_fields="1", is_index_knowledgebase="1")
    code, _ = pull(kb, tmp_path, answer)
    assert (code, kb.lines("ERROR"), kb.lines("WARNING")) == (0, [], [])
    assert (len(kb.rows(KB)), len(kb.rows(CIM)), len(kb.rows(CVES))) == (
        expected.entries,
        expected.entries,
        expected.cves,
    )
    assert shown(kb.rows(KB), expected.kb) == expected.kb
    assert shown(kb.rows(CIM), expected.cim) == expected.cim
    assert {row["QID"]: row for row in map(json.loads, kb.raw)} == {row["QID"]: row for row in kb.rows(KB)}
    assert kb.checkpoint["since"] == expected.since


def body_of(answer: Recorded) -> bytes:
    return answer.body if isinstance(answer.body, bytes) else b""


def test_a_call_for_the_knowledge_base_that_is_refused(site: Site, tmp_path: Path) -> None:
    kb = KnowledgeSite.of(site)
    code, platform = pull(kb, tmp_path, *recorded(BAD_QID))
    assert (code, len(platform.requests)) == (1, 1)
    assert kb.error() == f"/api/4.0/fo/knowledge_base/vuln/ answered: {BAD_ID}"
    assert [kb.rows(name) for name in (KB, CIM, CVES)] == [[], [], []]
