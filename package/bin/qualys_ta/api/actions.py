"""Single calls that a person asks for: what there is, and changes. Each is sent once, because a change must not be
made twice."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..errors import Refused, TryLater
from ..feed import Resource
from ..model import Request
from ..records import RecordReader
from ..xmlpage import Inspector
from .answers import answer
from .client import DIALECTS
from .codes import error_for
from .transport import Response, Transport

DONE = "SIMPLE_RETURN"
LARGEST = 1 << 26
_ITEM = "RESPONSE/ITEM_LIST/ITEM"


class Done(NamedTuple):
    """What the platform said of a change, and the ID that it named; "" where it named none."""

    text: str
    id: str


@dataclass(frozen=True)
class Actions:
    """Calls of one account. Raises as `codes.error_for`, and TryLater for what is no whole answer."""

    transport: Transport

    def listed(self, resource: Resource, version: str, params: Mapping[str, str]) -> Iterator[Any]:
        """The records of an answer that comes on one page."""
        inspector, body = self._asked(resource, version, params, resource.root)
        yield from RecordReader(resource.record, inspector.noted).records(io.BytesIO(body))

    def done(self, resource: Resource, version: str, params: Mapping[str, str]) -> Done:
        """Change something."""
        inspector, _ = self._asked(resource, version, params, DONE)
        texts = inspector.told.texts
        named = texts.get(f"{_ITEM}/VALUE", "") if texts.get(f"{_ITEM}/KEY") == "ID" else ""
        return Done(texts.get("RESPONSE/TEXT", ""), named)

    def _asked(self, resource: Resource, version: str, params: Mapping[str, str], root: str) -> tuple[Inspector, bytes]:
        request = Request(resource.path.format(version=version), params)
        inspector = Inspector(resource.record)
        with self.transport.send(request, DIALECTS[resource.dialect].body(request)) as response:
            body = _read(response, request.path)
            try:
                inspector.feed(body)
                inspector.close()
            except (TryLater, Refused):
                if response.status == 200:
                    raise
            said = answer(response, inspector.told)
        if response.status != 200 or inspector.root != root or said.code:
            raise error_for(said, request.path, resource.version_setting, {}, "")
        return inspector, body


def _read(response: Response, path: str) -> bytes:
    body = bytearray()
    for chunk in response.chunks():
        body += chunk
        if len(body) > LARGEST:
            raise Refused(f"{path} answered with more than {LARGEST >> 20} MB: ask for fewer.")
    return bytes(body)
