"""Draws entries of the knowledge base: a QID always gives the same entry, whatever the seed of the hosts.

Type and severity of a QID that findings use are those of the catalog, but for the few entries that the customer has
customized. Times lie before `EPOCH`.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain, count, islice
from typing import Any, Optional

from ..catalog import CONFIRMED, INFO, INFORMATION, POTENTIAL, UNKNOWN_QIDS, VULNERABILITIES, Vulnerability
from ..clock import DAY_S, seconds
from . import words
from .model import (
    Change,
    Customization,
    Entry,
    Exploit,
    ExploitSource,
    Malware,
    MalwareSource,
    Reference,
    Score,
    Software,
)
from .words import Product

EPOCH = seconds("2025-11-01T00:00:00Z")
FIRST_PUBLISHED = seconds("1999-01-01T08:00:00Z")
FIRST_GENERATED = 400_000
CUSTOMIZED_EVERY = 40
HARMFUL_EVERY = 37
CVE_URL = "http://cve.mitre.org/cgi-bin/cvename.cgi?name="

CATALOG: Mapping[int, Vulnerability] = {known.qid: known for known in (*INFORMATION, *VULNERABILITIES)}
_PLACES: Mapping[int, int] = {known.qid: place for place, known in enumerate(VULNERABILITIES)}
CUSTOMIZED_QIDS = tuple(known.qid for known in VULNERABILITIES[20::CUSTOMIZED_EVERY] if known.qid not in UNKNOWN_QIDS)
"""QIDs whose severity the customer has changed: findings made before have the severity of the catalog."""

_TYPES = {
    CONFIRMED: ("Vulnerability", "Vulnerability or Potential Vulnerability"),
    POTENTIAL: ("Potential Vulnerability", "Vulnerability or Potential Vulnerability"),
    INFO: ("Information Gathered",),
}


def known_qids(entries: int) -> Iterator[int]:
    """The first `entries` QIDs that the platform knows: those of the catalog but for `UNKNOWN_QIDS`, then others."""
    catalog = (qid for qid in CATALOG if qid not in UNKNOWN_QIDS)
    return islice(chain(catalog, map(generated_qid, count())), entries)


def generated_qid(number: int) -> int:
    """The QID of the entry with this ordinal among those that no finding uses: ascending, with a gap after each 7."""
    return FIRST_GENERATED + number + number // 7


def draw_entry(qid: int) -> Entry:
    """The entry of `qid` as it was first published."""
    rng = random.Random(f"knowledge/{qid}")
    known = CATALOG.get(qid) or _unused(rng, qid)
    published_at = rng.randrange(FIRST_PUBLISHED, EPOCH)
    entry = Entry(
        qid=qid,
        type=_TYPES[known.type][qid % len(_TYPES[known.type])],
        severity=known.severity,
        title=words.INFORMATION_TITLES.get(qid, "Gathered Information"),
        category="Information gathering",
        published_at=published_at,
        modified_at=_modified_at(rng, published_at),
        code_modified_at=rng.randrange(published_at, EPOCH) if rng.random() < 0.7 else None,
        patchable=False,
        diagnosis=words.GATHERED,
        pci=rng.random() < 0.5,
        remote=rng.random() < 0.6,
        disabled=rng.random() < 0.05,
        modules=_some(rng, words.MODULES, 1),
        authentication=_some(rng, words.AUTHENTICATION, 0),
    )
    if known.type == INFO:
        return entry
    return _customized(_harmful(replace(entry, **_vulnerable(rng, entry, known))))


def _unused(rng: random.Random, qid: int) -> Vulnerability:
    kind = rng.choice((CONFIRMED, CONFIRMED, CONFIRMED, POTENTIAL, INFO))
    cve = _cve(rng) if kind != INFO and rng.random() < 0.7 else None
    return replace(VULNERABILITIES[0], qid=qid, type=kind, severity=rng.randint(1, 5), cve=cve)


def _modified_at(rng: random.Random, published_at: int) -> int:
    """One in twenty was changed in the last 20 days before `EPOCH`."""
    recent = EPOCH - 20 * DAY_S
    return rng.randrange(max(published_at, recent) if rng.random() < 0.05 else published_at, EPOCH)


def _vulnerable(rng: random.Random, entry: Entry, known: Vulnerability) -> dict[str, Any]:
    """What only vulnerabilities have, as changes to `entry`."""
    family = next((family for family in words.FAMILIES if entry.qid < family.below), None)
    product = rng.choice(family.products if family else words.PRODUCTS)
    year = time.gmtime(entry.published_at).tm_year
    references = tuple(_advisory(rng, product, year) for _ in range(rng.choice((0, 1, 1, 2))))
    version = f"{rng.randint(1, 12)}.{rng.randint(0, 40)}"
    first = references[0] if references else Reference("the advisory", "https://vendor.example/")
    named = {"product": product.label, "version": version, "advisory": first.id, "url": first.url}
    named_after = f" ({first.id})" if references else ""
    patchable = rng.random() < 0.7
    exploits = _exploits(rng) if rng.random() < 0.3 else ()
    return {
        "title": f"{product.label} before {version} {rng.choice(words.FLAWS)} Vulnerability{named_after}",
        "category": family.category if family else product.category,
        "technology": product.vendor if rng.random() < 0.5 else None,
        "bugtraq": _bugtraq(rng),
        "patchable": patchable,
        "patch_published_at": entry.published_at if patchable else None,
        "software": (Software(product.name, product.vendor),) * (rng.random() < 0.8),
        "vendor_references": references,
        "cves": _cves(rng, known.cve),
        "diagnosis": rng.choice(words.DIAGNOSES).format(**named),
        "consequence": rng.choice((*words.CONSEQUENCES, words.NOT_APPLICABLE)),
        "solution": rng.choice((*words.SOLUTIONS, words.NOT_APPLICABLE)).format(**named),
        "compliance": _some(rng, words.COMPLIANCE, 0) if rng.random() < 0.1 else (),
        "exploits": exploits,
        "malware": _malware(rng) if rng.random() < 0.1 else (),
        "cvss": _score(rng, words.CVSS),
        "cvss_v3": _score(rng, words.CVSS_V3),
        "cvss_v4": _score(rng, words.CVSS_V4) if rng.random() < 0.3 else None,
        "pci_reasons": _some(rng, words.PCI_REASONS, 1) if entry.pci else (),
        "threats": tuple(sorted(rng.sample(range(1, 21), rng.choice((0, 0, 1, 2, 4))))),
        "additional_info": ("Patch Available",) * patchable + ("Exploit Available",) * bool(exploits),
        "changes": (Change(entry.published_at, 'QID published, "first" version'), Change(entry.modified_at, "Changed")),
    }


def _customized(entry: Entry) -> Entry:
    if entry.qid not in CUSTOMIZED_QIDS:
        return entry
    at = min(entry.modified_at + 30 * DAY_S, EPOCH - DAY_S)
    customization = Customization(at, "acme_ab1", "Agreed with the owners;\nsee our wiki & ticket 4711.")
    return replace(entry, severity=entry.severity % 5 + 1, customization=customization)


def _harmful(entry: Entry) -> Entry:
    """The harmful titles, in turn: each on a QID that findings use and on others."""
    place = _PLACES.get(entry.qid, entry.qid)
    if place % HARMFUL_EVERY != HARMFUL_EVERY // 2:
        return entry
    return replace(entry, title=words.HARMFUL_TITLES[place // HARMFUL_EVERY % len(words.HARMFUL_TITLES)])


def _advisory(rng: random.Random, product: Product, year: int) -> Reference:
    parts = {"year": year, "short": year % 100, "month": rng.randint(1, 12), "day": rng.randint(1, 28)}
    ident = product.advisory.format(number=rng.randint(1000, 9999), **parts)
    return Reference(ident, product.url.format(id=ident))


def _bugtraq(rng: random.Random) -> tuple[Reference, ...]:
    idents = (str(rng.randint(1, 109_999)) for _ in range(rng.choice((0, 0, 0, 1, 2))))
    return tuple(Reference(ident, f"http://www.securityfocus.com/bid/{ident}") for ident in idents)


def _cves(rng: random.Random, cve: Optional[str]) -> tuple[Reference, ...]:
    """Up to five, in no order; `cve` is one of them."""
    if cve is None:
        return ()
    idents = list({cve, *(_cve(rng) for _ in range(rng.choice((0, 0, 1, 2, 4))))})
    idents.sort()
    rng.shuffle(idents)
    return tuple(Reference(ident, CVE_URL + ident) for ident in idents)


def _cve(rng: random.Random) -> str:
    """Numbers have four digits or more, so that CVEs as text stand in another order than as numbers."""
    return f"CVE-{rng.randint(1999, 2025)}-{rng.choice((rng.randint(1, 9999), rng.randint(10_000, 120_000))):04}"


def _exploits(rng: random.Random) -> tuple[ExploitSource, ...]:
    def exploit(source: str) -> Exploit:
        ref = _cve(rng) if source == "nvd" else str(rng.randint(10_000, 51_000))
        link = f"https://exploits.example/{ref}?raw=1&src={source[0]}" if rng.random() < 0.7 else None
        return Exploit(ref, f'Proof of concept "{ref}" - {source}', link)

    sources = _some(rng, words.EXPLOIT_SOURCES, 1)
    return tuple(ExploitSource(source, tuple(exploit(source) for _ in range(rng.randint(1, 2)))) for source in sources)


def _malware(rng: random.Random) -> tuple[MalwareSource, ...]:
    kind, number = rng.choice(words.MALWARE_TYPES), rng.randint(100, 999)
    found = Malware(
        f"{kind}_SAMPLE.{number}", kind, "Win32,Win64", f"{kind}:W32/Sample.{number}", "High",
        f"https://malware.example/{number}",
    )  # fmt: skip
    return (MalwareSource("Trend Micro", (found,)),)


def _score(rng: random.Random, scores: tuple[Score, ...]) -> Optional[Score]:
    return rng.choice(scores) if rng.random() < 0.8 else None


def _some(rng: random.Random, of: tuple[Any, ...], least: int) -> tuple[Any, ...]:
    chosen = rng.sample(of, rng.randint(least, min(3, len(of))))
    return tuple(each for each in of if each in chosen)
