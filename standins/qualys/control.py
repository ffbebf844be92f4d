"""The stand-in's own door for other processes: JSON under ``/_standin/``, no login.

GET  ledger    the counts, and with ``?hosts=1`` every expected host and finding; other parameters are those of a
               detection call (default: everything)
GET  knowledge the counts and the QIDs of the knowledge base, and with ``?entries=1`` every expected entry; other
               parameters are those of a call (default: everything)
GET  requests  what came in
GET  state     url, clock, number of hosts
POST touch     {"hosts": [ids] or null, "changes": true}
POST faults    {"set": ["busy*2", …]}
POST dirt      {"set": ["all"]}
POST hosts     {"add": n, "remove": [ids]}
POST knowledge {"modify": [qids], "publish": [qids], "new": n, "at": "2025-…Z" or null}
POST clock     {"set": "2025-…Z"} or {"advance": seconds} or {"release": true}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Callable

from .clock import stamp
from .exchange import Answer, Refusal
from .server import Request

if TYPE_CHECKING:
    from .standin import QualysStandin

CONTROL_PATH = "/_standin/"
Body = Mapping[str, Any]


class Control:
    """Does to the stand-in what a test in the same process does by calling it."""

    def __init__(self, standin: QualysStandin) -> None:
        self._standin = standin
        self._verbs: dict[tuple[str, str], Callable[[Body], Any]] = {
            ("GET", "ledger"): self._ledger,
            ("GET", "knowledge"): self._knowledge,
            ("GET", "requests"): lambda _body: [asdict(request) for request in standin.requests],
            ("GET", "state"): self._state,
            ("POST", "touch"): lambda body: standin.touch(body.get("hosts"), changes=body.get("changes", True)),
            ("POST", "faults"): lambda body: standin.faults.set(body.get("set", ())),
            ("POST", "dirt"): lambda body: standin.dirt.set(body.get("set", ())),
            ("POST", "hosts"): self._hosts,
            ("POST", "knowledge"): self._revise,
            ("POST", "clock"): self._clock,
        }

    def answer(self, request: Request) -> Answer:
        """200 with what the verb gives; 404 for an unknown verb, 400 for a body or value it cannot use."""
        verb = self._verbs.get((request.method, request.path[len(CONTROL_PATH) :].rstrip("/")))
        if verb is None:
            return _json(404, {"error": f"no {request.method} {request.path}"})
        try:
            return _json(200, verb(json.loads(request.body or b"{}") if request.method == "POST" else request.params))
        except (ValueError, KeyError, TypeError, AttributeError, Refusal) as error:
            return _json(400, {"error": str(error)})

    def _ledger(self, params: Body) -> Any:
        asked = {name: value for name, value in params.items() if name != "hosts"} or None
        found: dict[str, Any] = self._standin.ledger.counts(asked)
        if params.get("hosts") == "1":
            found["expected"] = [asdict(host) for host in self._standin.ledger.expected_hosts(asked)]
        return found

    def _state(self, _body: Body) -> Any:
        standin = self._standin
        return {
            "url": standin.url,
            "ca": standin.ca,
            "now": stamp(standin.clock.now()),
            "hosts": len(standin.population),
        }

    def _hosts(self, body: Body) -> Any:
        self._standin.remove_hosts(body.get("remove", ()))
        return {"added": self._standin.add_hosts(int(body.get("add", 0)))}

    def _knowledge(self, params: Body) -> Any:
        ledger = self._standin.knowledge_ledger
        found: dict[str, Any] = {**ledger.counts(), "qids": self._standin.knowledge.qids}
        if params.get("entries") == "1":
            asked = {name: value for name, value in params.items() if name != "entries"}
            found["expected"] = [asdict(entry) for entry in ledger.expected(asked).values()]
        return found

    def _revise(self, body: Body) -> Any:
        at = body.get("at")
        modified = self._standin.modify_entries(body.get("modify", ()), at)
        published = self._standin.publish_entries(body.get("publish", ()), new=int(body.get("new", 0)), at=at)
        return {"modified": modified, "published": published}

    def _clock(self, body: Body) -> Any:
        clock = self._standin.clock
        if "set" in body:
            clock.set(body["set"])
        elif "advance" in body:
            clock.advance(int(body["advance"]))
        else:
            clock.release()
        return {"now": stamp(clock.now())}


def _json(status: int, value: Any) -> Answer:
    return Answer.of(status, json.dumps(value), "application/json").sized()
