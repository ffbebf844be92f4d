"""Takes a call to its resource, past everything that can refuse it: path, header, login, limits, faults.

The order is that of the recordings: a path without its final slash is moved (301) before anybody asks who calls, and
an answer to a wrong login carries no limit headers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from html import escape
from typing import Callable

from . import assets, gateway, knowledge_base, reports, web
from .access import Access, bad_login
from .exchange import HTML, Answer, Call, Header, Refusal
from .fault_answers import Scene, answer, spoil
from .faults import (
    ANSWERED,
    BROKEN,
    GATEWAY_RESOURCES,
    MSP_RESOURCES,
    QPS_RESOURCES,
    REFUSED,
    TWISTED,
    UNHEEDING,
    FaultPlan,
)
from .limits import Limits
from .markup import simple_return

VERSIONS = ("2.0", "3.0", "4.0", "5.0")
_VERSIONS_OF: Mapping[str, tuple[str, ...]] = {
    "host": VERSIONS,
    "detection": VERSIONS,
    "knowledge": knowledge_base.VERSIONS,
    "policy": VERSIONS,
    "posture": VERSIONS,
    "was_finding": web.VERSIONS,
    "was_webapp": web.VERSIONS,
    "host_asset": assets.VERSIONS,
    "tag": assets.VERSIONS,
    "asset_group": VERSIONS,
    "report": reports.VERSIONS,
    "search_list": VERSIONS,
    "static_search_list": VERSIONS,
}
_ROUTES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"/msp/about\.php"), "about"),
    (re.compile(r"/api/(\d+\.\d+)/fo/session/"), "session"),
    (re.compile(r"/api/(\d+\.\d+)/fo/asset/host/"), "host"),
    (re.compile(r"/api/(\d+\.\d+)/fo/asset/host/vm/detection/"), "detection"),
    (re.compile(r"/api/(\d+\.\d+)/fo/knowledge_base/vuln/"), "knowledge"),
    (re.compile(r"/api/(\d+\.\d+)/fo/compliance/policy/"), "policy"),
    (re.compile(r"/api/(\d+\.\d+)/fo/compliance/posture/info/"), "posture"),
    (re.compile(r"/qps/rest/(\d+\.\d+)/(?:search|count)/was/finding/?"), "was_finding"),
    (re.compile(r"/qps/rest/(\d+\.\d+)/get/was/finding/[\w-]+/?"), "was_finding"),
    (re.compile(r"/qps/rest/(\d+\.\d+)/(?:search|count)/was/webapp/?"), "was_webapp"),
    (re.compile(r"/qps/rest/(\d+\.\d+)/(?:search|count)/am/hostasset/?"), "host_asset"),
    (re.compile(r"/qps/rest/(\d+\.\d+)/(?:search|count)/am/tag/?"), "tag"),
    (re.compile(r"/api/(\d+\.\d+)/fo/asset/group/"), "asset_group"),
    (re.compile(r"/api/(\d+\.\d+)/fo/qid/search_list/dynamic/"), "search_list"),
    (re.compile(r"/api/(\d+\.\d+)/fo/qid/search_list/static/"), "static_search_list"),
    (re.compile(r"/api/(\d+\.\d+)/fo/report/"), "report"),
    (re.compile(r"/msp/report_template_list\.php"), "report_template"),
    (re.compile(r"/msp/ticket_list\.php"), "ticket"),
    (re.compile(r"/msp/asset_range_info\.php"), "asset_range"),
    (re.compile(r"/qps/rest/portal/version/?"), "portal"),
    (re.compile(r"/auth"), "auth"),
    (re.compile(r"/fim/v2/events/(?:search|count)"), "fim_event"),
    (re.compile(r"/fim/v2/events/ignore/(?:search|count)"), "fim_ignored_event"),
    (re.compile(r"/fim/v2/incidents/(?:search|count)"), "fim_incident"),
    (re.compile(r"/fim/v2/incidents/[^/]+/events/(?:search|count)"), "fim_incident_event"),
)
_UNMETERED = ("session", gateway.AUTH)
NAMELESS = ("about", *MSP_RESOURCES, *GATEWAY_RESOURCES)
"""Resources that do not ask for the header X-Requested-With."""
LOGGED_OUT = ("session", gateway.AUTH)
_MOVED = (
    '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>301 Moved Permanently</title>\n'
    '</head><body>\n<h1>Moved Permanently</h1>\n<p>The document has moved <a href="{url}">here</a>.</p>\n'
    "</body></html>\n"
)
_NOT_FOUND = "<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1></body></html>\n"

Resource = Callable[[Call], Answer]


@dataclass(frozen=True)
class Outcome:
    """An answer, the call as it was understood, and the fault that struck it ("" for none)."""

    answer: Answer
    call: Call
    fault: str = ""


class Dispatcher:
    """All resources of the platform.

    The second of `limits` are those of the dialect of ``/qps/``, which counts its calls apart, the third those of the
    gateway, which takes `tokens`. `nameless`: resources that may be called without X-Requested-With.
    """

    def __init__(
        self,
        resources: Mapping[str, Resource],
        access: Access,
        tokens: gateway.Tokens,
        limits: tuple[Limits, Limits, Limits],
        faults: FaultPlan,
        scene: Callable[[], Scene],
        gone_versions: tuple[str, ...] = (),
        nameless: tuple[str, ...] = NAMELESS,
    ) -> None:
        self._resources = resources
        self._access = access
        self._tokens = tokens
        self._limits, self._web_limits, self._gateway_limits = limits
        self._faults = faults
        self._scene = scene
        self._gone_versions = gone_versions
        self._nameless = nameless

    @contextmanager
    def handle(self, call: Call) -> Iterator[Outcome]:
        """The outcome of a call; it counts as running until the block ends, so send the answer inside it."""
        resource, version = _route(call.path)
        if not resource:
            yield Outcome(self._astray(call.path), call)
            return
        routed = replace(call, resource=resource, version=version)
        try:
            username = self._admit(routed)
        except Refusal as refusal:
            yield Outcome(self._turned_away(refusal, routed), routed)
            return
        with self._metered(replace(routed, username=username)) as outcome:
            yield outcome

    @contextmanager
    def _metered(self, call: Call) -> Iterator[Outcome]:
        if call.resource in _UNMETERED:
            yield self._answered(call, ())
            return
        with ExitStack() as running:
            try:
                headers = running.enter_context(self._limits_of(call).admit())
            except Refusal as refusal:
                outcome = Outcome(self._refused_to(call, refusal), call)
            else:
                outcome = self._answered(call, _told(call, headers))
            yield outcome

    def _limits_of(self, call: Call) -> Limits:
        """Those that count for the call; the dialect of ``/qps/`` tells of its own only where it refuses one."""
        if call.resource in GATEWAY_RESOURCES:
            return self._gateway_limits
        return self._web_limits if call.resource in QPS_RESOURCES else self._limits

    def _answered(self, call: Call, headers: tuple[Header, ...]) -> Outcome:
        fault = self._faults.strike(call.resource)
        try:
            found = self._resource_answer(replace(call, twist=fault if fault in (*TWISTED, *UNHEEDING) else ""), fault)
        except Refusal as refusal:
            return Outcome(self._refused_to(call, refusal, headers), call, fault)
        return Outcome(replace(found, headers=(*headers, *found.headers)), call, fault)

    def _resource_answer(self, call: Call, fault: str) -> Answer:
        if fault in (*ANSWERED, *REFUSED):
            return answer(fault, call, self._scene())
        if not self._serves(call):
            return answer("gone_version", call, self._scene())
        true = self._resources[call.resource](call)
        return spoil(fault, true, self._scene()) if fault in (*BROKEN, *gateway.SPOILED) else true

    def _serves(self, call: Call) -> bool:
        versions = _VERSIONS_OF.get(call.resource)
        return versions is None or (call.version in versions and call.version not in self._gone_versions)

    def _admit(self, call: Call) -> str:
        """The caller's name; Refusal when nobody we know, or when X-Requested-With is missing (facts §0.1: the exact
        code is not public)."""
        name = "" if call.resource in LOGGED_OUT else self._username(call)
        if call.resource not in self._nameless and not call.headers.get("x-requested-with"):
            raise Refusal(1903, "Missing required HTTP header: X-Requested-With")
        return name

    def _turned_away(self, refusal: Refusal, call: Call) -> Answer:
        """The answer to someone who was not let in; a wrong login has its own form under ``/qps/``."""
        if call.resource in QPS_RESOURCES and refusal.code == 2000:
            return web.refused_login(call, self._scene().base_url)
        return self._refused_to(call, refusal)

    def _username(self, call: Call) -> str:
        """Who calls: by token at the gateway, by password or session elsewhere."""
        if call.resource not in GATEWAY_RESOURCES:
            return self._access.username(call.headers)
        name = self._tokens.username(call.headers)
        if not name:
            raise bad_login()
        return name

    def _refused_to(self, call: Call, refusal: Refusal, headers: tuple[Header, ...] = ()) -> Answer:
        if call.resource in GATEWAY_RESOURCES:
            return gateway.refused(refusal, self._scene().now_s, headers)
        return self._refused(refusal, headers)

    def _refused(self, refusal: Refusal, headers: tuple[Header, ...] = ()) -> Answer:
        """The document of a refusal. A wrong login and an expired account get no limit headers.

        A limit brings its own.
        """
        scene = self._scene()
        text = simple_return(scene.base_url, scene.now_s, refusal.code, refusal.text, refusal.items)
        metered = () if refusal.code in (2000, 2001) else headers
        return Answer.of(refusal.status, text, headers=refusal.headers or metered)

    def _astray(self, path: str) -> Answer:
        if not _route(path + "/")[0]:
            return Answer.of(404, _NOT_FOUND, HTML)
        url = f"{self._scene().base_url}{path}/"
        text = _MOVED.format(url=escape(url.replace("https:", "http:", 1)))
        return Answer.of(301, text, HTML, (("Location", url),)).sized()


def _told(call: Call, headers: tuple[Header, ...]) -> tuple[Header, ...]:
    """What an answer tells of the limits."""
    if call.resource in GATEWAY_RESOURCES:
        return gateway.limits_told(headers)
    return () if call.resource in QPS_RESOURCES else headers


def _route(path: str) -> tuple[str, str]:
    for pattern, resource in _ROUTES:
        found = pattern.fullmatch(path)
        if found:
            return resource, found[1] if found.groups() else ""
    return "", ""
