"""``bin/search_list.py`` at a terminal: the session token comes on standard input, as for ``bin/diagnose.py``."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from .. import VERSION
from ..checks import one_line
from ..errors import ConfigError, TaError, TryLater
from ..times import utc
from .console import NOT_STARTED, OK, read_token, refuse, write_out
from .log import Log, log_path
from .places import become_splunk, person
from .search_list_options import CREATE, DELETE, LIST, UPDATE, params, parser
from .settings import Settings, go_straight_to_splunkd

FAILED = 1
_WAS = {CREATE: "Created", UPDATE: "Changed", DELETE: "Deleted"}
_WOULD = {
    CREATE: "Would create a dynamic search list",
    UPDATE: "Would change the list",
    DELETE: "Would delete the list",
}
_USE = "To pull its findings only, enter its id on the tab VM: Search lists to include."
_COLUMNS = ("id", "title", "global", "modified", "owner", "criteria")


class Done(Protocol):
    """What the platform said of a change."""

    @property
    def text(self) -> str: ...

    @property
    def id(self) -> str: ...


class Lists(Protocol):
    """The search lists of an account; see `qualys_ta.search_lists`."""

    @property
    def settings(self) -> Settings: ...

    def listed(self, params: Mapping[str, str], *, static: bool) -> Iterable[dict[str, Any]]: ...

    def change(self, action: str, params: Mapping[str, str]) -> Done: ...


Make = Callable[[str, str, str], Lists]
"""(server_uri, session_key, account) -> the lists. `splunk` knows nothing of `api`."""


class _Asked(NamedTuple):
    chosen: argparse.Namespace
    params: Mapping[str, str]


def main(argv: list[str], environ: Mapping[str, str], make: Make) -> int:
    """Do what the options say; print what was done. Returns the exit code."""
    chosen, more = parser().parse_known_args(argv)
    if more:  # not repeated: who takes the token for an argument shall not find it in a log, too
        return refuse("There is an option or argument that is unknown; --help tells all of them.")
    try:
        asked = _Asked(chosen, params(chosen))
    except ConfigError as error:
        return refuse(str(error))
    if chosen.dry_run:
        return _told(asked, {"params": dict(asked.params)}, f"{_WOULD[chosen.action]}{_named(asked.params)}.")
    if not environ.get("SPLUNK_HOME"):
        return refuse(f"Start it by Splunk: $SPLUNK_HOME/bin/splunk cmd python {sys.argv[0]}")
    become_splunk(Path(environ["SPLUNK_HOME"]))
    token = read_token(sys.stdin)
    if not token:
        return refuse("There is no token of a Splunk session on standard input.")
    go_straight_to_splunkd()
    log = Log(log_path(environ), f"search_list {chosen.account}".strip())
    log.hide([token])
    return _done(asked, make(chosen.server_uri, token, chosen.account), log)


def _done(asked: _Asked, lists: Lists, log: Log) -> int:
    try:
        log.hide(lists.settings.secrets())
        return _list(asked, lists) if asked.chosen.action == LIST else _change(asked, lists, log)
    except (TaError, OSError) as error:
        doubt = " Whether Qualys did it all the same, the action list tells." if _may_be_done(asked, error) else ""
        sys.stderr.write(f"{log.cleaned(one_line(f'{error}{doubt}'))}\n")
        return FAILED


def _may_be_done(asked: _Asked, error: Exception) -> bool:
    return asked.chosen.action != LIST and isinstance(error, TryLater)


def _change(asked: _Asked, lists: Lists, log: Log) -> int:
    action, wanted = asked.chosen.action, asked.params
    done = lists.change(action, wanted)
    told = {**wanted, "id": done.id or wanted.get("id", "")}
    log.info(f"{_WAS[action]} in Qualys by {person()}: search list{_named(told)}.")
    found = {"id": told["id"], "text": one_line(done.text), "params": dict(wanted)}
    use = f"\n{_USE}" if action == CREATE else ""
    return _told(asked, found, f"{_WAS[action]}{_named(told)}.{use}")


def _list(asked: _Asked, lists: Lists) -> int:
    found = [_clean(each) for each in lists.listed(asked.params, static=asked.chosen.static)]
    kind = "static" if asked.chosen.static else "dynamic"
    lines = list(_table(found)) if found else [f"There are no {kind} search lists that this user sees."]
    return _told(asked, {"lists": found}, "\n".join(lines))


def _told(asked: _Asked, found: Mapping[str, Any], text: str) -> int:
    """All of it as JSON, or the text."""
    head = {"at": utc(time.time()), "version": VERSION, "action": asked.chosen.action, "dry_run": asked.chosen.dry_run}
    write_out(f"{json.dumps({**head, **found}, indent=2)}\n" if asked.chosen.json else f"{text}\n")
    return OK


def _named(wanted: Mapping[str, str]) -> str:
    """A list and what it is made of, for people."""
    number = f" {wanted['id']}" if wanted.get("id") else ""
    title = f' "{wanted["title"]}"' if "title" in wanted else ""
    rest = ", ".join(f"{name}={value}" for name, value in wanted.items() if name not in ("id", "title"))
    return f"{number}{title}" + (f" ({rest})" if rest else "")


def _clean(value: Any) -> Any:
    """Whatever the platform says, without what a terminal would obey."""
    if isinstance(value, dict):
        return {name: _clean(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_clean(each) for each in value]
    return one_line(value) if isinstance(value, str) else value


def _table(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    rows = [tuple(name.capitalize() if name != "id" else "ID" for name in _COLUMNS)]
    rows += [tuple(_cell(each.get(name, "")) for name in _COLUMNS) for each in found]
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row, each in zip(rows, [None, *found]):
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip()
        if each and each.get("qids"):
            yield f"  {len(each['qids'])} QIDs: {', '.join(each['qids'])}"


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name}={text}" for name, text in value.items())
    return str(value)


__all__ = ["FAILED", "NOT_STARTED", "OK", "main"]
