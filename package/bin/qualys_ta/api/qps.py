"""The dialect of ``/qps/rest/``: criteria in XML, pages by the last id of the one before, errors in the body.

Sources: WAS API guide; recorded answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Optional

from ..criteria import AFTER, service_request
from ..errors import Refused
from ..model import Log, Request
from .dialect import Body, Dialect

_RECORD_ID = re.compile(r"[0-9]{1,18}")


def following(request: Request, texts: Mapping[str, str], _log: Log) -> Optional[Request]:
    """The records after the last one, while the platform has more. Ids ascend strictly, as in every page."""
    if texts.get("hasMoreRecords", "").lower() != "true":
        return None
    last, current = texts.get("lastId", ""), request.params.get(AFTER, "-1")
    if not _RECORD_ID.fullmatch(last) or int(last) <= int(current):
        raise Refused(
            f"{request.path} has more records, after id {last!r}, although this page came after {current}: the answer "
            "was not used."
        )
    return replace(request, params={**request.params, AFTER: last})


def body(request: Request) -> Body:
    return Body(service_request(request.params), "text/xml")


DIALECT = Dialect(following, body)
