"""An independent reader that says what a page holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple, Optional

from lxml import etree

from qualys_ta.feed import Resource
from qualys_ta.xmlpage import ANY
from support.page_shapes import Shape

Canonical = tuple[tuple[str, tuple[tuple[str, str], ...], str, str, int], ...]
"""Each element of a record in document order: tag, attributes, text, tail, how many children."""

Made = tuple[Any, ...]
"""What became of a record: its number, its moment, its tally, its events; or its entry."""


class Read(NamedTuple):
    """What a page holds, each record with the ID of its owner, and what becomes of it; of the texts around its records
    those that decide. Records come in whatever order."""

    root: str
    texts: dict[str, str]
    records: Counter[tuple[str, Canonical]]
    made: Counter[Made]


_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r"))
"""They go before anything is decoded: a character that one of them splits is whole again."""

_CDATA_OR_REFERENCE = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))|&#(x[0-9a-fA-F]{1,8}|[0-9]{1,8});", re.DOTALL)


def oracle(body: bytes, shape: Shape) -> Optional[Read]:
    """What libxml2 makes of the page once it was scrubbed in another way; None where it is not well-formed."""
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, strip_cdata=True
    )
    try:
        root = etree.fromstring(scrubbed(body).encode(), parser)
    except etree.XMLSyntaxError:
        return None
    said = Counter((owner, tuple(canonical(each))) for owner, each in _listed(root, shape.resource))
    return Read(str(root.tag), {}, said, Counter())


def _listed(root: Any, resource: Resource) -> Iterator[tuple[str, Any]]:
    """Records, what glossaries and other lists hold, each with the ID of its owner."""
    start = len(resource.owner)
    for owner in root.findall("/".join(resource.owner)) if resource.owner else [root]:
        numbers = owner.findall("ID") if resource.owner else []
        number = _text(numbers[0]).strip() if numbers else ""
        *lists, record = resource.record[start:]
        paths = [(lists, record), *([([*resource.glossary[start:], "*"], ANY)] if resource.glossary else [])]
        paths += [(list(path[:-1]), path[-1]) for path in resource.lists]
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


def canonical(record: Any) -> Iterator[tuple[str, tuple[tuple[str, str], ...], str, str, int]]:
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
