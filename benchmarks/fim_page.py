"""One page of file integrity, always the same bytes: what the figures of its conversion refer to.

``python -m benchmarks.fim_page events 20000 page.json`` writes 20,000 events as the gateway sends them; ``ignored`` and
``incidents`` in the place of ``events`` write those.
"""

from __future__ import annotations

import json
import random
import sys
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any, TextIO

Record = dict[str, Any]

ACTIONS = ("Create", "Delete", "Rename", "Content", "Attributes", "Security")
PATHS = ("C:\\Windows\\System32\\drivers\\etc\\hosts", "/etc/passwd", "C:\\Program Files\\Büro\\app.config")
CUSTOMER = "dd00a419-42fc-cbe5-8205-9cba35e3b647"
FIRST_MS = 1_700_000_000_000
LARGE = 2**53 + 1
USER = {"id": CUSTOMER, "name": "John <QA> Doe"}


def event(dice: random.Random, number: int) -> Record:
    """A record of a search for events. Its times are texts."""
    moment = FIRST_MS + number * 137
    happened = f"{datetime.fromtimestamp(moment // 1000, timezone.utc):%Y-%m-%dT%H:%M:%S}.{moment % 1000:03}+0000"
    path = dice.choice(PATHS)
    actor = {"process": "poqexec.exe", "processID": number, "imagePath": "C:\\Windows\\System32\\poqexec.exe"}
    data = {
        "dateTime": happened,
        "fullPath": path,
        "severity": dice.randint(1, 5),
        "profiles": [_profile(dice)] if number % 4 else None,
        "type": "File",
        "changedAttributes": [1] if number % 2 else None,
        "platform": "WINDOWS",
        "oldContent": None,
        "processedTime": happened,
        "actor": {**actor, "userName": "NT AUTHORITY\\SYSTEM", "userID": "S-1-5-18", "startTime": LARGE + number},
        "newContent": None,
        "customerId": CUSTOMER,
        "name": path.rpartition("\\")[2],
        "action": dice.choice(ACTIONS),
        "id": _ident(dice),
        "asset": _asset(dice, number),
        "incidentId": None,
        "class": "Disk",
    }
    return {"sortValues": [moment, data["id"]], "data": data}


def _profile(dice: random.Random) -> Record:
    rule = {"severity": 4, "number": 1, "name": "System32", "description": "", "section": None, "type": "directory"}
    return {"name": "PCI servers", "rules": [{**rule, "id": _ident(dice)}], "id": _ident(dice), "type": "WINDOWS"}


def _asset(dice: random.Random, number: int) -> Record:
    interface = {"hostname": f"HOST{number % 900}", "macAddress": "04:33:C2:64:45:B5", "interfaceName": "Ethernet 1"}
    return {
        "agentId": _ident(dice),
        "interfaces": [{**interface, "address": f"10.1.{number % 200}.{place}"} for place in range(4)],
        "lastCheckedIn": "2023-11-14T09:31:47.000Z",
        "created": "2021-01-10T11:58:40.980+0000",
        "hostId": str(15_000_000 + number % 900),
        "operatingSystem": "Microsoft Windows 10 Pro 10.0.18363 64-bit N/A Build 18363",
        "tags": ["78801867", "78721806"],
        "assetType": "HOST",
        "system": {"lastBoot": "2023-11-14T09:31:47.000Z"},
        "ec2": None,
        "lastLoggedOnUser": ".\\Gill",
        "netbiosName": f"HOST{number % 900}",
        "name": f"HOST{number % 900}.corp.example.com",
        "agentVersion": "4.8.0.31",
    }


def ignored(dice: random.Random, number: int) -> Record:
    """A record of a search for ignored events: of a file that hosts change all the time, without profiles."""
    found = event(dice, number)
    found["data"].update(profiles=None, fullPath="/var/log/büro.log", name="büro.log", platform="LINUX")
    return found


def incident(dice: random.Random, number: int) -> Record:
    """A record of a search for incidents: half of them closed. Its times are numbers of milliseconds."""
    moment = FIRST_MS + number * 61_000
    data = {
        "id": _ident(dice),
        "name": f'Change of "system" files {number}, Büro Köln',
        "type": "DEFAULT",
        "status": "OPEN" if number % 2 else "CLOSED",
        "createdBy": {"date": moment, "user": USER},
        "lastUpdatedBy": {"date": moment + 5_000, "user": USER},
        "approvalStatus": dice.choice(("PENDING", "APPROVED", "POLICY_VIOLATION")),
        "approvalType": "AUTOMATED" if number % 4 == 3 else "MANUAL",
        "approvalDate": moment + 5_000 if number % 3 else None,
        "assignDate": moment,
        "changeType": "MANUAL",
        "dispositionCategory": "PATCHING" if number % 3 else None,
        "comment": 'Seen & <accepted> by "QA"\nAsk John.' if number % 3 else None,
        "reviewers": ["acme_ab1"] if number % 2 else None,
        "filters": ["severity: 5 AND action: Delete"],
        "filterFromDate": moment - 86_400_000,
        "filterToDate": moment,
        "ruleId": _ident(dice),
        "ruleName": "System changes",
        "customerId": CUSTOMER,
        "marked": False,
        "markupStatus": None,
        "deleted": False,
    }
    return {"sortValues": [moment, data["id"]], "data": data}


def _ident(dice: random.Random) -> str:
    return str(uuid.UUID(int=dice.getrandbits(128), version=4))


KINDS: Mapping[str, Callable[[random.Random, int], Record]] = {
    "events": event,
    "ignored": ignored,
    "incidents": incident,
}


def write_page(kind: str, records: int, out: TextIO) -> None:
    """Write a page of so many records; the same bytes for the same kind and number."""
    dice, record = random.Random(7), KINDS[kind]
    told = (json.dumps(record(dice, number), ensure_ascii=False) for number in range(records))
    out.writelines(("," if number else "[") + each for number, each in enumerate(told))
    out.write("]" if records else "[]")


if __name__ == "__main__":
    with open(sys.argv[3], "w", encoding="utf-8", newline="\n") as page:
        write_page(sys.argv[1], int(sys.argv[2]), page)
