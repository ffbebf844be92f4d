"""What the platform says when it says no, by what we do about it.

Sources: Qualys API guide (error codes), API limits guide (1959 to 1966), recorded answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Optional

from ..errors import AuthError, ConfigError, NotReady, Refused, TaError, TryLater


@dataclass(frozen=True)
class Answer:
    """An answer that is not data: its HTTP status, the platform's CODE and TEXT, and the wait it named."""

    status: int
    root: str = ""
    code: str = ""
    text: str = ""
    asked_s: Optional[float] = None

    def said(self) -> str:
        if self.code or self.text:
            return f"{self.code} {self.text}".strip().rstrip(".")
        if self.status == 200:
            return f"a document {self.root} instead of data"
        return f"HTTP status {self.status}" + (f", {self.root}" if self.root else "")


BUSY = frozenset(("1959", "1960", "1965", "1966"))
NOT_READY = "7001"
INTERNAL = frozenset(("999", "INTERNAL_ERROR", "OTHER_ERROR"))
SUCCESS = "SUCCESS"
LOGIN = frozenset(("INVALID_CREDENTIALS", "2000", "2001", "2002", "2003"))
ACCOUNT = {
    "INVALID_CREDENTIALS": "the user name or password is wrong",
    "UNAUTHORIZED": "this user may not do that: its role, or the subscription, lacks the module",
    "EVALUATION_EXPIRED": "the trial of the module has expired",
    "2000": "the user name or password is wrong",
    "2001": "the account or subscription has expired",
    "2002": "the account is not active",
    "2003": "the account's registration must be completed first: log in to the Qualys UI once",
    "2011": "the account may not use the API: allow API access in its settings, and no SecurID or two-factor login",
    "2012": "the account may not use this API",
}
_GONE = re.compile(
    r"deprecat|end.of.(?:life|support|service)|no longer|decommission|not.supported|sunset", re.IGNORECASE
)
_RIGHTS = re.compile(
    r"permission|not (?:allowed|authori[sz]ed|permitted)|\b(?:access|role|privileges?)\b|licen[sc]e", re.IGNORECASE
)
_NAMES = re.compile(r"[A-Za-z0-9_.]+")
_COMPLAINT = re.compile(r"parameter|criteria|filter", re.IGNORECASE)
_TRY_LATER = frozenset((202, 408, 425, 429))
_CODES = ("RESPONSE/CODE", "RETURN/@number", "ERROR/@number", "@number", "responseCode", "errorCode")
_TEXTS = ("RESPONSE/TEXT", "RETURN", "RETURN/MESSAGE", "ERROR", "responseErrorDetails/errorMessage", "message")


def code_and_text(texts: Mapping[str, str]) -> tuple[str, str]:
    """CODE and TEXT of any of the platform's error documents, from its texts by path; "" where it has none."""
    code, text = (next((texts[path] for path in paths if path in texts), "") for paths in (_CODES, _TEXTS))
    return "" if code == SUCCESS else code, text


def error_for(
    answer: Answer,
    path: str,
    version_setting: str,
    params: Mapping[str, str],
    params_setting: str,
    chosen: Iterable[str] = (),
) -> TaError:
    """The error that an answer without data means. `params` are those a person added, in setting `params_setting`;
    those `chosen` have settings of the same names."""
    said = f"{path} answered: {answer.said()}"
    return (
        _no_entry(said, answer)
        or _not_now(said, answer)
        or _elsewhere(said, answer)
        or _unwanted(said, answer, params, params_setting, chosen)
        or _wrong(said, answer, version_setting)
    )


def with_need(error: TaError, answer: Answer, needs: str) -> TaError:
    """The same error; where the answer refuses a right, and not the login, it also says what the account must be
    allowed."""
    is_login = answer.code in LOGIN or (answer.status == 401 and not answer.code)
    is_right = isinstance(error, AuthError) or (isinstance(error, Refused) and _RIGHTS.search(answer.text))
    return type(error)(f"{error} {needs}") if needs and is_right and not is_login else error


def _no_entry(said: str, answer: Answer) -> Optional[TaError]:
    if answer.status == 403 and not (answer.code or answer.text):
        return TryLater(f"{said}. A firewall or proxy in between refused it, or the account may not use this API.")
    if answer.code in ACCOUNT or answer.status in (401, 403):
        reason = ACCOUNT.get(answer.code, "the account was refused; check user, password and its API access")
        return AuthError(f"{said}. {reason[0].upper()}{reason[1:]}.")
    return None


def _not_now(said: str, answer: Answer) -> Optional[TaError]:
    if answer.code == NOT_READY:
        return NotReady(f"{said}.")
    if answer.code in BUSY or (answer.status == 409 and answer.asked_s):
        return TryLater(f"{said}.", answer.asked_s)
    if answer.code in INTERNAL or answer.status in _TRY_LATER or answer.status >= 500:
        return TryLater(f"{said}. The platform is busy or down.", answer.asked_s)
    return None


def _elsewhere(said: str, answer: Answer) -> Optional[TaError]:
    if 300 <= answer.status < 400:
        return ConfigError(f"{said}. The platform points elsewhere: check the account's API server.", "api_server")
    return None


def _unwanted(
    said: str, answer: Answer, params: Mapping[str, str], params_setting: str, chosen: Iterable[str]
) -> Optional[TaError]:
    """What a person asked for, and the platform does not take."""
    theirs = _named(answer.text, params)
    if theirs:
        return ConfigError(f"{said}. Correct {', '.join(theirs)} in the setting {params_setting}.", params_setting)
    own = _named(answer.text, chosen)
    return ConfigError(f"{said}. Correct the setting {', '.join(own)}.", own[0]) if own else None


def _wrong(said: str, answer: Answer, version_setting: str) -> TaError:
    if version_setting and (answer.status in (404, 410) or _GONE.search(answer.text)):
        return ConfigError(
            f"{said}. This version of the API is gone: set the newer one on the tab API ({version_setting}).",
            version_setting,
        )
    return Refused(f"{said}.")


def _named(text: str, params: Iterable[str]) -> list[str]:
    """Those of `params`, or the fields of those criteria, that a complaint names."""
    if not _COMPLAINT.search(text):
        return []
    named = set(_NAMES.findall(text))
    return sorted({field for field in (name.partition(" ")[0] for name in params) if field in named})
