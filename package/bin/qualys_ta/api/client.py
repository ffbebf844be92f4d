"""The classic dialect, ``/api/<version>/fo/``: XML in pages, the next one named by a WARNING, errors in the body.

Answers are judged by their root element, not by their status: errors, and a proxy's HTML, come with 200, too.
Sources: VM/PC API guide; recorded answers.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Optional
from urllib.parse import parse_qsl, urlsplit
from xml.etree.ElementTree import Element

from ..errors import Refused, TaError, TryLater
from ..feed import Resource
from ..model import Log, Request
from ..records import RecordReader, Unread
from ..spool import Convert, Frame, Spooled, frames, spool_path
from ..xmlpage import Noted, Told
from .answers import Seen, answer, download, inspected, is_data, platform_time, unreadable
from .codes import error_for
from .gate import Gate
from .pages import PageFolder
from .patience import Patience, wait_s
from .transport import Response, Transport

TRUNCATED = "1980"
_RECORD_ID = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class FoPage:
    """A whole answer of the promised kind, on disk, or its events if its resource is converted."""

    path: Path
    size: int
    platform_time: str
    next: Optional[Request]
    noted: Noted
    spooled: Spooled
    client: FoClient

    @property
    def bad(self) -> int:
        """How many records were left out."""
        return self.spooled.bad

    @property
    def first_bad(self) -> str:
        return self.spooled.first_bad

    def records(self) -> Iterator[Element]:
        with open(self.path, "rb") as file:
            yield from RecordReader(self.client.resource.record, self.noted, self.client.keeps_lines).records(file)

    def frames(self) -> Iterator[Frame]:
        with open(spool_path(self.path), "rb") as file:
            yield from frames(file)

    def discard(self) -> None:
        self.client.folder.discard(self.path)


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
    convert: Optional[Convert] = None
    keeps_lines: bool = True
    gate: Gate = field(default_factory=Gate)
    sleep: Callable[[float], None] = time.sleep
    dice: Callable[[], float] = random.random

    def first(self, params: Mapping[str, str]) -> Request:
        return Request(self.resource.path.format(version=self.version), params)

    def fetch(self, request: Request) -> FoPage:
        """One page; temporary failures are waited out. Raises the error that was left when patience ended."""
        path = self.folder.next_path()
        try:
            return self._patiently(request, path)
        except BaseException:
            self.folder.drop(path)
            raise

    def _patiently(self, request: Request, path: Path) -> FoPage:
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
        with self.gate.call(request) as call, self.transport.send(call.request) as response:
            call.note(response.status, response.headers)
            with self.folder.writer(path) as writer:
                cut = download(response, writer, call.check)
            call.ended(whole=cut is None)
            self._log_call(call.request, response, writer.size, time.monotonic() - started)
        if response.status == 200 and cut is None and self.convert:
            spooled = self._spooled(self.convert, path, None)
            if spooled:
                return self._page(request, response, path, spooled, Noted())
        seen = inspected(path, self.resource)
        if response.status == 200 and not (cut or seen.fault) and is_data(seen.told, self.resource):
            spooled = self._spooled(self.convert, path, seen.noted) if self.convert else None
            told = (spooled or Spooled(Told()))._replace(told=seen.told)
            return self._page(request, response, path, told, seen.noted)
        raise self._fault(request, response, path, seen._replace(fault=cut or seen.fault))

    def _spooled(self, convert: Convert, path: Path, noted: Optional[Noted]) -> Optional[Spooled]:
        """The page's events on disk; None where an inspector must look first."""
        try:
            spooled = convert(path, noted, self.folder.room())
        except Unread:
            return None
        if noted is None and not is_data(spooled.told, self.resource):
            return None
        return spooled

    def _log_call(self, request: Request, response: Response, size: int, seconds: float) -> None:
        params = " ".join(f"{name}={value}" for name, value in request.params.items())
        left = response.headers.get("x-ratelimit-remaining")
        budget = f", {left} calls left" if left else ""
        self.log.info(
            f"{request.method} {request.path} {params} -> {response.status}, {size} bytes, {seconds:.1f} s{budget}"
        )

    def _page(self, request: Request, response: Response, path: Path, spooled: Spooled, noted: Noted) -> FoPage:
        told = spooled.told
        if told.replaced or told.dropped:
            self.log.warning(
                f"{path.name}: {told.replaced} characters were not UTF-8 and became U+FFFD, "
                f"{told.dropped} that XML forbids were dropped."
            )
        try:
            following, moment = self._following(request, told.texts), platform_time(told, response)
        except Refused as error:
            raise Refused(f"{error} The page stays as {self.folder.errored(path).name}.") from None
        size = path.stat().st_size
        if self.convert:
            self.folder.converted(path)
        return FoPage(path, size, moment, following, noted, spooled, self)

    def _following(self, request: Request, texts: Mapping[str, str]) -> Optional[Request]:
        """The following page: the `id_min` of the WARNING's URL; never its host or path, nor a parameter of its own.

        That could leave hosts out, or change the form of the answer, and nobody would notice. Ids ascend strictly, so a
        platform that names the same page again is refused instead of followed for ever.
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
        return replace(request, params={**request.params, "id_min": following})

    def _fault(self, request: Request, response: Response, path: Path, seen: Seen) -> TaError:
        said = answer(response, seen.told)
        if response.status == 200 and (seen.fault or not (said.code or said.text)):
            kept = self.folder.errored(path)
            return TryLater(f"{request.path}: {unreadable(seen, self.resource.root)} It stays as {kept.name}.")
        path.unlink(missing_ok=True)
        return error_for(
            said, request.path, self.resource.version_setting, self.user_params, self.resource.params_setting
        )
