"""The classic dialect, ``/api/<version>/fo/``: XML in pages, the next one named by a WARNING, errors in the body.

Answers are judged by their root element, not by their status: errors, and a proxy's HTML, come with 200, too.
Sources: VM/PC API guide; recorded answers.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Optional
from urllib.parse import parse_qsl, urlsplit
from xml.etree.ElementTree import Element

from ..errors import Refused, TaError, TryLater
from ..model import Log, Request, Resource
from ..times import TIME_FORMAT
from ..xmlpage import Inspector, Noted, RecordReader
from .codes import Answer, code_and_text, error_for
from .pages import PageFolder, PageWriter
from .patience import Patience, asked_wait_s, wait_s
from .transport import Response, Transport

TRUNCATED = "1980"
_RECORD_ID = re.compile(r"[0-9]{1,18}")
LARGEST_ERROR = 1 << 20
WEB_PAGE = ("html", "HTML")


class FoPage:
    """A whole answer of the promised kind, on disk."""

    def __init__(
        self, path: Path, size: int, platform_time: str, following: Optional[Request], noted: Noted, client: FoClient
    ) -> None:
        self.path = path
        self._noted = noted
        self.size = size
        self.platform_time = platform_time
        self.next = following
        self._client = client

    def records(self) -> Iterator[Element]:
        with open(self.path, "rb") as file:
            yield from RecordReader(self._client.resource.record, self._noted).records(file)

    def discard(self) -> None:
        self._client.folder.discard(self.path)


@dataclass(frozen=True)
class FoClient:
    """Fetches the pages of one resource, with patience. The clock, the sleep and the dice are arguments."""

    transport: Transport
    resource: Resource
    version: str
    user_params: Mapping[str, str]
    folder: PageFolder
    patience: Patience
    log: Log
    sleep: Callable[[float], None] = time.sleep
    dice: Callable[[], float] = random.random

    def first(self, params: Mapping[str, str]) -> Request:
        return Request(self.resource.path.format(version=self.version), params)

    def fetch(self, request: Request) -> FoPage:
        """One page; temporary failures are waited out. Raises the error that was left when patience ended."""
        path = self.folder.next_path()
        attempt = 0
        while True:
            try:
                return self._attempt(request, path)
            except TryLater as error:
                pause_s = wait_s(self.patience, error.wait_s, attempt, self.dice())
                if pause_s is None:
                    raise
                attempt += 1
                self.log.warning(
                    f"{error} Waiting {pause_s:.0f} s, then try {attempt + 1} of {self.patience.tries + 1}."
                )
                self.sleep(pause_s)

    def _attempt(self, request: Request, path: Path) -> FoPage:
        started = time.monotonic()
        inspector = Inspector(self.resource.record)
        with self.transport.send(request) as response:
            with self.folder.writer(path) as writer:
                fault = _download(response, writer, inspector)
            self._log_call(request, response, writer.size, time.monotonic() - started)
            if response.status == 200 and fault is None and self._is_data(inspector):
                return self._page(request, response, writer, inspector)
            raise self._fault(request, response, inspector, path, fault)

    def _is_data(self, inspector: Inspector) -> bool:
        """The promised root, holding records or at least the time that an answer without any tells, and no error."""
        told = inspector.texts
        holds_something = inspector.has_records or "RESPONSE/DATETIME" in told
        return inspector.root == self.resource.root and holds_something and not any(code_and_text(told))

    def _log_call(self, request: Request, response: Response, size: int, seconds: float) -> None:
        params = " ".join(f"{name}={value}" for name, value in request.params.items())
        left = response.headers.get("x-ratelimit-remaining")
        budget = f", {left} calls left" if left else ""
        self.log.info(
            f"{request.method} {request.path} {params} -> {response.status}, {size} bytes, {seconds:.1f} s{budget}"
        )

    def _page(self, request: Request, response: Response, writer: PageWriter, inspector: Inspector) -> FoPage:
        scrubbed = inspector.scrubber
        if not scrubbed.is_clean:
            self.log.warning(
                f"{writer.path.name}: {scrubbed.replaced} characters were not UTF-8 and became U+FFFD, "
                f"{scrubbed.dropped} that XML forbids were dropped."
            )
        try:
            following, platform_time = self._following(request, inspector.texts), _platform_time(inspector, response)
        except Refused as error:
            raise Refused(f"{error} The page stays as {self.folder.errored(writer.path).name}.") from None
        return FoPage(writer.path, writer.size, platform_time, following, inspector.noted, self)

    def _following(self, request: Request, texts: Mapping[str, str]) -> Optional[Request]:
        """The following page: the query of the WARNING's URL, never its host or path; what we ask for ourselves stays.

        Ids ascend strictly, so a platform that names the same page again is refused instead of followed for ever.
        """
        code, text, url = (texts.get(f"RESPONSE/WARNING/{name}", "") for name in ("CODE", "TEXT", "URL"))
        query = dict(parse_qsl(urlsplit(url.strip().replace("&amp;", "&")).query, keep_blank_values=True))
        if code != TRUNCATED:
            if not code and "id_min" in query:
                raise Refused(
                    f"{request.path} names a next page without the code {TRUNCATED}: is the answer cut or not?"
                )
            if code or text:
                self.log.warning(f"{request.path} warns: {code} {text}")
            return None
        following, current = query.get("id_min", ""), request.params.get("id_min", "0")
        if not _RECORD_ID.fullmatch(following) or int(following) <= int(current):
            raise Refused(
                f"{request.path} names a next page that starts at id {following!r}, although this one started at "
                f"{current}: the answer was not used."
            )
        return replace(request, params={**query, **request.params, "id_min": following})

    def _fault(
        self, request: Request, response: Response, inspector: Inspector, path: Path, fault: Optional[TaError]
    ) -> TaError:
        answer = _answer(response, inspector)
        if response.status == 200 and (fault is not None or not (answer.code or answer.text)):
            kept = self.folder.errored(path)
            return TryLater(
                f"{request.path}: {_unreadable(inspector, fault, self.resource.root)} It stays as {kept.name}."
            )
        path.unlink(missing_ok=True)
        return error_for(
            answer, request.path, self.resource.version_setting, self.user_params, self.resource.params_setting
        )


def _download(response: Response, writer: PageWriter, inspector: Inspector) -> Optional[TaError]:
    """The body goes to disk to its end, also when it proves unreadable: support will want to see it.

    Returns what made it unreadable. A body that ends early is unreadable, too. An error's body is cut where it is
    longer than any error is.
    """
    fault: Optional[TaError] = None
    chunks = response.chunks()
    while response.status == 200 or writer.size < LARGEST_ERROR:
        try:
            chunk = next(chunks, None)
        except TryLater as cut:
            return fault or cut
        if chunk is None:
            break
        writer.write(chunk)
        fault = fault or _fed(inspector, chunk)
    return fault or _fed(inspector, None)


def _fed(inspector: Inspector, chunk: Optional[bytes]) -> Optional[TaError]:
    try:
        inspector.close() if chunk is None else inspector.feed(chunk)
    except (TryLater, Refused) as error:
        return error
    return None


def _unreadable(inspector: Inspector, fault: Optional[TaError], promised: str) -> str:
    """What a person makes of an answer that is no data."""
    if inspector.root in WEB_PAGE:
        return "The answer is a web page: maintenance of the platform, or a proxy in between."
    if not inspector.root and isinstance(fault, TryLater):
        return "The answer is empty, or no XML."
    if fault is None and inspector.root == promised:
        return "The answer holds nothing, not even its time."
    return str(fault or f"The answer is a document {inspector.root} instead of {promised}.")


def _platform_time(inspector: Inspector, response: Response) -> str:
    """DATETIME of the answer, else its Date header, as UTC text. Raises Refused where the platform tells no time."""
    moment = _body_time(inspector) or _header_time(response)
    if moment is None:
        raise Refused("The answer holds no time (neither DATETIME nor a Date header): the next pull could lose hosts.")
    return moment.strftime(TIME_FORMAT)


def _body_time(inspector: Inspector) -> Optional[datetime]:
    try:
        return datetime.strptime(inspector.texts.get("RESPONSE/DATETIME", ""), TIME_FORMAT).replace(tzinfo=timezone.utc)
    except ValueError:
        return None


def _header_time(response: Response) -> Optional[datetime]:
    try:
        return parsedate_to_datetime(response.headers.get("date", "")).astimezone(timezone.utc)
    except (TypeError, ValueError):
        return None


def _answer(response: Response, inspector: Inspector) -> Answer:
    texts = inspector.texts
    item = {texts.get("RESPONSE/ITEM_LIST/ITEM/KEY", ""): texts.get("RESPONSE/ITEM_LIST/ITEM/VALUE", "")}
    code, text = code_and_text(texts)
    return Answer(
        status=response.status,
        root=inspector.root,
        code=code,
        text=text,
        asked_s=asked_wait_s(response.headers, item, datetime.now(timezone.utc)),
    )
