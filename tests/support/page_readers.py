"""The add-on's ways to read a page, and an independent reader that says what a page holds.

`looked_at` and `at_once` are all that tests of the reader know of it.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Optional, Union

from lxml import etree

from qualys_ta.errors import BadRecord, Refused, TaError, TryLater
from qualys_ta.feed import Conversion
from qualys_ta.populator.host_detection import FEED
from qualys_ta.records import PageReader, RecordReader, Unread
from qualys_ta.spool import SUFFIX
from qualys_ta.xmlpage import Inspector
from support.core import SINCE, pieces, vm_settings
from support.pulls import Answers, Said, client, converting, first_request

RECORD = FEED.resource.record
ROOT = FEED.resource.root
Canonical = tuple[tuple[str, tuple[tuple[str, str], ...], str, str, int], ...]
"""Each element of a record in document order: tag, attributes, text, tail, how many children."""

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CDATA_OR_REFERENCE = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))|&#(x[0-9a-fA-F]{1,8}|[0-9]{1,8});", re.DOTALL)
_convert = FEED.resource.converter(Conversion(vm_settings(host_fields_to_log="ID,IP,OS,TAGS,METADATA"), SINCE))


TOLD = tuple(f"RESPONSE/{name}" for name in ("DATETIME", "WARNING/CODE", "WARNING/URL", "CODE", "TEXT"))


class Read(NamedTuple):
    """What a page holds; of the texts around its records those that decide. Records come in whatever order."""

    root: str
    texts: dict[str, str]
    records: Counter[Canonical]


def looked_at(body: bytes, cuts: Iterable[int] = ()) -> Union[Read, type[Exception]]:
    """The page as it is read in two passes, or which of our errors it is. Whatever else is raised is a defect."""
    inspector = Inspector(RECORD)
    try:
        for piece in pieces(body, cuts):
            inspector.feed(piece)
        inspector.close()
        reader = RecordReader(RECORD, inspector.noted)
        found = Counter(map(_seen, reader.records(io.BytesIO(body))))
    except (TryLater, Refused) as error:
        return type(error)
    told = inspector.told
    return Read(told.root, {name: told.texts[name] for name in TOLD if name in told.texts}, found)


def at_once(body: bytes) -> Optional[Read]:
    """The page as it is read in one pass; None where that is left to the other way."""
    reader = PageReader(RECORD, ROOT)
    try:
        found = Counter(map(_seen, reader.records(io.BytesIO(body))))
    except Unread:
        return None
    told = reader.told
    return Read(told.root, {name: told.texts[name] for name in TOLD if name in told.texts}, found)


def fetched(body: bytes, folder: Path, cut: bool = False) -> Union[Counter[int], type[Exception]]:
    """The hosts of the events of a page that is downloaded and converted, or which of our errors it is.

    Events are on disk only where the page was whole, and gone once it was written.
    """
    waits: list[float] = []
    ours = converting(client(Answers(Said(body, cut=cut)), folder, waits, tries=0))
    try:
        page = ours.fetch(first_request())
    except TaError as error:
        assert not list(folder.rglob(f"*{SUFFIX}"))
        return type(error)
    found = Counter(frame.record for frame in page.frames())
    assert all(event.decode().endswith("</event>\n") for frame in page.frames() for event in frame.events())
    page.discard()
    assert not [path for path in folder.rglob("*.xml*") if path.suffix != ".errored"]
    return found


def _seen(record: Any) -> Canonical:
    """What the record says; it must be converted, or left out as a bad one."""
    canonical = tuple(_canonical(record))
    _host_of(record)
    return canonical


def _host_of(record: Any) -> Optional[int]:
    """The host, if the record can be converted."""
    with contextlib.suppress(BadRecord):
        return int(_convert(record)[0])
    return None


def hosts(body: bytes) -> Counter[int]:
    """The hosts of a page that is whole."""
    inspector = Inspector(RECORD)
    inspector.feed(body)
    inspector.close()
    found = (_host_of(record) for record in RecordReader(RECORD, inspector.noted).records(io.BytesIO(body)))
    return Counter(host_id for host_id in found if host_id is not None)


def oracle(body: bytes) -> Optional[Read]:
    """What libxml2 makes of the page once it was scrubbed in another way; None where it is not well-formed."""
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, strip_cdata=True
    )
    try:
        root = etree.fromstring(scrubbed(body).encode(), parser)
    except etree.XMLSyntaxError:
        return None
    *lists, record = RECORD
    found = [child for each in root.findall("/".join(lists)) for child in each if child.tag == record]
    return Read(str(root.tag), {}, Counter(tuple(_canonical(each)) for each in found))


def scrubbed(body: bytes) -> str:
    """UTF-8 that XML allows; what looks like a reference in CDATA is text."""
    text = _FORBIDDEN.sub("", body.decode("utf-8", "replace"))

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
