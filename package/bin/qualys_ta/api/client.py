"""Fetches the pages of one list, with patience: downloaded, judged, converted. How a list is asked, `DIALECTS` say.

Answers are judged by their root element, not by their status: errors, and a proxy's HTML, come with 200, too.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional
from xml.etree.ElementTree import Element

from ..errors import Refused, TaError, TryLater
from ..feed import FO, QPS, Resource
from ..model import Batch, Log, Request
from ..records import RecordReader, Unread
from ..spool import Asked, Convert, Spooled, batches, spool_path
from ..xmlpage import Noted, Told
from . import fo, qps
from .answers import Seen, answer, download, inspected, is_data, platform_time, unreadable
from .codes import error_for
from .gate import Gate
from .pages import PageFolder
from .patience import Patience, wait_s
from .transport import Response, Transport

DIALECTS = {FO: fo.DIALECT, QPS: qps.DIALECT}


@dataclass(frozen=True)
class ApiPage:
    """A whole answer of the promised kind, on disk, or its events if its resource is converted."""

    request: Request
    path: Path
    size: int
    platform_time: str
    next: Optional[Request]
    noted: Noted
    spooled: Spooled
    client: ApiClient

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

    def batches(self) -> Iterator[Batch]:
        with open(spool_path(self.path), "rb") as file:
            yield from batches(file)

    def discard(self) -> None:
        self.client.folder.discard(self.path)


@dataclass(frozen=True)
class ApiClient:
    """Fetches the pages of one resource. The clock, the sleep and the dice are arguments."""

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

    def fetch(self, request: Request) -> ApiPage:
        """One page; temporary failures are waited out. Raises the error that was left when patience ended."""
        path = self.folder.next_path()
        try:
            return self._patiently(request, path)
        except BaseException:
            self.folder.drop(path)
            raise

    def _patiently(self, request: Request, path: Path) -> ApiPage:
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

    def _attempt(self, request: Request, path: Path) -> ApiPage:
        started = time.monotonic()
        body = DIALECTS[self.resource.dialect].body
        with self.gate.call(request) as call, self.transport.send(call.request, body(call.request)) as response:
            call.note(response.status, response.headers)
            with self.folder.writer(path) as writer:
                cut = download(response, writer, call.check)
            call.ended(whole=cut is None)
            self._log_call(call.request, response, writer.size, time.monotonic() - started)
        if response.status == 200 and cut is None and self.convert:
            spooled = self._spooled(self.convert, request, path, None)
            if spooled:
                return self._page(request, response, path, spooled, Noted())
        seen = inspected(path, self.resource)
        if response.status == 200 and not (cut or seen.fault) and is_data(seen.told, self.resource):
            spooled = self._spooled(self.convert, request, path, seen.noted) if self.convert else None
            told = (spooled or Spooled(Told()))._replace(told=seen.told)
            return self._page(request, response, path, told, seen.noted)
        raise self._fault(request, response, path, seen._replace(fault=cut or seen.fault))

    def _spooled(self, convert: Convert, request: Request, path: Path, noted: Optional[Noted]) -> Optional[Spooled]:
        """The page's events on disk; None where an inspector must look first."""
        try:
            spooled = convert(path, noted, self.folder.room(), Asked(self.resource.name, request.params))
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

    def _page(self, request: Request, response: Response, path: Path, spooled: Spooled, noted: Noted) -> ApiPage:
        told = spooled.told
        if told.replaced or told.dropped:
            self.log.warning(
                f"{path.name}: {told.replaced} characters were not UTF-8 and became U+FFFD, "
                f"{told.dropped} that XML forbids were dropped."
            )
        try:
            following = DIALECTS[self.resource.dialect].following(request, told.texts, self.log)
            moment = platform_time(told, response)
        except Refused as error:
            raise Refused(f"{error} The page stays as {self.folder.errored(path).name}.") from None
        size = path.stat().st_size
        if self.convert:
            self.folder.converted(path)
        return ApiPage(request, path, size, moment, following, noted, spooled, self)

    def _fault(self, request: Request, response: Response, path: Path, seen: Seen) -> TaError:
        said = answer(response, seen.told)
        if response.status == 200 and (seen.fault or not (said.code or said.text)):
            kept = self.folder.errored(path)
            return TryLater(f"{request.path}: {unreadable(seen, self.resource.root)} It stays as {kept.name}.")
        path.unlink(missing_ok=True)
        return error_for(
            said, request.path, self.resource.version_setting, self.user_params, self.resource.params_setting
        )
