"""The calls of a pull of reports, one after the other, each sent when the checkpoint knows what came of the one before.

    templates  ──►  files  ──►  launch  ──►  wait and fetch  ──►  delete  ──►  launch …

The request that a checkpoint holds is the next step. A launch carries a title of its own in it, so that a launch whose
answer nobody heard is found again instead of being repeated; from then on the step is to fetch that report.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Callable, Optional, Protocol, Union

from ..chains import Fetch, Fetched, Pages, Step
from ..errors import AuthError, ConfigError, NotReady, Refused, TryLater
from ..feed import Resource
from ..job import Job
from ..model import Page, Request
from ..populator import report_api as api
from ..splunk.read_files import ReadFiles
from ..times import utc
from .paging import Lister, listed_records
from .report_files import ReportFiles, read_files

MINUTE_S = 60
Steps = Iterator[Fetched]


class Launcher(Lister, Protocol):
    """A lister that says how patient a person wants it to be; see `api.client`."""

    def pause_s(self, error: TryLater, attempt: int) -> Optional[float]: ...


Reader = Callable[[Resource], Launcher]


def pages(job: Job, reader: Reader, stack: contextlib.ExitStack, amiss: list[str]) -> Pages:
    """`amiss` is filled with what a person should know although the pull goes on."""
    files = stack.enter_context(contextlib.closing(read_files(job)))
    return _Reports(job, reader, files, amiss)


def forget(job: Job) -> None:
    """Files that were read are to be read again."""
    with contextlib.closing(read_files(job)) as files:
        files.forget()


@dataclass
class _Reports:
    """`launched`: reports that this very run launched. The clock tells epoch seconds."""

    job: Job
    reader: Reader
    files: ReadFiles
    amiss: list[str]
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    launched: set[str] = field(default_factory=set)

    def __call__(self, fetch: Fetch, first: Request) -> Generator[Fetched, None, None]:
        steps: dict[str, Callable[[Fetch, Request], Steps]] = {
            api.FILES_ACTION: self._read,
            api.LAUNCH_ACTION: self._launch,
            api.FETCH_ACTION: self._fetch,
            api.DELETE_ACTION: self._delete,
        }
        following: Optional[Request] = first
        while following is not None:
            for fetched in steps.get(following.params.get(api.ACTION, ""), self._begin)(fetch, following):
                following = fetched.following
                yield fetched

    def _begin(self, _fetch: Fetch, request: Request) -> Steps:
        """Which templates there are to launch, if a person wants any."""
        settings = self.job.settings.metric
        wanted, told_at = settings[api.TEMPLATES_SETTING], utc(self.clock())
        numbers: list[str] = []
        if not (wanted or settings[api.FILE_SETTING]):
            raise ConfigError(
                "There is nothing to report: choose report templates, or a report's file, on the tab Reports.",
                api.TEMPLATES_SETTING,
            )
        if wanted:
            client = self.reader(api.TEMPLATES)
            page = client.fetch(client.first({}))
            held, told_at = [api.template(element) for element in page.records()], page.platform_time
            page.discard()
            numbers = [each.number for each in api.chosen(wanted, held)]
        after = self._launch_of(request.path, numbers)
        if settings[api.FILE_SETTING]:
            left = {api.ACTION: api.FILES_ACTION, api.LEFT: ",".join(numbers)}
            after = Request(request.path, left)
        yield Fetched(Step(request, told_at), after)

    def _read(self, fetch: Fetch, request: Request) -> Steps:
        """Each file that is new or changed; one that cannot be read waits for the next pull."""
        files = ReportFiles(str(self.job.settings.metric[api.FILE_SETTING]), self.files, self.job.log, self.amiss)
        for version, page in files.unread(fetch):
            yield Fetched(page, request)
            files.note(version)
        yield Fetched(self._step(request), self._launch_of(request.path, _left(request)))

    def _launch(self, _fetch: Fetch, request: Request) -> Steps:
        number = self._launched(request)
        self.launched.add(number)
        notes = {api.TEMPLATE: request.params["template_id"], api.LEFT: request.params.get(api.LEFT, "")}
        fetch = {api.ACTION: api.FETCH_ACTION, "id": number, **notes, api.LAUNCHED: str(int(self.clock()))}
        yield Fetched(self._step(request), Request(request.path, fetch))

    def _launched(self, request: Request) -> str:
        """The number of the report with the title of the request, launched now unless there is one."""
        client, attempt = self.reader(api.LAUNCH), 0
        while True:
            number = self._titled(request.params["report_title"])
            if number:
                self.job.log.info(f"Report {number} was launched before; it is not launched again.")
                return number
            try:
                page = client.fetch(self._sent(request))
            except TryLater as error:
                pause_s = client.pause_s(error, attempt)
                if pause_s is None:
                    raise
                attempt += 1
                self.job.log.warning(f"{error} Waiting {pause_s:.0f} s, then looking whether it was launched.")
                self.sleep(pause_s)
                continue
            number = api.launched_number(page.records(), request)
            page.discard()
            self.job.log.info(f"Report {number} was launched from template {request.params['template_id']}.")
            return number

    def _titled(self, title: str) -> str:
        return next((each.number for each in self._reports({}) if each.title == title), "")

    def _reports(self, which: dict[str, str]) -> Iterable[api.Report]:
        client = self.reader(api.REPORTS)
        return [api.report(each) for each in listed_records(client.fetch, client.first({api.ACTION: "list", **which}))]

    def _fetch(self, fetch: Fetch, request: Request) -> Steps:
        found = self._awaited(fetch, request)
        if found is None or isinstance(found, Request):
            yield Fetched(self._step(request), found)
        else:
            yield Fetched(found, self._behind(request, _left(request)))

    def _awaited(self, fetch: Fetch, request: Request) -> Union[Page, Request, None]:
        """The report, once there is one; of one that was launched before and never comes, what to do instead."""
        number = request.params["id"]
        poll_s = float(self.job.settings.metric["report_poll_seconds"])
        while True:
            report = next(iter(self._reports({"id": number})), None)
            if report is not None and report.state in api.FAILED:
                return self._failed(report, request)
            if report is None or report.state == api.FINISHED:
                with contextlib.suppress(NotReady):
                    page: Page = fetch(self._sent(request))
                    return page
            if self._is_late(request):
                return self._late(report, request)
            self.sleep(poll_s)

    def _is_late(self, request: Request) -> bool:
        waited_s = self.clock() - float(request.params[api.LAUNCHED])
        return waited_s >= MINUTE_S * int(self.job.settings.metric["report_wait_minutes"])

    def _failed(self, report: api.Report, request: Request) -> Optional[Request]:
        """One of this run fails it; the next run launches another instead."""
        said = f"Report {report.number} of template {request.params[api.TEMPLATE]} ended as {report.state}"
        said = f"{said}: {report.message.rstrip('.')}" if report.message else said
        if report.number in self.launched:
            raise Refused(f"{said}. The next run launches another; look at the template in Qualys.")
        self.job.log.warning(f"{said}. Another one is launched.")
        return self._behind(request, _again(request))

    def _late(self, report: Optional[api.Report], request: Request) -> Optional[Request]:
        number, template = request.params["id"], request.params[api.TEMPLATE]
        minutes = self.job.settings.metric["report_wait_minutes"]
        if report is None and number not in self.launched:
            self.job.log.warning(f"There is no report {number} of template {template} any more. Another is launched.")
            return self._launch_of(request.path, _again(request))
        state = report.state if report else "not to be seen"
        raise TryLater(
            f"Report {number} of template {template} was launched more than {minutes} minutes ago and is {state}. The "
            "next run goes on waiting for it: choose a template with fewer hosts, or raise report_wait_minutes on the "
            "tab Reports."
        )

    def _behind(self, request: Request, left: list[str]) -> Optional[Request]:
        """What to do once the report is of no more use; then come the templates that are left."""
        if not self.job.settings.metric["report_delete"]:
            return self._launch_of(request.path, left)
        params = {api.ACTION: api.DELETE_ACTION, "id": request.params["id"], api.LEFT: ",".join(left)}
        return Request(request.path, params)

    def _delete(self, _fetch: Fetch, request: Request) -> Steps:
        self._remove(request)
        yield Fetched(self._step(request), self._launch_of(request.path, _left(request)))

    def _remove(self, request: Request) -> None:
        """A report of ours. That it cannot be deleted is no reason not to go on: the platform does it in a week."""
        try:
            client = self.reader(api.DELETE)
            client.fetch(client.first({api.ACTION: api.DELETE_ACTION, "id": request.params["id"]})).discard()
        except (ConfigError, Refused) as error:
            self.job.log.warning(f"Report {request.params['id']} could not be deleted. {error}")
        except AuthError as error:
            raise AuthError(f"{error} Or switch off that reports are deleted, on the tab Reports.") from None

    def _launch_of(self, path: str, templates: list[str]) -> Optional[Request]:
        """The step that launches the first of the templates, under a title of its own."""
        if not templates:
            return None
        title = f"Splunk {self.job.stanza.name} {secrets.token_hex(6)}"
        return Request(path, {**api.launch_params(templates[0], title), api.LEFT: ",".join(templates[1:])})

    @staticmethod
    def _sent(request: Request) -> Request:
        return replace(request, params=api.sent(request.params))

    def _step(self, request: Request) -> Step:
        return Step(request, utc(self.clock()))


def _again(request: Request) -> list[str]:
    return [request.params[api.TEMPLATE], *_left(request)]


def _left(request: Request) -> list[str]:
    return [each for each in request.params.get(api.LEFT, "").split(",") if each]
