"""Policy compliance of the Qualys stand-in: policies and posture, and what a call brings of them."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from standins.qualys import QualysStandin
from standins.qualys.compliance import STATUSES, Compliance, ComplianceRecipe, PostureQuery, catalog
from standins.qualys.compliance.glossary import Gathered
from standins.qualys.compliance.ledger import EVERY_DETAIL
from standins.qualys.dirt import Dirt
from support.compliance import (
    POLICIES,
    POSTURE,
    ids,
    judged,
    listed,
    misshapen,
    pages,
    policy_ids,
    read,
    same_as_ledger,
)
from support.qualys import Client, paths

GLOSSARY_OF_ALL = {"TECHNOLOGY_LIST", "DPD_LIST", "TP_LIST", "FV_LIST", "TM_LIST", "RATIONALE_LIST", "OS_CPE"}


@pytest.fixture(scope="module")
def unchanging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QualysStandin]:
    """A platform that no test here changes."""
    with QualysStandin(tmp_path_factory.mktemp("qualys"), hosts=20, policies=15) as running:
        yield running


@pytest.fixture
def client(unchanging: QualysStandin) -> Iterator[Client]:
    with Client(unchanging) as connected:
        yield connected


@pytest.fixture
def policy(unchanging: QualysStandin) -> int:
    """A plain one."""
    return unchanging.compliance.ids[0]


def test_policies_come_as_the_ledger_says_and_in_shape(unchanging: QualysStandin, client: Client) -> None:
    expected = unchanging.compliance_ledger.expected()
    for version in ("2.0", "3.0", "4.0", "5.0"):
        root = listed(client, version).xml
        assert misshapen(root) == []
        assert [paths(policy) for policy in root.iter("POLICY")] == [policy.elements for policy in expected.values()]
        assert policy_ids(root) == sorted(expected) == list(unchanging.compliance.ids)


def test_policies_are_of_all_kinds(unchanging: QualysStandin, client: Client) -> None:
    expected = unchanging.compliance_ledger.expected().values()
    never = [policy for policy in expected if not policy.elements.get("LAST_EVALUATED/DATETIME")]
    assert [[name for name in policy.elements if name.startswith("LAST_E")] for policy in never] == [
        [],
        ["LAST_EVALUATED"],
        ["LAST_EVALUATED/DATETIME"],
    ]
    assert all(not policy.postures for policy in never)
    assert [policy for policy in expected if policy not in never and not policy.postures]
    assert {policy.elements["STATUS"] for policy in expected} == {"active", "inactive"}
    assert {policy.elements["IS_LOCKED"] for policy in expected} == {"0", "1"}
    assert {policy.elements["TITLE"] for policy in expected} & {text.strip() for text in catalog.HARMFUL}
    assert any("CONTROL_LIST/CONTROL/ID" in paths(found) for found in listed(client, details="All").xml.iter("POLICY"))


@pytest.mark.parametrize(
    "params",
    [
        {"updated_after_datetime": "2025-09-01T00:00:00Z"},
        {"created_after_datetime": "2025-01-01"},
        {"id_min": "1290030", "id_max": "1290070"},
        {"ids": "1290017,1290041-1290060,5"},
    ],
)
def test_policies_can_be_chosen(unchanging: QualysStandin, client: Client, params: dict[str, str]) -> None:
    found = policy_ids(listed(client, **params).xml)
    assert 0 < len(found) < len(unchanging.compliance)
    assert policy_ids(listed(client, details="All", **params).xml) == found
    bare = listed(client, details="None", **params).xml
    assert len(bare.findall("RESPONSE/ID_SET/*")) == len(found)


def test_a_thousand_policies_are_a_page(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=1, policies=1003, controls=1) as standin, Client(standin) as client:
        first, last = pages(client, POLICIES)
        assert first.findtext("RESPONSE/WARNING/CODE") == "1980"
        assert (len(policy_ids(first)), len(policy_ids(last))) == (1000, 3)
        assert policy_ids(first) + policy_ids(last) == list(standin.compliance.ids)
        assert listed(client, truncation_limit="5").code == "1901"


@pytest.mark.parametrize("limit", ["3", "60", "0"])
def test_posture_comes_page_by_page_with_the_glossary_of_each(
    unchanging: QualysStandin, client: Client, policy: int, limit: str
) -> None:
    assert same_as_ledger(unchanging, client, policy, truncation_limit=limit) > 70
    for root in pages(client, policy_id=str(policy), truncation_limit=limit, details="All"):
        named = {host.findtext("ID") for host in root.iter("HOST")}
        assert named == {info.findtext("HOST_ID") for info in root.iter("INFO")}
        assert {each.findtext("ID") for each in root.iter("CONTROL")} == {
            info.findtext("CONTROL_ID") for info in root.iter("INFO")
        }
        assert int(root.findtext("RESPONSE/SUMMARY/TOTAL_ASSETS", "")) == len(named)


def test_ids_ascend_and_are_of_one_policy_only(unchanging: QualysStandin, client: Client) -> None:
    met: set[int] = set()
    for policy in unchanging.compliance.ids:
        found = ids(judged(client, policy_id=str(policy), truncation_limit="0").xml)
        assert found == sorted(set(found))
        assert not met & set(found)
        met |= set(found)
    assert met == unchanging.compliance_ledger.statuses().keys()
    hosts = {ident // 10_000_000 for ident in met}
    assert hosts <= set(unchanging.population.ids)
    assert len(hosts) > 17


def test_several_policies_come_in_one_answer_each_with_its_own_glossary(
    unchanging: QualysStandin, client: Client
) -> None:
    asked = unchanging.compliance.ids[:10]
    root = judged(client, policy_ids=",".join(map(str, (*asked[:9], 1))), **EVERY_DETAIL).xml
    assert misshapen(root) == []
    assert policy_ids(root) == list(asked[:9])
    expected = unchanging.compliance_ledger.expected()
    for place in root.iter("POLICY"):
        ident = int(place.findtext("ID", ""))
        assert read(place, ident) == expected[ident].postures
        assert (place.find("GLOSSARY") is None) == (not expected[ident].postures)
    assert root.find("RESPONSE/WARNING") is None
    assert [warning.find("URL") for warning in root.iter("WARNING")] == [None]


def test_the_same_label_means_something_else_in_another_policy(unchanging: QualysStandin, client: Client) -> None:
    first, second = (str(unchanging.compliance.ids[place]) for place in (0, 1))
    root = judged(client, policy_ids=f"{first},{second}", details="All").xml
    tunable = [{tp.findtext("LABEL"): tp.findtext("V") for tp in place.iter("TP")} for place in root.iter("POLICY")]
    shared = tunable[0].keys() & tunable[1].keys()
    assert shared
    assert all(tunable[0][label] != tunable[1][label] for label in shared)


@pytest.mark.parametrize("details", ["None", "Light", "Basic", "All"])
def test_details_bring_more(client: Client, policy: int, details: str) -> None:
    root = judged(client, policy_id=str(policy), details=details).xml
    met = {node.tag for node in root.iter()}
    assert misshapen(root) == []
    assert ("POSTURE_MODIFIED_DATE" in met) == (details != "None")
    assert ({"GLOSSARY", "HOST_LIST", "CONTROL_LIST", "EXCEPTION"} <= met) == (details in ("Basic", "All"))
    assert bool(met & {"GLOSSARY"}) == (details in ("Basic", "All"))
    assert ({*GLOSSARY_OF_ALL, "SUMMARY", "EVIDENCE", "DPV"} <= met) == (details == "All")
    assert met & GLOSSARY_OF_ALL == (GLOSSARY_OF_ALL if details == "All" else set())


@pytest.mark.parametrize(
    ("switch", "elements"),
    [
        ("show_remediation_info", {"REMEDIATION"}),
        ("cause_of_failure", {"CAUSE_OF_FAILURE", "MISSING", "UNEXPECTED"}),
        ("show_extended_evidence", {"EXTENDED_EVIDENCE"}),
    ],
)
def test_some_elements_are_shown_when_asked_for(client: Client, policy: int, switch: str, elements: set[str]) -> None:
    plain = {node.tag for node in judged(client, policy_id=str(policy), details="All").xml.iter()}
    more = judged(client, policy_id=str(policy), details="All", **{switch: "1"}).xml
    assert {node.tag for node in more.iter()} - plain == elements


def test_evidence_can_be_hidden_and_its_points_named(client: Client, policy: int) -> None:
    hidden = judged(client, policy_id=str(policy), details="All", hide_evidence="1").xml
    assert hidden.find(".//EVIDENCE") is None
    named = judged(client, policy_id=str(policy), details="All", include_dp_name="1").xml
    assert all(point.findtext("NAME") for point in named.iter("DPD"))
    plain = judged(client, policy_id=str(policy), details="All").xml
    assert all(point.find("NAME") is None for point in plain.iter("DPD"))


def test_evidence_can_be_resolved_through_the_glossary(client: Client, policy: int) -> None:
    root = judged(client, policy_id=str(policy), details="All", truncation_limit="0").xml
    known = {node.text for node in root.findall("RESPONSE/GLOSSARY/*/*/LABEL")}
    codes = {pair.findtext("K") for pair in root.iter("PAIR")}
    points = list(root.iter("DPV"))
    for info in root.iter("INFO"):
        words = info.findtext("EVIDENCE/BOOLEAN_EXPR", "").replace("(", " ").replace(")", " ").split()
        assert {word for word in words if word[0] in ":#$"} <= known
    assert {point.findtext("LABEL") for point in points} <= known
    assert {point.findtext("TM_REF") for point in points} == {None, "@tm_1"} <= {None, *known}
    for point in points:
        assert bool(codes & {value.text for value in point.iter("V")}) == (point.find("TM_REF") is not None)
    assert {point.find("ERROR") is None for point in points} == {point.get("lastUpdated") is None for point in points}
    assert {
        cause.get("logic") for cause in judged(client, policy_id=str(policy), cause_of_failure="1").xml.iter("MISSING")
    } == {
        None,
        "OR",
        "AND",
    }


@pytest.mark.parametrize(
    "params",
    [
        {"status": "Failed"},
        {"status": "passed,Error"},
        {"control_ids": "1041-1050"},
        {"criticality_labels": "SERIOUS,urgent"},
        {"criticality_values": "0,4-5"},
        {"host_ids": "6506432-6506500"},
        {"ips": "10.0.0.1-10.0.0.9"},
        {"asset_group_ids": "400-404"},
        {"use_tags": "1", "tag_set_by": "name", "tag_set_include": "Prod,DMZ"},
        {"status_changes_since": "2025-10-15T00:00:00Z"},
        {"ids": "65064400000000-65065000000000"},
        {"id_max": "65065000000000"},
        {"status": "Failed", "host_ids": "6506432-6506600", "status_changes_since": "2025-10-10"},
    ],
)
def test_filters_leave_out_the_rest(
    unchanging: QualysStandin, client: Client, policy: int, params: dict[str, str]
) -> None:
    whole = ids(judged(client, policy_id=str(policy), truncation_limit="0").xml)
    assert 0 < same_as_ledger(unchanging, client, policy, truncation_limit="20", **params) < len(whole)


def test_filters_keep_what_they_say(client: Client, policy: int) -> None:
    def kept(**params: str) -> set[str]:
        root = judged(client, policy_id=str(policy), truncation_limit="0", **params).xml
        return {info.findtext("STATUS", "") for info in root.iter("INFO")}

    assert kept() == set(STATUSES)
    assert kept(status="Failed") == {"Failed"}
    since = "2025-10-12T00:00:00Z"
    changed = judged(client, policy_id=str(policy), status_changes_since=since).xml
    assert {info.findtext("POSTURE_MODIFIED_DATE", "") >= since for info in changed.iter("INFO")} == {True}


@pytest.mark.parametrize(
    ("params", "code", "text"),
    [
        ({}, "1903", "action"),
        ({"action": "list"}, "1903", "policy_id or policy_ids"),
        ({"action": "list", "policy_id": "1", "policy_ids": "1"}, "1904", "policy_id, policy_ids"),
        ({"action": "list", "policy_ids": "1,2", "truncation_limit": "0"}, "1907", "truncation_limit"),
        ({"action": "list", "policy_ids": ",".join(map(str, range(11)))}, "1905", "at most 10 policies"),
        ({"action": "list", "policy_id": "1-5"}, "1905", "not a positive integer: 1-5"),
        ({"action": "list", "policy_id": "1", "status": "Opened"}, "1905", "unknown value: Opened"),
        ({"action": "list", "policy_id": "1", "details": "Some"}, "1905", "Basic, All, None, Light"),
        ({"action": "list", "policy_id": "1", "status_changes_since": "today"}, "1905", "not a valid date"),
        ({"action": "list", "policy_id": "1", "criticality_labels": "BAD"}, "1905", "unknown value: BAD"),
        ({"action": "list", "policy_id": "1", "output_format": "pdf"}, "1905", "must be one of"),
        ({"action": "list", "policy_id": "1", "show_tags": "1"}, "1901", "show_tags"),
        ({"action": "list", "policy_id": "1", "last_modified_after": "2025-01-01"}, "1901", "last_modified_after"),
    ],
)
def test_parameters_are_refused_as_the_platform_does(
    client: Client, params: dict[str, str], code: str, text: str
) -> None:
    reply = client.call(POSTURE, params)
    assert (reply.status, reply.code) == (400, code)
    assert text in reply.xml.findtext("RESPONSE/TEXT", "")


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "1903"),
        ({"action": "list", "evaluated_after": "2025-01-01"}, "1901"),
        ({"action": "list", "details": "Light"}, "1905"),
        ({"action": "list", "ids": "abc"}, "1905"),
    ],
)
def test_the_policy_list_refuses_too(client: Client, params: dict[str, str], code: str) -> None:
    assert client.call(POLICIES, params).code == code


@pytest.mark.parametrize("params", [{"policy_id": "7"}, {"policy_ids": "7,8"}, {"policy_id": "1290017", "ids": "3"}])
def test_what_is_not_there_is_an_empty_response(client: Client, params: dict[str, str]) -> None:
    reply = judged(client, **params)
    assert reply.status == 200
    assert [child.tag for child in reply.xml.find("RESPONSE") or ()] == ["DATETIME"]


def test_get_and_post_bring_the_same_and_the_request_is_echoed(client: Client, policy: int) -> None:
    assert ids(judged(client, method="GET", policy_id=str(policy)).xml) == ids(
        judged(client, policy_id=str(policy)).xml
    )
    echoed = judged(client, policy_id=str(policy), echo_request="1").xml
    assert {key.text for key in echoed.iter("KEY")} == {"action", "policy_id", "echo_request"}


def test_five_thousand_are_a_page_where_nothing_is_asked_for(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=300, policies=1, controls=30) as standin, Client(standin) as client:
        root = judged(client, policy_id=str(standin.compliance.ids[0]), details="None").xml
    assert len(ids(root)) == 5000
    assert root.findtext("RESPONSE/WARNING/TEXT", "").startswith("5000 record limit exceeded.")


def test_the_same_seed_draws_the_same(unchanging: QualysStandin, tmp_path: Path) -> None:
    same, other = (QualysStandin(tmp_path / str(seed), hosts=20, policies=15, seed=seed) for seed in (1, 2))
    try:
        assert same.compliance_ledger.expected() == unchanging.compliance_ledger.expected()
        assert same.compliance_ledger.statuses() != other.compliance_ledger.statuses()
    finally:
        for standin in (same, other):
            standin.start()
            standin.stop()


def test_statuses_are_as_one_meets_them(unchanging: QualysStandin) -> None:
    counted = Counter(unchanging.compliance_ledger.statuses().values())
    assert counted.keys() == set(STATUSES)
    assert counted["Passed"] > counted["Failed"] > counted["Error"] > 0


def test_hostile_texts_are_in_values_statements_and_comments(client: Client) -> None:
    text = "".join(
        judged(client, policy_id=str(ident), truncation_limit="0", **EVERY_DETAIL).text for ident in (1290017, 1290024)
    )
    for tag in ("V", "STATEMENT", "TEXT"):
        assert f"<{tag}><![CDATA[first line" in text, tag
    assert "<V><![CDATA[\nPOSTURE_INFO: POLICY_ID=" in text
    assert "]]]]><![CDATA[>" in text


def test_more_than_fits_the_ids_is_refused(unchanging: QualysStandin) -> None:
    with pytest.raises(ValueError, match="at most"):
        Compliance(ComplianceRecipe(1, 1, 999, 0), unchanging.population, unchanging.clock)


def test_a_large_answer_costs_no_memory(tmp_path: Path) -> None:
    standin = QualysStandin(tmp_path, hosts=600, policies=1, controls=10)
    try:
        policy = standin.compliance.policy(standin.compliance.ids[0])
        query = PostureQuery({"action": "list", "policy_id": "1", "details": "None"}, "2.0", 0)
        gathered, written = Gathered(), 0
        tracemalloc.start()
        for posture in query.select(standin.compliance, policy, Dirt()):
            gathered.note(posture)
            written += len(str(query.info(posture)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        standin.start()
        standin.stop()
    assert len(gathered.hosts) > 400
    assert written > 10 * peak
