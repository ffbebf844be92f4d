"""What is left of a pull, cut into ranges of host ids: of a fitting size, without gaps, whatever the list holds."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Optional
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualys_ta.errors import AuthError, ConfigError, Refused, TaError, TryLater
from qualys_ta.model import Request
from qualys_ta.populator.host_list import RESOURCE, HostIds
from qualys_ta.populator.host_selection import host_list_params
from qualys_ta.work.ranges import HostRanges
from support.core import PLATFORM_TIME, SINCE, cdata, tag
from support.pulls import Answers, ListLog, Said, client

FIRST = Request("/detection/", {"action": "list", "truncation_limit": "10", "qids": "1"})
SPANS = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 30)), max_size=20)


def host_ids(*texts: str) -> HostIds:
    listed = HostIds()
    for text in texts:
        element = Element("ID_RANGE" if "-" in text else "ID")
        element.text = text
        listed.add(element)
    return listed


@given(SPANS, st.integers(0, 400), st.integers(1, 50))
def test_ranges_hold_every_id_once_and_as_many_listed_ones_as_wished(
    steps: list[tuple[int, int]], start: int, size: int
) -> None:
    texts, at, known = [], 0, set()
    for step, length in steps:
        at += step
        texts.append(f"{at}-{at + length}")
        known.update(range(at, at + length + 1))
    listed = host_ids(*texts)
    ranges = list(listed.ranges(start, size))
    assert ranges[0][0] == start
    assert [first for first, _ in ranges[1:]] == [(last or 0) + 1 for _, last in ranges[:-1]]
    assert ranges[-1][1] is None
    ends = [(first, 10**6 if last is None else last) for first, last in ranges]
    held = [sum(first <= number <= last for number in known) for first, last in ends]
    left = sum(number >= start for number in known)
    assert listed.count(start) == sum(held) == left
    assert listed.count(0, start) == len(known) - left
    assert all(count == size for count in held[:-1])
    assert held[-1] <= size
    assert len(ranges) == max(1, -(-left // size))


def test_ranges_of_many_hosts_are_cut_as_they_are_drawn() -> None:
    """Half a billion ids are a span, and cutting them takes no memory."""
    ranges = host_ids("1-500000000").ranges(7, 1000)
    assert [next(ranges), next(ranges)] == [(7, 1006), (1007, 2006)]
    assert sys.getsizeof(ranges) < 1000


def listing(*ids: str, next_id: int = 0) -> Said:
    """One page of the host list."""
    url = cdata(f"https://qualysapi.qualys.com/api/5.0/fo/asset/host/?action=list&id_min={next_id}")
    warning = tag("WARNING", tag("CODE", "1980"), tag("TEXT", "cut"), tag("URL", url)) if next_id else ""
    id_set = tag("ID_SET", *(tag("ID_RANGE" if "-" in each else "ID", each) for each in ids)) if ids else ""
    return Said(tag(RESOURCE.root, tag("RESPONSE", tag("DATETIME", PLATFORM_TIME), id_set, warning)).encode())


class Cut:
    """The ranges of what follows a first page that ended before id `following`."""

    def __init__(self, folder: Path, following: int, *answers: Said, begun: int = 0, error: Optional[TaError] = None):
        self.log, self.expected = ListLog(), []
        lister = replace(client(Answers(*answers), folder, []), resource=RESOURCE)
        self.asked: list[Request] = []

        def fetch(request: Request):  # type: ignore[no-untyped-def]
            self.asked.append(request)
            if error:
                raise error
            return lister.fetch(request)

        ranges = HostRanges(
            lister.first(host_list_params({"qids": "1", "ips": "10.0.0.1"}, SINCE)),
            fetch,
            lambda path, calls: self.expected.append((path, calls)),
            self.log,
        )
        params = FIRST.params if not begun else {**FIRST.params, "id_min": str(begun)}
        after = replace(FIRST, params={**FIRST.params, "x": "1", "id_min": str(following)})
        self.requests = list(ranges(replace(FIRST, params=params), after))
        self.left_on_disk = list((folder / "pages").iterdir())

    @property
    def ends(self) -> list[tuple[str, Optional[str]]]:
        return [(request.params["id_min"], request.params.get("id_max")) for request in self.requests]


def test_what_is_left_is_cut_into_pages(tmp_path: Path) -> None:
    cut = Cut(tmp_path, 11, listing("1-20", next_id=21), listing("21-25", "31-45"))
    assert cut.ends == [("11", "20"), ("21", "35"), ("36", None)]
    assert cut.expected == [("/detection/", 3)]
    assert cut.left_on_disk == []
    assert all(request.params["x"] == "1" for request in cut.requests)
    assert [request.params.get("id_min") for request in cut.asked] == ["0", "21"]
    assert cut.asked[0].params["ips"] == "10.0.0.1"
    assert "qids" not in cut.asked[0].params


def test_where_few_hosts_have_findings_that_are_asked_for_ranges_are_as_long_as_the_first_page(tmp_path: Path) -> None:
    """Ten hosts of the first page reached over 100 that the platform lists."""
    cut = Cut(tmp_path, 501, listing("401-700"), begun=401)
    assert cut.ends == [("501", "590"), ("591", "680"), ("681", None)]
    assert cut.asked[0].params["id_min"] == "401"


def test_a_list_that_holds_nothing_more_is_one_range(tmp_path: Path) -> None:
    assert Cut(tmp_path, 11, listing("1-9")).ends == [("11", None)]


@pytest.mark.parametrize("error", [Refused("no"), TryLater("busy"), ConfigError("version")])
def test_without_the_list_pages_follow_each_other(tmp_path: Path, error: TaError) -> None:
    cut = Cut(tmp_path, 11, listing(), error=error)
    assert cut.ends == [("11", None)]
    (line,) = cut.log.lines
    assert line == f"WARNING The hosts cannot be listed, so pages are downloaded one after the other. {error}"


def test_a_refused_login_is_not_tried_again(tmp_path: Path) -> None:
    with pytest.raises(AuthError):
        Cut(tmp_path, 11, listing(), error=AuthError("no"))
