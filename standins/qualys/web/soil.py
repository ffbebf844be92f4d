"""Dirt in findings of web applications; which one is soiled depends on its id."""

from __future__ import annotations

import html
from dataclasses import replace

from ..dirt import Dirt
from .model import Result, WebFinding


def soil_web_finding(finding: WebFinding, dirt: Dirt) -> WebFinding:
    """The finding with soiled text."""
    if "control_chars" in dirt and finding.id % 3 == 0:
        results = tuple(map(_soiled, finding.results))
        param = finding.param and f"\x00{finding.param}\x0b"
        return replace(finding, name=f"{finding.name}\x02 caf\udce9", param=param, results=results)
    if "entities" in dirt and finding.id % 3 == 1:
        return replace(finding, name=f"\n\t\t{html.escape(finding.name)}\n\t")
    return finding


def _soiled(result: Result) -> Result:
    payloads = tuple(replace(sent, response=f"\x00caf\udce9 \x0b{sent.response}\x1f\ufffe") for sent in result.payloads)
    return replace(result, payloads=payloads)
