"""An app with a little knowledge and events for it, for the tests of the Splunk stand-in's pages."""

from __future__ import annotations

from standins.splunk.store import Event

NOW = 1_800_000_000.0
CONFS = {
    "props": '[fake:vuln]\nKV_MODE = auto\nEVAL-severity = if(SEVERITY="5", "critical", "low")\n'
    'EVAL-dest = DNS\nFIELDALIAS-id = QID AS signature_id\nEVAL-signature = "QID " . QID\n',
    "eventtypes": "[fake_open]\nsearch = sourcetype=fake:vuln STATUS=ACTIVE\n",
    "tags": "[eventtype=fake_open]\nvulnerability = enabled\n",
    "macros": "[fake_macro]\ndefinition = STATUS=FIXED\n",
    "savedsearches": "[Fake: by severity]\nsearch = sourcetype=fake:vuln \\\n| stats count by severity\n"
    "dispatch.earliest_time = -1d\ndispatch.latest_time = now\n",
}


def vuln(number: int, moment: float, status: str = "ACTIVE", **changed: str) -> Event:
    raw = f'VULN: QID="{number}", STATUS="{status}", SEVERITY="{number % 2 + 4}", DNS="host-{number % 7}"'
    event = {"index": "main", "host": "h", "source": "qualys", "sourcetype": "fake:vuln", "stanza": "qualys://vulns"}
    return Event(time=moment, **{**event, "raw": raw, **changed})
