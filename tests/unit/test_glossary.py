"""What explains the records of a page: the same from memory and from disk, in a private file that does not stay."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import Optional

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualys_ta import glossary as glossary_module
from qualys_ta.errors import ConfigError
from qualys_ta.glossary import PageGlossary

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NAMES = st.sampled_from(["", "HOST 5", "HOST 50", "é\x00\n", "TP '; DROP TABLE entry"]) | WORDS
STEPS = st.lists(st.tuples(NAMES, st.none() | st.lists(WORDS, max_size=4).map(tuple)), max_size=40)
"""A name, and what to put under it; None: look it up."""


ROOM = 10_000_000


def filled(path: Path, count: int, most: int, room: int = ROOM) -> PageGlossary:
    glossary = PageGlossary(path, room, most)
    for number in range(count):
        glossary.put(str(number), (f"host {number}", "x" * 40))
    return glossary


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, most=st.integers(0, 60))
def test_what_went_to_disk_reads_as_what_stayed_in_memory(
    tmp_path: Path, steps: list[tuple[str, Optional[tuple[str, ...]]]], most: int
) -> None:
    """Also where what is looked up was said to be something else before, or is said only afterwards."""
    known: dict[str, tuple[str, ...]] = {}
    with (
        closing(PageGlossary(tmp_path / "spilled", ROOM, most)) as spilled,
        closing(PageGlossary(tmp_path / "kept", ROOM)) as kept,
    ):
        for name, values in steps:
            if values is None:
                assert spilled.get(name) == kept.get(name) == known.get(name)
            else:
                for glossary in (spilled, kept):
                    glossary.put(name, values)
                known[name] = values
        assert {name: spilled.get(name) for name in known} == {name: kept.get(name) for name in known} == known
    assert list(tmp_path.iterdir()) == []


def test_little_never_touches_the_disk(tmp_path: Path) -> None:
    with closing(filled(tmp_path / "page.glossary", 100, most=1_000_000)) as glossary:
        assert glossary.get("99") == ("host 99", "x" * 40)
        assert list(tmp_path.iterdir()) == []


def test_what_does_not_fit_into_the_quota_ends_the_page(tmp_path: Path) -> None:
    path = tmp_path / "page.xml.glossary"
    with closing(filled(path, 100, most=1000, room=100_000)) as glossary:
        with pytest.raises(ConfigError, match=r"What page.xml explains does not fit .* raise temp_quota_mb"):
            glossary.put("101", ("x" * 100_000,))
        assert path.exists()
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_private_and_goes_with_the_page(tmp_path: Path) -> None:
    path = tmp_path / "page.glossary"
    before = os.umask(0)
    try:
        glossary = filled(path, 100, most=1000)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert glossary.get("3") == ("host 3", "x" * 40)
    assert [file.name for file in tmp_path.iterdir()] == ["page.glossary"], "no journal beside it"
    glossary.close()
    glossary.close()
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_the_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("mine")
    (tmp_path / "page.glossary").symlink_to(tmp_path / "victim")
    with pytest.raises(OSError, match="symbolic link"):
        filled(tmp_path / "page.glossary", 100, most=1000)
    assert (tmp_path / "victim").read_text() == "mine"


def test_more_than_is_remembered_is_still_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read from disk is remembered, and forgotten where it is too much."""
    monkeypatch.setattr(glossary_module, "MOST_RECENT", 10_000)
    count = 100
    with closing(filled(tmp_path / "page.glossary", count, most=1000)) as glossary:
        for number in (*range(count), 0, -1, -1):
            assert glossary.get(str(number)) == ((f"host {number}", "x" * 40) if number >= 0 else None)


def test_memory_is_counted_in_bytes(tmp_path: Path) -> None:
    """Long texts in ASCII take one for each character, and nothing is on disk before that is too much."""
    with closing(PageGlossary(tmp_path / "page.glossary", ROOM, most=1_000_000)) as glossary:
        glossary.put("ascii", ("x" * 900_000,))
        assert list(tmp_path.iterdir()) == []
        glossary.put("wide", ("\U0001f600" * 30_000,))
        assert [file.name for file in tmp_path.iterdir()] == ["page.glossary"]
