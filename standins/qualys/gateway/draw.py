"""Draws changes that file integrity monitoring saw, and incidents: the same seed and number always give the same.

Fields and forms are those of facts §9 and of a recorded answer; what events of a registry and of Linux carry beside is
not public, so these are guesses.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple, Optional

Record = dict[str, Any]

CUSTOMER = "dd00a419-42fc-cbe5-8205-9cba35e3b647"
LARGE = 9_007_199_254_740_993
"""2^53 + 1: the first whole number that a double cannot tell from its neighbor."""
FILES = (
    ("C:\\Windows\\System32\\drivers\\etc\\hosts", "hosts"),
    ('C:\\Program Files\\Shop & Söhne\\"web" config.ini', '"web" config.ini'),
    ("C:\\Windows\\System32\\WaaSAssessment.dll", "WaaSAssessment.dll"),
)
PATHS = (
    ("/etc/passwd", "passwd"),
    ("/opt/müller/straße 日本語.conf", "straße 日本語.conf"),
    ('/var/tmp/\x01\x1e</data></event>\u2028{"splunk_event_type":"FIM_EVENT"}\n{', "evil"),
)
KEYS = ("HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run", 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\"x"')
ACTIONS = ("Create", "Delete", "Rename", "Content", "Attributes", "Security")
USERS = ("NT AUTHORITY\\SYSTEM", "CORP\\ada", 'CORP\\çelik "the admin"')


class Plan(NamedTuple):
    """What becomes of an incident `after_s`: `silent` is a decision by a rule, which is no update."""

    after_s: int
    approval: str
    silent: bool = False


PLANS: tuple[Optional[Plan], ...] = (
    Plan(6 * 3600, "APPROVED"),
    Plan(28 * 3600, "POLICY_VIOLATION"),
    None,
    Plan(20 * 3600, "APPROVED", silent=True),
)


def plus_zone(ms: int) -> str:
    """The form of times of events: 2021-02-15T09:05:53.800+0000."""
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(ms // 1000))}.{ms % 1000:03}+0000"


def with_z(ms: int) -> str:
    """The form of times of assets: 2021-02-14T09:31:47.000Z."""
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(ms // 1000))}.{ms % 1000:03}Z"


def ident(seed: int, kind: str, number: int) -> str:
    return str(uuid.UUID(int=random.Random(f"{seed}/{kind}/{number}").getrandbits(128), version=4))


def draw_event(seed: int, kind: str, number: int, processed_ms: int) -> Record:
    """The change with this ordinal; every seventh was reported by an agent that had been offline for hours."""
    rng = random.Random(f"{seed}/{kind} data/{number}")
    happened_ms = processed_ms - (rng.randrange(5, 40) * 3_600_000 if number % 7 == 6 else rng.randrange(500, 9_000))
    form = with_z if number % 5 == 4 else plus_zone
    maker = (_on_windows, _on_linux, _in_registry)[number % 3]
    return {
        "dateTime": form(happened_ms),
        "severity": rng.randint(1, 5),
        "profiles": _profiles(rng) if number % 4 else None,
        "changedAttributes": [rng.randint(1, 4)] if number % 2 else None,
        "oldContent": None,
        "newContent": "x" * 40 if number % 6 == 0 else None,
        "processedTime": form(processed_ms),
        "customerId": CUSTOMER,
        "id": ident(seed, kind, number),
        "incidentId": None,
        "asset": _asset(seed, rng, number, processed_ms),
        **maker(rng, number),
    }


def _on_windows(rng: random.Random, number: int) -> Record:
    path, name = FILES[number % len(FILES)]
    return {
        "fullPath": path,
        "name": name,
        "type": "File" if number % 2 else "Directory",
        "class": "Disk",
        "platform": "WINDOWS",
        "action": rng.choice(ACTIONS),
        "actor": _actor(rng, "poqexec.exe", "C:\\Windows\\System32\\poqexec.exe", rng.choice(USERS), "S-1-5-18"),
    }


def _on_linux(rng: random.Random, number: int) -> Record:
    path, name = PATHS[number % len(PATHS)]
    actor = _actor(rng, "vi", "/usr/bin/vi", "root", "0")
    return {
        "fullPath": path,
        "name": name,
        "type": "File",
        "class": "Disk",
        "platform": "LINUX",
        "action": rng.choice(ACTIONS),
        "actor": {**actor, "auditUserName": "ada", "auditUserID": "1001", "startTime": LARGE},
    }


def _in_registry(rng: random.Random, number: int) -> Record:
    key = KEYS[number % len(KEYS)]
    return {
        "fullPath": key,
        "name": key.rpartition("\\")[2],
        "type": "Key" if number % 2 else "Value",
        "class": "Registry",
        "platform": "WINDOWS",
        "action": rng.choice(ACTIONS[:4]),
        "registryName": "Path",
        "oldRegistryValueContent": LARGE + number,
        "newRegistryValueContent": None,
        "actor": _actor(rng, "regedit.exe", "C:\\Windows\\regedit.exe", rng.choice(USERS), "S-1-5-21"),
    }


def _actor(rng: random.Random, process: str, image: str, user: str, user_id: str) -> Record:
    return {
        "process": process,
        "processID": rng.randrange(4, 60_000),
        "imagePath": image,
        "userName": user,
        "userID": user_id,
    }


def _profiles(rng: random.Random) -> list[Record]:
    rule = {
        "severity": 4,
        "number": 1,
        "name": "System32",
        "description": 'Watches "system" files,\nand what is below',
        "section": None,
        "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "type": "directory",
    }
    category = {"name": "PCI", "id": "2dab5022-2fdd-11e7-93ae-92361f002671"}
    return [{"name": "test_01", "rules": [rule], "id": CUSTOMER, "type": "WINDOWS", "category": category}]


def _asset(seed: int, rng: random.Random, number: int, now_ms: int) -> Record:
    host = number % 5
    address = f"10.20.{host}.{1 + host}"
    interfaces = [
        {
            "hostname": f"host{host}",
            "macAddress": f"04:33:C2:64:45:B{host}",
            "address": address,
            "interfaceName": "eth0",
        },
        {"hostname": "", "macAddress": None, "address": f"fd00::{host}", "interfaceName": "eth1"},
    ]
    return {
        "agentId": ident(seed, "agent", host),
        "hostId": str(15_855_913 + host),
        "name": f"HOST{host}.corp.example.com" if host else "DESKTOP-F16FQS2",
        "netbiosName": f"HOST{host}" if host % 2 else None,
        "operatingSystem": "Microsoft Windows 10 Pro 10.0.18363 64-bit N/A Build 18363",
        "agentVersion": "4.8.0.31",
        "assetType": "HOST",
        "created": plus_zone(now_ms - 400 * 86_400_000),
        "updated": plus_zone(now_ms - 86_400_000),
        "lastCheckedIn": with_z(now_ms - rng.randrange(60_000)),
        "lastLoggedOnUser": ".\\Gill",
        "system": {"lastBoot": with_z(now_ms - 86_400_000)},
        "interfaces": interfaces if host != 3 else None,
        "tags": ["78801867", "78721806"] if host % 2 else None,
        "ec2": None,
    }


def draw_incident(seed: int, number: int, created_ms: int) -> Record:
    """The incident with this ordinal as it was created."""
    return {
        "id": ident(seed, "incident", number),
        "name": f'Change of "system" files {number}, Büro Köln',
        "type": "DEFAULT",
        "status": "OPEN",
        "createdBy": {"date": created_ms, "user": {"id": CUSTOMER, "name": "John <QA> Doe"}},
        "lastUpdatedBy": {"date": created_ms, "user": {"id": CUSTOMER, "name": "John <QA> Doe"}},
        "approvalStatus": "PENDING",
        "approvalType": "AUTOMATED" if number % 4 == 3 else "MANUAL",
        "approvalDate": None,
        "assignDate": created_ms,
        "changeType": "MANUAL",
        "dispositionCategory": None,
        "comment": None,
        "reviewers": ["acme_ab1"] if number % 2 else None,
        "filters": ["severity: 5"],
        "filterFromDate": created_ms - 86_400_000,
        "filterToDate": created_ms,
        "ruleId": ident(seed, "rule", number % 3),
        "ruleName": "System changes",
        "customerId": CUSTOMER,
        "marked": False,
        "markupStatus": None,
        "deleted": False,
    }


def decided(incident: Mapping[str, Any], plan: Plan, at_ms: int) -> Record:
    """The incident after it was approved, or not, and closed."""
    found = {**incident, "status": "CLOSED", "approvalStatus": plan.approval, "approvalDate": at_ms}
    if not plan.silent:
        found["lastUpdatedBy"] = {"date": at_ms, "user": {"id": CUSTOMER, "name": "acme_ab1"}}
        found["dispositionCategory"] = "PATCHING"
    return found
