"""A small client of the stand-in's policy compliance, and the shape that its answers are known to have."""

from __future__ import annotations

import http.client
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit

from standins.qualys import QualysStandin
from standins.qualys.compliance import ExpectedPosture
from standins.qualys.compliance.ledger import EVERY_DETAIL
from support.qualys import Client, Reply, paths

POLICIES = "/api/5.0/fo/compliance/policy/"
POSTURE = "/api/2.0/fo/compliance/posture/info/"

_DATED = "DATETIME BY"
MODELS: Mapping[str, str] = {
    "POLICY_LIST_OUTPUT": "REQUEST? RESPONSE",
    "POLICY_LIST": "POLICY+",
    "LAST_EVALUATED": "DATETIME?",
    "CREATED": f"(?:{_DATED}|BY DATETIME)",
    "LAST_MODIFIED": _DATED,
    "POSTURE_INFO_LIST_OUTPUT": "REQUEST? RESPONSE",
    "INFO_LIST": "INFO+",
    "INFO": "ID HOST_ID CONTROL_ID TECHNOLOGY_ID INSTANCE? STATUS REMEDIATION? POSTURE_MODIFIED_DATE? EVALUATION_DATE? "
    "PREVIOUS_STATUS? FIRST_FAIL_DATE? LAST_FAIL_DATE? FIRST_PASS_DATE? LAST_PASS_DATE? EXCEPTION? CAUSE_OF_FAILURE? "
    "EVIDENCE?",
    "EXCEPTION": "ASSIGNEE STATUS END_DATETIME CREATED LAST_MODIFIED COMMENT_LIST?",
    "CAUSE_OF_FAILURE": "(?:MISSING|UNEXPECTED|MISSING UNEXPECTED)",
    "MISSING": "V*",
    "UNEXPECTED": "V*",
    "EVIDENCE": "BOOLEAN_EXPR DPV_LIST? EXTENDED_EVIDENCE?",
    "DPV_LIST": "DPV+",
    "DPV": "LABEL (?:ERROR|V*) TM_REF?",
    "SUMMARY": "TOTAL_ASSETS TOTAL_CONTROLS CONTROL_INSTANCES",
    "GLOSSARY": "USER_LIST? HOST_LIST? CONTROL_LIST? TECHNOLOGY_LIST? DPD_LIST? TP_LIST? FV_LIST? TM_LIST?",
    "HOST_LIST": "HOST+",
    "HOST": "ID IP TRACKING_METHOD DNS? NETBIOS? OS? OS_CPE? QG_HOSTID? LAST_VULN_SCAN_DATETIME? "
    "LAST_COMPLIANCE_SCAN_DATETIME?",
    "CONTROL_LIST": "CONTROL+",
    "CONTROL": "ID STATEMENT REFERENCE? CRITICALITY? DEPRECATED? RATIONALE_LIST?",
    "CRITICALITY": "LABEL VALUE",
    "RATIONALE_LIST": "RATIONALE+",
    "RATIONALE": "TECHNOLOGY_ID TEXT",
    "TECHNOLOGY_LIST": "TECHNOLOGY+",
    "TECHNOLOGY": "ID NAME",
    "DPD": "LABEL ID? NAME? DESC",
    "TP": "LABEL V*",
    "FV": "LABEL V*",
    "TM": "LABEL PAIR+",
    "PAIR": "K V",
}
"""What each element holds, in order, as far as it is known."""
OF_POLICY_LIST = {
    "RESPONSE": "DATETIME (?:POLICY_LIST|ID_SET)? WARNING? GLOSSARY?",
    "POLICY": "ID TITLE CREATED LAST_MODIFIED LAST_EVALUATED? STATUS IS_LOCKED ASSET_GROUP_IDS? CONTROL_LIST?",
}
OF_POSTURE = {
    "RESPONSE": "DATETIME (?:POLICY*|INFO_LIST? SUMMARY? WARNING? GLOSSARY?)",
    "POLICY": "ID DATETIME INFO_LIST? SUMMARY? WARNING_LIST? GLOSSARY?",
}


def misshapen(root: ET.Element) -> list[str]:
    """The elements that hold something else than they should."""
    models = {**MODELS, **(OF_POSTURE if root.tag.startswith("POSTURE") else OF_POLICY_LIST)}
    patterns = {
        tag: re.compile(re.sub(r"([A-Z_]+)", r"(?:\1 )", model).replace(" )", "@)").replace(" ", "").replace("@", " "))
        for tag, model in models.items()
    }
    wrong = []
    for element in root.iter():
        held = "".join(f"{child.tag} " for child in element)
        if element.tag in patterns and not patterns[element.tag].fullmatch(held):
            wrong.append(f"{element.tag}({held})")
    return wrong


def listed(client: Client, version: str = "5.0", **params: str) -> Reply:
    """One page of the policy list."""
    return client.call(POLICIES.replace("5.0", version), {"action": "list", **params})


def judged(client: Client, *, method: str = "POST", **params: str) -> Reply:
    """One page of posture."""
    return client.call(POSTURE, {"action": "list", **params}, method=method)


def pages(client: Client, path: str = POSTURE, **params: str) -> Iterator[ET.Element]:
    """All pages; one that breaks off is asked for again once."""
    query: dict[str, str] = {"action": "list", **params}
    while query:
        try:
            root = client.call(path, query).xml
        except http.client.IncompleteRead:
            root = client.call(path, query).xml
        yield root
        query = dict(parse_qsl(urlsplit(root.findtext("RESPONSE/WARNING/URL", "").strip()).query))


def policy_ids(root: ET.Element) -> list[int]:
    return [int(policy.findtext("ID", "")) for policy in root.iter("POLICY")]


def ids(root: ET.Element) -> list[int]:
    """Of each INFO, in the order of the answer."""
    return [int(info.findtext("ID", "")) for info in root.iter("INFO")]


def read(place: ET.Element, policy_id: int) -> dict[int, ExpectedPosture]:
    """Posture id -> what the answer, or one POLICY of it, says of it; the glossary is that of the same place."""
    glossary = {
        (member.tag, member.findtext("ID", "").strip()): paths(member)
        for name in ("HOST_LIST", "CONTROL_LIST", "TECHNOLOGY_LIST")
        for member in place.findall(f"GLOSSARY/{name}/*")
    }
    found = {}
    for info in place.findall("INFO_LIST/INFO"):
        elements = paths(info)
        named = (glossary.get((tag, elements[f"{tag}_ID"]), {}) for tag in ("HOST", "CONTROL", "TECHNOLOGY"))
        found[int(elements["ID"])] = ExpectedPosture(policy_id, int(elements["ID"]), elements, *named)
    return found


def same_as_ledger(standin: QualysStandin, client: Client, policy_id: int, **params: str) -> int:
    """How many postures a pull of one policy brings; each is what the ledger says, or this fails."""
    asked = {**EVERY_DETAIL, **params}
    found: dict[int, ExpectedPosture] = {}
    for root in pages(client, policy_id=str(policy_id), **asked):
        assert misshapen(root) == []
        found.update(read(root.find("RESPONSE") or root, policy_id))
    expected = standin.compliance_ledger.expected(None, asked)[policy_id].postures
    assert found.keys() == expected.keys()
    for ident, posture in expected.items():
        assert found[ident] == posture
    return len(found)
