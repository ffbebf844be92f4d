"""The elements of findings and web applications as tables, in the recorded order.

Recorded are those of an answer without details; where the others stand, and that they need `verbose`, is what the guide
and public clients tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Callable, Optional

from ..clock import stamp
from ..nodes import Node, Row, Value
from .model import Ignored, Payload, Result, Score, Standard, Tls, User, WebApp, WebFinding

VERBOSE = "verbose"


def _leaf(name: str, value: object) -> Node:
    return Node(name, str(value))


def _text(name: str, text: str) -> Node:
    return Node(name, text, True)


def _truth(on: bool) -> str:
    return "true" if on else "false"


def _date(moment_s: Optional[int]) -> Optional[str]:
    return None if moment_s is None else stamp(moment_s)


def _counted(name: str, members: Iterable[Node]) -> Node:
    """``name(count, list(...))``; no list where there are no members, as recorded."""
    found = tuple(members)
    listed = (Node("list", children=found),) if found else ()
    return Node(name, children=(_leaf("count", len(found)), *listed))


def _counted_if_any(name: str, members: Iterable[Node]) -> Optional[Node]:
    found = tuple(members)
    return _counted(name, found) if found else None


def _tags(app: WebApp) -> Node:
    tags = (Node("Tag", children=(_leaf("id", tag.id), _text("name", tag.name))) for tag in app.tags)
    return _counted("tags", tags)


def _app(finding: WebFinding) -> Node:
    app = finding.app
    return Node("webApp", children=(_leaf("id", app.id), _text("name", app.name), _text("url", app.url)))


def _app_with_tags(finding: WebFinding) -> Node:
    bare = _app(finding)
    return bare._replace(children=(*bare.children, _tags(finding.app)))


def _user(name: str, user: Optional[User]) -> Optional[Node]:
    if user is None:
        return None
    parts = (("username", user.username), ("firstName", user.first_name), ("lastName", user.last_name))
    return Node(name, children=(_leaf("id", user.id), *(_text(part, text) for part, text in parts)))


def _standards(name: str, standards: tuple[Standard, ...]) -> Optional[Node]:
    def members(each: Standard) -> tuple[Node, ...]:
        return _text("name", each.name), _text("url", each.url), _leaf("code", each.code)

    return _counted_if_any(name, (Node(name.upper(), children=members(each)) for each in standards))


def _payload(sent: Payload) -> Node:
    body = () if sent.body is None else (_text("body", sent.body),)
    request = (_leaf("method", sent.method), _text("link", sent.link), _text("headers", sent.headers), *body)
    proof = (_leaf("offset", sent.offset), _leaf("length", sent.length))
    return Node(
        "PayloadInstance",
        children=(
            _text("payload", sent.payload),
            Node("request", children=request),
            _text("response", sent.response),
            Node("payloadResponce", children=proof),
        ),
    )


def _result(result: Result) -> Node:
    optional = (("ajaxRequestId", result.ajax_request_id), ("formLocation", result.form_location))
    paths = (Node("Url", children=(_text("value", path),)) for path in result.access_path)
    return Node(
        "Result",
        children=(
            _leaf("authentication", _truth(result.authentication)),
            _leaf("ajax", _truth(result.ajax)),
            *(_text(name, text) for name, text in optional if text is not None),
            _counted("accessPath", paths),
            _counted("payloads", map(_payload, result.payloads)),
        ),
    )


def _score(score: Optional[Score]) -> Optional[Node]:
    if score is None:
        return None
    temporal = () if score.temporal is None else (_leaf("temporal", score.temporal),)
    return Node("cvssV3", children=(_leaf("base", score.base), *temporal, _text("attackVector", score.vector)))


_CIPHER = ("protocol", "name", "keyExchange", "auth", "mac", "encryption", "grade")


def _tls(tls: Optional[Tls]) -> Optional[Node]:
    if tls is None:
        return None
    ciphers = (
        Node("SSLDataCipher", children=tuple(map(_leaf, _CIPHER, cipher)))
        for cipher in tls.ciphers
    )  # fmt: skip
    known = (
        Node("sslDataCipherList", children=(Node("list", children=tuple(ciphers)),)),
        _leaf("certificateFingerprint", tls.fingerprint),
    )
    info = Node("list", children=(Node("SSLDataInfo", children=known),))
    return Node(
        "sslData",
        children=(
            _leaf("protocol", tls.protocol),
            _text("virtualhost", tls.virtualhost),
            _leaf("ip", tls.ip),
            _leaf("port", tls.port),
            _text("result", tls.result),
            Node("sslDataInfoList", children=(info,)),
        ),
    )


def _history(finding: WebFinding) -> Optional[Node]:
    def seen() -> Iterable[Node]:
        for scan in finding.history:
            told = (_leaf("id", scan.id), _text("reference", scan.reference))
            data = Node("scanData", children=(*told, _leaf("launchedDate", stamp(scan.launched_at))))
            yield Node("WebAppFindingHistory", children=(data,))

    return Node("history", children=(Node("set", children=tuple(seen())),)) if finding.history else None


def _ignoring(read: Callable[[Ignored], Value]) -> Callable[[WebFinding], Value]:
    return lambda finding: None if finding.ignored is None else read(finding.ignored)


def _is_ignored(finding: WebFinding) -> Value:
    return None if finding.status is None else _truth(finding.ignored is not None)


VERBOSE_ROWS: tuple[Row[WebFinding], ...] = (
    Row("id", lambda found: found.id),
    Row("uniqueId", lambda found: found.unique_id),
    Row("qid", lambda found: found.qid),
    Row("detectionScore", lambda found: found.detection_score, asks=VERBOSE),
    Row("name", lambda found: found.name, cdata=True),
    Row("type", lambda found: found.type),
    Row("potential", lambda found: _truth(found.potential)),
    Row("findingType", lambda found: found.finding_type),
    Row("group", lambda found: found.group, asks=VERBOSE),
    Row("cwe", lambda found: _counted_if_any("cwe", (_leaf("long", cwe) for cwe in found.cwe)), asks=VERBOSE),
    Row("owasp", lambda found: _standards("owasp", found.owasp), asks=VERBOSE),
    Row("wasc", lambda found: _standards("wasc", found.wasc), asks=VERBOSE),
    Row("param", lambda found: found.param, cdata=True),
    Row("resultList", lambda found: _counted_if_any("resultList", map(_result, found.results)), asks=VERBOSE),
    Row("severity", lambda found: found.severity),
    Row("url", lambda found: found.url, cdata=True),
    Row("status", lambda found: found.status),
    Row("firstDetectedDate", lambda found: stamp(found.first_detected_at)),
    Row("lastDetectedDate", lambda found: stamp(found.last_detected_at)),
    Row("lastTestedDate", lambda found: stamp(found.last_tested_at)),
    Row("fixedDate", lambda found: _date(found.fixed_at), asks=VERBOSE),
    Row("timesDetected", lambda found: found.times_detected),
    Row("webApp", _app_with_tags),
    Row("isIgnored", _is_ignored),
    Row("ignoredReason", _ignoring(lambda ignored: ignored.reason), asks=VERBOSE),
    Row("ignoredBy", _ignoring(lambda ignored: _user("ignoredBy", ignored.by)), asks=VERBOSE),
    Row("ignoredDate", _ignoring(lambda ignored: stamp(ignored.at)), asks=VERBOSE),
    Row("ignoredComment", _ignoring(lambda ignored: ignored.comment), cdata=True, asks=VERBOSE),
    Row("cvssV3", lambda found: _score(found.cvss_v3), asks=VERBOSE),
    Row("severityComment", lambda found: found.severity_comment, cdata=True, asks=VERBOSE),
    Row("editedSeverityUser", lambda found: _user("editedSeverityUser", found.severity_by), asks=VERBOSE),
    Row("history", _history, asks=VERBOSE),
    Row("sslData", lambda found: _tls(found.tls), asks=VERBOSE),
    Row("updatedDate", lambda found: stamp(found.updated_at), asks=VERBOSE),
    Row("patch", lambda found: found.patch, asks=VERBOSE),
)
"""The elements of Finding with all details."""
BARE_ROWS: tuple[Row[WebFinding], ...] = tuple(
    replace(row, get=_app) if row.name == "webApp" else row for row in VERBOSE_ROWS if not row.asks
)
"""Those without."""

APP_ROWS: tuple[Row[WebApp], ...] = (
    Row("id", lambda app: app.id),
    Row("name", lambda app: app.name, cdata=True),
    Row("url", lambda app: app.url, cdata=True),
    Row("owner", lambda app: Node("owner", children=(_leaf("id", app.owner),))),
    Row("tags", _tags),
    Row("createdDate", lambda app: stamp(app.created_at)),
    Row("updatedDate", lambda app: stamp(app.updated_at)),
)
