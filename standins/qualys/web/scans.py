"""What becomes of a finding when its web application is scanned again."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from .model import ScanData, WebFinding

CHANGE_SHARE = 1 / 3
NEXT_STATUS = {"NEW": "ACTIVE", "ACTIVE": "FIXED", "FIXED": "REOPENED", "REOPENED": "FIXED", "PROTECTED": "ACTIVE"}
FIRST_SCAN = 3_000_000


@dataclass(frozen=True)
class Scan:
    """A scan that tested the application at `at`; without `changes` it found all as it had been.

    `ident` is unique in the subscription.
    """

    ident: int
    at: int
    changes: bool

    @property
    def data(self) -> ScanData:
        return ScanData(FIRST_SCAN + self.ident, f"was/{1_600_000_000 + self.ident}.{FIRST_SCAN + self.ident}", self.at)


def scanned_again(seed: int, finding: WebFinding, scan: Scan, *, moves: bool) -> WebFinding:
    """The finding after `scan`. With changes its status moves on if it is to (`moves`), or in one of three cases."""
    finding = replace(finding, last_tested_at=scan.at, updated_at=scan.at, history=(*finding.history, scan.data))
    if finding.status is None:
        return replace(finding, last_detected_at=scan.at)
    rng = random.Random(f"{seed}/scan/{finding.id}/{len(finding.history)}")
    if scan.changes and (moves or rng.random() < CHANGE_SHARE):
        status = NEXT_STATUS[finding.status]
        finding = replace(finding, status=status, fixed_at=scan.at if status == "FIXED" else None, patch=None)
    if finding.status == "FIXED":
        return finding
    return replace(finding, last_detected_at=scan.at, times_detected=(finding.times_detected or 0) + 1)
