"""Dirt in entries of the knowledge base; which entry is soiled depends on its QID."""

from __future__ import annotations

import html
from dataclasses import replace

from ..dirt import Dirt
from .model import Entry, Exploit, ExploitSource, Reference, Score

_NO_SCORE = Score("-", "-")


def soil_entry(entry: Entry, dirt: Dirt) -> Entry:
    """The entry with soiled text, and without what real answers lack though the DTD demands it."""
    if "gaps" in dirt:
        entry = _with_gaps(entry)
    if "no_value" in dirt:
        entry = replace(entry, cvss=entry.cvss or _NO_SCORE, cvss_v3=entry.cvss_v3 or _NO_SCORE)
    if "control_chars" in dirt and entry.qid % 3 == 0:
        return replace(entry, title=f"{entry.title}\x02", diagnosis=f"\x00caf\udce9 \x0b{entry.diagnosis}\x1f\ufffe")
    if "entities" in dirt and entry.qid % 3 == 1:
        escaped = html.escape(entry.diagnosis).replace("\n", "&lt;BR&gt;\n")
        return replace(entry, diagnosis=f"\n\t\t{escaped}\n\t")
    return entry


def _with_gaps(entry: Entry) -> Entry:
    """A CVE without its URL, or with an empty ID; an exploit of which only REF, or nothing, is said; a source of
    exploits without a list; an empty title."""
    kind = entry.qid % 4
    if kind == 0:
        return replace(entry, cves=tuple(replace(cve, url=None) for cve in entry.cves), exploits=_ref_only(entry))
    if kind == 1:
        return replace(entry, title="", cves=(*entry.cves[:1], Reference("", None)))
    if kind == 2:
        return replace(entry, exploits=(*entry.exploits[:1], ExploitSource("seebug", None)))
    return replace(entry, exploits=(ExploitSource("nvd", (Exploit(None, None), Exploit("", "", ""))),))


def _ref_only(entry: Entry) -> tuple[ExploitSource, ...]:
    return tuple(
        replace(source, exploits=tuple(Exploit(exploit.ref, None) for exploit in source.exploits or ()))
        for source in entry.exploits
    )
