"""What an account may do: one login, and of each API in use the cheapest call that is allowed and changes nothing.

Nothing is tried twice, and after one refused login nothing more is asked: Qualys locks users.
"""

from __future__ import annotations

import io
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Callable, NamedTuple, Optional

from .. import jsonpage
from ..checks import FAILED, LEFT_OUT, WARNING, Found
from ..errors import AuthError, ConfigError, Refused, TryLater
from ..feed import GATEWAY, JSON, Resource
from ..model import Request
from ..xmlpage import Inspector, Told
from .about import log_in
from .budget import Concurrency, Rate, concurrency, rate
from .client import DIALECTS
from .codes import BUSY, Answer, code_and_text, error_for
from .patience import asked_wait_s
from .transport import Response, Transport

LARGEST = 1 << 20
SCARCE = 0.1
_BAD_LOGIN = ("2000", "INVALID_CREDENTIALS")
_WRONG_LOGIN = "Correct the account and save it. Do not try often: Qualys locks users."
_NOT_ALLOWED = "Allow this user the API in Qualys."
_SETTING = "Correct it on the Configuration page."
_REPORT = "Please report this line."
_LATER = "Diagnose again in a few minutes; runs wait and try again by themselves."


@dataclass(frozen=True)
class Probe:
    """The cheapest call of one resource.

    `nothing` is what an answer without any record means; "" where it is fine. `no_such`: the code by which the platform
    may say that it has not what was asked for, which is an answer, too. `after`: the resource without which nobody may
    use this one either.
    """

    label: str
    resource: Resource
    params: Mapping[str, str]
    nothing: str = ""
    no_such: str = ""
    after: str = ""


class Limits(NamedTuple):
    """The limits that one answer told of; None for what it did not say."""

    label: str
    calls: Optional[Rate]
    at_once: Optional[Concurrency]

    @property
    def share(self) -> float:
        """What is left of the calls, 0 … 1; 1 where nothing is said."""
        return self.calls.remaining / self.calls.limit if self.calls else 1.0

    @property
    def is_taken(self) -> bool:
        return self.at_once is not None and self.at_once.running >= self.at_once.limit

    def __str__(self) -> str:
        told = []
        if self.calls:
            limit, window_s, remaining = self.calls
            told.append(f"{remaining} of {limit} calls left in {window_s:.0f} s")
        if self.at_once:
            told.append(f"{self.at_once.limit} at once, {self.at_once.running} running")
        return f"{self.label}: {'; '.join(told)}"


class Permissions:
    """One account at its API server, and at its gateway. Every answer's limits are remembered for `budget`."""

    def __init__(self, transport: Transport, server: str, gateway: Optional[Callable[[], Transport]] = None) -> None:
        self._transport = transport
        self._gateway = gateway
        self._at_gateway: Optional[Transport] = None
        self._server = server
        self._refused = False
        self._limits: list[Limits] = []
        self.platform_version = ""

    def log_in(self) -> Found:
        """The one login. Raises ConfigError or Refused where nobody like Qualys answers."""
        try:
            about = log_in(self._transport, self._server)
        except AuthError as error:
            self._refused = True
            return Found(str(error), FAILED, _WRONG_LOGIN)
        except TryLater as error:
            return Found(str(error), FAILED, _LATER)
        self.platform_version = about.web_version
        self._note("about", about.headers)
        return Found("accepted")

    def may_use(self, probe: Probe, version: str) -> Found:
        """Whether this user may use one API in the version that is set. Raises TryLater for what is no answer."""
        if self._refused:
            return Found("a login was refused; another one could lock the user", LEFT_OUT)
        used = self._used_at_gateway if probe.resource.dialect == GATEWAY else self._used
        return used(probe, version)

    def _used_at_gateway(self, probe: Probe, version: str) -> Found:
        """It has a login of its own, and few metrics need it: what is not there is no failure."""
        try:
            return self._used(probe, version)
        except ConfigError as error:
            return Found(str(error), LEFT_OUT)
        except AuthError as error:
            self._refused = True
            return Found(str(error), FAILED, _WRONG_LOGIN)
        except TryLater as error:
            return Found(str(error), WARNING, _LATER)

    def _used(self, probe: Probe, version: str) -> Found:
        request = Request(probe.resource.path.format(version=version), probe.params)
        started = time.monotonic()
        body = DIALECTS[probe.resource.dialect].body(request)
        with self._transport_of(probe.resource).send(request, body) as response:
            self._note(probe.label, response.headers)
            told = _read(response, request.path, probe.resource)
            answer = _answer(response, told)
        if not _is_data(answer, probe.resource) and not (probe.no_such and answer.code == probe.no_such):
            return self._refusal(answer, request.path, probe)
        took = f"answered within {math.ceil((time.monotonic() - started) * 10) / 10:.1f} s"
        took = f"version {version} {took}" if version else took
        if probe.nothing and not told.has_records:
            return Found(f"{took}, but lists nothing", WARNING, probe.nothing)
        return Found(took)

    def _transport_of(self, resource: Resource) -> Transport:
        if resource.dialect != GATEWAY or self._gateway is None:
            return self._transport
        if self._at_gateway is None:
            self._at_gateway = self._gateway()
        return self._at_gateway

    def _refusal(self, answer: Answer, path: str, probe: Probe) -> Found:
        error = error_for(answer, path, probe.resource.version_setting, {}, "")
        if isinstance(error, AuthError):
            # Another try could lock the user where the login was refused, but not where an API is not allowed.
            self._refused = answer.status == 401 or answer.code in _BAD_LOGIN
            allow = f"{_NOT_ALLOWED} {probe.resource.needs}".strip()
            return Found(str(error), FAILED, _WRONG_LOGIN if self._refused else allow)
        if isinstance(error, TryLater):
            return Found(str(error), WARNING if answer.code in BUSY else FAILED, _LATER)
        return Found(str(error), FAILED, _SETTING if isinstance(error, ConfigError) else _REPORT)

    def budget(self) -> Found:
        """The scarcest of the limits that the answers told of."""
        told = [each for each in self._limits if each.calls or each.at_once]
        if not told:
            return Found("the platform told no limits", LEFT_OUT)
        scarcest = min(told, key=lambda each: each.share)
        if scarcest.share < SCARCE:
            todo = "Run inputs less often, or ask Qualys for more; other tools of the subscription use the same calls."
            return Found(str(scarcest), WARNING, todo)
        taken = next((each for each in told if each.is_taken), None)
        if taken:
            todo = "Another tool of the subscription, or a run, is calling; runs wait for it."
            return Found(str(taken), WARNING, todo)
        return Found(str(scarcest))

    def _note(self, label: str, headers: Mapping[str, str]) -> None:
        self._limits.append(Limits(label, rate(headers), concurrency(headers)))


def _read(response: Response, path: str, resource: Resource) -> Told:
    """What the answer says, as far as it must be known. Raises TryLater or Refused for none of the platform."""
    if resource.form == JSON:
        return _read_json(response, path)
    inspector = Inspector(resource.record)
    size = 0
    try:
        for chunk in response.chunks():
            inspector.feed(chunk)
            size += len(chunk)
            if size > LARGEST:
                return inspector.told
        inspector.close()
    except (TryLater, Refused) as error:
        if response.status == 200:
            raise TryLater(f"{path} answered with something that is not whole or no XML: {error}") from None
    return inspector.told


def _read_json(response: Response, path: str) -> Told:
    body = b""
    for chunk in response.chunks():
        body += chunk[: LARGEST - len(body)]
    told, fault = jsonpage.inspected(io.BytesIO(body), ())
    if fault and response.status == 200:
        raise TryLater(f"{path} answered with something that is not whole or no JSON: {fault}")
    return told


def _answer(response: Response, told: Told) -> Answer:
    asked_s = asked_wait_s(response.headers, {}, datetime.now(timezone.utc))
    return Answer(response.status, told.root, *code_and_text(told.texts), asked_s)


def _is_data(answer: Answer, resource: Resource) -> bool:
    return answer.status == 200 and answer.root == resource.root and not (answer.code or answer.text)
