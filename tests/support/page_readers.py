"""The add-on's ways to read a page, and an independent reader that says what a page holds.

`looked_at` and `at_once` are all that tests of the reader know of it.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Callable, NamedTuple, Optional, Union

from lxml import etree

from qualys_ta.errors import BadRecord, Refused, TaError, TryLater
from qualys_ta.feed import Conversion, Feed, Joiner, Resource
from qualys_ta.model import Converted, Event, knows_nothing
from qualys_ta.populator import host_detection, policy_posture_info, was_findings
from qualys_ta.records import Listed, PageReader, RecordReader, Unread
from qualys_ta.spool import SUFFIX, Asked
from qualys_ta.work import conversion
from qualys_ta.work.conversion import Recipe
from qualys_ta.xmlpage import ANY, CHUNK, Inspector
from support.core import SINCE, pieces, vm_settings
from support.posture import DictGlossary, pc_settings
from support.pulls import FORM, Answers, Said, client, frames
from support.webapps import EVERYTHING, was_settings

Canonical = tuple[tuple[str, tuple[tuple[str, str], ...], str, str, int], ...]
"""Each element of a record in document order: tag, attributes, text, tail, how many children."""


@dataclass(frozen=True)
class Shape:
    """A list of the platform as a pull reads it. `asked`: the parameters of its request."""

    resource: Resource
    feed: Feed
    settings: Mapping[str, Any]
    since: str = ""
    asked: Mapping[str, str] = field(default_factory=dict)

    @property
    def recipe(self) -> Recipe:
        return Recipe(self.feed.name, self.settings, self.since, FORM)


_PC = pc_settings(pc_extra_details="1")
HOSTS = Shape(
    host_detection.FEED.resource,
    host_detection.FEED,
    vm_settings(host_fields_to_log="ID,IP,OS,TAGS,METADATA"),
    SINCE,
)
POLICIES = Shape(policy_posture_info.FEED.resource, policy_posture_info.FEED, _PC)
POSTURE = Shape(policy_posture_info.POSTURE, policy_posture_info.FEED, _PC, asked={"policy_id": "7"})
POSTURES = Shape(policy_posture_info.POSTURES, policy_posture_info.FEED, _PC, asked={"policy_ids": "1,2"})
FINDINGS = Shape(was_findings.FEED.resource, was_findings.FEED, was_settings(finding_fields_to_log=EVERYTHING))

ROOM = 1 << 30
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r"))
"""They go before anything is decoded: a character that one of them splits is whole again."""

_CDATA_OR_REFERENCE = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))|&#(x[0-9a-fA-F]{1,8}|[0-9]{1,8});", re.DOTALL)

TOLD = (
    *(f"RESPONSE/{name}" for name in ("DATETIME", "WARNING/CODE", "WARNING/URL", "CODE", "TEXT")),
    *("responseCode", "hasMoreRecords", "lastId"),
)


Made = tuple[int, str, str, tuple[Event, ...]]
"""What became of a record: its number, its moment, its tally, its events."""


class Read(NamedTuple):
    """What a page holds, each record with the ID of its owner, and what becomes of it; of the texts around its records
    those that decide. Records come in whatever order."""

    root: str
    texts: dict[str, str]
    records: Counter[tuple[str, Canonical]]
    made: Counter[Made]


def looked_at(body: bytes, cuts: Iterable[int] = (), shape: Shape = HOSTS) -> Union[Read, type[Exception]]:
    """The page as it is read in two passes, or which of our errors it is. Whatever else is raised is a defect."""
    inspector = Inspector(shape.resource.record, shape.resource.glossary)
    try:
        for piece in pieces(body, cuts):
            inspector.feed(piece)
        inspector.close()
        found = _seen(_in_two_passes(inspector, body, shape), shape)
    except (TryLater, Refused) as error:
        return type(error)
    told = inspector.told
    return Read(told.root, {name: told.texts[name] for name in TOLD if name in told.texts}, *found)


def at_once(body: bytes, shape: Shape = HOSTS) -> Optional[Read]:
    """The page as it is read in one pass; None where that is left to the other way."""
    resource = shape.resource
    reader = PageReader(resource.record, resource.root, True, resource.owner, resource.glossary)
    try:
        found = _seen(reader.lists(io.BytesIO(body)), shape)
    except Unread:
        return None
    told = reader.told
    return Read(told.root, {name: told.texts[name] for name in TOLD if name in told.texts}, *found)


def fetched(body: bytes, folder: Path, cut: bool = False, shape: Shape = HOSTS) -> Union[Counter[int], type[Exception]]:
    """The records of the events of a page that is downloaded and converted, or which of our errors it is.

    Events are on disk only where the page was whole, and gone once it was written; nothing else is left.
    """
    waits: list[float] = []
    said = Said(body, headers={"date": "Sat, 01 Jun 2024 12:00:00 GMT"}, cut=cut)
    convert = conversion.Converter(shape.recipe, knows_nothing).convert
    ours = replace(client(Answers(said), folder, waits, tries=0), resource=shape.resource, convert=convert)
    try:
        page = ours.fetch(replace(ours.first({"action": "list", **shape.asked}), resource=shape.resource.name))
    except TaError as error:
        assert not list(folder.rglob(f"*{SUFFIX}"))
        return type(error)
    written = frames(page)
    found = Counter(frame.record for frame in written)
    assert all(event.decode().endswith("</event>\n") for frame in written for event in frame.events())
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


def whole(body: bytes, shape: Shape = HOSTS) -> Counter[int]:
    """The records that become events, of a page that is whole."""
    inspector = Inspector(shape.resource.record, shape.resource.glossary)
    inspector.feed(body)
    inspector.close()
    _, made = _seen(_in_two_passes(inspector, body, shape), shape)
    return Counter(number for number, *_ in made.elements())


def _in_two_passes(inspector: Inspector, body: bytes, shape: Shape) -> Iterator[Listed]:
    resource = shape.resource
    reader = RecordReader(resource.record, inspector.noted, True, resource.owner, resource.glossary)
    return reader.lists(io.BytesIO(body))


def _seen(lists: Iterable[Listed], shape: Shape) -> tuple[Counter[tuple[str, Canonical]], Counter[Made]]:
    """What the records say, and what becomes of them: each must be converted, or left out as a bad one."""
    said: Counter[tuple[str, Canonical]] = Counter()
    keep, convert = _conversion(shape)
    kept = []
    for elements, owner in lists:
        said.update((owner, tuple(_canonical(element))) for element in elements)
        kept += keep(elements, owner)
    made: Counter[Made] = Counter()
    for each in kept:
        with contextlib.suppress(BadRecord):
            found = convert(each)
            made[found.record, found.moment, found.tally, tuple(found.events)] += 1
    return said, made


def _conversion(shape: Shape) -> tuple[Callable[[list[Any], str], list[Any]], Callable[[Any], Converted]]:
    """How a record is kept until all of the page was read, and how it is converted then."""
    told = Conversion(shape.settings, shape.since, asked=shape.asked)
    if shape.resource.glossary:
        joiner = shape.resource.joiner(told, DictGlossary())
        return partial(_kept, joiner), joiner.converted
    return lambda elements, _owner: elements, shape.resource.converter(told)


def _kept(joiner: Joiner, elements: list[Any], owner: str) -> list[Any]:
    kept = joiner.keep(elements, owner)
    return [] if kept is None else list(joiner.records(kept))


def oracle(body: bytes, shape: Shape = HOSTS) -> Optional[Read]:
    """What libxml2 makes of the page once it was scrubbed in another way; None where it is not well-formed."""
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, strip_cdata=True
    )
    try:
        root = etree.fromstring(scrubbed(body).encode(), parser)
    except etree.XMLSyntaxError:
        return None
    said = Counter((owner, tuple(_canonical(each))) for owner, each in _listed(root, shape.resource))
    return Read(str(root.tag), {}, said, Counter())


def _listed(root: Any, resource: Resource) -> Iterator[tuple[str, Any]]:
    """Records, and what glossaries hold, each with the ID of its owner."""
    start = len(resource.owner)
    for owner in root.findall("/".join(resource.owner)) if resource.owner else [root]:
        numbers = owner.findall("ID") if resource.owner else []
        number = _text(numbers[0]).strip() if numbers else ""
        *lists, record = resource.record[start:]
        paths = [(lists, record), *([([*resource.glossary[start:], "*"], ANY)] if resource.glossary else [])]
        for path, tag in paths:
            for found in owner.findall("/".join(path)):
                yield from (
                    (number, child) for child in found if isinstance(child.tag, str) and tag in (child.tag, ANY)
                )


def scrubbed(body: bytes) -> str:
    """UTF-8 that XML allows; what looks like a reference in CDATA is text."""
    text = _FORBIDDEN.sub("", body.translate(None, _CONTROLS).decode("utf-8", "replace"))

    def kept(found: re.Match[str]) -> str:
        if found[1] is not None:
            return found[0]
        code = int(found[2][1:], 16) if found[2][0] == "x" else int(found[2])
        allowed = code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
        return found[0] if allowed else ""

    return _CDATA_OR_REFERENCE.sub(kept, text)


def _canonical(record: Any) -> Iterator[tuple[str, tuple[tuple[str, str], ...], str, str, int]]:
    """The same for both kinds of trees: comments and instructions are nothing, unresolved entities are text."""
    waiting = [record]
    while waiting:
        element = waiting.pop()
        children = [child for child in element if isinstance(child.tag, str)]
        attributes = sorted(element.attrib.items())
        tail = "" if element is record else _after(element)
        yield str(element.tag), tuple(attributes), _text(element), tail, len(children)
        waiting += reversed(children)


def _text(element: Any) -> str:
    return (element.text or "") + "".join(_of_nothing(iter(element)))


def _after(element: Any) -> str:
    """The text behind an element, also behind the comments that follow it."""
    if not hasattr(element, "itersiblings"):
        return element.tail or ""
    return (element.tail or "") + "".join(_of_nothing(element.itersiblings()))


def _of_nothing(siblings: Iterator[Any]) -> Iterator[str]:
    """The text of comments' ends and of entities, up to the next element."""
    for child in siblings:
        if isinstance(child.tag, str):
            return
        if child.tag is etree.Entity:
            yield child.text
        yield child.tail or ""
