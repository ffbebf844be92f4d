"""The classic dialect, ``/api/<version>/fo/``: form parameters, XML in pages, the next one named by a WARNING.

Sources: VM/PC API guide; recorded answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Optional
from urllib.parse import parse_qsl, urlsplit

from ..errors import Refused
from ..model import Log, Request
from .dialect import Dialect

TRUNCATED = "1980"
_RECORD_ID = re.compile(r"[0-9]{1,18}")
_WARNINGS = ("RESPONSE/WARNING", "RESPONSE/WARNING_LIST/WARNING")


def following(request: Request, texts: Mapping[str, str], log: Log) -> Optional[Request]:
    """The following page: the `id_min` of the WARNING's URL; never its host or path, nor a parameter of its own.

    That could leave hosts out, or change the form of the answer, and nobody would notice. Ids ascend strictly, so a
    platform that names the same page again is refused instead of followed for ever.
    """
    code, text, url = (_told(texts, name) for name in ("CODE", "TEXT", "URL"))
    query = dict(parse_qsl(urlsplit(url.strip().replace("&amp;", "&")).query, keep_blank_values=True))
    if code != TRUNCATED:
        if not code and "id_min" in query:
            raise Refused(f"{request.path} names a next page without the code {TRUNCATED}: is the answer cut or not?")
        if code or text:
            log.warning(f"{request.path} warns: {code} {text}")
        return None
    start, current = query.get("id_min", ""), request.params.get("id_min", "0")
    if not _RECORD_ID.fullmatch(start) or int(start) <= int(current):
        raise Refused(
            f"{request.path} names a next page that starts at id {start!r}, although this one started at {current}: "
            "the answer was not used."
        )
    return replace(request, params={**request.params, "id_min": start})


def _told(texts: Mapping[str, str], name: str) -> str:
    return next((texts[f"{path}/{name}"] for path in _WARNINGS if f"{path}/{name}" in texts), "")


DIALECT = Dialect(following)
