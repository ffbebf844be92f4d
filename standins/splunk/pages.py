"""The stand-in's own plain pages: a launcher, the native Data Inputs pages and the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional, Union

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from standins.splunk.eai import Call, Entry
from standins.splunk.errors import StandinError
from standins.splunk.inputs import ModularInputs
from standins.splunk.scripts import Scheme
from standins.splunk.splunkd import Splunkd
from standins.splunk.time_ranges import shown

LOG_BYTES = 200_000
Page = Union[str, Response, tuple[str, int]]

pages = Blueprint("pages", __name__)


def _splunkd() -> Splunkd:
    found: Splunkd = current_app.extensions["splunkd"]
    return found


@pages.route("/")
@pages.route("/en-US/")
@pages.route("/en-US/app/launcher/home")
def launcher() -> Page:
    splunkd = _splunkd()
    return render_template(
        "launcher.html", kinds=splunkd.scripts.kinds(), inputs=splunkd.inputs(), events=splunkd.store.count()
    )


@pages.route("/favicon.ico")
def favicon() -> Page:
    return "", 204


# Native Data Inputs: what Splunk makes of a modular input's --scheme.


@dataclass(frozen=True)
class _Inputs:
    """One kind's collection, as the page's user calls it."""

    kind: str

    @property
    def resource(self) -> ModularInputs:
        return _splunkd().modular_inputs(self.kind)

    @property
    def scheme(self) -> Scheme:
        return _splunkd().scripts.scheme(self.kind)

    def call(self, method: str = "GET", args: Optional[Mapping[str, str]] = None) -> Call:
        return Call(method, "nobody", _splunkd().layout.app_name, args or {})

    def entries(self) -> list[Entry]:
        return self.resource.entries(self.call())


@pages.route("/en-US/manager/<app>/data/inputs/<kind>")
def data_inputs(app: str, kind: str) -> Page:  # noqa: ARG001
    inputs = _Inputs(kind)
    store = _splunkd().store
    entries, counts = inputs.entries(), store.counts("stanza")
    stanzas = {entry.name: f"{kind}://{entry.name}" for entry in entries}
    return render_template(
        "data_inputs.html",
        kind=kind,
        scheme=inputs.scheme,
        entries=entries,
        runs={name: store.last_run(stanza) for name, stanza in stanzas.items()},
        counts={name: counts.get(stanza, 0) for name, stanza in stanzas.items()},
        refused=request.args.get("refused", ""),
    )


@pages.route("/en-US/manager/<app>/data/inputs/<kind>/_new", methods=["GET", "POST"])
def new_input(app: str, kind: str) -> Page:
    """An empty form, or one filled from `?clone=<name>`."""
    inputs = _Inputs(kind)
    source = request.args.get("clone", "")
    known = dict(inputs.resource.read(inputs.call(), source).content) if source else {}
    if request.method == "GET":
        return _form(inputs, app, "", known)
    args = _given(request.form)
    try:
        inputs.resource.create(inputs.call("POST", args), args.get("name", ""))
    except StandinError as error:
        return _form(inputs, app, "", {**known, **request.form}, error.message)
    return redirect(url_for("pages.data_inputs", app=app, kind=kind))


@pages.route("/en-US/manager/<app>/data/inputs/<kind>/<name>", methods=["GET", "POST"])
def edit_input(app: str, kind: str, name: str) -> Page:
    inputs = _Inputs(kind)
    if request.method == "GET":
        return _form(inputs, app, name, inputs.resource.read(inputs.call(), name).content)
    try:
        inputs.resource.edit(inputs.call("POST", request.form.to_dict()), name)
    except StandinError as error:
        return _form(inputs, app, name, request.form, error.message)
    return redirect(url_for("pages.data_inputs", app=app, kind=kind))


@pages.route("/en-US/manager/<app>/data/inputs/<kind>/<name>/<action>", methods=["POST"])
def act_on_input(app: str, kind: str, name: str, action: str) -> Page:
    """Enable, disable, delete; a refusal is shown above the list."""
    inputs = _Inputs(kind)
    refusal = None
    try:
        inputs.resource.answer(*_request_for(inputs, name, action))
    except StandinError as error:
        refusal = error.message
    return redirect(url_for("pages.data_inputs", app=app, kind=kind, refused=refusal))


def _request_for(inputs: _Inputs, name: str, action: str) -> tuple[Call, list[str]]:
    return (inputs.call("DELETE"), [name]) if action == "delete" else (inputs.call("POST"), [name, action])


def _form(inputs: _Inputs, app: str, name: str, values: Mapping[str, Any], error: str = "") -> Page:
    indexes = [index for index in _splunkd().confs.stanzas("indexes", app) if index != "default"]
    arguments = [arg for arg in inputs.scheme.arguments if arg.name not in {"name", "index", "interval", "host"}]
    page = render_template(
        "input_form.html",
        kind=inputs.kind,
        scheme=inputs.scheme,
        arguments=arguments,
        indexes=["default", *indexes],
        name=name,
        values=values,
        error=error,
    )
    return page, 400 if error else 200


def _given(form: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in form.items() if value}


@pages.route("/en-US/reports")
def reports() -> Page:
    """The app's saved searches, each a click away from its results."""
    layout = _splunkd().layout
    stanzas = _splunkd().confs.stanzas("savedsearches", layout.app_name).values()
    return render_template("reports.html", reports=[stanza for stanza in stanzas if stanza.settings.get("search")])


@pages.route("/en-US/log")
def log() -> Page:
    """The end of the add-on's log, or of splunkd's."""
    logs = {path.name: path for path in sorted(_splunkd().layout.logs.glob("*.log"))}
    chosen = request.args.get("name") or next((name for name in logs if name != "splunkd.log"), "splunkd.log")
    text = logs[chosen].read_text("utf-8", "replace")[-LOG_BYTES:] if chosen in logs else ""
    lines = [(_level(line), line) for line in text.splitlines()]
    return render_template("log.html", names=list(logs), chosen=chosen, lines=lines)


def _level(line: str) -> str:
    return next((level for level in ("ERROR", "WARN", "DEBUG") if level in line), "INFO").lower()


@pages.app_errorhandler(StandinError)
def refused(error: StandinError) -> tuple[str, int]:
    return render_template("refused.html", error=error), error.status


@pages.app_template_filter("moment")
def moment(seconds: float) -> str:
    """Local time, as Splunk shows it."""
    return shown(seconds)
