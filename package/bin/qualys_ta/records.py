"""The records of an XML answer, one small tree each, so that memory depends on the largest record, not on the page.

`RecordReader` reads what an `Inspector` found whole. `PageReader` does both in one pass, for a page whose records may
be read before it is known to be whole, because what becomes of them waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO, Optional, Union
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from .errors import Refused, TryLater
from .scrubber import Scrubber
from .xmlpage import (
    ANY,
    CHUNK,
    DEEPEST,
    LARGEST_RECORD,
    LONGEST_TEXT,
    MOST_LISTS,
    MOST_LISTS_OF_OWNERS,
    MOST_TEXTS,
    TOO_DEEP,
    Inspector,
    Noted,
    Told,
)

Listed = tuple[list[Element], str]
"""Elements of a list, and the ID of the list's owner."""


class RecordReader:
    """The records of an answer that an `Inspector` found whole, in document order, one small tree each.

    ElementTree's own C parser builds the trees: it costs two thirds of feeding a TreeBuilder from expat's handlers.
    What it would expand or refuse, the inspector has refused (entity declarations) or `noted` (names of entities that
    only the DTD could explain: they stay as they are written). Raises TryLater where the file changed since.

    Unless it `keeps_lines`, line feeds are read as spaces. expat reports each on its own, and ElementTree keeps a list
    for every indented line: without them reading costs a fifth less.

    `owner`, `glossary` and `lists` as in `feed.Resource`: the method `lists` reads what the other lists hold, too.
    """

    def __init__(
        self,
        record: tuple[str, ...],
        noted: Noted,
        keeps_lines: bool = True,
        owner: tuple[str, ...] = (),
        glossary: tuple[str, ...] = (),
        lists: tuple[tuple[str, ...], ...] = (),
    ) -> None:
        self._owners = "/".join(("*", *owner)) if owner else ""
        start = ("*",) if not owner else ()
        self._lists = [("/".join((*start, *record[len(owner) : -1])), record[-1])]
        if glossary:
            self._lists.append(("/".join((*start, *glossary[len(owner) :], "*")), ANY))
        self._lists += [("/".join((*start, *path[:-1])), path[-1]) for path in lists]
        self._most = MOST_LISTS_OF_OWNERS if glossary else MOST_LISTS
        self._noted = noted
        self._keeps_lines = keeps_lines
        builder = TreeBuilder()
        self.top = builder.start("answer", {})
        self._parser = XMLParser(target=builder, encoding="utf-8")  # noqa: S314 - inspected; defusedxml's is not in C
        self._parser.entity.update((name, f"&{name};") for name in noted.entities)

    def before(self, path: str) -> str:
        """A text that stood before the record that was read last; "" where there was none."""
        return (self.top.findtext(f"*/{path}") or "").strip()

    def records(self, file: BinaryIO) -> Iterator[Element]:
        return chain.from_iterable(elements for elements, _owner in self.lists(file))

    def lists(self, file: BinaryIO) -> Iterator[Listed]:
        """Records, and what a glossary holds, as they come, with the ID of their owner; "" where there is none."""
        try:
            yield from self._lists_of(file)
        except ParseError as error:
            raise TryLater(f"The answer changed after it was found whole: {error}.") from None

    def _lists_of(self, file: BinaryIO) -> Iterator[Listed]:
        scrubber = Scrubber()
        final, waiting = False, 0
        while not final:
            chunk = file.read(CHUNK)
            final = not chunk
            self._feed(chunk if self._noted.is_clean else scrubber.text(chunk, final), final)
            waiting += len(chunk)
            for elements, owner in self._take(final):
                if elements:
                    waiting = 0
                    yield elements, owner
            if waiting > LARGEST_RECORD:
                raise Refused(f"The answer holds more than {LARGEST_RECORD >> 20} MB in which no record ends.")

    def _feed(self, chunk: Union[str, bytes], final: bool) -> None:
        if not self._keeps_lines:
            chunk = chunk.replace(b"\n", b" ") if isinstance(chunk, bytes) else chunk.replace("\n", " ")
        self._parser.feed(chunk)
        if final:
            self._parser.close()

    def _take(self, final: bool) -> Iterator[Listed]:
        """What has come so far but for the last of each list, which may still be open."""
        for number, (found, record, owner) in enumerate(self._found()):
            if number == self._most:
                raise Refused("The answer holds more lists of records than any answer of the platform does.")
            done = found[:] if final else found[:-1]
            del found[: len(done)]
            yield (done if record == ANY else [element for element in done if element.tag == record]), owner

    def _found(self) -> Iterator[tuple[Element, str, str]]:
        """The lists that have come so far, what each holds, and whose it is."""
        owners = self.top.iterfind(self._owners) if self._owners else (self.top,)
        for owner in owners:
            told = (owner.findtext("ID") or "").strip()
            for path, record in self._lists:
                for found in owner.iterfind(path):
                    yield found, record, told


class Unread(Exception):
    """An answer that is not clean, not whole or not what was promised: an `Inspector` tells which."""


class PageReader(RecordReader):
    """The records of an answer that nobody has looked at yet; `told` is known once they were all read.

    Takes the answer for clean: expat itself refuses what a `Scrubber` would replace or drop, and entities that only a
    DTD could explain. Entities can be declared before the root only; so far an `Inspector` reads along. Raises `Unread`
    for whatever is not as expected.
    """

    def __init__(
        self,
        record: tuple[str, ...],
        root: str,
        keeps_lines: bool = True,
        owner: tuple[str, ...] = (),
        glossary: tuple[str, ...] = (),
        lists: tuple[tuple[str, ...], ...] = (),
    ) -> None:
        super().__init__(record, Noted(), keeps_lines, owner, glossary, lists)
        self.told = Told()
        self._root = root
        self._head: Optional[Inspector] = Inspector(record, glossary)

    def lists(self, file: BinaryIO) -> Iterator[Listed]:
        has_records = False
        try:
            for listed in self._lists_of(file):
                has_records = True
                yield listed
        except (ParseError, TryLater, Refused) as error:
            raise Unread(str(error)) from None
        self.told = Told(self._root, _texts(self.top[0]), has_records)

    def _feed(self, chunk: Union[str, bytes], final: bool) -> None:
        if self._head is not None and isinstance(chunk, bytes):
            self._head.feed(chunk)
            if self._head.root not in ("", self._root):
                raise Unread(f"The answer is a document {self._head.root}.")
            if self._head.root:
                self._head = None
        super()._feed(chunk, final)


def _texts(root: Element) -> dict[str, str]:
    """What `_Outline` would have kept of an answer whose records were taken out."""
    texts: dict[str, str] = {}
    waiting = [("", root)]
    while waiting:
        path, element = waiting.pop()
        start = f"{path}/" if path else ""
        told = {f"{start}@{name}": value for name, value in element.items()}
        told[path] = ((element[-1].tail if len(element) else element.text) or "").strip()
        for name, value in told.items():
            if value and name not in texts:
                texts[name] = value[:LONGEST_TEXT]
        if path.count("/") > DEEPEST:
            raise Unread(TOO_DEEP)
        if len(texts) > MOST_TEXTS:
            raise Unread("The answer holds more outside its records than any answer of the platform does.")
        waiting.extend((start + child.tag, child) for child in reversed(element))
    return texts
