"""What a person may say to ``bin/search_list.py``, and the parameters that it means."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from ..errors import ConfigError
from ..populator import search_list
from ..populator.comma_list import is_number
from ..populator.search_list import CRITERIA
from .console import SPLUNKD

CREATE, LIST, UPDATE, DELETE = ACTIONS = ("create", "list", "update", "delete")

_USAGE = "splunk cmd python bin/search_list.py create|list|update|delete [options]"
_ABOUT = """\
Makes, lists, changes and deletes dynamic search lists in Qualys: lists of QIDs
made of criteria, which findings can be chosen by (tab VM of the Configuration
page). The token of a Splunk session is read from standard input."""
_EXAMPLES = """\
examples:
  search_list.py create --title "Tickets" --confirmed-severities 4,5 --patch-available 1
  search_list.py list
  search_list.py update --id 381204 --potential-severities 5
  search_list.py delete --id 381204 --yes

exit codes: 0 done; 1 it could not be done; 2 wrong options, or no token"""
_OF_ACTION: Mapping[str, tuple[str, ...]] = {
    CREATE: ("title", "for_all", "comments", "criterion", "dry_run", *CRITERIA),
    LIST: ("ids", "static", "qids"),
    UPDATE: ("id", "title", "for_all", "comments", "criterion", "dry_run", *CRITERIA),
    DELETE: ("id", "yes", "dry_run"),
}
"""Action -> the options that mean something to it."""


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="search_list.py",
        usage=_USAGE,
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("action", nargs="?", default="", help=" | ".join(ACTIONS))
    made.add_argument("--account", default="", help="name of the account; needed where there are several")
    made.add_argument("--server-uri", default=SPLUNKD, help="splunkd's own address (%(default)s)")
    made.add_argument("--json", action="store_true", help="print one JSON document instead of lines")
    made.add_argument("--dry-run", action="store_true", help="only say what would be done; asks nobody")
    made.add_argument("--id", help="of the list to update or to delete")
    made.add_argument("--title", help="its name, at most 256 ASCII characters")
    made.add_argument("--global", dest="for_all", action="store_true", default=None, help="for all users to see")
    made.add_argument("--comments")
    made.add_argument("--ids", help="list only these")
    made.add_argument("--static", action="store_true", help="list static lists, whose QIDs somebody chose")
    made.add_argument("--qids", action="store_true", help="list the QIDs that are in them, too")
    made.add_argument("--yes", action="store_true", help="delete it")
    criteria = made.add_argument_group("criteria: which QIDs are in the list; all of them must hold")
    for name, criterion in CRITERIA.items():
        criteria.add_argument(f"--{name.replace('_', '-')}", metavar="VALUE", help=criterion.about)
    criteria.add_argument("--criterion", action="append", metavar="NAME=VALUE", help="any other parameter of the API")
    return made


def params(chosen: argparse.Namespace) -> dict[str, str]:
    """The parameters of the call but for its action. Raises ConfigError for options that do not fit the action."""
    action = chosen.action
    if action not in ACTIONS:
        raise ConfigError(f"Say what to do: {', '.join(ACTIONS)}. --help tells more.")
    _check_options(chosen, action)
    if action == LIST:
        return _listing(chosen)
    number = {} if action == CREATE else {"id": _number(chosen.id)}
    if action == DELETE:
        if not (chosen.yes or chosen.dry_run):
            raise ConfigError("Deleting cannot be undone: say --yes, too.")
        return number
    return {**number, **_own(chosen), **_criteria(chosen)}


def _check_options(chosen: argparse.Namespace, action: str) -> None:
    everywhere = ("action", "account", "server_uri", "json")
    given = [name for name, value in vars(chosen).items() if value and name not in (*everywhere, *_OF_ACTION[action])]
    if given:
        names = ", ".join(f"--{_spelled(name)}" for name in given)
        raise ConfigError(f"{names} means nothing to {action}.")


def _spelled(name: str) -> str:
    return "global" if name == "for_all" else name.replace("_", "-")


def _listing(chosen: argparse.Namespace) -> dict[str, str]:
    ids = {"ids": ",".join(_number(part.strip()) for part in chosen.ids.split(","))} if chosen.ids else {}
    return {**ids, **({"show_qids": "1"} if chosen.qids else {})}


def _number(text: Any) -> str:
    if not text:
        raise ConfigError("Which one? Say its --id; the action list tells it.")
    if not is_number(str(text)):
        raise ConfigError(f"{str(text)[:40]!r} is no id of a search list.")
    return str(text)


def _own(chosen: argparse.Namespace) -> dict[str, str]:
    if chosen.action == CREATE and not chosen.title:
        raise ConfigError("A new list needs a --title.")
    title = {"title": search_list.title(chosen.title)} if chosen.title else {}
    comments = {"comments": search_list.comments(chosen.comments)} if chosen.comments else {}
    return {**title, **({"global": "1"} if chosen.for_all else {}), **comments}


def _criteria(chosen: argparse.Namespace) -> dict[str, str]:
    typed = {name: getattr(chosen, name) for name in CRITERIA if getattr(chosen, name) is not None}
    found = search_list.checked(typed, chosen.criterion or ())
    if chosen.action == CREATE and not search_list.makes_a_list(found):
        raise ConfigError("A new list needs a criterion, such as --confirmed-severities 4,5 --patch-available 1.")
    if chosen.action == UPDATE and not (found or _own(chosen)):
        raise ConfigError("There is nothing to change: name a title or a criterion.")
    return found
