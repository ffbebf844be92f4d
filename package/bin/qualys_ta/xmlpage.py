"""An XML answer, scrubbed and judged: is it well-formed to its end, what is its root, what stands around its records?

The records themselves are read by `records`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple
from xml.parsers import expat

from .errors import Refused, TryLater
from .scrubber import Scrubber

CHUNK = 1 << 16
LONGEST_TEXT = 1 << 16
LARGEST_RECORD = 1 << 25
"""In bytes: some 30,000 findings of one host. What grows beyond it while no record ends is not read: its tree would
take a gigabyte and more."""

LARGEST_TAG = 1 << 22
"""In bytes; older versions of expat read a tag anew with each part of it that comes."""

MOST_TEXTS = 100
MOST_LISTS, MOST_LISTS_OF_OWNERS = 16, 200
"""What stands between lists stays in memory. The platform has one in an answer, or ten policies with nine each."""

DEEPEST = 100
"""Elements in each other, outside records: the platform has five. Each costs its path, so many cost its square."""

TOO_DEEP = "The answer holds elements nested deeper than any answer of the platform does."
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
    record `enter` is called and may set the parser's handlers as it likes; `leave` sets ours again. So it is with the
    `glossary`. `ends` counts the ends of the root: more than one means that we lost our way.
    """

    def __init__(self, record: tuple[str, ...], glossary: tuple[str, ...], enter: Callable[[bool], None]) -> None:
        self.root = ""
        self.texts: dict[str, str] = {}
        self.parser = _parser()
        self._list, self._record, self._glossary = list(record[:-1]), record[-1], list(glossary)
        self._enter = enter
        self._path: list[str] = []
        self._parts: list[str] = []
        self._size = 0
        self.ends = 0
        self._listen()

    def leave(self) -> None:
        """Go on behind all records, where their list ends, or behind the glossary. The list may be the root."""
        self.ends += not self._list and self._path != self._glossary
        del self._path[-1 if self._path == self._glossary else -2 :]
        self._silence()
        self._listen()

    def _listen(self) -> None:
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._hear

    def _hear(self, text: str) -> None:
        if self._size < LONGEST_TEXT:  # what is longer is cut anyhow
            self._parts.append(text)
            self._size += len(text)

    def _silence(self) -> None:
        self._parts.clear()
        self._size = 0

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if self.root:
            self._path.append(tag)
        if len(self._path) > DEEPEST:
            raise Refused(TOO_DEEP)
        self.root = self.root or tag
        self._silence()
        if self._path and self._path[:-1] == self._list and self._record in (tag, ANY):
            self._enter(True)
            return
        if self._glossary and self._path == self._glossary:
            self._enter(False)
            return
        for name, value in attributes.items():
            self._keep(f"@{name}", value)

    def _end(self, _tag: str) -> None:
        self._keep("", "".join(self._parts).strip())
        self._silence()
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
        self.awaited = awaited
        self._over = over

    def __missing__(self, tag: str) -> None:
        if tag == self.awaited:
            self._over()
        elif len(self) < MOST_TEXTS:
            self[tag] = None


class Noted(NamedTuple):
    """What an `Inspector` saw: whether every byte may be parsed as it is, and the entities that nothing explains."""

    is_clean: bool = True
    entities: frozenset[str] = frozenset()


class Told(NamedTuple):
    """What an answer says around its records: its root, and texts by path below it (see `_Outline`).

    `replaced` and `dropped` count characters as `Scrubber` does.
    """

    root: str = ""
    texts: Mapping[str, str] = {}
    has_records: bool = False
    replaced: int = 0
    dropped: int = 0


class Inspector:
    """Judges an answer while it arrives: `feed` every chunk, then `close`.

    `root` and `texts` tell what stands before and after the records; over these, expat runs all but without us.
    Raises TryLater where the text is not well-formed (a cut body, a proxy's page) and Refused for an entity.
    """

    def __init__(self, record: tuple[str, ...], glossary: tuple[str, ...] = ()) -> None:
        self.scrubber = Scrubber()
        self.has_records = False
        self._fed = 0
        self._outline = _Outline(record, glossary, self._skip)
        leave = self._outline.leave
        self._records_passed = _Passed("".join(record[-2:-1]), leave)
        self._glossary_passed = _Passed("".join(glossary[-1:]), leave)
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
    def told(self) -> Told:
        scrubbed = self.scrubber
        return Told(self.root, self._outline.texts, self.has_records, scrubbed.replaced, scrubbed.dropped)

    def feed(self, chunk: bytes) -> None:
        parser, text = self._outline.parser, self.scrubber.text(chunk)
        self._fed += len(text) if text.isascii() else len(text.encode("utf-8"))  # as expat counts
        _parse(parser, text, False)
        if self._fed - parser.CurrentByteIndex > LARGEST_TAG:
            raise Refused(f"The answer holds one tag of more than {LARGEST_TAG >> 20} MB.")

    def close(self) -> None:
        _parse(self._outline.parser, self.scrubber.text(b"", final=True), True)
        if self._outline.ends != 1:
            raise Refused("The answer holds a list of records inside a record, so its next page cannot be found.")

    def _note_entity(self, name: str, is_parameter: bool) -> None:
        if len(self._entities) >= MOST_ENTITIES:
            raise Refused("The answer uses more entities than any DTD of the platform could explain.")
        if not is_parameter:
            self._entities.add(name)

    def _skip(self, is_record: bool) -> None:
        self.has_records |= is_record
        self._records_passed.awaited = self._records_passed.awaited or self.root
        parser, passed = self._outline.parser, self._records_passed if is_record else self._glossary_passed
        parser.StartElementHandler = parser.CharacterDataHandler = None
        parser.EndElementHandler = passed.__getitem__


def _parse(parser: expat.XMLParserType, text: str, final: bool) -> None:
    try:
        parser.Parse(text, final)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise TryLater(f"The answer is not whole: {reason}, line {error.lineno}, column {error.offset}.") from None
