"""What the gateway says where it does not answer with data, and what its faults look like (facts §0.3, §9, §10)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Callable, Optional

from ..clock import stamp
from ..exchange import HTML, Answer, Call, HangUp, Header, Refusal

JSON = "application/json"
AUTH = "auth"
EVENTS, IGNORED, INCIDENTS, INCIDENT_EVENTS = "fim_event", "fim_ignored_event", "fim_incident", "fim_incident_event"
RESOURCES = (AUTH, EVENTS, IGNORED, INCIDENTS, INCIDENT_EVENTS)
DEEP = 100_000
"""Brackets within brackets, which no answer of the platform holds."""

_REASONS = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    409: "CONFLICT",
    429: "TOO_MANY_REQUESTS",
    500: "INTERNAL_SERVER_ERROR",
}
_STATUS_OF = {1960: 429, 1965: 429, 999: 500, 2000: 401, 2001: 401, 2003: 403, 2011: 403, 2012: 403, 1920: 404}
_LIMITS_TOLD = ("X-RateLimit-Limit", "X-RateLimit-Remaining")


def spoken(body: bytes) -> dict[str, str]:
    """The parameters of a call, each as text: what is no text stays JSON. Nothing for a body that is no object."""
    try:
        told = json.loads(body or b"{}")
    except ValueError:
        return {}
    if not isinstance(told, dict):
        return {}
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in told.items()}


def of_json(value: Any, status: int = 200, headers: tuple[Header, ...] = ()) -> Answer:
    return Answer.of(status, json.dumps(value, ensure_ascii=False), JSON, headers)


def mistaken(status: int, message: str, now_s: int, headers: tuple[Header, ...] = ()) -> Answer:
    """The document of an error."""
    told = {"errorCode": f"{status} {_REASONS[status]}", "message": message, "timestamp": stamp(now_s)}
    return of_json(told, status, headers)


def refused(refusal: Refusal, now_s: int, limits: tuple[Header, ...] = ()) -> Answer:
    """What is a SIMPLE_RETURN elsewhere. A limit does not say how long to wait, only what it is and what is left."""
    status = _STATUS_OF.get(refusal.code, refusal.status)
    return mistaken(status, refusal.text, now_s, limits_told(refusal.headers or limits))


def limits_told(limits: tuple[Header, ...]) -> tuple[Header, ...]:
    """What the gateway tells of limits, with any answer."""
    told = dict(limits)
    return tuple((name, told.get(name, "0")) for name in _LIMITS_TOLD) if told else ()


def answered(kind: str, now_s: int) -> Optional[Answer]:
    """The answer of a fault that is another one here than elsewhere; None where it is the same."""
    if kind == "expired_token":
        return mistaken(401, "Token is expired or revoked.", now_s)
    if kind == "forbidden":
        return mistaken(403, "You do not have permission to access this resource.", now_s)
    return OTHERWISE.get(kind)


OTHERWISE: Mapping[str, Answer] = {
    "generic999": Answer.of(500, "Internal error", "text/plain"),
    "truncated999": Answer.of(500, '{"errorCode":"500 INTERNAL', JSON),
    "wrong_root": of_json({"count": 7}),
    "entity": Answer.of(200, f'[{{"sortValues":[1],"data":{"[" * DEEP}{"]" * DEEP}}}]', JSON),
    "bad_json": Answer.of(
        200, '[{"sortValues":[1],"data":{"id":"a","name":"x"}},{"sortValues":[2],"data":{"id":}}]', JSON
    ),
    "too_many": Answer.of(429, "", JSON, (("X-RateLimit-Limit", "25"), ("X-RateLimit-Remaining", "0"))),
    "no_content": replace(Answer.of(204, "", HTML), body=(), length=0),
}


def cut_gzip(true: Answer) -> Answer:
    """The answer packed, and broken off in the middle of what is packed."""
    packed = gzip.compress(b"".join(true.body))

    def body() -> Iterator[bytes]:
        yield packed[: len(packed) // 2]
        raise HangUp

    return replace(true, body=body(), length=None, headers=(*true.headers, ("Content-Encoding", "gzip")))


SPOILED: Mapping[str, Callable[[Answer], Answer]] = {"cut_gzip": cut_gzip}


def call_params(call: Call) -> Mapping[str, Any]:
    """What a call asks for. Raises ValueError for a body that is no JSON object."""
    told = json.loads(call.body or b"{}")
    if isinstance(told, dict):
        return told
    raise ValueError("Request body is not an object.")
