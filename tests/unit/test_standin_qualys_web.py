"""The web application API of the Qualys stand-in: what a call asks for, and the page of it that it gets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from standins.qualys import QualysStandin
from standins.qualys.web import ServiceError
from support.qualys import Client
from support.web import APPS, FINDINGS, VERBOSE, ask, ids, pages, pulled, refusal

TYPES = "VULNERABILITY, SENSITIVE_CONTENT, INFORMATION_GATHERED"


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QualysStandin]:
    with QualysStandin(tmp_path_factory.mktemp("qualys"), hosts=1) as running:
        yield running


@pytest.mark.parametrize("limit", ["1", "7", "39", "40", "1000"])
def test_a_pull_brings_what_the_ledger_says(standin: QualysStandin, client: Client, limit: str) -> None:
    expected = standin.web_ledger.expected()
    assert pulled(client, limitResults=limit) == expected
    assert list(expected) == sorted(expected)
    assert len(expected) == 40
    assert standin.web_ledger.served.keys() == expected.keys()


@pytest.mark.parametrize(
    "criteria",
    [
        {"id GREATER": "6816400"},
        {"id LESSER": "6816450", "id GREATER": "6816400"},
        {"qid GREATER": "150000", "qid LESSER": "151000"},
        {"qid NOT EQUALS": "150021"},
        {"uniqueId NOT EQUALS": "x"},
        {"name CONTAINS": "Vulnerability"},
        {"name CONTAINS": "Vulnerability", "name CONTAINS #2": "Ubuntu"},
        {"type EQUALS": "VULNERABILITY"},
        {"type IN": "SENSITIVE_CONTENT, INFORMATION_GATHERED"},
        {"url CONTAINS": "<script>"},
        {"webApp.name CONTAINS": 'Customer "portal"'},
        {"webApp.tags.name CONTAINS": "EU & UK"},
        {"webApp.tags.id NOT EQUALS": "8650005"},
        {"status IN": "NEW,REOPENED"},
        {"status NOT EQUALS": "FIXED"},
        {"severity IN": "4,5", "type EQUALS": "VULNERABILITY"},
        {"ignoredReason EQUALS": "FALSE_POSITIVE"},
        {"ignoredDate GREATER": "2025-01-01"},
        {"group IN": "XSS,SQL"},
        {"owasp.code EQUALS": "3"},
        {"owasp.name CONTAINS": "Security"},
        {"wasc.code IN": "8"},
        {"wasc.name EQUALS": "Information Leakage"},
        {"cwe.id IN": "79,89"},
        {"firstDetectedDate LESSER": "2025-06-01"},
        {"lastDetectedDate GREATER": "2025-10-15T00:00:00Z"},
        {"lastTestedDate GREATER": "2025-10-15T00:00:00Z"},
        {"timesDetected GREATER": "5"},
        {"patch GREATER": "0"},
        {"externalRef CONTAINS": "JIRA"},
    ],
    ids=lambda criteria: "&".join(criteria),
)
def test_criteria_choose_as_the_ledger_says(tmp_path: Path, criteria: dict[str, str]) -> None:
    with QualysStandin(tmp_path, hosts=1, web_apps=10, web_findings=20) as standin, Client(standin) as client:
        expected = standin.web_ledger.expected(criteria)
        assert pulled(client, limitResults="50", **criteria) == expected
        assert 0 < len(expected) < 160 or "uniqueId NOT EQUALS" in criteria
        assert int(ask(client, criteria, FINDINGS.replace("search", "count")).xml.findtext("count", "")) == len(
            expected
        )


def test_criteria_mean_what_they_say(standin: QualysStandin, client: Client) -> None:
    expected = standin.web_ledger.expected()
    moment = sorted(finding.tested for finding in expected.values())[20]
    chosen = pulled(client, **{"lastTestedDate GREATER": moment, "status NOT EQUALS": "FIXED"})
    assert chosen == {
        ident: found for ident, found in expected.items() if found.tested > moment and found.status != "FIXED"
    }
    apps = sorted({found.app_id for found in expected.values()})[:2]
    of_two = pulled(client, **{"webApp.id IN": ",".join(map(str, apps))})
    assert of_two == {ident: found for ident, found in expected.items() if found.app_id in apps}


LONG, DATE = "Specify criteria value(s) as Long.", "Specify criteria value(s) as Date."
FORMAT, OPERATOR = "Invalid value format for criteria", "Invalid operator for criteria"


@pytest.mark.parametrize(
    ("criterion", "value", "message", "resolution"),
    [
        ("webApp.id IN", "abc123", f"{FORMAT} 'webApp.id' (abc123).", LONG),
        ("id GREATER", "1,2", f"{FORMAT} 'id' (1,2).", LONG),
        ("id IN", "1,", f"{FORMAT} 'id' ().", LONG),
        ("lastTestedDate GREATER", "yesterday", f"{FORMAT} 'lastTestedDate' (yesterday).", DATE),
        ("type EQUALS", "VULN", f"{FORMAT} 'type' (VULN).", f"Values expected: {TYPES}."),
        ("name GREATER", "a", f"{OPERATOR} 'name' (GREATER).", "Operators expected: CONTAINS, EQUALS, NOT EQUALS."),
        ("status CONTAINS", "NEW", f"{OPERATOR} 'status' (CONTAINS).", "Operators expected: EQUALS, NOT EQUALS, IN."),
    ],
    ids=["long", "several", "empty", "date", "keyword", "text operator", "keyword operator"],
)
def test_wrong_criteria_are_refused(
    standin: QualysStandin, client: Client, criterion: str, value: str, message: str, resolution: str
) -> None:
    criteria = {criterion: value}
    assert refusal(ask(client, criteria)) == ("INVALID_REQUEST", f"Criteria: {message}", resolution)
    with pytest.raises(ServiceError, match="Criteria: "):
        standin.web_ledger.expected(criteria)


@pytest.mark.parametrize("field", ["param", "isIgnored", "webapp.id", "fixedDate"])
def test_unknown_fields_are_refused(client: Client, field: str) -> None:
    code, message, resolution = refusal(ask(client, {f"{field} EQUALS": "x"}))
    assert (code, message) == ("INVALID_REQUEST", f"Criteria: Invalid criteria '{field}'.")
    assert "webApp.tags.id" in resolution


@pytest.mark.parametrize(
    "preferences",
    [
        {"limitResults": "0"},
        {"limitResults": "1001"},
        {"limitResults": "-1"},
        {"limitResults": ""},
        {"limitResults": "9" * 5000},
        {"startFromOffset": "0"},
        {"verbose": "yes"},
        {"pageSize": "5"},
    ],
    ids=lambda preferences: next(f"{name}={value[:5]}" for name, value in preferences.items()),
)
def test_wrong_preferences_are_refused(client: Client, preferences: dict[str, str]) -> None:
    code, message, _ = refusal(ask(client, preferences))
    assert (code, message.partition(":")[0]) == ("INVALID_REQUEST", "Preferences")


@pytest.mark.parametrize(
    "text",
    [
        "<ServiceRequest>",
        "no xml",
        "<Other/>",
        "<ServiceRequest><data/></ServiceRequest>",
        "<ServiceRequest><filters><Criteria>1</Criteria></filters></ServiceRequest>",
        "<ServiceRequest><filters><Filter field='id' operator='EQUALS'>1</Filter></filters></ServiceRequest>",
        '<!DOCTYPE a [<!ENTITY x "1">]><ServiceRequest><preferences><limitResults>&x;</limitResults></preferences>'
        "</ServiceRequest>",
    ],
    ids=["cut", "text", "root", "child", "fieldless", "filter", "entity"],
)
def test_what_is_no_request_is_refused(standin: QualysStandin, client: Client, text: str) -> None:
    reply = client.call(FINDINGS, headers={"Content-Type": "text/xml"}, body=text)
    assert refusal(reply)[0] == "INVALID_REQUEST"
    assert standin.requests[-1].status == 200


def test_hundred_records_come_where_nothing_is_said(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=1, web_apps=4, web_findings=30) as standin, Client(standin) as client:
        first = client.call(FINDINGS, headers={"Content-Type": "text/xml"}, body="")
        assert len(ids(first)) == 100
        assert (first.xml.findtext("hasMoreRecords"), int(first.xml.findtext("lastId", ""))) == ("true", ids(first)[-1])
        rest = ask(client, {"startFromOffset": "101"})
        assert ids(first) + ids(rest) == list(standin.web.finding_ids)
        assert [child.tag for child in rest.xml] == ["responseCode", "count", "hasMoreRecords", "data"]
        assert rest.xml.findtext("hasMoreRecords") == "false"


def test_nothing_found_is_a_count_alone(client: Client) -> None:
    for path in (FINDINGS, APPS):
        root = ask(client, {"id EQUALS": "1"}, path).xml
        assert [(child.tag, child.text) for child in root] == [("responseCode", "SUCCESS"), ("count", "0")]


def test_the_page_limit_holds_here_too(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=1, page_limit=3) as standin, Client(standin) as client:
        sizes = [len(root.findall("data/Finding")) for root in pages(client, {"limitResults": "10"})]
        assert sizes == [3] * 13 + [1]


def test_one_finding_is_got_by_either_id(standin: QualysStandin, client: Client) -> None:
    found = next(found for found in standin.web_ledger.expected().values() if found.type == "VULNERABILITY")
    for ident in (str(found.id), found.elements["uniqueId"]):
        reply = client.call(f"{FINDINGS.replace('search', 'get')}/{ident}", method="GET")
        assert [child.tag for child in reply.xml] == ["responseCode", "count", "data"]
        assert reply.text.count("<Finding>") == reply.text.count("<resultList>") == 1
        assert ids(reply) == [found.id]
    assert refusal(client.call(f"{FINDINGS.replace('search', 'get')}/1", method="GET"))[0] == "OBJECT_NOT_FOUND"


def test_details_come_when_they_are_asked_for(client: Client) -> None:
    bare, verbose = ask(client).text, ask(client, VERBOSE).text
    for name in ("resultList", "cwe", "owasp", "wasc", "cvssV3", "sslData", "ignoredReason", "updatedDate", "tags"):
        assert f"<{name}>" not in bare
        assert f"<{name}>" in verbose
    assert "<param>" in bare


def test_gathered_information_lacks_what_only_vulnerabilities_have(client: Client) -> None:
    lacking = ("url", "status", "timesDetected", "isIgnored")
    found = ask(client, VERBOSE).xml.findall("data/Finding")
    for finding in found:
        present = [name for name in lacking if finding.find(name) is not None]
        gathered = finding.findtext("type") == "INFORMATION_GATHERED"
        assert present == ([] if gathered else list(lacking))
    assert {finding.findtext("type") for finding in found} == set(TYPES.split(", "))


def test_qids_are_those_of_the_knowledge_base_and_a_few_others(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=1, web_apps=20, web_findings=30) as standin:
        found = [finding.elements for finding in standin.web_ledger.expected().values()]
        known = standin.knowledge_ledger.expected()
        named = [each for each in found if int(each["qid"]) in known]
        assert {each["name"] == known[int(each["qid"])].title for each in named} == {True}
        assert len(found) > len(named) > len(found) / 2
        assert {each.get("status", "-") for each in found} == {"-", "NEW", "ACTIVE", "REOPENED", "FIXED", "PROTECTED"}
        assert {each.get("isIgnored", "-") for each in found} == {"-", "true", "false"}


def test_web_applications_are_listed_with_those_that_have_no_findings(standin: QualysStandin, client: Client) -> None:
    listed = ids(ask(client, {"limitResults": "1000"}, APPS))
    with_findings = {finding.app_id for finding in standin.web_ledger.expected().values()}
    assert listed == list(standin.web.app_ids) == sorted(standin.web_ledger.apps())
    assert set(listed) - with_findings == {listed[4]}
    assert ids(ask(client, {"isScanned EQUALS": "false"}, APPS)) == [listed[4]]
    assert [len(root.findall("data/WebApp")) for root in pages(client, {"limitResults": "4"}, APPS)] == [4, 2]
    assert ask(client, {"tags.name CONTAINS": "EU"}, APPS.replace("search", "count")).xml.findtext("count") == "3"


@pytest.mark.parametrize(
    ("criteria", "resolution"),
    [
        ({"isScanned EQUALS": "undefined"}, "Values expected: true, false."),
        ({"createdDate LESSER": "x"}, "Specify criteria value(s) as Date."),
        ({"severity EQUALS": "5"}, "Criteria expected: "),
    ],
    ids=["boolean", "date", "unknown"],
)
def test_wrong_criteria_of_web_applications(client: Client, criteria: dict[str, str], resolution: str) -> None:
    assert refusal(ask(client, criteria, APPS))[2].startswith(resolution)


def test_the_same_seed_is_the_same_platform(tmp_path: Path) -> None:
    told = []
    for seed in (1, 1, 2):
        with QualysStandin(tmp_path / str(len(told)), hosts=1, seed=seed) as standin, Client(standin) as client:
            told.append(ask(client, VERBOSE).body.replace(standin.url.encode(), b""))
    assert told[0] == told[1] != told[2]
