"""Lists with qualysapi, as its documentation says; runs in the clients' own environment.

Argument: its configuration file, which names host, username and password. The last line on stdout is JSON.
"""

from __future__ import annotations

import json
import sys
from urllib.parse import parse_qsl, urlsplit

import qualysapi
from lxml import etree

KNOWLEDGE = "/api/2.0/fo/knowledge_base/vuln/"
DETECTIONS = "/api/2.0/fo/asset/host/vm/detection/"

connection = qualysapi.connect(sys.argv[1])


def ask(call: str, **params: str) -> etree._Element:
    return etree.fromstring(connection.request(call, {"action": "list", **params}).encode())


def qids(answer: etree._Element) -> list[int]:
    return [int(vuln.findtext("QID")) for vuln in answer.iter("VULN")]


detections = []
query = {"status": "New,Active,Fixed,Re-Opened", "show_igs": "1", "truncation_limit": "4"}
while query:
    answer = ask(DETECTIONS, **query)
    for host in answer.iter("HOST"):
        for found in host.iter("DETECTION"):
            named = [found.findtext(name) for name in ("UNIQUE_VULN_ID", "QID")]
            detections.append([int(host.findtext("ID")), *map(int, named), found.findtext("STATUS", "")])
    query = dict(parse_qsl(urlsplit(answer.findtext(".//WARNING/URL", "")).query))
    query.pop("action", None)


def ask_web(call: str, *filters: str, limit: int = 100) -> etree._Element:
    """One call of the web application API; a filter is ``field operator value``."""
    criteria = "".join(
        '<Criteria field="{}" operator="{}">{}</Criteria>'.format(*each.split(" ", 2)) for each in filters
    )
    preferences = f"<preferences><limitResults>{limit}</limitResults><verbose>true</verbose></preferences>"
    request = f"<ServiceRequest>{preferences}<filters>{criteria}</filters></ServiceRequest>"
    return etree.fromstring(connection.request(call, request).encode())


web_findings, last = [], "0"
while last:
    page = ask_web("search/was/finding", f"id GREATER {last}", limit=7)
    for found in page.iter("Finding"):
        named = [found.findtext(name, "-") for name in ("status", "lastTestedDate")]
        web_findings.append([int(found.findtext("id")), *named, [tag.text for tag in found.iterfind(".//Tag/name")]])
    last = page.findtext("lastId")

entries = ask(KNOWLEDGE, details="All")
listed = {
    "basic": len(qids(ask(KNOWLEDGE))),
    "since": qids(ask(KNOWLEDGE, last_modified_after="2025-10-15")),
    "entries": [
        [
            int(vuln.findtext("QID")),
            int(vuln.findtext("SEVERITY_LEVEL")),
            vuln.findtext("VULN_TYPE"),
            vuln.findtext("LAST_SERVICE_MODIFICATION_DATETIME"),
            [cve.findtext("ID") for cve in vuln.iter("CVE")],
            [int(intel.get("id")) for intel in vuln.iter("THREAT_INTEL")],
        ]
        for vuln in entries.iter("VULN")
    ],
    "detections": detections,
    "web_findings": web_findings,
    "web_apps": [int(app.findtext("id")) for app in ask_web("search/was/webapp").iter("WebApp")],
    "web_count": int(ask_web("count/was/finding", "severity EQUALS 5").findtext("count")),
    "hosts": [int(host.id) for host in connection.listHosts()],
}
sys.stdout.write(f"\n{json.dumps(listed)}\n")
