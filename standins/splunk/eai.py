"""splunkd's REST conventions: a collection of entries, and what a request does to it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Optional

from standins.splunk.errors import StandinError

DEFAULT_COUNT = 30
"""splunkd answers with 30 entries unless asked for more; a client that forgets `count` must notice here too."""

_NOT_SETTINGS = frozenset({"output_mode", "name", "_"})


@dataclass(frozen=True)
class Call:
    """One request, its namespace and its arguments (query and form together)."""

    method: str
    user: str
    app: str
    args: Mapping[str, str]
    body: bytes = b""

    @property
    def settings(self) -> dict[str, str]:
        """What a POST says about the object itself."""
        return {key: value for key, value in self.args.items() if key not in _NOT_SETTINGS}


@dataclass(frozen=True)
class Entry:
    """One object of a collection."""

    name: str
    content: Mapping[str, Any]
    app: str = "system"
    removable: bool = True
    actions: tuple[str, ...] = ()
    acl: Optional[Mapping[str, Any]] = None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def access(self) -> dict[str, Any]:
        """The entry's own acl, or that of an object everyone reads and an admin writes."""
        return (
            dict(self.acl)
            if self.acl
            else {
                "app": self.app,
                "owner": "nobody",
                "sharing": "app",
                "can_write": True,
                "can_list": True,
                "modifiable": True,
                "removable": self.removable,
                "perms": {"read": ["*"], "write": ["admin"]},
            }
        )


@dataclass(frozen=True)
class Answer:
    """What a request came to: entries of a collection, or a document of the endpoint's own."""

    entries: Sequence[Entry] = ()
    status: int = 200
    messages: Sequence[Mapping[str, str]] = ()
    document: Any = None
    """JSON that stands for itself (KV store data, search results)."""
    xml: str = ""


class Resource:
    """A collection of objects under one path; what it does not do, it refuses with 405."""

    actions: ClassVar[tuple[str, ...]] = ()

    def entries(self, call: Call) -> list[Entry]:
        raise _unsupported(call)

    def read(self, call: Call, name: str) -> Entry:
        for entry in self.entries(call):
            if entry.name == name:
                return entry
        raise StandinError(404, f"Could not find object id={name}")

    def create(self, call: Call, name: str) -> Entry:  # noqa: ARG002
        raise _unsupported(call)

    def edit(self, call: Call, name: str) -> Entry:  # noqa: ARG002
        raise _unsupported(call)

    def remove(self, call: Call, name: str) -> None:  # noqa: ARG002
        raise _unsupported(call)

    def act(self, call: Call, name: str, action: str) -> Entry:  # noqa: ARG002
        raise _unsupported(call)

    def answer(self, call: Call, rest: Sequence[str]) -> Answer:
        """Dispatches by method and by what follows the collection in the path, as splunkd does."""
        *head, last = rest or [""]
        if last in self.actions and head:
            return Answer([self.act(call, "/".join(head), last)])
        if last == "_reload":
            return Answer()
        name = "/".join(rest)
        if call.method == "GET":
            return Answer([self.read(call, name)] if name else self.entries(call))
        if call.method == "DELETE" and name:
            self.remove(call, name)
            return Answer(self.entries(call))
        if call.method == "POST":
            return self._post(call, name)
        raise _unsupported(call)

    def _post(self, call: Call, name: str) -> Answer:
        if name:
            return Answer([self.edit(call, name)])
        if not call.args.get("name"):
            raise StandinError(400, 'Cannot perform action "POST" without a target name to act on.')
        return Answer([self.create(call, call.args["name"])], status=201)


def _unsupported(call: Call) -> StandinError:
    return StandinError(405, f"Method {call.method} is not supported by this handler.")


def matching(entries: Sequence[Entry], search: str) -> list[Entry]:
    """The entries that `search=` asks for: `field=value` terms (also `name=`, `eai:acl.app=`) or plain words."""
    terms = [_term(word) for word in _words(search)]
    return [entry for entry in entries if all(_holds(entry, name, value) for name, value in terms)]


def _words(search: str) -> list[str]:
    try:
        return shlex.split(search.replace("\\", "\\\\"))
    except ValueError:
        return search.split()


def _term(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    return (name, value.replace("\\=", "=")) if equals else ("", word)


def _holds(entry: Entry, name: str, value: str) -> bool:
    facts = {**entry.content, "name": entry.name, "eai:acl.app": entry.app}
    if name:
        return bool(re.fullmatch(re.escape(value).replace(r"\*", ".*"), str(facts.get(name, "")), re.DOTALL))
    return any(value.strip("*").lower() in str(fact).lower() for fact in facts.values())


def page(entries: Sequence[Entry], args: Mapping[str, str]) -> list[Entry]:
    """The slice `count` and `offset` ask for; count 0 or -1 means all."""
    count, offset = int(args.get("count") or DEFAULT_COUNT), int(args.get("offset") or 0)
    return list(entries[offset : offset + count] if count > 0 else entries[offset:])
