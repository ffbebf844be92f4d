"""What the faults look like on the wire.

Sources: facts §0.2 to §0.4. What the platform says of an API version that was removed is not public (the versioning
notice of 2025-08-17 and the release notes name dates only): ``gone_version`` is a guess, HTTP 404 with a SIMPLE_RETURN.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Callable

from . import gateway, reports, tickets, web
from .exchange import HTML, Answer, Call, HangUp, Refusal
from .faults import GATEWAY_RESOURCES, MSP_RESOURCES
from .limits import Limits
from .markup import DECLARATION, generic_return

BUSY_S = 1
TRICKLES, TRICKLE_BYTES, TRICKLE_S = 40, 64, 0.05
STALL_STEP_S = 0.05
CUT_AFTER = 12
ELSEWHERE = "https://qualysapi.elsewhere.example"
INTERNAL = "Internal error. Please contact customer support."
LOGIN_PAGE = (
    "<!DOCTYPE html>\n<html><head><title>Qualys - Maintenance</title></head>\n<body><h1>Scheduled maintenance</h1>\n"
    "<p>The service is not available<br>Please try again later.</body></html>\n"
)
GATEWAY_PAGE = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502 Bad Gateway</h1></body>\r\n</html>\r\n"
)
_FINDINGS, _KNOWLEDGE = "HOST_LIST_VM_DETECTION_OUTPUT", "KNOWLEDGE_BASE_VULN_LIST_OUTPUT"
_POLICIES, _POSTURE = "POLICY_LIST_OUTPUT", "POSTURE_INFO_LIST_OUTPUT"
_ENTITIES = (
    '<!DOCTYPE {root} [\n  <!ENTITY lol "lol">\n  <!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">\n'
    '  <!ENTITY file SYSTEM "file:///etc/passwd">\n]>\n'
    "<{root}><RESPONSE><DATETIME>2025-01-01T00:00:00Z</DATETIME>{record}</RESPONSE></{root}>\n"
)
_WEB_ENTITIES = (
    '<!DOCTYPE ServiceResponse [\n  <!ENTITY lol "lol">\n  <!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">\n'
    '  <!ENTITY file SYSTEM "file:///etc/passwd">\n]>\n<ServiceResponse><responseCode>SUCCESS</responseCode>'
    "<count>1</count><data><Finding><id>1</id><name>&lol2;&file;</name></Finding></data></ServiceResponse>\n"
)
_ASSET_ENTITIES = _WEB_ENTITIES.replace("Finding", "HostAsset")
_HOST = "<HOST_LIST><HOST><ID>1</ID><OS>&lol2;&file;</OS></HOST></HOST_LIST>"
_VULN = "<VULN_LIST><VULN><QID>1</QID><TITLE>&lol2;&file;</TITLE></VULN></VULN_LIST>"
_POLICY = "<POLICY_LIST><POLICY><ID>1</ID><TITLE>&lol2;&file;</TITLE></POLICY></POLICY_LIST>"
_GROUP = "<ASSET_GROUP_LIST><ASSET_GROUP><ID>1</ID><TITLE>&lol2;&file;</TITLE></ASSET_GROUP></ASSET_GROUP_LIST>"
_TICKET = "<TICKET_LIST><TICKET><NUMBER>1</NUMBER><RULE>&lol2;&file;</RULE></TICKET></TICKET_LIST>"
_INFO = "<INFO_LIST><INFO><ID>1</ID><INSTANCE>&lol2;&file;</INSTANCE></INFO></INFO_LIST>"
REFUSALS: Mapping[str, Refusal] = {
    "registration": Refusal(2003, "Registration must be completed before API requests will be served", 409),
    "secureid": Refusal(2011, "SecureID authentication is required for this account", 409),
    "expired": Refusal(2001, "This account has expired.", 200),
    "unauthorized": Refusal(2000, "Bad Login/Password", 401),
    "simple1905": Refusal(1905, "parameter status has invalid value: Opened (unknown value: Opened)"),
    "unlicensed": Refusal(2012, "User license is not authorized to run this API.", 403),
    "gone_version": Refusal(1920, "This API version has reached its End-of-Life and is no longer available.", 404),
}


@dataclass(frozen=True)
class Scene:
    """What a fault's answer is made of: where the stand-in is, its time, and a wait that a shutdown ends."""

    base_url: str
    now_s: int
    limits: Limits
    wait: Callable[[float], bool]


def answer(kind: str, call: Call, scene: Scene) -> Answer:
    """The answer of a fault that answers instead of the platform; Refusal for those that are one."""
    if call.resource in GATEWAY_RESOURCES and (found := gateway.answered(kind, scene.now_s)):
        return found
    if call.resource in MSP_RESOURCES and kind in MSP_ANSWERS:
        return MSP_ANSWERS[kind](call, scene)
    if kind in REFUSALS:
        raise replace(REFUSALS[kind])
    if kind == "busy":
        raise scene.limits.refuse_concurrency()
    if kind == "rate":
        raise scene.limits.refuse_rate(BUSY_S)
    if kind.endswith("999"):
        text = generic_return(scene.base_url, scene.now_s, call.path, call.username, 999, INTERNAL)
        return Answer.of(200, text if kind == "generic999" else text[: text.index(INTERNAL) + len(INTERNAL)])
    if kind in WEB_REFUSALS:
        return web.refused(call, scene.base_url, web.FINDING_SCHEMA, WEB_REFUSALS[kind])
    return OTHERWISE.get(call.resource, PLAIN).get(kind) or PLAIN[kind]


def _of_root(root: str) -> Answer:
    return Answer.of(200, f"{DECLARATION}<{root}><RESPONSE/></{root}>\n")


def _entities(root: str, record: str) -> Answer:
    return Answer.of(200, DECLARATION + _ENTITIES.format(root=root, record=record))


def _expired(call: Call, scene: Scene) -> Answer:
    text = REFUSALS["expired"].text
    return Answer.of(200, generic_return(scene.base_url, scene.now_s, call.path, call.username, 2001, text))


def _error_in_root(call: Call, scene: Scene) -> Answer:
    root, dtd = _MSP_ROOTS[call.resource]
    return Answer.of(200, tickets.error_document(scene.base_url, root, dtd, tickets.TicketError(999, INTERNAL)))


_MSP_ROOTS = {"ticket": (tickets.ROOT, tickets.DTD), "asset_range": (tickets.RANGE_ROOT, tickets.RANGE_DTD)}
_MSP_ROOTS["report_template"] = (reports.TEMPLATES_ROOT, "report_template_list.dtd")
MSP_ANSWERS: Mapping[str, Callable[[Call, Scene], Answer]] = {"expired": _expired, "error_in_root": _error_in_root}
"""What the oldest dialect says in its own words, with HTTP 200."""
OTHERWISE: Mapping[str, Mapping[str, Answer]] = {
    "knowledge": {"wrong_root": _of_root(_FINDINGS), "entity": _entities(_KNOWLEDGE, _VULN)},
    "policy": {"wrong_root": _of_root(_POSTURE), "entity": _entities(_POLICIES, _POLICY)},
    "posture": {"wrong_root": _of_root(_POLICIES), "entity": _entities(_POSTURE, _INFO)},
    "was_finding": {"entity": Answer.of(200, DECLARATION + _WEB_ENTITIES)},
    "was_webapp": {"entity": Answer.of(200, DECLARATION + _WEB_ENTITIES)},
    "host_asset": {"entity": Answer.of(200, DECLARATION + _ASSET_ENTITIES)},
    "tag": {"entity": Answer.of(200, DECLARATION + _ASSET_ENTITIES.replace("HostAsset", "Tag"))},
    "ticket": {"entity": _entities(tickets.ROOT, _TICKET)},
    "report": {"entity": _entities(reports.ROOT, _HOST)},
    "report_template": {"entity": _entities(reports.TEMPLATES_ROOT, "<REPORT_TEMPLATE/>")},
    "asset_group": {"wrong_root": _of_root(_FINDINGS), "entity": _entities("ASSET_GROUP_LIST_OUTPUT", _GROUP)},
}
"""What differs for a resource."""
WEB_REFUSALS: Mapping[str, web.ServiceError] = {
    "invalid_request": web.ServiceError(
        "Criteria: Invalid value format for criteria 'webApp.id' (abc123).", "Specify criteria value(s) as Long."
    ),
    "invalid_credentials": web.REFUSED_LOGIN,
    "no_permission": web.NO_PERMISSION,
}
"""Refusals of the dialect of ``/qps/``, all with HTTP 200."""
PLAIN: Mapping[str, Answer] = {
    "too_many": Answer.of(429, "", headers=(("Retry-After", str(BUSY_S)),)),
    "unavailable": Answer.of(503, "Service Unavailable\n", "text/plain"),
    "gateway": Answer.of(502, GATEWAY_PAGE, HTML),
    "error500": Answer.of(500, "", HTML),
    "html": Answer.of(200, LOGIN_PAGE, HTML),
    "wrong_root": _of_root(_KNOWLEDGE),
    "entity": _entities(_FINDINGS, _HOST),
    "redirect": Answer.of(301, "", HTML, (("Location", f"{ELSEWHERE}/api/2.0/fo/"),)),
    "empty": replace(Answer.of(200, ""), body=(), length=0),
}


def spoil(kind: str, true: Answer, scene: Scene) -> Answer:
    """The true answer, but for its way to the client."""
    if kind in gateway.SPOILED:
        return gateway.SPOILED[kind](true)
    if kind == "cut_clean":
        return replace(true, body=_until_cut(true.body)).sized()
    return replace(true, body=SPOILERS[kind](true.body, scene))


def _cut(body: Iterable[bytes], _scene: Scene) -> Iterator[bytes]:
    yield from _until_cut(body)
    raise HangUp


def _slow(body: Iterable[bytes], scene: Scene) -> Iterator[bytes]:
    trickled = 0
    for piece in body:
        while trickled < TRICKLES and piece:
            yield piece[:TRICKLE_BYTES]
            piece = piece[TRICKLE_BYTES:]  # noqa: PLW2901 - what is left of it
            trickled += 1
            scene.wait(TRICKLE_S)
        yield piece


def _stall(_body: Iterable[bytes], scene: Scene) -> Iterator[bytes]:
    """Empty pieces send nothing, but between them it is noticed that the client hung up."""
    while not scene.wait(STALL_STEP_S):
        yield b""
    raise HangUp


def _reset(_body: Iterable[bytes], _scene: Scene) -> Iterator[bytes]:
    yield from ()
    raise HangUp(reset=True)


SPOILERS: Mapping[str, Callable[[Iterable[bytes], Scene], Iterator[bytes]]] = {
    "cut": _cut,
    "slow": _slow,
    "stall": _stall,
    "reset": _reset,
}


def _until_cut(body: Iterable[bytes]) -> Iterator[bytes]:
    """The first pieces of `body` and half of one: of the last, or of the one after `CUT_AFTER`."""
    pieces = iter(body)
    held = next(pieces, b"")
    for passed, piece in enumerate(pieces):
        if passed == CUT_AFTER:
            break
        yield held
        held = piece
    yield held[: len(held) // 2]
