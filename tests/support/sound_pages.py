"""Pages of each list of the platform that look real, for tests that spoil them."""

from __future__ import annotations

from support import assets, posture, reports, tickets, webapps
from support.core import answer, cdata, detection, host, leaves, tag, text

MORE = tag("WARNING", tag("CODE", "1980"), tag("TEXT", "more"), tag("URL", cdata("https://a/?id_min=9&b=2")))
TAGS = tag("TAGS", tag("TAG", tag("TAG_ID", "7"), tag("NAME", "a & <b>".replace("&", "&amp;").replace("<", "&lt;"))))
HOST_PAGES = (
    answer(),
    answer(host(1), warning=MORE),
    answer(host(1, TAGS, OS='x "1" é😀'), host(2, detections=[detection(RESULTS="a\tb\nc & d")]), warning=MORE),
    answer(*(host(number, tag("OS", cdata("]] > <HOST>"))) for number in range(3, 7))),
    answer(host(8, tag("METADATA", tag("EC2", tag("ATTRIBUTE", tag("NAME", "n"), tag("VALUE", "v"))))), host(9)),
    answer(host(1), host(2)).replace(
        b"?>\n", b'?>\n<!DOCTYPE HOST_LIST_VM_DETECTION_OUTPUT SYSTEM "https://x/a.dtd">\n'
    ),
    answer(host(1), host(2)).replace(b"</HOST>", b"</HOST>\n<!-- keep-alive <HOST> -->\n"),
)
POLICY_PAGES = (
    posture.policy_answer(),
    posture.policy_answer(posture.policy(), posture.policy(ID=8, TITLE="a & é")),
    posture.policy_answer(posture.policy(evaluated=None), posture.policy(ID=9, created=None)),
)
_TERMS = (
    *(posture.host(), posture.control(1071, posture.rationales(t80="why")), posture.technology()),
    *(posture.labeled("DPD", ":dp_1", tag("NAME", "n")), posture.labeled("FV", "#fv_1", posture.valued("1"))),
    posture.labeled("TM", "@tm_1", tag("PAIR", leaves({"K": "1", "V": "on"}))),
)
_PROVED = (
    posture.info(1, posture.evidence(":dp_1 is #fv_1", posture.point(":dp_1", "1", words="@tm_1"))),
    posture.info(2, tag("CAUSE_OF_FAILURE", tag("MISSING", posture.valued("x"))), HOST_ID=6, STATUS="Passed"),
)
POSTURE_PAGES = (
    posture.posture_answer(),
    posture.posture_answer(posture.info(), warning=MORE),
    posture.posture_answer(*_PROVED, explained=posture.glossary(*_TERMS)),
    posture.posture_answer(posture.info(3), explained="<GLOSSARY/>"),
)
_OF_POLICIES = (
    posture.of_policy(1, *_PROVED, explained=posture.glossary(*_TERMS)),
    posture.of_policy(2, posture.info(5), explained=posture.usual_glossary()),
)
POSTURES_PAGES = (
    posture.postures_answer(),
    posture.postures_answer(*_OF_POLICIES),
    posture.postures_answer(posture.of_policy(3), *_OF_POLICIES[1:]),
    posture.postures_answer(tag("POLICY", tag("INFO_LIST", posture.info(6)), posture.usual_glossary())),
)
_TRIED = webapps.tries(tag("payload", text("<i>")) + tag("request", tag("method", "GET")))
FINDING_PAGES = (
    webapps.was_answer(),
    webapps.was_answer(webapps.finding(), webapps.finding(id=502, status=None, type="INFORMATION_GATHERED")),
    webapps.was_answer(webapps.finding(_TRIED, webapps.listed("cwe", "79"), webapp=webapps.tags("a", "b"))),
)
_MOVED = tickets.history(
    tickets.entry("2024-05-03T00:00:00Z", old="CLOSED", new="OPEN"),
    tickets.entry("2024-05-02T00:00:00Z", tag("SCAN", leaves({"REF": "scan/1.2"})), tag("COMMENT", cdata("a < b"))),
)
_STATS = tag("STATS", leaves({"TIMES_FOUND": 9, "TIMES_NOT_FOUND": ""}))
_KNOWN = tag("CVE_ID_LIST", tag("CVE_ID", cdata("CVE-1999-0621"))) + tag("VENDOR_REF_LIST", tag("VENDOR_REF", ref="x"))
TICKET_PAGES = (
    tickets.ticket_answer(),
    tickets.ticket_answer(tickets.ticket(), tickets.ticket(NUMBER=1235, CURRENT_STATE="CLOSED"), last=1235),
    tickets.ticket_answer(tickets.ticket(_STATS, _MOVED, vulnerability=tickets.vuln(_KNOWN, TITLE="é & <b>"))),
    tickets.ticket_answer(tickets.ticket(tag("DETAILS", cdata("]] > <TICKET>")), DUE_DATETIME=None), last=9),
)
_PARTS = (
    *(assets.listed("tags", tag("TagSimple", leaves({"id": 7, "name": "a & é"}))), assets.listed("software")),
    assets.listed("openPort", tag("HostAssetOpenPort", leaves({"port": 443, "protocol": "TCP"}))),
    assets.listed("vuln", tag("HostAssetVuln", leaves({"qid": 38170}))),
    assets.listed(
        "sourceInfo", tag("Ec2AssetSourceSimple", leaves({"instanceId": "i-1", "monitoringEnabled": "true"}))
    ),
)
ASSET_PAGES = (
    assets.service_answer(),
    assets.service_answer(assets.asset(), assets.asset(id=2, modified=None)),
    assets.service_answer(assets.asset(*_PARTS), assets.asset(id=3043442, name="again")),
    assets.service_answer(assets.asset(tag("agentInfo", tag("agentId", "a\n  b")), name="a\n  b")).replace(
        b">false<", b">true</hasMoreRecords><lastId>3043442</lastId><hasMoreRecords>true<"
    ),
)
_TAG = tag("Tag", leaves({"id": 11, "name": "é", "modified": assets.MODIFIED, "ruleType": "GROOVY"}))
_RULE = tag("ruleText", cdata("if (a < b)\n  return true;"))
TAG_PAGES = (
    assets.service_answer(),
    assets.service_answer(_TAG, tag("Tag", leaves({"id": 12, "parentTagId": 11}), _RULE)),
    assets.service_answer(
        tag("Tag", leaves({"id": 13}), assets.listed("children", tag("TagSimple", leaves({"id": 2}))))
    ),
)
_ADDRESSES = tag("IP_SET", tag("IP", "10.0.0.1"), tag("IP_RANGE", "10.0.0.5-10.0.0.9", network_id="3"))
_NAMES = tag("DNS_LIST", tag("DNS", "a.example", network_id="3"), tag("DNS"))
GROUP_PAGES = tuple(
    answer(*groups, warning=warning)
    .replace(b"HOST_LIST_VM_DETECTION_OUTPUT", b"ASSET_GROUP_LIST_OUTPUT")
    .replace(b"HOST_LIST", b"ASSET_GROUP_LIST")
    for groups, warning in (
        ((), ""),
        (
            (tag("ASSET_GROUP", leaves({"ID": 5, "TITLE": "All", "OWNER_ID": 2})), tag("ASSET_GROUP", tag("ID", "6"))),
            MORE,
        ),
        ((tag("ASSET_GROUP", leaves({"ID": 7, "LAST_UPDATE": assets.MODIFIED}), _ADDRESSES, _NAMES),), ""),
    )
)
_RISKS = tag(
    "RISK_SCORE_PER_HOST",
    *(
        tag("HOSTS", tag("IP_ADDRESS", f"10.0.0.{n}"), leaves({"SECURITY_RISK": risk}))
        for n, risk in ((5, 1.8), (6, ""))
    ),
)
_EXPLAINED = (
    reports.details(38170, reports.listed("CVE_ID", "CVE-2014-0160"), tag("IMPACT", cdata("<P>It is."))),
    reports.details(70000, tag("CVSS_SCORE", leaves({"CVSS_BASE": "5.0", "CVSS_TEMPORAL": "-"})), TITLE="é & <b>"),
)
REPORT_PAGES = (
    reports.report(),
    reports.report(reports.host(), explained=()),
    reports.report(reports.host(reports.vuln(), reports.vuln(70000, RESULT="a\tb\nc & d")), risks=_RISKS),
    reports.report(
        reports.host(reports.vuln(70000, INSTANCE="x"), network="3", more=tag("ASSET_TAGS", tag("ASSET_TAG", "t"))),
        reports.host(reports.vuln(1), ip="10.0.0.6", HOST_ID=None),
        tag("HOST", tag("ERROR", "not scanned", number="7")),
        explained=_EXPLAINED,
        risks=_RISKS,
    ),
)
