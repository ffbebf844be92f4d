"""Pages that look real and were spoiled, 10,000 of hosts and up to 2,000 of each other list: read as an independent
reader reads them, or refused.

Never another exception, never a record of a page that is not whole.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qualys_ta.errors import Refused, TryLater
from support import page_shapes, soiled_pages
from support.core import answer, detection, host
from support.page_oracle import Read, oracle
from support.page_readers import at_once, fetched, in_turn, looked_at, whole
from support.page_shapes import Shape
from support.spoilers import SPOIL, Soil

INPUTS = 1250
"""For each of the eight tests of hosts: 10,000."""
INPUTS_OF_OTHERS = 2000
INPUTS_OF_ALIKE = 600
"""Of lists that are read as one of the others is."""
FETCHED = 600
FETCHED_OF_OTHERS = 100
SPOILS = st.lists(SPOIL, min_size=1, max_size=4)
CUTS = st.lists(st.integers(0, 400), max_size=3)
OTHERS = ("POLICIES", "POSTURE", "POSTURES", "FINDINGS")
ALIKE = ("TICKETS", "ASSETS", "TAGS", "GROUPS", "REPORT")
LISTS = ("HOSTS", *OTHERS, *ALIKE)
HOSTS = soiled_pages.HOSTS
BASES = range(len(HOSTS.pages))
ANY_PAGE = st.integers(0, 11)


def known(name: str) -> tuple[Soil, Shape]:
    return getattr(soiled_pages, name), getattr(page_shapes, name)


def judged(body: bytes, cuts: list[int], shape: Shape = page_shapes.HOSTS) -> None:
    """A page that is read at once was read, too, when it was looked at first; but that refuses lists inside records,
    since its shortcut over records would get lost there."""
    looked, quick, true = looked_at(body, cuts, shape), at_once(body, cuts, shape), oracle(body, shape)
    if quick is not None and looked is not Refused and not is_utf_16(body):
        assert quick == looked
    for read in (looked, quick):
        if isinstance(read, Read) and true is not None and not is_apart(body):
            assert (read.root, read.records) == (true.root, true.records)


def is_utf_16(body: bytes) -> bool:
    """Expat reads it for what it is; when the page is looked at first, its NULs are dropped, and it is UTF-8."""
    return 0 in body[:2]


def is_apart(body: bytes) -> bool:
    """Where the oracle is asked in vain: it knows of no defaults for attributes, which nobody uses."""
    return is_utf_16(body) or b"<!ATTLIST" in body


@pytest.mark.parametrize("page", BASES)
@settings(max_examples=INPUTS)
@given(SPOILS, CUTS)
def test_a_spoiled_page_is_read_as_it_is_or_not_at_all(page: int, spoils: list, cuts: list[int]) -> None:
    judged(HOSTS.spoiled(page, spoils), cuts)


@pytest.mark.parametrize("name", OTHERS)
@settings(max_examples=INPUTS_OF_OTHERS)
@given(ANY_PAGE, SPOILS, CUTS)
@example(0, [(1, 0, 172)], [])  # an ID at the root, which belongs to no list
def test_a_spoiled_page_of_another_list(name: str, page: int, spoils: list, cuts: list[int]) -> None:
    soil, shape = known(name)
    judged(soil.spoiled(page, spoils), cuts, shape)


@pytest.mark.parametrize("name", ALIKE)
@settings(max_examples=INPUTS_OF_ALIKE)
@given(ANY_PAGE, SPOILS, CUTS)
def test_a_spoiled_page_of_a_list_that_is_read_as_others_are(
    name: str, page: int, spoils: list, cuts: list[int]
) -> None:
    soil, shape = known(name)
    judged(soil.spoiled(page, spoils), cuts, shape)


@pytest.mark.parametrize("name", LISTS)
@given(ANY_PAGE, st.integers(0, 4000))
def test_a_page_that_is_cut_anywhere_is_not_read(name: str, page: int, at: int) -> None:
    soil, shape = known(name)
    body = soil.pages[page % len(soil.pages)]
    cut = body[: at % len(body)]
    assert looked_at(cut, [], shape) is TryLater
    assert at_once(cut, [], shape) is None


@pytest.mark.parametrize("name", LISTS)
@given(ANY_PAGE, st.integers(1, 200))
def test_a_page_is_read_the_same_in_pieces_of_any_size(name: str, page: int, size: int) -> None:
    soil, shape = known(name)
    body = soil.pages[page % len(soil.pages)]
    cuts = [size] * (len(body) // size)
    assert looked_at(body, cuts, shape) == at_once(body, cuts, shape) == looked_at(body, [], shape)


@pytest.mark.parametrize("name", ["HOSTS", "FINDINGS", "TICKETS", "ASSETS", "TAGS", "GROUPS"])
@given(ANY_PAGE, st.lists(SPOIL, max_size=2), st.lists(SPOIL, max_size=2))
def test_what_a_record_becomes_does_not_depend_on_those_before_it(name: str, page: int, one: list, two: list) -> None:
    """Converters remember what records have in common."""
    soil, shape = known(name)
    together, alone = in_turn([soil.spoiled(page, one), soil.spoiled(page, two), soil.spoiled(page, one)], shape)
    assert together == alone


@settings(max_examples=INPUTS)
@given(st.binary(max_size=60), CUTS)
def test_any_bytes_are_no_page(body: bytes, cuts: list[int]) -> None:
    judged(body, cuts)


def whole_or_nothing(body: bytes, cut: bool, shape: Shape) -> None:
    with TemporaryDirectory() as folder:
        found = fetched(body, Path(folder), cut, shape)
    if isinstance(found, Counter):
        true = oracle(body, shape)
        assert not cut
        assert is_utf_16(body) or found == whole(body, shape)
        assert true is None or is_apart(body) or true.root == shape.resource.root


@settings(max_examples=FETCHED)
@given(ANY_PAGE, SPOILS, st.booleans())
def test_a_spoiled_page_that_is_fetched_is_converted_whole_or_leaves_nothing(
    page: int, spoils: list, cut: bool
) -> None:
    whole_or_nothing(HOSTS.spoiled(page, spoils), cut, page_shapes.HOSTS)


@pytest.mark.parametrize("name", LISTS[1:])
@settings(max_examples=FETCHED_OF_OTHERS)
@given(ANY_PAGE, SPOILS, st.booleans())
def test_a_spoiled_page_of_another_list_that_is_fetched(name: str, page: int, spoils: list, cut: bool) -> None:
    soil, shape = known(name)
    whole_or_nothing(soil.spoiled(page, spoils), cut, shape)


@pytest.mark.parametrize("said", ["2024-05-02 5 7", "yesterday", "5\n6", "\u0661", " ", "-"])
@pytest.mark.parametrize("name", ["LAST_PROCESSED_DATETIME", "LAST_SCAN_DATETIME"])
def test_a_time_that_is_none_neither_stops_nor_shifts_a_page(tmp_path: Path, name: str, said: str) -> None:
    moments = {
        "LAST_PROCESSED_DATETIME": "2024-05-02T03:04:05Z",
        "LAST_SCAN_DATETIME": "2024-05-02T03:04:05Z",
        name: said,
    }
    scanned = {"LAST_SCAN_DATETIME": moments.pop("LAST_SCAN_DATETIME")}
    body = answer(host(1, detections=[detection(**moments)], **scanned), host(2))
    assert fetched(body, tmp_path) == {1: 1, 2: 1}


@pytest.mark.parametrize("name", LISTS)
def test_pages_that_nobody_spoiled_are_whole(name: str, tmp_path: Path) -> None:
    soil, shape = known(name)
    for number, body in enumerate(soil.pages):
        looked, true = looked_at(body, (), shape), oracle(body, shape)
        assert isinstance(looked, Read)
        assert true
        assert (looked.root, looked.records) == (true.root, true.records)
        assert at_once(body, (), shape) == looked
        assert fetched(body, tmp_path / str(number), shape=shape) == whole(body, shape)
