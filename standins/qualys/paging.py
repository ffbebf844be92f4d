"""Cuts a list of hosts or of knowledge base entries into pages and writes one of them, record by record.

Paging [recorded]: hosts ascending by id; when hosts are left, WARNING 1980 is the last child of RESPONSE and its URL
holds all parameters of the call, with `id_min` as the id of the first host of the next page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Callable, Generic, NamedTuple, Optional, Protocol, TypeVar
from urllib.parse import urlencode

from .clock import stamp
from .exchange import Call
from .markup import Markup
from .nodes import Node

DEFAULT_LIMIT = 1000
FOREIGN_HOST = "https://qualysapi.elsewhere.example"


class Numbered(Protocol):
    """What a page can hold: anything with an id that the next page can begin with."""

    @property
    def id(self) -> int: ...


Listed = TypeVar("Listed", bound=Numbered)


class Record(NamedTuple):
    """One host, or one entry of the knowledge base, of an answer: its element, and how many findings are in it."""

    id: int
    node: Node
    findings: int = 0


class Page(Generic[Listed]):
    """The first `limit` of `records` (0: all); `next_id` is known once they have been taken.

    `overlaps`: the next page begins with the last host of this one. `repeats`: it begins where this one began.
    """

    def __init__(self, records: Iterable[Listed], limit: int, *, overlaps: bool = False, repeats: bool = False) -> None:
        self._records = records
        self._limit = limit
        self._overlaps = overlaps and limit > 1
        self._repeats = repeats
        self.next_id: Optional[int] = None

    @property
    def limit(self) -> int:
        """How many records the page holds at most; 0: all."""
        return self._limit

    def __iter__(self) -> Iterator[Listed]:
        last_id = None
        for taken, record in enumerate(self._records):
            if self._limit and taken == self._limit:
                self.next_id = self.next_id or (last_id if self._overlaps else record.id)
                return
            if self._repeats and not taken:
                self.next_id = record.id
            last_id = record.id
            yield record


def page_limit(values: Mapping[str, Any], most: Optional[int], usual: int = DEFAULT_LIMIT) -> int:
    """How many records an answer may hold: what the call asks for (0: all), `usual` if it does not say, at most `most`
    if that is given."""
    asked: int = values.get("truncation_limit", usual)
    return min(asked or most, most) if most else asked


class Writer:
    """Writes one page as the answer to `call`."""

    def __init__(self, call: Call, markup: Markup, base_url: str, now_s: int) -> None:
        self._call = call
        self._markup = markup
        self._base_url = base_url
        self._now_s = now_s

    def listed(self, name: str, page: Page[Record], note: Callable[[Record], None]) -> Iterator[bytes]:
        """The answer with the list `name`, in pieces of one record; `note` hears of each record as it leaves."""
        yield self.opening()
        empty = True
        for record in page:
            start = f"    <{name}>\n" if empty else self._markup.keepalive()
            empty = False
            note(record)
            yield _bytes(start + self._markup.write(record.node, 3))
        yield _bytes("" if empty else f"    </{name}>\n") + self.warning(page) + self.closing()

    def ids(self, page: Page[Record], note: Callable[[Record], None]) -> Iterator[bytes]:
        """The answer with an ID_SET; neighbors become an ID_RANGE."""
        yield self.opening()
        records = list(page)
        for record in records:
            note(record)
        spans = tuple(_spans([record.id for record in records]))
        listed = self._markup.write(Node("ID_SET", children=spans), 2) if spans else ""
        yield _bytes(listed) + self.warning(page) + self.closing()

    def opening(self) -> bytes:
        """From the XML declaration to DATETIME."""
        echoed = self._call.params.get("echo_request") == "1"
        return _bytes(self._markup.opening(self._now_s, self._request() if echoed else ""))

    def closing(self) -> bytes:
        """From the end of RESPONSE on."""
        return _bytes(self._markup.closing(self._now_s))

    def warning(self, page: Page[Listed]) -> bytes:
        """Where the next page is, if there is one."""
        if page.next_id is None:
            return b""
        host = FOREIGN_HOST if self._call.twist == "foreign_next" else self._base_url
        query = urlencode(sorted({**self._call.params, "id_min": str(page.next_id)}.items()))
        text = f"{page.limit} record limit exceeded. Use URL to get next batch of results."
        return _bytes(
            f"    <WARNING>\n      <CODE>1980</CODE>\n      <TEXT>{text}</TEXT>\n"
            f"      <URL><![CDATA[{host}{self._call.path}?{query}]]></URL>\n    </WARNING>\n"
        )

    def _request(self) -> str:
        params = tuple(
            Node("PARAM", children=(Node("KEY", name), Node("VALUE", value)))
            for name, value in self._call.params.items()
        )
        children = (
            Node("DATETIME", stamp(self._now_s)),
            Node("USER_LOGIN", self._call.username),
            Node("RESOURCE", self._base_url + self._call.path),
            Node("PARAM_LIST", children=params),
        )
        return self._markup.write(Node("REQUEST", children=children), 1)


def _spans(ids: list[int]) -> Iterator[Node]:
    for _, run in groupby(enumerate(ids), key=lambda placed: placed[1] - placed[0]):
        neighbors = [ident for _, ident in run]
        if len(neighbors) == 1:
            yield Node("ID", str(neighbors[0]))
        else:
            yield Node("ID_RANGE", f"{neighbors[0]}-{neighbors[-1]}")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
