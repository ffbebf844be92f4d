"""Search macros: `` `name` `` and `` `name(argument, …)` `` become their definitions before anything else is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from standins.splunk.search.errors import Place

_CALL = re.compile(r"`([^`]*)`")
_SHAPE = re.compile(r"\s*(?P<name>\w+)\s*(?:\((?P<arguments>.*)\))?\s*", re.DOTALL)
_ARGUMENT = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[^,"]*?)\s*(?:,|$)')
_DEEPEST = 10


@dataclass(frozen=True)
class Macro:
    """A definition, with `$argument$` where its arguments go."""

    arguments: tuple[str, ...]
    definition: str


Macros = Mapping[str, Macro]


def read_macros(conf: Mapping[str, Mapping[str, str]]) -> dict[str, Macro]:
    """Macros by stanza name, which carries the number of arguments: `name(2)`. `iseval` is refused."""
    macros = {}
    for stanza, attributes in conf.items():
        place = Place("macros.conf", stanza)
        arguments = tuple(name.strip() for name in attributes.get("args", "").split(",") if name.strip())
        if attributes.get("iseval", "0") not in ("0", "false"):
            raise place.at("iseval").error("macros that are evaluated are not known here")
        if stanza != _key(stanza.split("(")[0], len(arguments)):
            raise place.at("args").error(f"the stanza's name does not say {len(arguments)} arguments")
        if "definition" not in attributes:
            raise place.error("has no definition")
        macros[stanza] = Macro(arguments, attributes["definition"])
    return macros


def expand(source: str, macros: Macros, place: Place, depth: int = 0) -> str:
    """The search with every macro replaced; raises KnowledgeError for one that is not defined or calls itself."""
    if depth > _DEEPEST:
        raise place.error(f"macros nested more than {_DEEPEST} deep in {source!r}")

    def replace(match: re.Match[str]) -> str:
        return expand(_called(match.group(1), macros, place), macros, place, depth + 1)

    return _CALL.sub(replace, source)


def _called(call: str, macros: Macros, place: Place) -> str:
    shape = _SHAPE.fullmatch(call)
    if shape is None:
        raise place.error(f"cannot read the macro call {call!r}")
    given = _ARGUMENT.findall(shape.group("arguments")) if shape.group("arguments") else []
    while given and not given[-1]:
        given.pop()
    macro = macros.get(_key(shape.group("name"), len(given)))
    if macro is None:
        raise place.error(f"unknown macro {_key(shape.group('name'), len(given))}")
    definition = macro.definition
    for name, value in zip(macro.arguments, given):
        definition = definition.replace(f"${name}$", value[1:-1] if value.startswith('"') else value)
    return definition


def _key(name: str, arguments: int) -> str:
    return f"{name}({arguments})" if arguments else name
