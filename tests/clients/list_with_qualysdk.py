"""Lists with qualysdk, as its documentation says; runs in the clients' own environment.

Arguments: URL, username, password, ids of web application findings whose details are wanted, with commas between.
The last line on stdout is JSON.
"""

from __future__ import annotations

import json
import sys

from qualysdk import BasicAuth, get_hld, query_kb
from qualysdk.was import count_findings, count_webapps, get_finding_details, get_findings, get_webapps

url, username, password, detailed = sys.argv[1:]
everywhere = {"api_url": url, "gateway_url": url, "qualysguard_url": url}
login = BasicAuth(username, password, override_platform=everywhere)
entries = query_kb(login, details="All", show_supported_modules_info=True)
hosts = get_hld(
    login, threads=2, status="New,Active,Fixed,Re-Opened", include_ignored=True, include_disabled=True, show_tags=True
)
web_findings = get_findings(login)
since = {"lastTestedDate": "2025-10-15T00:00:00Z", "lastTestedDate_operator": "GREATER"}
web_details = [get_finding_details(login, int(ident)) for ident in detailed.split(",")]
listed = {
    "basic": len(query_kb(login)),
    "since": [entry.QID for entry in query_kb(login, last_modified_after="2025-10-15")],
    "entries": [
        [
            entry.QID,
            entry.SEVERITY_LEVEL,
            entry.VULN_TYPE,
            f"{entry.LAST_SERVICE_MODIFICATION_DATETIME:%Y-%m-%dT%H:%M:%SZ}",
            [cve.ID for cve in entry.CVE_LIST or ()],
            [intel.ID for intel in entry.THREAT_INTELLIGENCE or ()],
        ]
        for entry in entries
    ],
    "detections": [
        [host.ID, found.UNIQUE_VULN_ID, found.QID, found.STATUS] for host in hosts for found in host.DETECTION_LIST
    ],
    "web_apps": [[int(app.id), app.name, app.url, [tag.name for tag in app.tags or ()]] for app in get_webapps(login)],
    "web_findings": [
        [
            found.id,
            found.qid,
            found.name,
            found.status or "-",
            f"{found.lastTestedDate:%Y-%m-%dT%H:%M:%SZ}",
            found.webApp_id,
            found.timesDetected,
        ]
        for found in web_findings
    ],
    "web_since": [found.id for found in get_findings(login, **since)],
    "web_counts": [count_findings(login), count_findings(login, status="FIXED"), count_webapps(login)],
    "web_details": [
        [found.id, found.resultList_count, found.cwe_count or 0, found.owasp_count or 0, found.wasc_count or 0]
        for found in web_details
    ],
}
sys.stdout.write(f"\n{json.dumps(listed)}\n")
