"""The twelve kinds of dirt seen in real answers, each to be had alone.

``comments`` ``keepalive`` ``tag_comment`` ``doctype`` ``tag_space`` soil the markup, ``control_chars`` ``entities``
``no_value`` soil the text (the ledger holds what a correct client makes of it), ``cut`` breaks a page off the first
time it is asked for, ``duplicates`` ends a page with the host that begins the next one. Nothing is random: which host,
finding or page is soiled depends on its id. ``gaps`` is for the knowledge base (see `knowledge_base.soil`), whose
entries lack what the vendor's DTD demands; and for policy compliance, whose glossaries lack some of what its posture
names. ``new_status`` is for posture alone: now and then a status that no guide knows.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import replace
from typing import Union

from .catalog import INFO
from .model import Finding, Host

KINDS = (
    "comments",
    "keepalive",
    "tag_comment",
    "doctype",
    "control_chars",
    "entities",
    "tag_space",
    "no_value",
    "cut",
    "duplicates",
    "gaps",
    "new_status",
)


class Dirt:
    """Which kinds are on; changeable while the stand-in runs."""

    def __init__(self, kinds: Union[str, Iterable[str]] = ()) -> None:
        self.set(kinds)

    def set(self, kinds: Union[str, Iterable[str]]) -> None:
        """Only `kinds` are on from now on: names, or "all"; ValueError for a kind there is not."""
        chosen = set(kinds.replace(",", " ").split() if isinstance(kinds, str) else kinds)
        if "all" in chosen:
            chosen = set(KINDS)
        unknown = chosen.difference(KINDS)
        if unknown:
            raise ValueError(f"no such dirt: {', '.join(sorted(unknown))}")
        self._kinds = frozenset(chosen)
        self._broken: set[object] = set()

    def __contains__(self, kind: str) -> bool:
        return kind in self._kinds

    def breaks(self, page: object) -> bool:
        """Whether this page breaks off: the first time since `set` that it is asked for."""
        if "cut" not in self or page in self._broken:
            return False
        self._broken.add(page)
        return True

    def soil_host(self, host: Host) -> Host:
        """The host with soiled text."""
        if "control_chars" in self and host.id % 3 == 0:
            host = replace(host, os=f"{host.os}\x02 \udcfc")
        if "no_value" in self and host.netbios is None:
            host = replace(host, netbios=("-", "N/A", "None")[host.id % 3])
        return host

    def soil_finding(self, finding: Finding) -> Finding:
        """The finding with soiled text."""
        if "no_value" in self:
            finding = _without_value(finding)
        kind = finding.unique_vuln_id % 3
        if "control_chars" in self and kind == 0:
            return replace(finding, results=f"\x00caf\udce9 \x0b{finding.results}\x01\x1f\ufffe")
        if "entities" in self and kind == 1:
            escaped = html.escape(finding.results).replace("\n", "&lt;BR&gt;\n")
            return replace(finding, results=f"\n\t\t{escaped}\n\t")
        return finding


def _without_value(finding: Finding) -> Finding:
    status = "-" if finding.type == INFO else finding.status
    return replace(
        finding,
        status=status,
        port=finding.port or 0,
        instance=finding.instance or "--",
        fqdn=finding.fqdn or "'-",
        asset_cve=finding.asset_cve or "N/A",
    )
