"""Splunk Web on loopback: the shell UCC's pages run in, the proxy they use, and plain pages to look around.

What UCC 6.6 asks of Splunk Web: its base.html (`../../config`, `../../i18ncatalog`, `../../static/@<build>/…`) and
`splunkd/__raw`, which passes on only what a web.conf exposes (web.conf.spec, `[expose:…]`).
"""

from __future__ import annotations

import json
import re
import time
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    send_from_directory,
)
from werkzeug.wrappers import Response as AnyResponse

from standins.splunk.conf import ANY_APP
from standins.splunk.dashboard_pages import dashboard_page, panels
from standins.splunk.event_address import search_parameters
from standins.splunk.event_pages import events
from standins.splunk.management import Management, split_path
from standins.splunk.navigation import SEARCH_VIEW, dashboards, find_view, navigation
from standins.splunk.pages import pages
from standins.splunk.sessions import ADMIN
from standins.splunk.splunkd import Splunkd

ROOT = "/en-US"
_RAW = f"{ROOT}/splunkd/__raw"
_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost)(:\d+)?")
_I18N = (
    "window._ = window._ || (text => text); window.gettext = window._;"
    "window.ngettext = (one, many, n) => n === 1 ? one : many;"
)

shell = Blueprint("shell", __name__, url_prefix=ROOT)


def web_application(splunkd: Splunkd, management: Management) -> Flask:
    """The WSGI application; whoever reaches it on loopback is the administrator."""
    application = Flask(__name__)
    application.extensions["splunkd"] = splunkd
    application.extensions["management"] = management
    application.before_request(_only_from_here)
    application.register_blueprint(shell)
    application.register_blueprint(pages)
    application.register_blueprint(events)
    application.register_blueprint(panels)
    application.context_processor(lambda: _shown_everywhere(splunkd))
    return application


def _only_from_here() -> None:
    """A page of another site in the same browser must not act here: neither by a name of its own nor by a form."""
    origin = request.headers.get("Origin", "")
    if not _LOOPBACK.fullmatch(request.host) or (origin and not _LOOPBACK.fullmatch(urlsplit(origin).netloc)):
        abort(403)


def _splunkd() -> Splunkd:
    found: Splunkd = current_app.extensions["splunkd"]
    return found


def _shown_everywhere(splunkd: Splunkd) -> dict[str, Any]:
    name = splunkd.layout.app_name
    return {
        "app_name": name,
        "app_label": splunkd.confs.value("app", "ui", "label", name),
        "app_views": navigation(splunkd.layout.app),
        "dashboards": dashboards(splunkd.layout.app),
        "kinds_shown": splunkd.scripts.kinds(),
    }


@shell.route("/app/<app>/<view>")
def view(app: str, view: str) -> AnyResponse:
    """A view of the add-on: a dashboard, or the template its XML names, as it is. Its search page lists the events."""
    home = _splunkd().layout.app
    found = find_view(home, view) if app == home.name else None
    if found is None:
        abort(404)
    if found.name == SEARCH_VIEW:
        return redirect(f"{ROOT}/events?{urlencode(search_parameters(request.args, time.time()))}")
    if found.dashboard:
        return Response(dashboard_page(found))
    return send_from_directory(home / "appserver", found.template)


@shell.route("/config")
def config() -> Response:
    """`window.$C`, what a page must know of the server it came from."""
    settings: dict[str, Any] = {
        "SPLUNKD_PATH": _RAW,
        "LOCALE": "en-US",
        "USERNAME": ADMIN,
        "MRSPARKLE_ROOT_PATH": "",
        "MRSPARKLE_PORT_NUMBER": urlsplit(request.host_url).port,
        "BUILD_NUMBER": "standin",
        "BUILD_PUSH_VERSION": 0,
        "VERSION_LABEL": "9.4.3",
        "APP": _splunkd().layout.app_name,
        "SERVER_ZONEINFO": "",
    }
    return _script(f"window.$C = {json.dumps(settings)};")


@shell.route("/i18ncatalog")
@shell.route("/static/@<build>/js/i18n.js")
def i18n(build: str = "") -> Response:  # noqa: ARG001
    """English is what the pages are written in."""
    return _script(_I18N)


@shell.route("/static/@<build>/build/api/<name>.js")
def page_frame(build: str, name: str) -> Response:  # noqa: ARG001
    """The scripts UCC's page asks Splunk Web for: which theme, and the bar above the page."""
    if name == "get_theme":
        return _script('window.__get_theme__ = { getTheme: () => Promise.resolve("enterprise") };')
    return _script(render_template("layout.js", bar=render_template("bar.html")))


@shell.route("/static/@<build>/app/<app>/<path:path>")
@shell.route("/static/app/<app>/<path:path>")
def static_file(app: str, path: str, build: str = "") -> AnyResponse:  # noqa: ARG001
    """Files of the add-on's appserver/static."""
    home = _splunkd().layout.app
    if app != home.name:
        abort(404)
    return send_from_directory(home / "appserver" / "static", path)


@shell.route("/splunkd/__raw/<path:path>", methods=["GET", "POST", "DELETE"])
def raw(path: str) -> AnyResponse:
    """Passes a browser's request on to splunkd in the administrator's name, if some web.conf exposes it."""
    uri = request.environ["REQUEST_URI"][len(_RAW) :]
    endpoint = "/".join(split_path(uri)[2])
    if not _exposed(endpoint, request.method):
        _splunkd().log.write("WARN", "Web", f"{request.method} {path} is not exposed in web.conf")
        abort(404)
    management: Management = current_app.extensions["management"]
    return management.respond(request, uri, ADMIN)


def _exposed(endpoint: str, method: str) -> bool:
    for name, stanza in _splunkd().confs.stanzas("web", ANY_APP).items():
        if name.startswith("expose:") and _matches(endpoint, stanza.settings.get("pattern", "")):
            methods = stanza.settings.get("methods", "GET")
            if method in {word.strip() for word in methods.split(",")} and not stanza.disabled:
                return True
    return False


def _matches(endpoint: str, pattern: str) -> bool:
    return endpoint.count("/") == pattern.count("/") and fnmatchcase(endpoint, pattern)


def _script(text: str) -> Response:
    return Response(text, content_type="text/javascript; charset=utf-8")
