"""The web application API, ``/qps/rest/3.0/…/was/…``, and ``/qps/rest/portal/version``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Callable, Optional

from ..dirt import Dirt
from ..exchange import Answer, Call, broken_off
from ..nodes import Node
from .elements import VERBOSE
from .holdings import WebHoldings
from .ledger import WebLedger
from .model import WebApp, WebFinding
from .query import app_node, finding_node, page, selected_apps, selected_findings
from .request import Criterion, ServiceError, parse_request
from .response import Page, Response, refused

FINDING_SCHEMA, APP_SCHEMA, PORTAL_SCHEMA = "3.0/was/finding.xsd", "3.0/was/webapp.xsd", "version.xsd"
_VERB = re.compile(r"/qps/rest/[^/]+/(search|count|get)/was/[^/]+(?:/([^/]*))?")
_SESSION = ("Set-Cookie", "JSESSIONID=0000standin0000; Path=/qps; Secure; HttpOnly")
_PORTAL = (
    ("PortalApplication-VERSION", "3.13.0.1-1 OFFICIAL #43 (2022-10-11T11:32:14Z)"),
    ("QWEB__VM-VERSION", "2.13.0-1"),
)
_QWEB = (("WEB-VERSION", "10.35.2.0-1"), ("SCANNER-VERSION", "14.6.27-1"), ("VULNSIGS-VERSION", "2.6.430-3"))
_PLACES = ("limitResults", "startFromOffset", VERBOSE)


class WebResources:
    """Answers a call that has been let in, always with HTTP 200."""

    def __init__(
        self, holdings: WebHoldings, ledger: WebLedger, dirt: Dirt, most: Optional[int], base_url: str
    ) -> None:
        self._holdings = holdings
        self._ledger = ledger
        self._dirt = dirt
        self._most = most
        self._base_url = base_url

    @property
    def routes(self) -> dict[str, Callable[[Call], Answer]]:
        """What each resource of this dialect is answered by."""
        return {"was_finding": self.findings, "was_webapp": self.apps, "portal": self.portal}

    def portal(self, call: Call) -> Answer:
        """``/qps/rest/portal/version``: the versions of the platform's parts."""
        parts = (("Portal-Version", _PORTAL), ("QWeb-Version", _QWEB))
        nodes = (Node(name, children=tuple(Node(*version) for version in versions)) for name, versions in parts)
        response = Response(call, self._base_url, PORTAL_SCHEMA, self._dirt)
        return replace(response.portal(tuple(nodes)), headers=(_SESSION,))

    def findings(self, call: Call) -> Answer:
        """``search``, ``count`` or ``get`` findings."""
        try:
            return self._findings(call)
        except ServiceError as error:
            return refused(call, self._base_url, FINDING_SCHEMA, error)

    def apps(self, call: Call) -> Answer:
        """``search`` or ``count`` web applications."""
        try:
            return self._apps(call)
        except ServiceError as error:
            return refused(call, self._base_url, APP_SCHEMA, error)

    def _findings(self, call: Call) -> Answer:
        verb, ident = _verb(call)
        request = parse_request(call.body)
        response = Response(call, self._base_url, FINDING_SCHEMA, self._dirt)
        if verb == "get":
            return response.page(Page((self._one(ident),)))
        found = selected_findings(self._holdings, request.criteria)
        if verb == "count":
            return response.count(sum(1 for _ in found))

        def node(finding: WebFinding) -> Node:
            return finding_node(finding, self._dirt, verbose=request.preferences.verbose)

        answer = response.page(page(found, request, self._most, call.twist, node, self._ledger.note))
        return replace(answer, body=self._perhaps_cut(call, answer.body))

    def _one(self, ident: str) -> Node:
        name = "id" if ident.isdecimal() else "uniqueId"
        for finding in selected_findings(self._holdings, (Criterion(name, "EQUALS", ident),)):
            return finding_node(finding, self._dirt, verbose=True)
        raise ServiceError(f"No finding found with {name} {ident}.", "Specify an existing one.", "OBJECT_NOT_FOUND")

    def _apps(self, call: Call) -> Answer:
        verb, _ = _verb(call)
        request = parse_request(call.body)
        response = Response(call, self._base_url, APP_SCHEMA, self._dirt)
        found = selected_apps(self._holdings, request.criteria)
        if verb == "count":
            return response.count(sum(1 for _ in found))
        return response.page(page(found, request, self._most, call.twist, app_node, _unheeded))

    def _perhaps_cut(self, call: Call, body: Iterable[bytes]) -> Iterable[bytes]:
        """With the dirt ``cut``, a page breaks off the first time it is asked for, in whatever size."""
        asked = tuple(sorted((name, value) for name, value in call.params.items() if name not in _PLACES))
        return broken_off(body) if self._dirt.breaks((call.resource, *asked)) else body


def _verb(call: Call) -> tuple[str, str]:
    found = _VERB.fullmatch(call.path.rstrip("/"))
    return (found[1], found[2] or "") if found else ("search", "")


def _unheeded(_app: WebApp) -> None:
    """A record that nobody counts."""
