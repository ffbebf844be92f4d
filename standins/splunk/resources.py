"""The plain collections of the management API: confs, indexes, apps, the server, and who is asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from standins.splunk.conf import ANY_APP, DEFAULT, SYSTEM, ConfFiles, Stanza, is_true
from standins.splunk.eai import Answer, Call, Entry, Resource
from standins.splunk.errors import StandinError


class ConfStanzas(Resource):
    """configs/conf-<conf>: the stanzas of one conf as the app in the path sees them."""

    actions = ("enable", "disable", "acl")

    def __init__(self, confs: ConfFiles, conf: str) -> None:
        self._confs = confs
        self._conf = conf

    def entries(self, call: Call) -> list[Entry]:
        return [_stanza_entry(stanza) for stanza in self._confs.stanzas(self._conf, call.app).values()]

    def create(self, call: Call, name: str) -> Entry:
        if name in self._confs.stanzas(self._conf, call.app):
            raise StandinError(409, f"An object with name={name} already exists")
        return self._write(call, name, call.settings)

    def edit(self, call: Call, name: str) -> Entry:
        self._confs.stanza(self._conf, call.app, name)
        return self._write(call, name, call.settings)

    def remove(self, call: Call, name: str) -> None:
        self._confs.remove(self._conf, call.app, name)

    def act(self, call: Call, name: str, action: str) -> Entry:
        states = {"enable": {"disabled": "0"}, "disable": {"disabled": "1"}, "acl": {}}
        self._confs.stanza(self._conf, call.app, name)
        return self._write(call, name, states[action])

    def _write(self, call: Call, name: str, settings: Mapping[str, str]) -> Entry:
        self._confs.write(self._conf, call.app, name, settings)
        return _stanza_entry(self._confs.stanza(self._conf, call.app, name))


def _stanza_entry(stanza: Stanza) -> Entry:
    content = {**stanza.content, "eai:appName": stanza.app, "eai:userName": "nobody"}
    return Entry(stanza.name, content, app=stanza.app, removable=not stanza.shipped)


class Properties(Resource):
    """properties: which confs exist; properties/<conf>: which stanzas. splunk-sdk asks it whether a conf exists."""

    def __init__(self, confs: ConfFiles) -> None:
        self._confs = confs

    def answer(self, call: Call, rest: Sequence[str]) -> Answer:
        if call.method == "POST" and not rest:
            return self._create_file(call)
        if not rest:
            return Answer([Entry(name, {}) for name in self._confs.names(call.app)])
        if not self._confs.exists(rest[0], call.app):
            raise StandinError(404, f"{rest[0]} does not exist")
        return Answer([Entry(name, {}) for name in self._confs.stanzas(rest[0], call.app)])

    def _create_file(self, call: Call) -> Answer:
        name = call.args.get("__conf", "")
        if self._confs.exists(name, call.app):
            return Answer(status=303)
        self._confs.create_file(name, call.app)
        return Answer(status=201)


class Indexes(Resource):
    """data/indexes, with the number of events each really holds."""

    def __init__(self, confs: ConfFiles, counts: Callable[[], Mapping[str, int]]) -> None:
        self._confs = confs
        self._counts = counts

    def entries(self, call: Call) -> list[Entry]:  # noqa: ARG002
        counts = self._counts()
        stanzas = self._confs.stanzas("indexes", ANY_APP).values()
        return [self._entry(stanza, counts) for stanza in stanzas if stanza.name != DEFAULT]

    def create(self, call: Call, name: str) -> Entry:
        if any(entry.name == name for entry in self.entries(call)):
            raise StandinError(409, f"Index name={name} already exists.")
        app = SYSTEM if call.app == ANY_APP else call.app
        self._confs.write("indexes", app, name, {"homePath": f"$SPLUNK_DB/{name}/db", **call.settings})
        return self.read(call, name)

    def _entry(self, stanza: Stanza, counts: Mapping[str, int]) -> Entry:
        content = {
            "disabled": stanza.disabled,
            "datatype": stanza.settings.get("datatype", "event"),
            "isInternal": stanza.name.startswith("_"),
            "totalEventCount": counts.get(stanza.name, 0),
            "defaultDatabase": "main",
        }
        return Entry(stanza.name, content, app=stanza.app, removable=False)


class Apps(Resource):
    """apps/local: what app.conf says of each app; `configured` can be set."""

    def __init__(self, confs: ConfFiles, app: str) -> None:
        self._confs = confs
        self._app = app

    def entries(self, call: Call) -> list[Entry]:  # noqa: ARG002
        stanzas = self._confs.stanzas("app", self._app)
        names = ("install", "ui", "launcher", "package")
        settings = {key: value for name in names if name in stanzas for key, value in stanzas[name].settings.items()}
        content = {
            "label": settings.get("label", self._app),
            "version": settings.get("version", ""),
            "author": settings.get("author", ""),
            "description": settings.get("description", ""),
            "build": settings.get("build", ""),
            "configured": is_true(settings.get("is_configured", "0")),
            "visible": is_true(settings.get("is_visible", "1")),
            "disabled": is_true(settings.get("state", "") == "disabled"),
            "check_for_updates": is_true(settings.get("check_for_updates", "1")),
        }
        return [Entry(self._app, content, app=self._app)]

    def edit(self, call: Call, name: str) -> Entry:
        self.read(call, name)
        if "configured" in call.args:
            configured = "1" if is_true(call.args["configured"]) else "0"
            self._confs.write("app", name, "install", {"is_configured": configured})
        return self.read(call, name)


class Facts(Resource):
    """A singleton such as server/info: one entry whose content is what it was told."""

    def __init__(self, name: str, content: Mapping[str, Any]) -> None:
        self._entry = Entry(name, content, removable=False)

    def entries(self, call: Call) -> list[Entry]:  # noqa: ARG002
        return [self._entry]


def server_info(roles: list[str], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """What server/info says of a licensed single server (REST API Reference, server/info), changed by `overrides`."""
    return {
        "activeLicenseGroup": "Enterprise",
        "build": "237ebbd22314",
        "cpu_arch": "x86_64",
        "guid": "5A6B7C8D-0000-4000-8000-57414E44494E",
        "host": "stand-in",
        "isForwarding": False,
        "isFree": False,
        "isTrial": False,
        "kvStoreStatus": "ready",
        "licenseState": "OK",
        "mode": "normal",
        "os_name": "Linux",
        "product_type": "enterprise",
        "serverName": "stand-in",
        "server_roles": roles,
        "version": "9.4.3",
        **overrides,
    }


CAPABILITIES = ("admin_all_objects", "edit_modinput_qualys", "edit_tcp", "list_inputs", "list_storage_passwords")
"""Of the administrator, as far as an add-on asks for them."""


def current_user(user: str) -> dict[str, Any]:
    """authentication/current-context: an admin."""
    return {
        "username": user,
        "realname": "Administrator",
        "email": "",
        "defaultApp": "launcher",
        "roles": ["admin"],
        "capabilities": list(CAPABILITIES),
    }
