"""The oldest dialect, ``/msp/*.php``: parameters as a form, records in ascending numbers, the last one named when cut.

Sources: API v1 guide (ticket list); the public sample of a ticket list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Optional

from ..errors import Refused
from ..model import Log, Request
from .dialect import Dialect

SINCE = "since_ticket_number"
_NUMBER = re.compile(r"[0-9]{1,18}")


def following(request: Request, texts: Mapping[str, str], _log: Log) -> Optional[Request]:
    """The records after the last one. The platform's `since` includes it, so it is the one behind that is asked for."""
    last = texts.get("TRUNCATION/@last")
    if last is None:
        return None
    if not _NUMBER.fullmatch(last) or int(last) < int(request.params.get(SINCE, "0")):
        raise Refused(
            f"{request.path} is cut after number {last!r}, although it started at {request.params.get(SINCE, '0')}: "
            "the answer was not used."
        )
    return replace(request, params={**request.params, SINCE: str(int(last) + 1)})


DIALECT = Dialect(following)
