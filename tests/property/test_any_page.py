"""Pages that look real and were spoiled, 10,000 of them: read as an independent reader reads them, or refused.

Never another exception, never a record of a page that is not whole.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualys_ta.errors import Refused
from support.core import answer, detection, host
from support.page_readers import Read, at_once, fetched, hosts, looked_at, oracle
from support.soiled_pages import PAGES, SPOILERS, spoiled

INPUTS = 1250
"""For each of the eight tests: 10,000."""
FETCHED = 600
SPOIL = st.tuples(st.integers(0, len(SPOILERS) - 1), st.integers(0, 2000), st.integers(0, 255))
SPOILS = st.lists(SPOIL, min_size=1, max_size=4)
CUTS = st.lists(st.integers(0, 400), max_size=3)
BASES = range(len(PAGES))


def judged(body: bytes, cuts: list[int]) -> None:
    """A page that is read at once was read, too, when it was looked at first; but that refuses lists inside records,
    since its shortcut over records would get lost there."""
    whole, quick, true = looked_at(body, cuts), at_once(body), oracle(body)
    if quick is not None and whole is not Refused and not is_utf_16(body):
        assert quick == whole
    for read in (whole, quick):
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
    judged(spoiled(page, spoils), cuts)


@settings(max_examples=INPUTS)
@given(st.binary(max_size=60), CUTS)
def test_any_bytes_are_no_page(body: bytes, cuts: list[int]) -> None:
    judged(body, cuts)


@settings(max_examples=FETCHED)
@given(st.integers(0, len(PAGES)), SPOILS, st.booleans())
def test_a_spoiled_page_that_is_fetched_is_converted_whole_or_leaves_nothing(
    page: int, spoils: list, cut: bool
) -> None:
    body = spoiled(page, spoils)
    with TemporaryDirectory() as folder:
        found = fetched(body, Path(folder), cut)
    if isinstance(found, Counter):
        assert not cut
        assert is_utf_16(body) or found == hosts(body)


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


def test_pages_that_nobody_spoiled_are_whole() -> None:
    for body in PAGES:
        whole = looked_at(body)
        assert isinstance(whole, Read)
        assert (whole.root, whole.records) == oracle(body)[::2]
