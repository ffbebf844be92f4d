"""Fetches the pages of one list, with patience: downloaded, judged, converted. How a list is asked, `DIALECTS` say.

Answers are judged by their root element, not by their status: errors, and a proxy's HTML, come with 200, too.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Optional

from ..errors import NotReady, Refused, TaError, TryLater
from ..feed import FO, GATEWAY, JSON, LOCAL, MSP, QPS, Resource
from ..frames import Batch
from ..jsonpage import OTHER
from ..model import Log, Request
from ..reading import record_reader
from ..records import Unread
from ..spool import Asked, Convert, Spooled, batches, spool_path
from ..xmlpage import Noted, Told
from . import fo, gateway, local, msp, qps
from .answers import Seen, answer, download, inspected, is_data, platform_time, unreadable
from .codes import error_for, with_need
from .gate import Gate
from .pages import PageFolder
from .patience import Patience, wait_s
from .transport import Response, Transport

NO_CONTENT, GONE = 204, (404, 410)
DIALECTS = {FO: fo.DIALECT, QPS: qps.DIALECT, MSP: msp.DIALECT, GATEWAY: gateway.DIALECT, LOCAL: local.DIALECT}


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

    def records(self) -> Iterator[Any]:
        """Not what explains them, nor what other lists hold."""
        alone = replace(self.client.resource, glossary=(), lists=())
        with open(self.path, "rb") as file:
            yield from record_reader(alone, self.noted, self.client.keeps_lines).records(file)

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
    chosen: tuple[str, ...] = ()
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
                if isinstance(error, NotReady) or not self.resource.patient:
                    raise
                pause_s = self.pause_s(error, attempt)
                if pause_s is None:
                    raise
                attempt += 1
                self.log.warning(
                    f"{error} Waiting {pause_s:.0f} s, then try {attempt + 1} of {self.patience.tries + 1}."
                )
                self.sleep(pause_s)

    def pause_s(self, error: TryLater, attempt: int) -> Optional[float]:
        """How long to wait after the error before try number `attempt` + 1 (the first was 0); None: give up."""
        return wait_s(self.patience, error.wait_s, attempt, self.dice())

    def _attempt(self, request: Request, path: Path) -> ApiPage:
        started = time.monotonic()
        body = DIALECTS[self.resource.dialect].body
        with self.gate.call(request) as call, self.transport.send(call.request, body(call.request)) as response:
            call.note(response.status, response.headers)
            with self.folder.writer(path) as writer:
                cut = download(response, writer, call.check)
            call.ended(whole=cut is None)
            self._log_call(call.request, response, writer.size, time.monotonic() - started)
        is_good = response.status == 200 or (cut is None and self._is_empty(request, response, path))
        if is_good and cut is None and self.convert:
            spooled = self._spooled(self.convert, request, path, None)
            if spooled:
                return self._page(request, response, path, spooled, Noted())
        seen = inspected(path, self.resource)
        if is_good and not (cut or seen.fault) and is_data(seen.told, self.resource):
            spooled = self._spooled(self.convert, request, path, seen.noted) if self.convert else None
            told = (spooled or Spooled(Told()))._replace(told=seen.told)
            return self._page(request, response, path, told, seen.noted)
        raise self._fault(request, response, path, seen._replace(fault=cut or seen.fault))

    def _is_empty(self, request: Request, response: Response, path: Path) -> bool:
        """Whether an answer without a list says that there is nothing; then there is an empty list in its place.
        Raises TryLater where it cannot mean that."""
        if self.resource.form != JSON or response.status not in (NO_CONTENT, *GONE):
            return False
        if response.status in GONE:
            told = inspected(path, self.resource).told
            if not self.resource.may_be_gone or told.root != OTHER:
                return False
            said = answer(response, told).said()
            self.log.warning(f"{request.path} answered: {said}. Nothing of it is written; the pull goes on.")
        elif not DIALECTS[self.resource.dialect].may_end(request):
            raise TryLater(f"{request.path} answered without content behind a full page: what follows is missing.")
        path.write_bytes(b"[]")
        return True

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
            told = f"{request.path}: {unreadable(seen, self.resource.root)}"
            if self.resource.dialect != LOCAL:  # who wants to see it has it
                return TryLater(f"{told} It stays as {self.folder.errored(path).name}.")
            path.unlink(missing_ok=True)
            return TryLater(told)
        path.unlink(missing_ok=True)
        resource = self.resource
        typed, setting = self.user_params, resource.params_setting
        error = error_for(said, request.path, resource.version_setting, typed, setting, self.chosen)
        return with_need(error, said, resource.needs)
