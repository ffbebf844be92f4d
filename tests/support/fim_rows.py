"""Events of file integrity as they are indexed, for tests of what Splunk makes of them."""

from __future__ import annotations

import json
from typing import Any

from support.fim import EVENTS, INCIDENTS, event, fim_events, incident
from support.knowledge import event_row

FIM = ("qualys:fim:event", "qualys:fim:ignored_event", "qualys:fim:incident_event", "qualys:fim:incident")
ACTOR = {"process": "vi", "processID": 7, "imagePath": "/usr/bin/vi", "userName": "root"}
ASSET = {"name": "host1.example.com", "netbiosName": None, "agentId": "a1", "interfaces": [{"address": "10.0.0.7"}]}
CHANGE = {"type": "File", "actor": ACTOR, "asset": ASSET, "profiles": [{"name": "x" * 9000}]}


def change_row(sourcetype: str = FIM[0], **data: Any) -> dict[str, Any]:
    """A change of a file, as it is indexed."""
    (told,) = fim_events(json.dumps([event(**{**CHANGE, **data})]).encode(), EVENTS)
    return event_row(told.text, sourcetype=sourcetype, time=float(told.time or 0), index="anywhere")


def incident_row(indexed_at: float = 0, **data: Any) -> dict[str, Any]:
    (told,) = fim_events(json.dumps([incident(**data)]).encode(), INCIDENTS)
    times = {"time": float(told.time or 0), "indexed_at": indexed_at}
    return event_row(told.text, sourcetype=FIM[3], index="anywhere", **times)
