"""Searches: a condition, then commands joined by pipes. Only the commands of the shipped searches are known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from standins.splunk.search.aggregates import AGGREGATING
from standins.splunk.search.charts import CHARTING
from standins.splunk.search.commands import ROWWISE, Clock, Command, Step
from standins.splunk.search.conditions import Condition, parse_condition
from standins.splunk.search.errors import Place
from standins.splunk.search.lookup_commands import Tables, lookup_commands
from standins.splunk.search.macros import Macro, expand
from standins.splunk.search.values import Fields

COMMANDS: Mapping[str, Command] = {**ROWWISE, **AGGREGATING, **CHARTING}
SEARCHED_BY_DEFAULT = "main"
"""The only index a user searches who names none."""

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_BETWEEN_PIPES = re.compile(rf'(?:{_QUOTED}|\[(?:{_QUOTED}|[^\]"])*\]|[^|"\[])+', re.DOTALL)
_BRACKETED = re.compile(r"\[(.*)\]", re.DOTALL)
_GENERATING = re.compile(r"\s*\|\s*(?=inputlookup\b)")
"""A search that starts with a pipe starts from what its first command makes, not from events."""


@dataclass(frozen=True)
class Search:
    """A parsed search: which events it starts from, and what each command does to the rows."""

    base: Condition
    steps: tuple[Step, ...]

    def run(self, events: Iterable[Fields], clock: Clock) -> list[Fields]:
        """Events come newest first, as Splunk returns them."""
        named = "index" in self.base.names
        rows = [e for e in events if (named or e["index"] == SEARCHED_BY_DEFAULT) and self.base.holds(e)]
        for step in self.steps:
            rows = step(rows, clock)
        return rows


def parse_search(spl: str, macros: Mapping[str, Macro], tables: Tables, place: Place) -> Search:
    """Raises KnowledgeError, naming the place, for an unknown macro, command, function, lookup or option."""
    expanded = expand(spl, macros, place)
    generated = _GENERATING.sub("* | ", expanded, count=1) if _GENERATING.match(expanded) else expanded
    base, *commands = _split(generated, place)
    condition = parse_condition(re.sub(r"^search\s", "", base), place)
    known = {**COMMANDS, **lookup_commands(tables)}
    known["appendpipe"] = lambda arguments, place: _appendpipe(arguments, place, known)
    return Search(condition, tuple(_step(command, known, place) for command in commands))


def _appendpipe(arguments: str, place: Place, known: Mapping[str, Command]) -> Step:
    """`appendpipe [commands]`: the rows so far, and behind them what the commands make of them."""
    found = _BRACKETED.fullmatch(arguments.strip())
    if not found:
        raise place.error(f"appendpipe wants commands in brackets, not {arguments!r}")
    steps = [_step(command, known, place) for command in _split(found.group(1), place)]

    def appended(rows: list[Fields], clock: Clock) -> list[Fields]:
        made = [dict(row) for row in rows]
        for step in steps:
            made = step(made, clock)
        return [*rows, *made]

    return appended


def _split(spl: str, place: Place) -> list[str]:
    """The text between the pipes that stand outside quotes."""
    parts = _BETWEEN_PIPES.findall(spl)
    commands = [part.strip() for part in parts]
    if "|".join(parts) != spl or not all(commands):
        raise place.error(f"a command is empty or a quote is never closed in {spl!r}")
    return commands


def _step(command: str, known: Mapping[str, Command], place: Place) -> Step:
    name, *arguments = command.split(None, 1)
    if name not in known:
        raise place.error(f"unknown search command {name!r}")
    return known[name]("".join(arguments), place)
