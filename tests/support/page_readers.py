"""The add-on's ways to read a page: `looked_at` and `at_once` are all that tests of the reader know of it."""

from __future__ import annotations

import contextlib
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Callable, Optional, Union

from qualys_ta.errors import UNMAPPED, Refused, TaError, TryLater
from qualys_ta.feed import Conversion, Joiner
from qualys_ta.model import Converted, Page, knows_nothing
from qualys_ta.reading import page_reader, record_reader
from qualys_ta.records import PageReader, RecordReader, Unread
from qualys_ta.spool import SUFFIX, Asked
from qualys_ta.work import conversion
from qualys_ta.xmlpage import CHUNK, Inspector, Told
from support.core import pieces
from support.page_oracle import Canonical, Made, Read, canonical
from support.page_shapes import HOSTS, Shape
from support.posture import DictGlossary
from support.pulls import Answers, Said, client, frames

ROOM = 1 << 30
TOLD = (
    *(f"RESPONSE/{name}" for name in ("DATETIME", "WARNING/CODE", "WARNING/URL", "CODE", "TEXT")),
    *("responseCode", "hasMoreRecords", "lastId"),
    *("HEADER/DATETIME", "HEADER/GENERATION_DATETIME", "TRUNCATION/@last", "ERROR/@number", "ERROR"),
)


class Cut(io.BytesIO):
    """A file of which so many bytes come with each call, and then as many as are asked for."""

    def __init__(self, body: bytes, sizes: Iterable[int]) -> None:
        super().__init__(body)
        self._sizes = iter(sizes)

    def read(self, size: Optional[int] = -1) -> bytes:
        return super().read(next(self._sizes, 0) or size)


def looked_at(body: bytes, cuts: Iterable[int] = (), shape: Shape = HOSTS) -> Union[Read, type[Exception]]:
    """The page as it is read in two passes, or which of our errors it is. Whatever else is raised is a defect."""
    cuts = list(cuts)
    inspector = Inspector(shape.resource.record, shape.resource.glossary)
    try:
        for piece in pieces(body, cuts):
            inspector.feed(piece)
        inspector.close()
        found = _seen(_second(inspector, shape), Cut(body, cuts), shape)
    except (TryLater, Refused) as error:
        return type(error)
    return _read(inspector.told, found)


def at_once(body: bytes, cuts: Iterable[int] = (), shape: Shape = HOSTS) -> Optional[Read]:
    """The page as it is read in one pass; None where that is left to the other way."""
    reader = page_reader(shape.resource, keeps_lines=True)
    assert isinstance(reader, PageReader)
    try:
        found = _seen(reader, Cut(body, cuts), shape)
    except (Unread, Refused):
        return None
    return _read(reader.told, found)


def fetched(body: bytes, folder: Path, cut: bool = False, shape: Shape = HOSTS) -> Union[Counter[Any], type[Exception]]:
    """What is known of the records of a page that is downloaded and converted, or which of our errors it is.

    Events are on disk only where the page was whole, and gone once it was written; nothing else is left.
    """
    waits: list[float] = []
    said = Said(body, headers={"date": "Sat, 01 Jun 2024 12:00:00 GMT"}, cut=cut)
    convert = None if shape.is_kept else conversion.Converter(shape.recipe, knows_nothing).convert
    ours = replace(client(Answers(said), folder, waits, tries=0), resource=shape.resource, convert=convert)
    try:
        page = ours.fetch(replace(ours.first({"action": "list", **shape.asked}), resource=shape.resource.name))
        found = Counter(_entries(page.records(), shape) if shape.is_kept else _written(page))
    except TaError as error:
        assert not list(folder.rglob(f"*{SUFFIX}"))
        return type(error)
    page.discard()
    assert not [path for path in folder.rglob("*.xml*") if path.suffix != ".errored"]
    return found


def converted(page: Path, shape: Shape, *, inspect: bool) -> str:
    """What becomes of a page on disk, as a pull converts it: read, unread, or one of our errors."""
    inspector = Inspector(shape.resource.record, shape.resource.glossary)
    try:
        if inspect:
            with open(page, "rb") as file:
                for chunk in iter(lambda: file.read(CHUNK), b""):
                    inspector.feed(chunk)
            inspector.close()
        if shape.is_kept:
            reader = _second(inspector, shape) if inspect else page_reader(shape.resource, keeps_lines=True)
            with open(page, "rb") as file:
                Counter(_entries(reader.records(file), shape))
        else:
            asked = Asked(shape.resource.name, shape.asked)
            convert = conversion.Converter(shape.recipe, knows_nothing).convert
            convert(page, inspector.noted if inspect else None, ROOM, asked)
    except Unread:
        return "unread"
    except TaError as error:
        return type(error).__name__
    finally:
        left = sorted(path.suffix for path in page.parent.iterdir() if path != page)
        assert left in ([], [SUFFIX]), left
    return "read"


def _written(page: Page) -> list[int]:
    written = frames(page)
    assert all(event.decode().endswith("</event>\n") for frame in written for event in frame.events())
    return [frame.record for frame in written]


def _entries(records: Iterable[Any], shape: Shape) -> Iterator[str]:
    """The keys of what is kept. Each record is gone when the next one comes."""
    return (key for key, *_ in _made(records, shape.converter(Conversion(shape.settings))))


def whole(body: bytes, shape: Shape = HOSTS) -> Counter[Any]:
    """What is known of the records that become events or entries, of a page that is whole."""
    read = looked_at(body, (), shape)
    if not isinstance(read, Read):  # a list in a record: only who looks first gets lost there
        read = at_once(body, (), shape)
    found = Counter(number for number, *_ in read.made.elements()) if read else Counter()
    return Counter(set(found)) if shape.resource.once else found


def in_turn(bodies: Iterable[bytes], shape: Shape) -> tuple[list[list[Made]], list[list[Made]]]:
    """What becomes of each record of these pages, one after the other, and of each if there were no other."""
    records = [record for body in bodies for record in records_of(body, shape)]
    told = Conversion(shape.settings, shape.since, asked=shape.asked)
    convert = shape.converter(told)
    return [[*_made([each], convert)] for each in records], [
        [*_made([each], shape.converter(told))] for each in records
    ]


def records_of(body: bytes, shape: Shape) -> list[Any]:
    """None of a page that is not whole."""
    try:
        return [each for elements, _ in page_reader(shape.resource, True).lists(io.BytesIO(body)) for each in elements]
    except Unread:
        return []


def _second(inspector: Inspector, shape: Shape) -> RecordReader:
    """Reads what the inspector found whole."""
    reader = record_reader(shape.resource, inspector.noted, keeps_lines=True)
    assert isinstance(reader, RecordReader)
    return reader


def _read(told: Told, found: tuple[Counter[tuple[str, Canonical]], Counter[Made]]) -> Read:
    return Read(told.root, {name: told.texts[name] for name in TOLD if name in told.texts}, *found)


def _seen(reader: RecordReader, file: io.BytesIO, shape: Shape) -> tuple[Counter[tuple[str, Canonical]], Counter[Made]]:
    """What the records say, and what becomes of them: each must be converted, or left out as a bad one."""
    said: Counter[tuple[str, Canonical]] = Counter()
    keep, convert = _conversion(reader, shape)
    kept = []
    for elements, owner in reader.lists(file):
        said.update((owner, tuple(canonical(element))) for element in elements)
        kept += keep(elements, owner)
    return said, Counter(_made(kept, convert))


def _made(records: Iterable[Any], convert: Callable[[Any], Any]) -> Iterator[Made]:
    for each in records:
        with contextlib.suppress(*UNMAPPED):
            found = convert(each)
            is_told = isinstance(found, Converted)
            yield (found.record, found.moment, found.tally, tuple(found.events)) if is_told else found


def _conversion(
    reader: RecordReader, shape: Shape
) -> tuple[Callable[[list[Any], str], list[Any]], Callable[[Any], Any]]:
    """How a record is kept until all of the page was read, and how it is converted then."""
    told_at = partial(reader.before, conversion.ANSWERED)
    told = Conversion(shape.settings, shape.since, asked=shape.asked, told_at=told_at, before=reader.before)
    if shape.resource.glossary:
        joiner = shape.resource.joiner(told, DictGlossary())
        return partial(_kept, joiner), joiner.converted
    return lambda elements, _owner: elements, shape.converter(told)


def _kept(joiner: Joiner, elements: list[Any], owner: str) -> list[Any]:
    kept = conversion.kept_of(joiner, elements, owner)
    return [] if kept is None else list(joiner.records(kept))
