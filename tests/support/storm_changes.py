"""What a storm does to what inputs pull, in the middle of a pull."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Optional

from standins.qualys import QualysStandin
from support.e2e import Site
from support.storm_feeds import SITES, FeedHistory
from support.storm_ledger import History, Judge
from support.storm_plan import Change, Plan
from support.storm_reports import ReportHistory
from support.storm_sets import EVENTS, IGNORED, INCIDENTS, POSTURE, REPORT_CHANGES, REPORTS, TAGS, TICKETS, WEB

LATE_S = 500
"""How long ago a scan may have tested what shows now: less than any overlap."""

Note = Callable[[], None]
Happening = Callable[[QualysStandin, Sequence[Any], Note], Optional[tuple[int, ...]]]
"""Happens to some of them; `Note` takes down how they stand in between. Returns whose posture comes whole once more."""


def judges(site: Site, plan: Plan) -> dict[str, Judge]:
    """Input -> who knows what it must bring, but for hosts and the knowledge base."""
    known: dict[str, Judge] = {name: FeedHistory(site, name, plan.settings) for name in plan.names if name in SITES}
    return {**known, REPORTS: ReportHistory(site, REPORTS, plan.reports)} if REPORTS in plan.names else known


def change_feeds(qualys: QualysStandin, feeds: Mapping[str, Judge], hosts: History, change: Change) -> None:
    """Something happens to a third of what an input pulls; a new one comes, or one goes."""
    _note(feeds)
    name = next((name for name, changes in OF_INPUT.items() if change.what in changes), "")
    if name:
        ids, feed = IDS[name](qualys), feeds[name]
        again = CHANGES[change.what](qualys, ids[int(change.share * len(ids)) :: 3], feed.note)
        if again and isinstance(feed, FeedHistory):
            feed.comes_again(again)
    elif change.what in REPORT_CHANGES:
        reports = feeds[REPORTS]
        assert isinstance(reports, ReportHistory)
        reports.change(change.what, change.share)
    else:
        hosts.change(change.what, change.share)
    _note(feeds)


def _note(feeds: Mapping[str, Judge]) -> None:
    """Time alone may have changed something, too."""
    for history in feeds.values():
        history.note()


def _add_app(qualys: QualysStandin, _some: Sequence[int], note: Note) -> None:
    """It was scanned days ago, as nothing that is new can be: so it is scanned now."""
    added = qualys.web.add(1)
    note()
    qualys.web.rescan(added)


def _evaluate(qualys: QualysStandin, some: Sequence[int], _note: Note, *, changes: bool) -> None:
    qualys.evaluate_policies(some, changes=changes)


def _rescan(qualys: QualysStandin, some: Sequence[int], _note: Note, *, lag_s: int) -> None:
    qualys.web.rescan(some, lag_s=lag_s)


def _told_nothing(act: Callable[[QualysStandin, Sequence[Any]], object]) -> Happening:
    """As a happening of which nothing is told."""

    def happen(qualys: QualysStandin, some: Sequence[Any], _note: Note) -> None:
        act(qualys, some)

    return happen


def _tags(qualys: QualysStandin) -> list[int]:
    return [tag.id for tag in qualys.assets.tags()]


def _groups(qualys: QualysStandin) -> list[int]:
    return [group.id for group in qualys.assets.groups()]


def _grow(qualys: QualysStandin, some: Sequence[str]) -> None:
    """Of events that come to an incident that is closed, and stays as it is, nobody is told."""
    closed = set(_decided(qualys))
    qualys.fim.grow(each for each in some if each not in closed)


def _decided(qualys: QualysStandin) -> list[str]:
    return [each["id"] for each in qualys.fim.incidents if each["status"] == "CLOSED"]


IDS: Mapping[str, Callable[[QualysStandin], Sequence[Any]]] = {
    POSTURE: lambda qualys: qualys.compliance.ids,
    WEB: lambda qualys: qualys.web.app_ids,
    TICKETS: lambda qualys: qualys.tickets.numbers,
    TAGS: _tags,
    EVENTS: lambda _: range(9),
    IGNORED: lambda _: range(9),
    INCIDENTS: lambda qualys: [each["id"] for each in qualys.fim.incidents],
}
"""Input -> the numbers of what it pulls."""
OF_INPUT: Mapping[str, Mapping[str, Happening]] = {
    POSTURE: {
        "evaluate": partial(_evaluate, changes=True),
        "confirm": partial(_evaluate, changes=False),
        "amend": lambda qualys, some, _: qualys.modify_policies(some, hosts=1, controls=1),
        "add_policy": lambda qualys, _some, _: qualys.add_policies(1),
        "remove_policy": _told_nothing(lambda qualys, some: qualys.remove_policies(some[:1])),
    },
    WEB: {
        "rescan": partial(_rescan, lag_s=0),
        "late_scan": partial(_rescan, lag_s=LATE_S),
        "add_app": _add_app,
        "remove_app": _told_nothing(lambda qualys, some: qualys.web.remove(some[:1])),
        "ignore": _told_nothing(lambda qualys, some: qualys.web.ignore(qualys.web.finding_ids[:: 5 + len(some)])),
    },
    TICKETS: {
        "advance": _told_nothing(lambda qualys, some: qualys.tickets.advance(some)),
        "comment": _told_nothing(lambda qualys, some: qualys.tickets.comment(some)),
        "find_again": _told_nothing(lambda qualys, some: qualys.tickets.rescan(some)),
        "add_ticket": _told_nothing(lambda qualys, _some: qualys.tickets.add(2)),
        "remove_ticket": _told_nothing(lambda qualys, some: qualys.tickets.remove(some[:1])),
    },
    TAGS: {
        "rename": _told_nothing(lambda qualys, some: qualys.assets.rename_tags(some)),
        "add_tag": _told_nothing(lambda qualys, _some: qualys.assets.add_tags(2)),
        "remove_tag": _told_nothing(lambda qualys, some: qualys.assets.remove_tags(some[:1])),
        "change_group": _told_nothing(lambda qualys, some: qualys.assets.change_groups(_groups(qualys)[:: len(some)])),
        "remove_group": _told_nothing(lambda qualys, _some: qualys.assets.remove_groups(_groups(qualys)[:1])),
    },
    EVENTS: {"happen": _told_nothing(lambda qualys, some: qualys.fim.happen(len(some)))},
    IGNORED: {"ignored": _told_nothing(lambda qualys, some: qualys.fim.happen(len(some), ignored=True))},
    INCIDENTS: {
        "report": _told_nothing(lambda qualys, _some: qualys.fim.report(2)),
        "grow": _told_nothing(_grow),
        "update": _told_nothing(lambda qualys, some: qualys.fim.update(some, comment=f"seen by {len(some)}")),
        "reopen": _told_nothing(lambda qualys, _some: qualys.fim.update(_decided(qualys)[:1], status="OPEN")),
    },
}
"""Input -> what can happen to what it pulls."""
CHANGES: Mapping[str, Happening] = {what: change for changes in OF_INPUT.values() for what, change in changes.items()}
