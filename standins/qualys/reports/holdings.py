"""The reports that the platform holds: launched, made while somebody looks, kept until they are deleted."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import Optional

from ..clock import PlatformClock
from .model import TEMPLATES, Report, Template

FIRST_ID = 4_888_438


class ReportHoldings:
    """Safe to change while answers are being written. A report is finished after so many `looks` at how far it is."""

    def __init__(self, looks: int, clock: PlatformClock) -> None:
        self._usual_looks = looks
        self._clock = clock
        self._lock = threading.Lock()
        self.templates: tuple[Template, ...] = TEMPLATES
        self.restore()

    def restore(self) -> None:
        """Nothing was launched yet, and every report will be finished."""
        self._reports: dict[int, Report] = {}
        self.launched: list[Report] = []
        self._failing = 0
        self._endless = False
        self.take(self._usual_looks)

    def take(self, looks: int) -> None:
        """Reports that are launched from now on are finished after so many looks."""
        self._looks = looks

    def fail(self, count: int = 1) -> None:
        """So many of the next reports end with an error."""
        self._failing = count

    def never_end(self, on: bool = True) -> None:
        """Reports that are launched from now on are never finished."""
        self._endless = on

    def finish(self, number: int) -> None:
        """The report is finished now."""
        with self._lock:
            self._reports[number] = replace(self._reports[number], looks_left=0)

    def launch(self, template: Template, title: str, user: str) -> Report:
        """Raises nothing: whoever may not launch has been refused before."""
        with self._lock:
            looks = 1 << 30 if self._endless else self._looks
            fails, self._failing = self._failing > 0, max(self._failing - 1, 0)
            number = FIRST_ID + len(self.launched)
            report = Report(number, template, title, user, self._clock.now(), looks, fails)
            self._reports[number] = report
            self.launched.append(report)
            return report

    def reports(self, number: Optional[int] = None) -> tuple[Report, ...]:
        """All reports, or the one that is asked for: a look at it."""
        if number is None:
            return tuple(self._reports.values())
        found = self.look(number)
        return (found,) if found else ()

    def look(self, number: int) -> Optional[Report]:
        """How far the report is; it comes a step nearer to its end."""
        with self._lock:
            report = self._reports.get(number)
            if report:
                self._reports[number] = replace(report, looks_left=max(report.looks_left - 1, 0))
            return report

    def remove(self, numbers: Iterable[int]) -> int:
        """Delete the reports; how many there were."""
        with self._lock:
            return sum(self._reports.pop(number, None) is not None for number in numbers)

    def template(self, number: int) -> Optional[Template]:
        return next((each for each in self.templates if each.id == number), None)
