"""What storms are drawn from: inputs that are started together, their lists, and what can happen to these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from standins.qualys.faults import KINDS, SPECIAL

POSTURE, WEB = "policy_posture_info", "was_findings"
TICKETS, ASSETS, TAGS = "tickets", "host_assets", "asset_tags"
EVENTS, IGNORED, INCIDENTS = "fim_events", "fim_ignored_events", "fim_incidents"
REPORTS = "scan_report"
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
    "reports": (REPORTS,),
    "reports twice": (REPORTS, REPORTS),
    "reports and hosts": ("host_detection", REPORTS),
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
    REPORTS: ("report_template", "report"),
}
"""Input -> what its faults name: its lists."""
SHORT = ("policy", "was_webapp", "asset_group", "report_template")
"""Lists of one page, asked for twice at most."""
FINAL = ("no_content",)
"""Faults that a platform in order tells, too: that this is all there is."""
LIST_KINDS: Mapping[str, tuple[str, ...]] = {
    name: (*KINDS, *(kind for kind, able in SPECIAL.items() if name in able and kind not in FINAL))
    for lists in LISTS.values()
    for name in lists
}
REPORT_CHANGES = ("fail_report", "remove_report", "bring_file", "copy_file", "touch_file")
"""What happens to reports, and to files with reports on this server."""
WANTED: Mapping[str, tuple[int, ...]] = {
    "424242": (424_242,),
    "All findings of all hosts": (424_242,),
    "424242, 535353": (424_242, 535_353),
    'Severity 4 & 5, "confirmed"\nAll findings of all hosts': (535_353, 424_242),
    "Nothing at all\n868686\n424242, 868686": (646_464, 868_686, 424_242),
    "": (),
}
"""Report templates by id or title, as a person names them, and their ids."""
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
    REPORTS: ("touch", "touch", "process", "add", *REPORT_CHANGES),
}
"""A host that is removed is none of them: its posture goes, and no list tells of it."""


def kinds_of(inputs: str) -> list[tuple[str, str]]:
    """All that the lists of these inputs can have: list and kind of fault."""
    lists = [each for name in dict.fromkeys(FEED_SETS[inputs]) for each in LISTS.get(name, ())]
    return [(name, kind) for kind in (*KINDS, *SPECIAL) for name in lists if kind in LIST_KINDS[name]]


@dataclass(frozen=True)
class ReportPlan:
    """What a person wants of reports: `templates` as on the tab, which are those with these `ids`; whether they are
    deleted; so many `files` with reports on the disk when it begins. A report is ready after so many `looks`."""

    templates: str = ""
    ids: tuple[int, ...] = ()
    deletes: bool = True
    files: int = 0
    looks: int = 1


def draw_reports(dice: Random) -> ReportPlan:
    """Templates, files, or both."""
    templates = dice.choice(tuple(WANTED))
    files = dice.choice((0, 0, 1, 2)) if templates else 2
    return ReportPlan(templates, WANTED[templates], dice.random() < 0.8, files, dice.randint(1, 3))
