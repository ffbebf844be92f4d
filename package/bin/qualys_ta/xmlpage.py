"""An XML answer: scrubbed and judged while it arrives, read record by record once it is known to be whole.

Two passes on purpose. `Inspector` sees every byte while it is downloaded and says whether the answer is well-formed to
its end, what its root is and what stands before its records; nothing is emitted before that. `RecordReader` reads the
file again and yields one small tree per record, so memory depends on the largest record, not on the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple, Union
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser
from xml.parsers import expat

from .errors import Refused, TryLater
from .scrubber import Scrubber

CHUNK = 1 << 16
LONGEST_TEXT = 1 << 16
MOST_TEXTS = 100
ANY = "*"
"""As the last part of the path of a record: whatever stands in the list."""

MOST_ENTITIES = 1000


def _parser() -> expat.XMLParserType:
    """An expat parser that resolves nothing and expands nothing: an entity declaration is refused.

    Predefined entities and character references are not declarations and work as ever.
    """
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.EntityDeclHandler = _refuse_entity
    return parser


def _refuse_entity(name: str, *_: object) -> None:
    raise Refused(f"The answer declares the XML entity {name!r}; the platform never does, so it was not read.")


class _Outline:
    """Follows an answer outside its records: the root, and the text of every element by its path below the root.

    `texts` holds the first of each (``RESPONSE/DATETIME``, attributes as ``RETURN/@number``). At the start of the first
    record `enter` is called and may set the parser's handlers as it likes; `leave` sets ours again. `ends` counts the
    ends of the root: more than one means that we lost our way.
    """

    def __init__(self, record: tuple[str, ...], enter: Callable[[str, dict[str, str]], None]) -> None:
        self.root = ""
        self.texts: dict[str, str] = {}
        self.parser = _parser()
        self._list, self._record = list(record[:-1]), record[-1]
        self._enter = enter
        self._path: list[str] = []
        self._parts: list[str] = []
        self.ends = 0
        self._listen()

    def leave(self) -> None:
        """Go on behind all records, where their list ends."""
        del self._path[-2:]
        self._parts.clear()
        self._listen()

    def _listen(self) -> None:
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._parts.append

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if self.root:
            self._path.append(tag)
        self.root = self.root or tag
        self._parts.clear()
        if self._path and self._path[:-1] == self._list and self._record in (tag, ANY):
            self._enter(tag, attributes)
            return
        for name, value in attributes.items():
            self._keep(f"@{name}", value)

    def _end(self, _tag: str) -> None:
        self._keep("", "".join(self._parts).strip())
        self._parts.clear()
        if self._path:
            self._path.pop()
        else:
            self.ends += 1

    def _keep(self, attribute: str, text: str) -> None:
        path = "/".join(filter(None, (*self._path, attribute)))
        if not text or path in self.texts:
            return
        if len(self.texts) >= MOST_TEXTS:  # leaving one out could be leaving out the link to the next page
            raise Refused("The answer holds more outside its records than any answer of the platform does.")
        self.texts[path] = text[:LONGEST_TEXT]


class _Passed(dict[str, None]):
    """End tags let pass at C's speed (`__getitem__` is the handler); `over` is called at the one that is awaited."""

    def __init__(self, awaited: str, over: Callable[[], None]) -> None:
        super().__init__()
        self._awaited = awaited
        self._over = over

    def __missing__(self, tag: str) -> None:
        if tag == self._awaited:
            self._over()
        elif len(self) < MOST_TEXTS:
            self[tag] = None


class Noted(NamedTuple):
    """What an `Inspector` saw: whether every byte may be parsed as it is, and the entities that nothing explains."""

    is_clean: bool = True
    entities: frozenset[str] = frozenset()


class Inspector:
    """Judges an answer while it arrives: `feed` every chunk, then `close`.

    `root` and `texts` tell what stands before and after the records; over these, expat runs all but without us.
    Raises TryLater where the text is not well-formed (a cut body, a proxy's page) and Refused for an entity.
    """

    def __init__(self, record: tuple[str, ...]) -> None:
        self.scrubber = Scrubber()
        self.has_records = False
        self._outline = _Outline(record, self._skip_records)
        self._passed = _Passed("".join(record[-2:-1]), self._outline.leave)

        self._entities: set[str] = set()
        self._outline.parser.SkippedEntityHandler = self._note_entity

    @property
    def root(self) -> str:
        return self._outline.root

    @property
    def noted(self) -> Noted:
        """What the reader of the records must know."""
        return Noted(self.scrubber.is_clean, frozenset(self._entities))

    @property
    def texts(self) -> dict[str, str]:
        return self._outline.texts

    def feed(self, chunk: bytes) -> None:
        _parse(self._outline.parser, self.scrubber.text(chunk), False)

    def close(self) -> None:
        _parse(self._outline.parser, self.scrubber.text(b"", final=True), True)
        if self._outline.ends != 1:
            raise Refused("The answer holds a list of records inside a record, so its next page cannot be found.")

    def _note_entity(self, name: str, is_parameter: bool) -> None:
        if len(self._entities) >= MOST_ENTITIES:
            raise Refused("The answer uses more entities than any DTD of the platform could explain.")
        if not is_parameter:
            self._entities.add(name)

    def _skip_records(self, _tag: str, _attributes: dict[str, str]) -> None:
        self.has_records = True
        parser = self._outline.parser
        parser.StartElementHandler = parser.CharacterDataHandler = None
        parser.EndElementHandler = self._passed.__getitem__


class RecordReader:
    """The records of an answer that an `Inspector` found whole, in document order, one small tree each.

    ElementTree's own C parser builds the trees: it costs two thirds of feeding a TreeBuilder from expat's handlers.
    What it would expand or refuse, the inspector has refused (entity declarations) or `noted` (names of entities that
    only the DTD could explain: they stay as they are written). Raises TryLater where the file changed since.
    """

    def __init__(self, record: tuple[str, ...], noted: Noted) -> None:
        self._lists = "/".join(("*", *record[:-1]))
        self._record = record[-1]
        self._noted = noted
        builder = TreeBuilder()
        self._top = builder.start("answer", {})
        self._parser = XMLParser(target=builder, encoding="utf-8")  # noqa: S314 - inspected; defusedxml's is not in C
        self._parser.entity.update((name, f"&{name};") for name in noted.entities)

    def records(self, file: BinaryIO) -> Iterator[Element]:
        scrubber = Scrubber()
        final = False
        while not final:
            chunk = file.read(CHUNK)
            final = not chunk
            self._feed(chunk if self._noted.is_clean else scrubber.text(chunk, final), final)
            yield from self._take(final)

    def _feed(self, chunk: Union[str, bytes], final: bool) -> None:
        try:
            self._parser.feed(chunk)
            if final:
                self._parser.close()
        except ParseError as error:
            raise TryLater(f"The answer changed after it was found whole: {error}.") from None

    def _take(self, final: bool) -> Iterator[Element]:
        """The records that have come so far but for the last, which may still be open."""
        for found in self._top.iterfind(self._lists):
            keep = 0 if final else 1
            done = found[: len(found) - keep]
            del found[: len(done)]
            yield from (record for record in done if self._record in (record.tag, ANY))


def _parse(parser: expat.XMLParserType, text: str, final: bool) -> None:
    try:
        parser.Parse(text, final)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise TryLater(f"The answer is not whole: {reason}, line {error.lineno}, column {error.offset}.") from None
