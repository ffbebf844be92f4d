"""What a person may ask of the WAS finding API beside what the add-on asks: criteria, written as the API's own XML.

Source: WAS API guide, "Finding search" (fields, their types, and the operators of each type).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple, Optional

from ..criteria import Criterion, criterion_params
from ..errors import ConfigError
from ..times import is_time

SETTING = "extra_was_params"


class Kind(NamedTuple):
    """A type of values: what one is called and looks like, what may be asked of it, and all there are where these are
    known: the platform takes others, and finds nothing."""

    name: str
    form: re.Pattern[str]
    operators: tuple[str, ...]
    choices: tuple[str, ...] = ()


_COMPARED = ("EQUALS", "NOT EQUALS", "GREATER", "LESSER", "IN")
NUMBER = Kind("a whole number", re.compile(r"[0-9]{1,18}", re.ASCII), _COMPARED)
DATE = Kind("a UTC time such as 2024-01-31T00:00:00Z", re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z"), _COMPARED)
TEXT = Kind("a text on one line", re.compile(r"[^\x00-\x1f\x7f]+"), ("EQUALS", "NOT EQUALS", "CONTAINS"))
WORD = Kind("a word such as ACTIVE", re.compile(r"[A-Z][A-Z0-9_]{0,63}", re.ASCII), ("EQUALS", "NOT EQUALS", "IN"))
SEVERITY = NUMBER._replace(choices=("1", "2", "3", "4", "5"))
TYPE = WORD._replace(choices=("VULNERABILITY", "SENSITIVE_CONTENT", "INFORMATION_GATHERED"))
STATUS = WORD._replace(choices=("NEW", "ACTIVE", "REOPENED", "FIXED", "PROTECTED"))

ALLOWED: Mapping[str, Kind] = {
    "qid": NUMBER,
    "name": TEXT,
    "type": TYPE,
    "url": TEXT,
    "status": STATUS,
    "severity": SEVERITY,
    "patch": NUMBER,
    "webApp.id": NUMBER,
    "webApp.name": TEXT,
    "webApp.tags.id": NUMBER,
    "webApp.tags.name": TEXT,
    "ignoredDate": DATE,
    "ignoredReason": WORD,
    "group": WORD,
    "owasp.name": TEXT,
    "owasp.code": NUMBER,
    "wasc.name": TEXT,
    "wasc.code": NUMBER,
    "cwe.id": NUMBER,
    "firstDetectedDate": DATE,
    "lastDetectedDate": DATE,
    "timesDetected": NUMBER,
}
"""Field -> the type of its values."""

FORBIDDEN = {
    "id": "the add-on pages through the findings by their ids",
    "lastTestedDate": "the checkpoint decides from when on findings are pulled; use the input's start date, or Start "
    "again from",
}
"""Field -> why a person may not ask for it."""

EXAMPLE = '<filters><Criteria field="severity" operator="GREATER">3</Criteria></filters>'
_WRAPPER = "<filters>"


class _Found(NamedTuple):
    """A criterion as it was written, and where: line and column, both from 1."""

    line: int
    column: int
    criterion: Criterion


def parse_filters(text: str) -> dict[str, str]:
    """Criteria as parameters (see `criteria`) from ``<filters><Criteria …>``; the wrapper may be left out.

    Raises ConfigError, with line and column, for the first thing that is not such XML or not allowed.
    """
    if "<!DOCTYPE" in text:
        raise ConfigError("a DTD is not read: write the filters alone.", SETTING)
    bare = text.startswith("<Criteria")
    reader = _Reader(len(_WRAPPER) if bare else 0)
    found = reader.read(f"{_WRAPPER}{text}</filters>" if bare else text)
    if not found:
        raise ConfigError(f"there is no Criteria in it. Write {EXAMPLE}.", SETTING)
    return criterion_params(_checked(each) for each in found)


def _checked(found: _Found) -> Criterion:
    field, operator, value = found.criterion
    kind = ALLOWED.get(field)
    if field in FORBIDDEN:
        raise _wrong(found, f"{field} is not allowed: {FORBIDDEN[field]}.")
    if kind is None:
        raise _wrong(found, f"{field!r} is no field to filter by; choose from {', '.join(ALLOWED)}.")
    if operator not in kind.operators:
        raise _wrong(found, f"{operator!r} is no operator for {field}; choose from {', '.join(kind.operators)}.")
    values = [each.strip() for each in value.split(",")] if operator == "IN" else [value]
    for each in values:
        if not kind.form.fullmatch(each) or (kind is DATE and not is_time(each)):
            listed = ", or several with commas between" if operator == "IN" else ""
            raise _wrong(found, f"{field} {operator} wants {kind.name}{listed}, not {each[:80]!r}.")
        if kind.choices and each not in kind.choices:
            choices = ", ".join(kind.choices)
            raise _wrong(found, f"{field} {operator}: {each[:80]!r} is unknown; choose from {choices}.")
    return Criterion(field, operator, ",".join(values))


def _wrong(found: _Found, message: str) -> ConfigError:
    return _error(found.line, found.column, message)


def _error(line: int, column: int, message: str) -> ConfigError:
    return ConfigError(f"line {line}, column {column}: {message}", SETTING)


class _Reader:
    """Reads the criteria of one text. Entities are those of XML alone; `added`: columns put before its first line."""

    def __init__(self, added: int) -> None:
        from xml.parsers import expat  # a tick that is not due must not load it

        self._added = added
        self._error = expat.ExpatError
        self._reason = expat.ErrorString
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._hear
        self._depth = 0
        self._open: Optional[_Found] = None
        self._parts: list[str] = []
        self._found: list[_Found] = []

    def read(self, text: str) -> list[_Found]:
        try:
            self._parser.Parse(text, True)
        except self._error as error:
            message = f"{self._reason(error.code)}. Write {EXAMPLE}."
            raise _error(error.lineno, self._column(error.lineno, error.offset), message) from None
        except UnicodeEncodeError:
            raise ConfigError("it holds half a character, which no XML can.", SETTING) from None
        return self._found

    def _column(self, line: int, offset: int) -> int:
        return offset + 1 - (self._added if line == 1 else 0)

    def _here(self) -> tuple[int, int]:
        line = self._parser.CurrentLineNumber
        return line, max(1, self._column(line, self._parser.CurrentColumnNumber))

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        expected = ("filters", "Criteria")[self._depth] if self._depth < 2 else ""
        if tag != expected:
            inside = f"expected {expected}, as in {EXAMPLE}" if expected else "a Criteria holds text only"
            raise _error(*self._here(), f"<{tag[:80]}> is not expected: {inside}.")
        wanted = {"field", "operator"} if self._depth else set()
        if attributes.keys() != wanted:
            raise _error(*self._here(), f"<{tag}> takes {' and '.join(sorted(wanted)) or 'no attributes'}.")
        if self._depth:
            told = (attributes["field"].strip(), " ".join(attributes["operator"].split()).upper())
            self._open = _Found(*self._here(), Criterion(*told, ""))
        self._depth += 1

    def _hear(self, text: str) -> None:
        if self._open:
            self._parts.append(text)
        elif text.strip():
            raise _error(*self._here(), f"{text.strip()[:80]!r} stands outside every Criteria.")

    def _end(self, _tag: str) -> None:
        self._depth -= 1
        if self._open:
            value = "".join(self._parts).strip()
            self._found.append(self._open._replace(criterion=self._open.criterion._replace(value=value)))
            self._open = None
            self._parts.clear()
