"""What an answer is: data, or an error, or nothing that could be read; and the platform's time in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NamedTuple, Optional

from .. import jsonpage
from ..errors import Refused, TaError, TryLater
from ..feed import JSON, Resource
from ..times import TIME_FORMAT
from ..xmlpage import CHUNK, Inspector, Noted, Told
from .codes import Answer, code_and_text
from .pages import PageWriter
from .patience import asked_wait_s
from .transport import Response

LARGEST_ERROR = 1 << 20
WEB_PAGE = ("html", "HTML")
_TIMES = ("RESPONSE/DATETIME", "HEADER/DATETIME")
_TOLD_ALWAYS = (*_TIMES, "HEADER/GENERATION_DATETIME", "responseCode", jsonpage.RECORDS)


class Seen(NamedTuple):
    """What an inspector makes of an answer; `fault` is why it cannot be read, where it cannot."""

    told: Told
    noted: Noted
    fault: Optional[TaError]


def download(response: Response, writer: PageWriter, check: Callable[[], None]) -> Optional[TryLater]:
    """The body goes to disk to its end, also when it proves unreadable: support will want to see it.

    Returns the error of a body that ends early. An error's body is cut where it is longer than any error is. `check`
    raises what ends the download before.
    """
    chunks = response.chunks()
    while response.status == 200 or writer.size < LARGEST_ERROR:
        try:
            chunk = next(chunks, None)
        except TryLater as cut:
            return cut
        if chunk is None:
            break
        check()
        writer.write(chunk)
    return None


def inspected(path: Path, resource: Resource) -> Seen:
    """The file, read to its end or to what makes it unreadable."""
    if resource.form == JSON:
        with open(path, "rb") as file:
            told, fault = jsonpage.inspected(file, resource.record, resource.cursor)
        return Seen(told, Noted(), fault)
    inspector = Inspector(resource.record, resource.glossary)
    fault = None
    try:
        with open(path, "rb") as file:
            for chunk in iter(lambda: file.read(CHUNK), b""):
                inspector.feed(chunk)
        inspector.close()
    except (TryLater, Refused) as error:
        fault = error
    return Seen(inspector.told, inspector.noted, fault)


def is_data(told: Told, resource: Resource) -> bool:
    """The promised root, holding records or at least what an answer without any tells, and no error."""
    holds_something = told.has_records or any(path in told.texts for path in _TOLD_ALWAYS)
    code, text = code_and_text(told.texts)
    return told.root == resource.root and holds_something and not (code or (text and not resource.acts))


def unreadable(seen: Seen, promised: str) -> str:
    """What a person makes of an answer that is no data."""
    told, fault = seen.told, seen.fault
    if told.root in WEB_PAGE:
        return "The answer is a web page: maintenance of the platform, or a proxy in between."
    if not told.root and isinstance(fault, TryLater):
        return "The answer is empty, or no XML or JSON."
    if fault is None and told.root == promised:
        return "The answer holds nothing, not even its time."
    return str(fault or f"The answer is a document {told.root} instead of {promised}.")


def platform_time(told: Told, response: Response) -> str:
    """DATETIME of the answer, else its Date header, as UTC text. Raises Refused where the platform tells no time."""
    moment = _body_time(told) or header_time(response)
    if moment is None:
        raise Refused("The answer holds no time (neither DATETIME nor a Date header): the next pull could lose hosts.")
    return moment.strftime(TIME_FORMAT)


def _body_time(told: Told) -> Optional[datetime]:
    text = next((told.texts[path] for path in _TIMES if path in told.texts), "")
    try:
        return datetime.strptime(text, TIME_FORMAT).replace(tzinfo=timezone.utc)
    except ValueError:
        return None


def header_time(response: Response) -> Optional[datetime]:
    try:
        return parsedate_to_datetime(response.headers.get("date", "")).astimezone(timezone.utc)
    except (TypeError, ValueError):
        return None


def answer(response: Response, told: Told) -> Answer:
    texts = told.texts
    item = {texts.get("RESPONSE/ITEM_LIST/ITEM/KEY", ""): texts.get("RESPONSE/ITEM_LIST/ITEM/VALUE", "")}
    code, text = code_and_text(texts)
    return Answer(
        status=response.status,
        root=told.root,
        code=code,
        text=text,
        asked_s=asked_wait_s(response.headers, item, datetime.now(timezone.utc)),
    )
