"""XML elements as plain data, so that an answer is written, and the ledger kept, from one source."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Any, Callable, Generic, NamedTuple, TypeVar, Union

Subject = TypeVar("Subject")

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NOT_UNICODE = re.compile("[\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n?")


class Node(NamedTuple):
    """An element: with `children`, or with `text` (as CDATA if `cdata`). Neither: an empty element."""

    name: str
    text: str = ""
    cdata: bool = False
    children: tuple[Node, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()


Value = Union[None, int, str, Node]


@dataclass(frozen=True)
class Row(Generic[Subject]):
    """One element of a host or finding, in the order of the XSD; `get` reads its value, None leaves it out.

    `since`: the first API version that has it. `asks`: the parameter without which it is left out.
    """

    name: str
    get: Callable[[Subject], Value]
    cdata: bool = False
    since: str = "2.0"
    asks: str = ""


def chosen(
    rows: Iterable[Row[Subject]], version: str, values: dict[str, Any], without: Container[str] = ()
) -> tuple[Row[Subject], ...]:
    """The rows that an answer of `version` to a call with these parameter `values` has, but for those named in
    `without`."""
    return tuple(
        row
        for row in rows
        if row.since <= version and (not row.asks or values.get(row.asks)) and row.name not in without
    )


def nodes(rows: Iterable[Row[Subject]], subject: Subject) -> tuple[Node, ...]:
    """The elements of `subject`, in the order of `rows`."""
    found = []
    for row in rows:
        value = row.get(subject)
        if value is not None:
            found.append(value if isinstance(value, Node) else Node(row.name, str(value), row.cdata))
    return tuple(found)


def clean(text: str) -> str:
    """What a correct client ends with: surrounding white space dropped, characters that XML 1.0 forbids dropped, a
    byte that is not UTF-8 (a lone surrogate here) replaced by U+FFFD, line ends one line feed each, as XML reads them.
    Entities inside CDATA are kept as they are."""
    return _LINE_ENDS.sub("\n", _NOT_UNICODE.sub("\ufffd", _FORBIDDEN.sub("", text))).strip()


def flatten(found: Iterable[Node], above: str = "") -> dict[str, str]:
    """Path -> clean text of each leaf: ``IP``, ``DNS_DATA/FQDN``, ``TAGS/TAG/NAME``.

    Leaves of the same path are joined by commas. Attributes are leaves too: ``QDS@severity``; an attribute `name`
    becomes part of the path: ``QDS_FACTORS/QDS_FACTOR[epss]``.
    """
    values: dict[str, str] = {}
    for node in found:
        attributes = dict(node.attributes)
        label = attributes.pop("name", "")
        path = f"{above}{node.name}[{label}]" if label else above + node.name
        leaves = flatten(node.children, path + "/") if node.children else {path: clean(node.text)}
        leaves.update({f"{path}@{name}": value for name, value in attributes.items()})
        for leaf, text in leaves.items():
            values[leaf] = f"{values[leaf]},{text}" if leaf in values else text
    return values
