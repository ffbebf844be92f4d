"""The stand-in's own door for other processes: JSON under ``/_standin/``, no login.

GET  ledger    the counts, and with ``?hosts=1`` every expected host and finding; other parameters are those of a
               detection call (default: everything)
GET  knowledge the counts and the QIDs of the knowledge base, and with ``?entries=1`` every expected entry; other
               parameters are those of a call (default: everything)
GET  policies  the counts, and when each policy was changed and evaluated; with ``?postures=1`` also every policy and
               posture that a pull ``since`` a time must bring; other parameters are those of a posture call (default:
               every detail)
GET  requests  what came in
GET  state     url, clock, number of hosts
POST touch     {"hosts": [ids] or null, "changes": true}
POST faults    {"set": ["busy*2", …]}
POST dirt      {"set": ["all"]}
POST hosts     {"add": n, "remove": [ids]}
POST knowledge {"modify": [qids], "publish": [qids], "new": n, "at": "2025-…Z" or null}
POST policies  {"evaluate": [ids] or null, "changes": true, "modify": [ids] or null, "hosts": 1, "controls": 0,
               "add": n, "remove": [ids]}
GET  web       the counts of web applications, and with ``?findings=1`` every expected finding and summary; other
               parameters are criteria (``lastTestedDate GREATER``; default: everything)
POST web       {"rescan": [ids] or null, "changes": true, "lag_s": 0, "add": n, "remove": [ids], "ignore": [ids]}
GET  assets    the counts of assets, tags and asset groups, and with ``?expected=1`` what each of them is; other
               parameters are criteria (``updated GREATER``; default: everything)
POST assets    {"rename_tags": [ids], "add_tags": n, "remove_tags": [ids], "change_groups": [ids],
               "remove_groups": [ids]}
GET  tickets   the counts of remediation tickets, and with ``?tickets=1`` every expected one; other parameters are those
               of a call (default: everything)
POST tickets   {"advance": [numbers] or null, "comment": [numbers] or null, "rescan": [numbers] or null, "add": n,
               "remove": [numbers]}
GET  fim       the counts of file integrity, and with ``?expected=1`` what each record says of itself
POST fim       {"happen": n, "ignore": n, "report": n, "grow": [ids], "lose": [ids], "update": [ids],
               "values": {"comment": "…"}}
GET  reports   the counts of reports, and with ``?expected=1`` what each that was launched holds
POST reports   {"fail": n}: so many of the next reports end with an error
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
            ("GET", "policies"): self._policies,
            ("GET", "requests"): lambda _body: [asdict(request) for request in standin.requests],
            ("GET", "state"): self._state,
            ("POST", "touch"): lambda body: standin.touch(body.get("hosts"), changes=body.get("changes", True)),
            ("POST", "faults"): lambda body: standin.faults.set(body.get("set", ())),
            ("POST", "dirt"): lambda body: standin.dirt.set(body.get("set", ())),
            ("POST", "hosts"): self._hosts,
            ("POST", "knowledge"): self._revise,
            ("POST", "policies"): self._judge,
            ("GET", "web"): self._web,
            ("POST", "web"): self._rescan,
            ("GET", "assets"): self._assets,
            ("POST", "assets"): self._rearrange,
            ("GET", "tickets"): self._tickets,
            ("POST", "tickets"): self._handle,
            ("GET", "fim"): self._fim,
            ("POST", "fim"): self._change_files,
            ("GET", "reports"): self._reports,
            ("POST", "reports"): lambda body: standin.reports.fail(int(body.get("fail", 1))),
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

    def _policies(self, params: Body) -> Any:
        ledger = self._standin.compliance_ledger
        found: dict[str, Any] = {**ledger.counts(), "states": [state._asdict() for state in ledger.states()]}
        if params.get("postures") == "1":
            asked = {name: value for name, value in params.items() if name not in ("postures", "since")} or None
            found["expected"] = [asdict(policy) for policy in ledger.expected(params.get("since"), asked).values()]
        return found

    def _judge(self, body: Body) -> Any:
        standin = self._standin
        done: dict[str, Any] = {}
        if "evaluate" in body:
            done["evaluated"] = standin.evaluate_policies(body["evaluate"], changes=body.get("changes", True))
        if "modify" in body:
            leaving = {"hosts": int(body.get("hosts", 1)), "controls": int(body.get("controls", 0))}
            done["modified"] = standin.modify_policies(body["modify"], **leaving)
        standin.remove_policies(body.get("remove", ()))
        return {**done, "added": standin.add_policies(int(body.get("add", 0)))}

    def _web(self, params: Body) -> Any:
        ledger = self._standin.web_ledger
        asked = {name: value for name, value in params.items() if name != "findings"}
        found: dict[str, Any] = ledger.counts(asked)
        if params.get("findings") == "1":
            found["expected"] = [asdict(finding) for finding in ledger.expected(asked).values()]
            found["summaries"] = ledger.summaries(asked)
        return found

    def _rescan(self, body: Body) -> Any:
        web = self._standin.web
        web.remove(body.get("remove", ()))
        web.ignore(body.get("ignore", ()))
        done: dict[str, Any] = {"added": web.add(int(body.get("add", 0)))}
        if "rescan" in body:
            settings = {"changes": body.get("changes", True), "lag_s": int(body.get("lag_s", 0))}
            done["scanned"] = web.rescan(body["rescan"], **settings)
        return done

    def _assets(self, params: Body) -> Any:
        ledger = self._standin.asset_ledger
        asked = {name: value for name, value in params.items() if name != "expected"}
        found: dict[str, Any] = ledger.counts(asked)
        if params.get("expected") == "1":
            found["expected"] = [asdict(asset) for asset in ledger.expected(asked).values()]
            found["expected_tags"], found["expected_groups"] = ledger.tags(), ledger.groups()
        return found

    def _rearrange(self, body: Body) -> Any:
        assets = self._standin.assets
        assets.rename_tags(body.get("rename_tags", ()))
        assets.remove_tags(body.get("remove_tags", ()))
        assets.change_groups(body.get("change_groups", ()))
        assets.remove_groups(body.get("remove_groups", ()))
        return {"added": assets.add_tags(int(body.get("add_tags", 0)))}

    def _tickets(self, params: Body) -> Any:
        ledger = self._standin.ticket_ledger
        found: dict[str, Any] = ledger.counts()
        if params.get("tickets") == "1":
            asked = {name: value for name, value in params.items() if name != "tickets"}
            found["expected"] = [asdict(ticket) for ticket in ledger.expected(asked).values()]
        return found

    def _handle(self, body: Body) -> Any:
        tickets = self._standin.tickets
        verbs = {"advance": tickets.advance, "comment": tickets.comment, "rescan": tickets.rescan}
        done: dict[str, Any] = {name: verb(body[name]) for name, verb in verbs.items() if name in body}
        tickets.remove(body.get("remove", ()))
        return {**done, "added": tickets.add(int(body.get("add", 0)))}

    def _fim(self, params: Body) -> Any:
        ledger = self._standin.fim_ledger
        found: dict[str, Any] = ledger.counts()
        if params.get("expected") == "1":
            found["expected"] = [*ledger.events(), *ledger.events(ignored=True), *ledger.incidents()]
        return found

    def _change_files(self, body: Body) -> Any:
        fim = self._standin.fim
        fim.grow(body.get("grow", ()))
        fim.lose(body.get("lose", ()))
        fim.update(body.get("update", ()), **body.get("values", {}))
        return {
            "happened": fim.happen(int(body.get("happen", 0))),
            "ignored": fim.happen(int(body.get("ignore", 0)), ignored=True),
            "reported": fim.report(int(body.get("report", 0))),
        }

    def _reports(self, params: Body) -> Any:
        ledger = self._standin.report_ledger
        found: dict[str, Any] = ledger.counts()
        if params.get("expected") == "1":
            launched = self._standin.reports.launched
            found["expected"] = {each.id: [one.identity for one in ledger.expected(each)] for each in launched}
        return found

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
