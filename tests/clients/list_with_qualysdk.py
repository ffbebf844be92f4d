"""Lists with qualysdk, as its documentation says; runs in the clients' own environment.

Arguments: URL, username, password. The last line on stdout is JSON.
"""

from __future__ import annotations

import json
import sys

from qualysdk import BasicAuth, get_hld, query_kb

url, username, password = sys.argv[1:]
everywhere = {"api_url": url, "gateway_url": url, "qualysguard_url": url}
login = BasicAuth(username, password, override_platform=everywhere)
entries = query_kb(login, details="All", show_supported_modules_info=True)
hosts = get_hld(
    login, threads=2, status="New,Active,Fixed,Re-Opened", include_ignored=True, include_disabled=True, show_tags=True
)
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
}
sys.stdout.write(f"\n{json.dumps(listed)}\n")
