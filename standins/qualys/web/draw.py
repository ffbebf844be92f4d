"""Draws web applications and findings: the same seed and number always give the same."""

from __future__ import annotations

import random
import uuid
from base64 import b64encode
from dataclasses import replace
from typing import Any, Optional

from ..clock import DAY_S
from . import words
from .model import GATHERED, REASONS, VULNERABILITY, Ignored, Payload, Result, Tls, WebApp, WebFinding
from .words import Kind

FIRST_APP, APP_GAP = 238_483_924, 8
FIRST_FINDING, FINDING_GAP = 6_816_386, 3
SCAN_SPREAD_S = 30 * DAY_S
BARE_EVERY = 5
"""Each fifth application was never scanned."""
_DRAWN_STATUSES = ("NEW", "NEW", "ACTIVE", "ACTIVE", "ACTIVE", "REOPENED", "FIXED", "FIXED", "PROTECTED")


def app_id(seed: int, number: int) -> int:
    """The id of the application with this ordinal: ascending, with gaps."""
    return FIRST_APP + number * APP_GAP + random.Random(f"{seed}/web gap/{number}").randrange(APP_GAP)


def finding_id(seed: int, number: int) -> int:
    """The id of the finding with this ordinal in the subscription: ascending, with gaps."""
    return FIRST_FINDING + number * FINDING_GAP + random.Random(f"{seed}/finding gap/{number}").randrange(FINDING_GAP)


def is_bare(number: int) -> bool:
    """Whether the application with this ordinal was never scanned."""
    return number % BARE_EVERY == BARE_EVERY - 1


def draw_app(seed: int, number: int, born_at: int) -> WebApp:
    """The application with this ordinal; known to the platform, and first scanned, in the 30 days before `born_at`."""
    rng = random.Random(f"{seed}/web app/{number}")
    created_at = born_at - SCAN_SPREAD_S - rng.randrange(300 * DAY_S)
    scanned_at = None if is_bare(number) else born_at - rng.randrange(SCAN_SPREAD_S)
    return WebApp(
        id=app_id(seed, number),
        name=words.NAMES[number % len(words.NAMES)].format(number),
        url=words.URLS[number % len(words.URLS)].format(number),
        owner=words.USERS[0].id,
        tags=tuple(sorted(rng.sample(words.TAGS, number % 3), key=lambda tag: tag.id)),
        created_at=created_at,
        updated_at=created_at + rng.randrange(DAY_S),
        scanned_at=scanned_at,
        scheduled=rng.random() < 0.5,
    )


def draw_finding(seed: int, ident: int, app: WebApp, ordinal: int, tested_at: int, *, new: bool = False) -> WebFinding:
    """The finding as the scan of `tested_at` left it; `new`: that scan was the first to see it.

    The first of an application is always a vulnerability; each fourth is gathered information.
    """
    rng = random.Random(f"{seed}/finding/{ident}")
    kind = _kind(rng, ordinal)
    first_at = tested_at if new else tested_at - rng.randint(1, 400) * DAY_S
    gathered = WebFinding(
        id=ident,
        unique_id=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        app=app,
        qid=kind.qid,
        name=kind.name,
        type=kind.type,
        severity=kind.severity,
        potential=kind.potential,
        finding_type="CUSTOM" if kind.group == "CUSTOM" else "QUALYS",
        first_detected_at=first_at,
        last_detected_at=tested_at,
        last_tested_at=tested_at,
        updated_at=tested_at,
        results=(_result(rng, app, None),) if rng.random() < 0.5 else (),
        tls=_tls(rng, app) if kind.type == GATHERED and app.url.startswith("https") else None,
    )
    return gathered if kind.type == GATHERED else replace(gathered, **_detected(rng, gathered, kind, new=new))


def _kind(rng: random.Random, ordinal: int) -> Kind:
    if ordinal % 4 == 3:
        return rng.choice(words.INFORMATION_KINDS)
    return rng.choice(words.CONTENT if ordinal % 8 == 6 else words.VULNERABLE)


def _detected(rng: random.Random, finding: WebFinding, kind: Kind, *, new: bool) -> dict[str, Any]:
    """What gathered information lacks, as changes to `finding`."""
    status = "NEW" if new else rng.choice(_DRAWN_STATUSES)
    tested_at = finding.last_tested_at
    url = finding.app.url + rng.choice(words.PATHS)
    fixed = status == "FIXED"
    param = rng.choice(words.PARAMS) if rng.random() < 0.4 else None
    vulnerable = kind.type == VULNERABILITY
    return {
        "detection_score": kind.severity * 20 - rng.randint(0, 15) if rng.random() < 0.7 else None,
        "group": kind.group or None,
        "param": param,
        "url": url,
        "status": status,
        "first_detected_at": tested_at if status == "NEW" else finding.first_detected_at,
        "last_detected_at": tested_at - DAY_S // 2 if fixed else tested_at,
        "times_detected": 1 if status == "NEW" else rng.randint(2, 60),
        "fixed_at": tested_at if fixed else None,
        "ignored": _ignored(rng, tested_at) if not new and rng.random() < 0.15 else None,
        "external_ref": f"JIRA-{rng.randint(1, 999)}" if rng.random() < 0.1 else None,
        "cwe": tuple(sorted(rng.sample(words.CWE, rng.randint(0, 3)))) if vulnerable else (),
        "owasp": (rng.choice(words.OWASP),) if vulnerable and rng.random() < 0.8 else (),
        "wasc": (rng.choice(words.WASC),) if vulnerable and rng.random() < 0.8 else (),
        "results": tuple(_result(rng, finding.app, param) for _ in range(rng.randint(1, 2))),
        "cvss_v3": rng.choice(words.SCORES) if vulnerable and rng.random() < 0.8 else None,
        "severity_comment": rng.choice(words.COMMENTS[:2]) if (edited := rng.random() < 0.1) else None,
        "severity_by": words.USERS[1] if edited else None,
        "patch": rng.randint(1, 90) if status == "PROTECTED" else None,
    }


def _ignored(rng: random.Random, tested_at: int) -> Ignored:
    return ignored(rng.randrange(len(REASONS)), tested_at - rng.randrange(20 * DAY_S))


def ignored(number: int, at: int) -> Ignored:
    """Somebody ignores a finding at `at`; reason, person and comment depend on `number`."""
    place = number % len(REASONS)
    return Ignored(REASONS[place], words.USERS[place % len(words.USERS)], at, words.COMMENTS[place])


def _result(rng: random.Random, app: WebApp, param: Optional[str]) -> Result:
    ajax = rng.random() < 0.2
    return Result(
        authentication=rng.random() < 0.5,
        ajax=ajax,
        ajax_request_id=str(rng.randint(1, 99)) if ajax else None,
        form_location=app.url + "form" if rng.random() < 0.2 else None,
        access_path=tuple(app.url + path for path in rng.sample(words.PATHS, rng.randint(0, 2))),
        payloads=tuple(_payload(rng, app, param) for _ in range(rng.randint(1, 2))),
    )


def _payload(rng: random.Random, app: WebApp, param: Optional[str]) -> Payload:
    sent, told = rng.choice(words.PAYLOADS), rng.choice(words.RESPONSES)
    posts = rng.random() < 0.3
    return Payload(
        payload=sent if param is None else f"{param}={sent}",
        method="POST" if posts else "GET",
        link=app.url + rng.choice(words.PATHS),
        headers=_base64(f"Host: app.example.com\r\nReferer: {app.url}\r\nX-Test: {sent}\r\n"),
        body=_base64(f"{param or 'data'}={sent}") if posts else None,
        response=_base64(told) if rng.random() < 0.6 else told,
        offset=rng.randint(0, 20),
        length=rng.randint(1, 10),
    )


def _base64(text: str) -> str:
    return b64encode(text.encode("utf-8")).decode("ascii")


def _tls(rng: random.Random, app: WebApp) -> Tls:
    return Tls(
        protocol="tcp",
        virtualhost=app.url.split("/")[2].partition(":")[0],
        ip=f"10.20.30.{rng.randint(1, 254)}",
        port=8443 if ":8443" in app.url else 443,
        result='#table cols="6"\nCIPHER\tKEY-EXCHANGE\nTLSv1.2 "AES"\tRSA',
        ciphers=words.CIPHERS,
        fingerprint=f"{rng.getrandbits(160):040X}",
    )
