"""The calls of a pull of incidents: which parts there are, in which order, and where a pull goes on behind each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Optional

import pytest

from qualys_ta.errors import Refused, TryLater
from qualys_ta.model import Request, Window
from qualys_ta.populator.fim import touched
from qualys_ta.splunk.tallies import Tallies, tallies_path
from qualys_ta.work import incidents
from qualys_ta.work.incidents import BEHIND, OPEN_SINCE, PART
from support.fim import CREATED_MS, fim_settings, incident
from support.pulls import ListLog

SINCE = "2024-05-02T00:00:00Z"
HOUR_MS = 3_600_000
KEY = "demo 1/1"


class Pages:
    """A platform that lists incidents: by their creation, or those that were updated."""

    def __init__(self, created: list[Any], before: list[Any], updated: Any) -> None:
        self._lists = {"created": created, "before": before, "updated": updated}
        self.asked: list[str] = []

    def reader(self, _resource: object) -> Any:
        return SimpleNamespace(first=lambda params: Request("/list", params), fetch=self.fetch)

    def fetch(self, request: Request) -> Any:
        query = request.params["filter"]
        is_before = query.startswith("createdBy") and touched(query.rpartition("'..'")[2].split("'")[0]) == SINCE
        name = "updated" if query.startswith("lastUpdatedBy") else "before" if is_before else "created"
        self.asked.append(name)
        found = self._lists[name]
        if isinstance(found, Exception):
            raise found
        return SimpleNamespace(records=lambda: iter(found), next=None, discard=lambda: None)


def at(hours: int, ident: str, **data: Any) -> dict[str, Any]:
    """An incident of so many hours after 2024-05-02T03:04:05.678Z."""
    by = {"date": CREATED_MS + hours * HOUR_MS}
    return incident(id=ident, createdBy=by, **{"lastUpdatedBy": by, **data})


def course(pages: Pages, folder: Path, following: Optional[Request] = None) -> Any:
    stanza = SimpleNamespace(name="fim_incidents")
    settings = SimpleNamespace(metric=fim_settings())
    job = SimpleNamespace(folder=folder, stanza=stanza, key=KEY, settings=settings, log=ListLog())
    window = Window(SINCE, "", next=following, pages=1 if following else 0)
    made = incidents.course(job, pages.reader, window, {})  # type: ignore[arg-type]
    return SimpleNamespace(cut=made.cut, rest=made.rest, log=job.log)


def keep_open(folder: Path, *hours: int) -> None:
    """What earlier pulls saw: incidents that are open, created so many hours before the usual one."""
    tallies = Tallies(tallies_path(folder, "fim_incidents"), KEY, lambda *_: None)
    for number, back in enumerate(hours):
        tallies.add([number], [f"{CREATED_MS // 1000 - back * 3600}:open"])
    tallies.commit()
    tallies.close()


def parts(made: Any, after: Request) -> list[Request]:
    found: Iterator[Request] = made.cut(None, made.rest(after))
    return list(found)


def named(found: list[Request]) -> list[str]:
    return [part.params[PART].split(" ")[-1] for part in found]


FIRST = Request("/fim/v2/incidents/search", {"filter": "createdBy.date: …"})
LISTED = ([at(1, "b"), at(0, "a")], [at(-30, "old"), at(-40, "done", status="CLOSED")], [at(-90, "edited")])


def test_the_first_list_is_not_cut(tmp_path: Path) -> None:
    made = course(Pages([], [], []), tmp_path)
    assert made.cut(None, FIRST) is None
    assert made.cut(FIRST, FIRST) is None


def test_the_parts_come_in_ascending_order(tmp_path: Path) -> None:
    keep_open(tmp_path, 30, 60)
    created, before, _ = LISTED
    updated = [at(-90, "edited", lastUpdatedBy={"date": CREATED_MS})]
    found = parts(course(Pages(created, before, updated), tmp_path), FIRST)
    assert named(found) == ["1", "2", "edited", "old", "a", "b"]
    assert [part.params[PART] for part in found] == sorted(part.params[PART] for part in found)
    assert found[0].params["filter"] == "createdBy.date: ['2024-04-29T15:04:05.000Z'..'2024-05-02T00:00:00.000Z']"
    whole = {part.params["@incident"]: "filter" not in part.params for part in found[2:]}
    assert whole == {"edited": False, "old": False, "a": True, "b": True}
    assert found[-1].path == "/fim/v2/incidents/b/events/search"
    assert {part.params[OPEN_SINCE] for part in found} == {str(CREATED_MS // 1000 - 60 * 3600)}


def test_without_open_incidents_none_is_asked_for_again(tmp_path: Path) -> None:
    pages = Pages([at(0, "a")], [at(-30, "old")], [])
    assert named(parts(course(pages, tmp_path), FIRST)) == ["a"]
    assert "before" not in pages.asked


def test_a_pull_goes_on_behind_every_part(tmp_path: Path) -> None:
    keep_open(tmp_path, 30)
    made = course(Pages(*LISTED[:2], [at(-90, "edited", comment="x", lastUpdatedBy={"date": CREATED_MS})]), tmp_path)
    all_parts = parts(made, FIRST)
    for place, part in enumerate(all_parts):
        rest = made.rest(part)
        assert rest == made.rest(rest)
        assert list(made.cut(None, rest)) == all_parts[place + 1 :]


def test_what_was_open_at_first_stays_so_when_a_pull_goes_on(tmp_path: Path) -> None:
    """A part that was written may have closed the incident from which on open ones are asked for."""
    keep_open(tmp_path, 60)
    pages = Pages(*LISTED)
    (opened, *_) = parts(course(pages, tmp_path), FIRST)
    tallies = Tallies(tallies_path(tmp_path, "fim_incidents"), KEY, lambda *_: None)
    tallies.add([0], [f"{CREATED_MS // 1000 - 60 * 3600}:closed"])
    tallies.commit()
    tallies.close()
    rest = course(pages, tmp_path).rest(opened)
    assert rest.params[OPEN_SINCE] == "0"
    resumed = course(pages, tmp_path, Request(FIRST.path, {BEHIND: "1", OPEN_SINCE: opened.params[OPEN_SINCE]}))
    assert "old" in named(parts(resumed, opened))


@pytest.mark.parametrize("error", [Refused("HTTP status 400, unknown token lastUpdatedBy.date")])
def test_a_platform_that_knows_no_time_of_updates_gives_all_else(tmp_path: Path, error: Exception) -> None:
    made = course(Pages([at(0, "a")], [], error), tmp_path)
    assert named(parts(made, FIRST)) == ["a"]
    assert [line for line in made.log.lines if line.startswith("WARNING Updates of incidents")]


def test_a_platform_that_is_busy_is_waited_for(tmp_path: Path) -> None:
    with pytest.raises(TryLater):
        parts(course(Pages([at(0, "a")], [], TryLater("busy")), tmp_path), FIRST)


def test_an_id_is_a_part_of_a_path(tmp_path: Path) -> None:
    (part,) = parts(course(Pages([at(0, "../../x?y")], [], []), tmp_path), FIRST)
    assert part.path == "/fim/v2/incidents/..%2F..%2Fx%3Fy/events/search"
