"""Report templates, and reports that somebody launched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

SUBMITTED, RUNNING, FINISHED, ERRORS = "Submitted", "Running", "Finished", "Errors"
EVERYTHING, SEVERE, NOTHING = "everything", "severe", "nothing"
"""What a template reports: all findings, those of severity 4 and 5 that are no information, or none."""


@dataclass(frozen=True)
class Template:
    """What somebody set up in the user interface. `kind` is the platform's TEMPLATE_TYPE."""

    id: int
    title: str
    kind: str = "Scan"
    reports: str = EVERYTHING


TEMPLATES = (
    Template(424_242, "All findings of all hosts"),
    Template(535_353, 'Severity 4 & 5, "confirmed"', reports=SEVERE),
    Template(646_464, "Nothing at all", reports=NOTHING),
    Template(757_575, "Patches to come", kind="Patch"),
    Template(868_686, "Twice"),
    Template(979_797, "Twice", reports=SEVERE),
)


@dataclass(frozen=True)
class Report:
    """A report, launched by `user` under a title. `state` is what its next look tells; `message` why it failed."""

    id: int
    template: Template
    title: str
    user: str
    launched_at: int
    looks_left: int = 0
    fails: bool = False

    @property
    def state(self) -> str:
        if self.looks_left > 0:
            return SUBMITTED if self.looks_left > 1 else RUNNING
        return ERRORS if self.fails else FINISHED

    @property
    def message(self) -> Optional[str]:
        return "The report could not be generated." if self.state == ERRORS else None
