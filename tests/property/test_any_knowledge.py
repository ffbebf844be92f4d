"""Lookups hold what was said, whatever it was; a list of hosts is a set; a store holds the last row of each QID."""

from __future__ import annotations

import csv
import re
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree.ElementTree import fromstring

from hypothesis import example, given, settings
from hypothesis import strategies as st

from qualys_ta.errors import Refused
from qualys_ta.model import Entry, Event, Table
from qualys_ta.populator.host_list import HostIds
from qualys_ta.populator.knowledge_tables import KEPT, fetched, tables
from qualys_ta.splunk.knowledge_store import KnowledgeStore
from qualys_ta.splunk.lookups import lookup_path, write_tables
from support.core import tag, text
from support.vulns import by_column, entries, kb_answer, listed, row, vuln

XML = st.characters(blacklist_categories=["Cs"], blacklist_characters="\ufffe\uffff").filter(
    lambda character: character >= " " or character in "\t\n\r"
)
MARKS = st.sampled_from(
    ('"', '""', "'", ",", ", ", "\n", "\r", "\r\n", "\t", "\\", "=cmd|' /C'", "]]>", "\u2028", "\x85")
)
TEXT = st.lists(st.text(XML, max_size=8) | MARKS, max_size=8).map("".join)

KEPT_TEXT = TEXT.map(lambda text: text.replace("\r", "\n"))
"""What the store holds of any text: lines end in one way."""


def one_line(value: str) -> str:
    """A short text as people may expect it: trimmed, on one line, without double quotes."""
    return value.strip(" \t\r\n").replace('"', "'").translate(dict.fromkeys(map(ord, "\t\r\n"), " "))


def lines(value: str) -> str:
    """A long text: trimmed, without double quotes, its lines as they were."""
    return re.sub("\r\n?", "\n", value.strip().replace('"', "'"))


def written(made: dict[str, Table], kept: list[Entry]) -> dict[str, list[list[str]]]:
    """The tables that are written of these entries, as a reader of CSV finds them: name -> lines."""
    with TemporaryDirectory() as folder:
        write_tables(Path(folder), made, [kept])
        found = {}
        for name in made:
            with lookup_path(Path(folder), name).open(encoding="utf-8", newline="") as file:
                found[name] = list(csv.reader(file, strict=True))
    return found


@given(st.lists(st.tuples(*[KEPT_TEXT] * 3), max_size=3))
def test_a_table_reads_back_as_it_was_written(rows: list[Entry]) -> None:
    assert written({"x.csv": Table(("a", "b", "c"), iter)}, rows)["x.csv"] == [["a", "b", "c"], *map(list, rows)]


@given(TEXT, st.booleans())
@example("first\rsecond", True)
def test_any_text_of_an_answer_arrives_in_the_lookups_cleaned(said: str, with_texts: bool) -> None:
    markup = listed("VENDOR_REFERENCE", said), listed("BUGTRAQ", said, "1")
    body = kb_answer(vuln(*markup, TITLE=said, CATEGORY=said, SUPPORTED_MODULES=said, SOLUTION=said))
    columns = fetched(with_texts)
    kept = [dict(zip(KEPT, each)) for each in entries(body, log_kb_additional_fields=str(int(with_texts)))]
    found = written(tables(with_texts), [tuple(each[column] for column in columns) for each in kept])
    header, line = found["qualys_kb.csv"]
    told = dict(zip(header, line))
    clean = one_line(said)
    assert (told["TITLE"], told["CATEGORY"], told["SUPPORTED_MODULES"]) == (clean, clean, clean)
    assert told["VENDOR_REFERENCE"] == one_line(said.strip())
    assert told.get("SOLUTION", "") == (lines(said) if with_texts else "")
    cim = dict(zip(*found["qualys_kb_cim.csv"]))
    assert (cim["signature"], cim["xref"]) == (clean or "QID 38170", told["VENDOR_REFERENCE"])


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(-2, 12)), max_size=12), st.integers(0, 13), st.booleans())
def test_a_list_of_hosts_is_a_set(spans: list[tuple[int, int]], page_size: int, ordered: bool) -> None:
    """Whatever is not refused: each id that was named is in it, and no other."""
    if ordered:
        spans = sorted((first, abs(more)) for first, more in spans)
    ids, named = HostIds(), set()
    try:
        for start in range(0, len(spans), page_size or 99):
            page = spans[start : start + (page_size or 99)]
            for first, more in page:
                ids.add(fromstring(span(first, more)))
                named |= set(range(first, first + more + 1))
    except Refused:
        assert not ordered
        return
    assert {host_id for host_id in range(80) if host_id in ids} == named
    assert len(ids) >= len(named)


def span(first: int, more: int) -> str:
    return tag("ID", text(first)) if not more else tag("ID_RANGE", f"{first}-{first + more}")


BATCH = st.lists(st.tuples(st.integers(1, 5), st.sampled_from("abc")), max_size=6)
STEPS = st.lists(st.tuples(BATCH, st.sampled_from(["commit", "kill", "reopen", "publish"])), max_size=8)


@settings(max_examples=60)
@given(STEPS)
def test_a_store_holds_the_last_committed_row_of_each_qid(steps: list[tuple[list[Any], str]]) -> None:
    """However its batches are cut, repeated and killed; and it says truly whether anything changed since."""
    held: dict[str, str] = {}
    published: dict[str, str] = {}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "kb.db"
        store = KnowledgeStore(path, KEPT)
        for batch, then in steps:
            new = {**held, **{str(qid): title for qid, title in batch}}
            counted = store.put([row(str(qid), TITLE=title) for qid, title in batch])
            assert counted >= len(new.items() - held.items())
            assert counted == 0 or batch
            if then == "kill":
                store.close()
                store = KnowledgeStore(path, KEPT)
                continue
            store.published("slim") if then == "publish" else store.commit()
            held = new
            if then == "publish":
                published = held
            if then == "reopen":
                store.close()
                store = KnowledgeStore(path, KEPT)
            assert held == published or not store.is_published("slim")
        found = [tuple(entry) for some in store.entries(("QID", "TITLE")) for entry in some]
        store.close()
    assert found == sorted(held.items())


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from("ab"), st.booleans()), max_size=8))
def test_an_event_is_news_where_it_differs_from_the_one_sent_before(told: list[tuple[int, str, bool]]) -> None:
    sent: dict[int, str] = {}
    with TemporaryDirectory() as folder:
        for qid, said, lasts in told:
            with closing(KnowledgeStore(Path(folder) / "kb.db", KEPT)) as store:
                fresh = store.unsent("kb", [str(qid)], [Event("", said)])
                store.commit() if lasts else None
            assert [event.text for event in fresh] == ([said] if sent.get(qid) != said else [])
            if lasts:
                sent[qid] = said


@given(TEXT)
def test_no_text_makes_another_columns_value(said: str) -> None:
    plain, hostile = by_column(), by_column(TITLE=said)
    assert {**hostile, "TITLE": plain["TITLE"]} == plain
