"""The add-on's own REST endpoints: admin_external stanzas of restmap.conf, each call in a Python process of its own.

splunkd starts such handlers with its runScript.py and an XML document; here the handler script itself is started, with
the package `splunk` of standins/splunk/python in its path, and JSON goes in and out. Restmap keys: restmap.conf.spec.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

from standins.splunk.conf import ConfFiles
from standins.splunk.daemon_log import DaemonLog
from standins.splunk.eai import Answer, Call, Entry, Resource
from standins.splunk.errors import StandinError
from standins.splunk.scripts import Scripts, Session

_PYTHON_PATH = Path(__file__).with_name("python")
_METADATA_PREFIX = "eai:"
_LIST_ARGS = frozenset({"output_mode", "count", "offset", "search", "sort_key", "sort_dir", "sort_mode", "f", "_"})
_STATUS = {
    "ArgValidationException": 400,
    "BadActionException": 400,
    "NotFoundException": 404,
    "AlreadyExistsException": 409,
    "PermissionsException": 403,
    "ServiceUnavailableException": 503,
}
"""HTTP status of the exceptions of splunk.admin that splunkd knows; any other is a 500."""


@dataclass(frozen=True)
class ExternalHandler(Resource):
    """One endpoint of the add-on, served by its handler script."""

    name: str
    script: Path
    allowed: tuple[str, ...]
    scripts: Scripts
    session: Callable[[], Session]
    log: DaemonLog

    def answer(self, call: Call, rest: Sequence[str]) -> Answer:
        if list(rest) == ["_reload"]:
            return Answer()
        action = _action(call.method, rest)
        if action not in self.allowed:
            raise StandinError(405, f"Action {action} is not supported by {self.name}.")
        name = "/".join(rest) or (call.args.get("name") if action == "create" else None)
        result = self._run({"action": action, "id": name, "args": _arguments(call, action)}, call)
        if "error" in result:
            raise self._refusal(result["error"])
        entries = [_entry(item, call.app) for item in result["entries"]]
        return Answer(entries, status=201 if action == "create" else 200, messages=result["messages"])

    def _run(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        session = self.session()
        facts = {"session_key": session.session_key, "user": call.user, "app": call.app}
        splunk_python = {
            "PYTHONPATH": str(_PYTHON_PATH),
            "SPLUNKD_URI": session.server_uri,
            "SPLUNK_STANDIN_CA": session.ca,
        }
        environment = self.scripts.environment(splunk_python)
        done = self.scripts.ask([str(self.script)], json.dumps({**request, **facts}), environment)
        for line in done.stderr.splitlines():
            self.log.script_line(str(self.script), line)
        try:
            result: dict[str, Any] = json.loads(done.stdout)
        except ValueError:
            raise StandinError(500, f"External handler {self.name} failed: {done.stdout or done.stderr}") from None
        return result

    def _refusal(self, error: Mapping[str, str]) -> StandinError:
        kind, message = error["type"], error["message"]
        self.log.write("ERROR", "AdminManagerExternal", f"{self.name}: {kind}: {message}")
        status = _STATUS.get(kind.rpartition(".")[2].rstrip("'>"))
        if status is not None:
            return StandinError(status, message)
        # UCC's pages cut the message of a RestError out of exactly this sentence.
        return StandinError(
            500,
            f'Unexpected error "{kind}" from python handler: "{message}". See splunkd.log/python.log for more details.',
        )


def external_handlers(
    confs: ConfFiles, scripts: Scripts, session: Callable[[], Session], log: DaemonLog
) -> dict[str, ExternalHandler]:
    """The endpoints restmap.conf exposes, by path (`TA_x_account`)."""
    app = scripts.layout.app_name
    stanzas = {name: stanza.settings for name, stanza in confs.stanzas("restmap", app).items()}
    handlers = {}
    for name, settings in stanzas.items():
        if not name.startswith("admin:"):
            continue
        for member in _words(settings.get("members", "")):
            handler = stanzas.get(f"admin_external:{member}", {})
            path = f"{settings.get('match', '/').strip('/')}/{member}".strip("/")
            script = scripts.layout.app / "bin" / handler.get("handlerfile", f"{member}.py")
            actions = tuple(_words(handler.get("handleractions", "")))
            handlers[path] = ExternalHandler(member, script, actions, scripts, session, log)
    return handlers


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _action(method: str, rest: Sequence[str]) -> str:
    if method == "POST":
        return "edit" if rest else "create"
    return {"GET": "list", "DELETE": "remove"}.get(method, method)


def _arguments(call: Call, action: str) -> dict[str, list[str]]:
    dropped = _LIST_ARGS if action == "list" else {"output_mode", "name"}
    return {key: [value] for key, value in call.args.items() if key not in dropped}


def _entry(item: Mapping[str, Any], app: str) -> Entry:
    metadata = {key: value for key, value in item["metadata"].items() if key.startswith(_METADATA_PREFIX)}
    acl = metadata.pop("eai:acl", None)
    return Entry(item["name"], item["content"], app=app, acl=acl, metadata=metadata)
