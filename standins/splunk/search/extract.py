"""EXTRACT, REPORT and automatic key=value extraction: from the raw text to fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from standins.splunk.search.attributes import is_on
from standins.splunk.search.errors import KnowledgeError, Place
from standins.splunk.search.patterns import pcre
from standins.splunk.search.values import Fields, values_of

_IN_FIELD = re.compile(r"(?P<regex>.*)\s+in\s+(?P<field>\w+)", re.DOTALL)
_FORMAT = re.compile(r"(?P<name>\$\d|\w+)::(?P<value>\$\d)")
_AUTO_KV = r'(\w[\w.:-]*)=(?|"([^"]*)"|([^",;\s]+))'


class Extractor(Protocol):
    """Adds to an event's fields what it finds in them."""

    def apply(self, fields: Fields) -> None: ...


@dataclass(frozen=True)
class Extraction:
    """One pattern applied to one field; the first value of a name stays unless `mv_add` collects them."""

    pattern: Any
    pairs: tuple[tuple[str, str], ...] = ()
    """(name, value) of FORMAT, each a literal or `$n`; empty: the pattern's named groups."""
    source: str = "_raw"
    once: bool = False
    mv_add: bool = False
    clean_keys: bool = True
    keep_empty: bool = False

    def apply(self, fields: Fields) -> None:
        """Adds what the pattern finds, at every match or at the first, as `once` says."""
        for subject in values_of(fields, self.source):
            for match in self.pattern.finditer(subject):
                for name, value in self._found(match):
                    self._add(fields, name, value)
                if self.once:
                    break

    def _found(self, match: Any) -> Iterator[tuple[str, str]]:
        if not self.pairs:
            yield from ((name, value) for name, value in match.groupdict().items() if value is not None)
        for name, value in self.pairs:
            yield _filled(name, match), _filled(value, match)

    def _add(self, fields: Fields, name: str, value: str) -> None:
        name = clean_key(name) if self.clean_keys else name
        if not name or not (value or self.keep_empty):
            return
        if name not in fields:
            fields[name] = value
        elif self.mv_add:
            fields[name] = [*values_of(fields, name), value]


def clean_key(name: str) -> str:
    """CLEAN_KEYS: what is no ASCII letter or digit becomes `_`; leading `_` and digits go."""
    return re.sub(r"^[_0-9]+", "", re.sub(r"[^A-Za-z0-9]", "_", name))


AUTO_KV = Extraction(pcre(_AUTO_KV), (("$1", "$2"),))
"""KV_MODE = auto, for plain `key=value` and `key="value"`; Splunk's own rules go further and are not documented."""


def parse_extract(value: str, place: Place) -> Extraction:
    """`EXTRACT-x = <regex> [in <field>]`: named groups, first match only."""
    shape = _IN_FIELD.fullmatch(value)
    regex, source = (shape.group("regex"), shape.group("field")) if shape else (value, "_raw")
    pattern = _compiled(regex, place)
    if not pattern.groupindex:
        raise place.error("has no named group, so it extracts nothing")
    return Extraction(pattern, source=source, once=True)


def parse_transform(attributes: Mapping[str, str], place: Place) -> Extraction:
    """A REGEX stanza of transforms.conf used by a REPORT."""
    if "REGEX" not in attributes:
        raise place.error("a REPORT needs a REGEX here")
    pattern = _compiled(attributes["REGEX"], place.at("REGEX"))
    pairs = _pairs(attributes.get("FORMAT", ""), pattern.groups, place.at("FORMAT"))
    if not pairs and not pattern.groupindex:
        raise place.error("has neither FORMAT nor named groups, so it extracts nothing")
    return Extraction(
        pattern,
        pairs,
        source=attributes.get("SOURCE_KEY", "_raw"),
        mv_add=is_on(attributes, "MV_ADD", default=False),
        clean_keys=is_on(attributes, "CLEAN_KEYS", default=True),
        keep_empty=is_on(attributes, "KEEP_EMPTY_VALS", default=False),
    )


def _compiled(regex: str, place: Place) -> Any:
    try:
        return pcre(regex)
    except KnowledgeError as error:
        raise place.error(str(error)) from error


def _pairs(text: str, groups: int, place: Place) -> tuple[tuple[str, str], ...]:
    pairs = []
    for word in text.split():
        shape = _FORMAT.fullmatch(word)
        if shape is None:
            raise place.error(f"cannot read {word!r}; only name::$n and $n::$n are known")
        pairs.append((shape.group("name"), shape.group("value")))
        missing = [part for part in pairs[-1] if part.startswith("$") and not 0 < int(part[1:]) <= groups]
        if missing:
            raise place.error(f"the REGEX has no group {missing[0]}")
    return tuple(pairs)


def _filled(template: str, match: Any) -> str:
    return str(match.group(int(template[1:])) or "") if template.startswith("$") else template
