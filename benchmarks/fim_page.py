"""One page of file integrity events, always the same bytes: what their conversion figures refer to.

``python -m benchmarks.fim_page 20000 page.json`` writes 20,000 events as the gateway sends them.
``python -m benchmarks.fim_page`` measures: from the page to the event stream, against `json.loads` over the same bytes.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
import uuid
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TextIO

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "package" / "bin"))

from qualys_ta.model import knows_nothing
from qualys_ta.splunk import fields
from qualys_ta.splunk.forms import stream_form
from qualys_ta.spool import spool_path
from qualys_ta.work.conversion import Converter, Recipe

EVENTS, TRIES = 20_000, 7
LEAST = 0.4
"""Of the speed of `json.loads`."""
ROOM = 1 << 40
FORM = stream_form("qualys://fim_events", "qualys:fim:event", "main", "host")
ACTIONS = ("Create", "Delete", "Rename", "Content", "Attributes", "Security")
PATHS = ("C:\\Windows\\System32\\drivers\\etc\\hosts", "/etc/passwd", "C:\\Program Files\\Büro\\app.config")


def _event(dice: random.Random, number: int) -> dict[str, Any]:
    moment = 1_700_000_000_000 + number * 137
    happened = f"{datetime.fromtimestamp(moment // 1000, timezone.utc):%Y-%m-%dT%H:%M:%S}.{moment % 1000:03}+0000"
    path = dice.choice(PATHS)
    interface = {"hostname": f"HOST{number % 900}", "macAddress": "04:33:C2:64:45:B5", "interfaceName": "Ethernet 1"}
    rule = {"severity": 4, "number": 1, "name": "System32", "description": "", "section": None, "type": "directory"}
    profile = {"name": "PCI servers", "rules": [{**rule, "id": _ident(dice)}], "id": _ident(dice), "type": "WINDOWS"}
    asset = {
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
    actor = {"process": "poqexec.exe", "processID": number, "imagePath": "C:\\Windows\\System32\\poqexec.exe"}
    data = {
        "dateTime": happened,
        "fullPath": path,
        "severity": dice.randint(1, 5),
        "profiles": [profile],
        "type": "File",
        "changedAttributes": [1] if number % 2 else None,
        "platform": "WINDOWS",
        "oldContent": None,
        "processedTime": happened,
        "actor": {**actor, "userName": "NT AUTHORITY\\SYSTEM", "userID": "S-1-5-18"},
        "newContent": None,
        "customerId": "dd00a419-42fc-cbe5-8205-9cba35e3b647",
        "name": path.rpartition("\\")[2],
        "action": dice.choice(ACTIONS),
        "id": _ident(dice),
        "asset": asset,
        "incidentId": None,
        "class": "Disk",
    }
    return {"sortValues": [moment, data["id"]], "data": data}


def _ident(dice: random.Random) -> str:
    return str(uuid.UUID(int=dice.getrandbits(128), version=4))


def write_page(events: int, out: TextIO) -> None:
    """Write the page of so many events; the same bytes for the same number."""
    dice = random.Random(7)
    json.dump([_event(dice, number) for number in range(events)], out, ensure_ascii=False)


def seconds(page: Path) -> tuple[float, float]:
    """Of processor time: `json.loads`, and the page's way to its events on disk. The least of some tries each."""
    raw, spooled = [], []
    for _ in range(TRIES):
        started = time.process_time()
        json.loads(page.read_bytes())
        read = time.process_time()
        Converter(Recipe("fim_events", fields.checked("fim", {}), "", FORM), knows_nothing).convert(page, None, ROOM)
        raw.append(read - started)
        spooled.append(time.process_time() - read)
        spool_path(page).unlink()
    return min(raw), min(spooled)


def main() -> int:
    if len(sys.argv) == 3:
        with open(sys.argv[2], "w", encoding="utf-8") as file:
            write_page(int(sys.argv[1]), file)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.json")
        with page.open("w", encoding="utf-8") as file:
            write_page(EVENTS, file)
        raw, spooled = seconds(page)
        size = page.stat().st_size / 1e6
    print(
        f"{size:.1f} MB: json.loads {raw:.3f} s, to the event stream {spooled:.3f} s: {raw / spooled:.0%} of its speed"
    )
    return 0 if raw / spooled >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
