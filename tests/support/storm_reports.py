"""Everything that an index, and the platform, may say of scan reports after a storm."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping

from standins.qualys.reports import ExpectedFinding, Report
from support.e2e import Site
from support.e2e_feeds import Identity
from support.e2e_reports import ReportSite, differing
from support.page import choose
from support.storm_ledger import repeats
from support.storm_plan import ReportPlan
from support.storm_sets import REPORT_CHANGES

Held = Mapping[Identity, ExpectedFinding]
NOT_WHOLE = b"<ASSET_DATA_REPORT><HEADER>"
MOST_FILES = 4
POLL_S = "5"


class ReportHistory:
    """What reports could hold in every state of the hosts, and what became of each report that was launched."""

    def __init__(self, site: Site, name: str, plan: ReportPlan) -> None:
        self._site = ReportSite(site.qualys, site.splunk, site.account, site.saved, name=name)
        self._platform = site.qualys.reports
        self._platform.take(plan.looks)
        self._wanted = plan.ids
        self._templates = [each for each in self._platform.templates if each.id in plan.ids]
        self._deletes = plan.deletes
        self._ever: dict[int, dict[Identity, list[ExpectedFinding]]] = {each.id: {} for each in self._templates}
        self._steady: dict[int, set[Identity]] = {}
        self._removed: set[int] = set()
        self._lists = 0
        self._files: list[Held] = []
        self._folder = site.saved.with_name("reports")
        self._has_files = plan.files > 0
        self._lay_out(plan.files)
        choose(
            site,
            "reports",
            report_templates=plan.templates,
            report_file=str(self._folder) if plan.files else "",
            report_delete=str(int(plan.deletes)),
            report_poll_seconds=POLL_S,
            report_wait_minutes="1",
        )
        self.note()

    def _lay_out(self, files: int) -> None:
        """A folder with so many reports, and one that is not whole."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        (self._folder / "not whole.xml").write_bytes(NOT_WHOLE)
        for _ in range(files):
            self._bring()

    def note(self) -> None:
        """The hosts are in a new state."""
        for template in self._templates:
            held = self._held(Report(0, template, "", "", 0))
            for identity, finding in held.items():
                known = self._ever[template.id].setdefault(identity, [])
                if finding not in known:
                    known.append(finding)
            self._steady[template.id] = self._steady.get(template.id, set(held)) & held.keys()

    def heard(self, named: str, _fault: str) -> None:
        """A call for this list was answered. A report that was to fail and was not launched by now does not."""
        self._lists += named == "report_template"
        self._platform.fail(0)

    def change(self, what: str, share: float) -> None:
        """Something happens to a report, or to a file."""
        reports, files = self._platform.reports(), sorted(self._folder.glob("report*.xml"))
        if what == "fail_report":
            self._platform.fail()
        elif what == "remove_report" and reports:
            number = reports[int(share * len(reports))].id
            self._platform.remove((number,))
            self._removed.add(number)
        elif what == "touch_file" and files:
            files[0].touch()
        elif what == "copy_file" and files:
            shutil.copy(files[-1], self._folder / f"report of {share}.xml")
        elif what == "bring_file" and len(self._files) < MOST_FILES:
            self._bring()
        assert what in REPORT_CHANGES

    def _bring(self) -> None:
        """Somebody puts a report on the disk that holds what the hosts are like now."""
        qualys, number = self._site.qualys, len(self._files)
        report = Report(number, self._platform.templates[number % 2], "by hand", "somebody", 0)
        self._files.append(self._held(report))
        text = b"".join(qualys.report_document.pieces(report, qualys.url, qualys.clock.now() + number))
        beside = self._folder / "to come"
        beside.write_bytes(text)
        beside.rename(self._folder / f"report {number}.xml")

    def _held(self, report: Report) -> Held:
        return {each.identity: each for each in self._site.qualys.report_ledger.expected(report)}

    def faults(self, raw: list[str], blows: int, _starts: int) -> Iterator[str]:
        """Where index or platform disagree.

        Each event must be right for some moment of the storm; each report must have told all that never changed, the
        last one all that there is; each file all of it. `raw`: as it was written, run after run.
        """
        self.note()
        told: dict[str, dict[Identity, list[str]]] = {}
        for text in dict.fromkeys(raw):
            number, *identity = self._site.identity(text) or ("",)
            told.setdefault(number, {}).setdefault(tuple(identity), []).append(text)
        files = told.pop("", {})
        yield from self._of_files(files)
        yield from self._of_reports(told)
        yield from self._launches()
        yield from self._left()
        most = max((len(each) for each in (*self._ever.values(), *self._files)), default=0)
        found = repeats([_content(text) for text in raw])
        if found > most * blows:
            yield f"{found} events came again, for {blows} blows and {most} events in a report"

    def _of_reports(self, told: Mapping[str, Mapping[Identity, list[str]]]) -> Iterator[str]:
        launched = {str(report.id): report for report in self._platform.launched}
        yield from (f"nobody launched report {number}" for number in told.keys() - launched.keys())
        last = {report.template.id: report for report in self._platform.launched}
        for number, report in launched.items():
            found, ever = told.get(number, {}), self._ever[report.template.id]
            for identity, texts in found.items():
                yield from _never_so(texts, ever.get(identity, []))
            if not (report.fails or report.id in self._removed):
                wanted = (
                    self._held(report).keys()
                    if last[report.template.id] == report
                    else self._steady[report.template.id]
                )
                yield from (f"missing of report {number}: {each}" for each in wanted - found.keys())

    def _of_files(self, found: Mapping[Identity, list[str]]) -> Iterator[str]:
        if not self._has_files:
            yield from (f"no file was to be read: {identity}" for identity in found)
            return
        for identity, texts in found.items():
            yield from _never_so(texts, [held[identity] for held in self._files if identity in held])
        for held in self._files:
            for identity, finding in held.items():
                if not any(_says(text, finding) for text in found.get(identity, ())):
                    yield f"missing of a file: {identity}"

    def _launches(self) -> Iterator[str]:
        """Each launch has a title of its own, unless the one before came to nothing; templates are looked up once for
        each pull, and after that each is launched once; the last pull launched them all."""
        counts, lost = Counter[int](), Counter[int]()
        titles: dict[str, Report] = {}
        for report in self._platform.launched:
            before = titles.get(report.title)
            if before and not self._is_lost(before):
                yield f"launched twice: {before} and {report}"
            titles[report.title] = report
            counts[report.template.id] += 1
            lost[report.template.id] += self._is_lost(report)
        calm = sum("report_template" in call.path for call in self._site.qualys.requests)
        for template, count in counts.items():
            if count > self._lists + calm + lost[template]:
                yield f"{count} launches of {template}, {lost[template]} of them lost, for {self._lists + calm} pulls"
        last = tuple(report.template.id for report in self._platform.launched)[-len(self._wanted) :]
        if self._wanted and last != self._wanted:
            yield f"launched in the end: {last}, not {self._wanted}"
        if not self._templates and (self._lists or calm):
            yield "templates were asked for, and nobody wants any"

    def _is_lost(self, report: Report) -> bool:
        return report.fails or report.id in self._removed

    def _left(self) -> Iterator[str]:
        """What is on the platform and should not be, or is not and should be."""
        there = {report.id for report in self._platform.reports()}
        excused = {number for number in there if f"Report {number} could not be deleted" in self._site.splunk.log()}
        wanted = {each.id for each in self._platform.launched if not (self._deletes or each.id in self._removed)}
        yield from (f"report {number} was left on the platform" for number in there - wanted - excused)
        yield from (f"report {number} was deleted" for number in wanted - there)


def _never_so(texts: list[str], states: list[ExpectedFinding]) -> Iterator[str]:
    for text in texts:
        if not any(_says(text, finding) for finding in states):
            yield f"never was so: {text[:300]}"


def _says(text: str, finding: ExpectedFinding) -> bool:
    return next(differing(json.loads(text), finding), None) is None


def _content(text: str) -> str:
    """An event whatever its file is called: a content is read once."""
    return json.dumps({name: value for name, value in json.loads(text).items() if name != "report_file"})
