"""The records of a JSON answer, one after the other, so that memory depends on the largest record, not on the page.

Every value is read by `json` itself, wherever the pieces of the file end: nothing is cut at brackets or commas.
"""

from __future__ import annotations

import codecs
import json
import math
from collections.abc import Iterator
from typing import Any, BinaryIO, Optional, Union

from .errors import Refused, TaError, TryLater
from .records import Unread
from .xmlpage import CHUNK, LARGEST_RECORD, LONGEST_TEXT, MOST_TEXTS, Told

LIST, OTHER = "[]", "{}"
"""The root of an answer that holds the promised list, and of any other."""

RECORDS, CURSOR = "@records", "@cursor"
"""Told of a page: how many records it holds, and what its last one says of where to go on, as JSON."""

_SPACE = " \t\r\n"


def _finite(digits: str) -> Union[float, str]:
    """A number too large to be told as one stays text: JSON knows no infinity."""
    number = float(digits)
    return number if math.isfinite(number) else digits


_raw_decode = json.JSONDecoder(parse_constant=lambda _name: None, parse_float=_finite).raw_decode


class JsonReader:
    """Reads the list at `record`: ``()`` is the answer itself, ``("data",)`` what stands under this name.

    `cursor` is the name under which a record says where to go on behind it; "" where none does. `told` is known once
    all records were read. Raises `Unread` for what is no JSON to its end, Refused for what no answer of the platform
    is.
    """

    def __init__(self, record: tuple[str, ...], cursor: str = "") -> None:
        self._name = "".join(record[:1])
        self._cursor = cursor
        self.told = Told()

    def records(self, file: BinaryIO) -> Iterator[dict[str, Any]]:
        text = _Text(file)
        try:
            yield from self._read(text)
        except RecursionError:
            raise Refused("The answer holds values nested deeper than any answer of the platform does.") from None
        except ValueError as error:
            raise Unread(f"The answer is not whole, or no JSON: {error}.") from None

    def lists(self, file: BinaryIO) -> Iterator[tuple[list[dict[str, Any]], str]]:
        """As those of an XML answer; no list has an owner."""
        return (([record], "") for record in self.records(file))

    def _read(self, text: _Text) -> Iterator[dict[str, Any]]:
        told: dict[str, str] = {}
        count, last = 0, None
        if self._found(text, told):
            for record in text.items():
                if not isinstance(record, dict):
                    raise Refused(f"The answer holds {str(record)[:40]!r} in the place of a record.")
                count, last = count + 1, record.get(self._cursor)
                yield record
            told[RECORDS] = str(count)
            if self._name:
                self._rest(text, told)
        text.end()
        if last:
            told[CURSOR] = json.dumps(last)
        self.told = Told(LIST if RECORDS in told else OTHER, told, count > 0, text.replaced)

    def _found(self, text: _Text, told: dict[str, str]) -> bool:
        """Go to the list; what stands before it is told. False where there is none, at the end of the answer."""
        first = text.peek()
        if first == "[" and not self._name:
            return True
        if first != "{":
            text.value()
            return False
        text.skip("{")
        if text.peek() == "}":
            text.skip("}")
            return False
        return self._names(text, told, self._name or None)

    def _rest(self, text: _Text, told: dict[str, str]) -> None:
        if text.peek() == ",":
            text.skip(",")
            self._names(text, told, None)
        else:
            text.skip("}")

    def _names(self, text: _Text, told: dict[str, str], wanted: Optional[str]) -> bool:
        """Read names and values up to the list that is wanted, or to the end of the object."""
        while True:
            if text.peek() != '"':
                raise ValueError("a name is expected")
            name = str(text.value())
            text.skip(":")
            if name == wanted and text.peek() == "[":
                return True
            value = text.value()
            if len(told) < MOST_TEXTS and isinstance(value, (str, int, float, bool)):
                told[name] = str(value)[:LONGEST_TEXT]
            if text.peek() == "}":
                text.skip("}")
                return False
            text.skip(",")


class _Text:
    """A file as text of which a value after the other is read. Bytes that are not UTF-8 become U+FFFD."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text, self._at, self._is_over = "", 0, False
        self.replaced = 0

    def peek(self) -> str:
        """The next character that is no white space; "" at the end."""
        here = self._text[self._at : self._at + 1]
        if here and here not in _SPACE:
            return here
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text) or not self._more(CHUNK):
                return self._text[self._at : self._at + 1]

    def skip(self, character: str) -> None:
        if self.peek() != character:
            raise ValueError(f"{character!r} is expected")
        self._at += 1

    def value(self) -> Any:
        """The next value. More of the file is read, each time twice as much, until it is whole."""
        self.peek()
        size = CHUNK
        while True:
            try:
                value, end = _raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                if not self._more(size):
                    raise
            else:
                half = end == len(self._text) or self._text[end] in ".eE"  # of a number
                if not half or not self._more(size):
                    self._at = end
                    return value
            size *= 2
            if len(self._text) - self._at > LARGEST_RECORD:
                raise Refused(f"The answer holds one value of more than {LARGEST_RECORD >> 20} MB.")

    def items(self) -> Iterator[Any]:
        """The items of the list that begins here."""
        self.skip("[")
        here = self.peek()
        while here != "]":
            yield self.value()
            here = self.peek()
            if here == ",":
                self._at += 1
                here = self.peek()
                if here == "]":
                    raise ValueError("a value is expected")
            elif here != "]":
                raise ValueError("a comma is expected")
        self.skip("]")

    def end(self) -> None:
        if self.peek():
            raise ValueError("nothing more is expected")

    def _more(self, size: int) -> bool:
        """Read on; False at the end of the file."""
        if self._is_over:
            return False
        chunk = self._file.read(size)
        self._is_over = not chunk
        text = self._decoder.decode(chunk, final=self._is_over)
        self.replaced += text.count("\ufffd") - chunk.count(b"\xef\xbf\xbd")
        self._text, self._at = self._text[self._at :] + text, 0
        return True


def inspected(file: BinaryIO, record: tuple[str, ...], cursor: str = "") -> tuple[Told, Optional[TaError]]:
    """What an answer says, read to its end, and why it cannot be read where it cannot."""
    start = file.read(CHUNK).lstrip()
    file.seek(0)
    reader = JsonReader(record, cursor)
    try:
        for _ in reader.records(file):
            pass
    except Unread as error:
        return Told("html" if start[:1] == b"<" else ""), TryLater(str(error))
    except Refused as error:
        return Told(), error
    return reader.told, None
