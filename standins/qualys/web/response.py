"""Writes a ServiceResponse, as XML or, where the call accepts JSON, as JSON.

The XML is as recorded, letter by letter. Of the JSON, public clients tell: truths and severities are texts, lists are
``{"count": n, "list": [{"Tag": {…}}]}``, and a number may come with a fraction where an integer is expected.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Optional, Union
from xml.sax.saxutils import escape

from ..dirt import Dirt
from ..exchange import Answer, Call, Header
from ..markup import Markup
from ..nodes import Node
from .request import ServiceError

SUCCESS = "SUCCESS"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_ROOT = (
    '<ServiceResponse xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="{url}">\n'
)
PLAIN_FRONT: tuple[Header, ...] = (("Vary", "Accept-Encoding"), ("Server", "Apache"))
FRONT: tuple[Header, ...] = (
    ("X-Powered-By", "Qualys:USPOD03:b3f3a819-7884-e60e-81d0-9725801da546:51349a72-1971-7ba0-8252-5564ea1cc2fe"),
    *PLAIN_FRONT,
)
"""What the server of this dialect sends instead of the usual headers: no limits, as recorded."""
REFUSED_LOGIN = ServiceError(
    "Authentication failed", "Verify both, user and password credentials.", "INVALID_CREDENTIALS"
)
NO_PERMISSION = ServiceError("You do not have access to the web application module.", "Ask a manager.", "UNAUTHORIZED")
LOGIN_SCHEMA = "2.0/am/hostasset.xsd"
_NUMBERS = ("id", "qid", "count", "lastId", "timesDetected", "port", "code", "offset", "length", "patch", "long")
_FRACTIONS = ("detectionScore", "base", "temporal")


@dataclass(frozen=True)
class Page:
    """Records of one answer; `last_id`: where the next begins, "" where that is left out though there is one, None
    where there is none. `count`: what is told of their number where that is wrong. `fields`: the texts of the answer
    before its records."""

    records: tuple[Node, ...]
    has_more: Optional[bool] = None
    last_id: Union[None, int, str] = None
    count: Optional[int] = None

    @property
    def fields(self) -> Mapping[str, Union[int, str]]:
        """What stands before the records; nothing found: neither hasMoreRecords nor data."""
        found: dict[str, Union[int, str]] = {"responseCode": SUCCESS, "count": self.count or len(self.records)}
        if self.records and self.has_more is not None:
            found["hasMoreRecords"] = "true" if self.has_more else "false"
        if self.last_id is not None:
            found["lastId"] = self.last_id
        return found


class Response:
    """Answers one call; `schema` is the path below ``/qps/xsd/`` that the root names."""

    def __init__(self, call: Call, base_url: str, schema: str, dirt: Dirt) -> None:
        self._json = accepts_json(call)
        self._url = f"{base_url}/qps/xsd/{schema}"
        self._markup = Markup("ServiceResponse", "", dirt)

    def portal(self, parts: tuple[Node, ...]) -> Answer:
        """The versions of the platform's `parts`, which count as one record."""
        fields: dict[str, Union[int, str]] = {"responseCode": SUCCESS, "count": 1}
        if self._json:
            return _json({**fields, "data": [_record(part) for part in parts]})
        return Answer(200, self._pieces(fields, parts), front=PLAIN_FRONT)

    def page(self, page: Page) -> Answer:
        """The records asked for."""
        headers = (("evaluation", "false"),)
        if self._json:
            data = {"data": [_record(record) for record in page.records]} if page.records else {}
            return _json({**page.fields, **data}, headers)
        return Answer(200, self._pieces(page.fields, page.records), headers=headers, front=FRONT)

    def count(self, count: int) -> Answer:
        """How many records there are."""
        fields: dict[str, Union[int, str]] = {"responseCode": SUCCESS, "count": count}
        return _json(fields) if self._json else Answer(200, self._pieces(fields, ()), front=FRONT)

    def _pieces(self, fields: Mapping[str, Union[int, str]], records: Iterable[Node]) -> Iterator[bytes]:
        """The answer in pieces of one record."""
        told = "".join(f"  <{name}>{value}</{name}>\n" for name, value in fields.items())
        yield _bytes(_DECLARATION + _ROOT.format(url=self._url) + told)
        start = "  <data>\n"
        for record in records:
            yield _bytes(start + self._markup.write(record, 2))
            start = ""
        yield _bytes(("" if start else "  </data>\n") + "</ServiceResponse>")


def refused(call: Call, base_url: str, schema: str, error: ServiceError, front: tuple[Header, ...] = FRONT) -> Answer:
    """The answer that tells of `error`, with HTTP 200."""
    details = {"errorMessage": error.message, "errorResolution": error.resolution}
    if accepts_json(call):
        return _json({"responseCode": error.code, "responseErrorDetails": details})
    told = "".join(f"    <{name}>{_escaped(text)}</{name}>\n" for name, text in details.items())
    text = (
        f"{_DECLARATION}{_ROOT.format(url=f'{base_url}/qps/xsd/{schema}')}"
        f"  <responseCode>{error.code}</responseCode>\n"
        f"  <responseErrorDetails>\n{told}  </responseErrorDetails>\n</ServiceResponse>"
    )
    return Answer(200, (_bytes(text),), front=front)


def refused_login(call: Call, base_url: str) -> Answer:
    """The answer to a wrong password; the schema it names is that of another API, as recorded."""
    return refused(call, base_url, LOGIN_SCHEMA, REFUSED_LOGIN, PLAIN_FRONT)


def accepts_json(call: Call) -> bool:
    """Whether the call asks for JSON."""
    return "json" in call.headers.get("accept", "")


def _record(node: Node) -> dict[str, Any]:
    return {node.name: _value(node)}


def _value(node: Node) -> Any:
    if node.name in ("list", "set"):
        return [_record(child) for child in node.children]
    if node.children:
        return {child.name: _value(child) for child in node.children}
    if node.name in _NUMBERS:
        return int(node.text)
    return float(node.text) if node.name in _FRACTIONS else node.text


def _json(fields: Mapping[str, Any], headers: tuple[Header, ...] = ()) -> Answer:
    body = _bytes(json.dumps({"ServiceResponse": fields}, ensure_ascii=False))
    return Answer(200, (body,), "application/json", headers, front=FRONT)


def _escaped(text: str) -> str:
    return escape(text, {"'": "&apos;", '"': "&quot;"})


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
