"""What storms are drawn from: inputs that are started together, their lists, and what can happen to these."""

from __future__ import annotations

from collections.abc import Mapping

from standins.qualys.faults import KINDS, SPECIAL

POSTURE, WEB = "policy_posture_info", "was_findings"
TICKETS, ASSETS, TAGS = "tickets", "host_assets", "asset_tags"
EVENTS, IGNORED, INCIDENTS = "fim_events", "fim_ignored_events", "fim_incidents"
SETS: Mapping[str, tuple[str, ...]] = {
    "alone": ("host_detection",),
    "twice": ("host_detection", "host_detection"),
    "accounts": ("host_detection", "second"),
    "shards": ("host_detection", "second"),
    "knowledge": ("host_detection", "knowledge_base"),
}
"""What is started at the same time: the same input twice, two inputs with an account each, two parts of the hosts …"""
FEED_SETS: Mapping[str, tuple[str, ...]] = {
    "both": (POSTURE, WEB),
    "posture": (POSTURE,),
    "web": (WEB,),
    "posture twice": (POSTURE, POSTURE),
    "web twice": (WEB, WEB),
    "posture and hosts": ("host_detection", POSTURE),
    "web and hosts": ("host_detection", WEB),
    "tickets and tags": (TICKETS, TAGS),
    "assets and files": (ASSETS, EVENTS),
    "ignored and incidents": (IGNORED, INCIDENTS),
    "tickets twice": (TICKETS, TICKETS),
    "assets twice": (ASSETS, ASSETS),
    "tags twice": (TAGS, TAGS),
    "files twice": (EVENTS, EVENTS),
    "incidents twice": (INCIDENTS, INCIDENTS),
    "assets and hosts": ("host_detection", ASSETS),
}
LISTS: Mapping[str, tuple[str, ...]] = {
    POSTURE: ("policy", "posture"),
    WEB: ("was_webapp", "was_finding"),
    TICKETS: ("ticket",),
    ASSETS: ("host_asset",),
    TAGS: ("tag", "asset_group"),
    EVENTS: ("fim_event",),
    IGNORED: ("fim_ignored_event",),
    INCIDENTS: ("fim_incident", "fim_incident_event"),
}
"""Input -> what its faults name: its lists."""
SHORT = ("policy", "was_webapp", "asset_group")
"""Lists of one page, asked for twice at most."""
FINAL = ("no_content",)
"""Faults that a platform in order tells, too: that this is all there is."""
LIST_KINDS: Mapping[str, tuple[str, ...]] = {
    name: (*KINDS, *(kind for kind, able in SPECIAL.items() if name in able and kind not in FINAL))
    for lists in LISTS.values()
    for name in lists
}
FEED_CHANGES: Mapping[str, tuple[str, ...]] = {
    POSTURE: ("evaluate", "evaluate", "confirm", "amend", "add_policy", "remove_policy"),
    WEB: ("rescan", "rescan", "late_scan", "add_app", "remove_app", "ignore"),
    "host_detection": ("touch", "process", "add"),
    TICKETS: ("advance", "advance", "comment", "find_again", "add_ticket", "remove_ticket"),
    ASSETS: ("touch", "process", "add"),
    TAGS: ("rename", "add_tag", "remove_tag", "change_group", "remove_group"),
    EVENTS: ("happen",),
    IGNORED: ("ignored",),
    INCIDENTS: ("report", "report", "grow", "update", "reopen"),
}
"""A host that is removed is none of them: its posture goes, and no list tells of it."""


def kinds_of(inputs: str) -> list[tuple[str, str]]:
    """All that the lists of these inputs can have: list and kind of fault."""
    lists = [each for name in dict.fromkeys(FEED_SETS[inputs]) for each in LISTS.get(name, ())]
    return [(name, kind) for kind in (*KINDS, *SPECIAL) for name in lists if kind in LIST_KINDS[name]]
