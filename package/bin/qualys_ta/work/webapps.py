"""The calls of a pull of web findings: once the first page proved not to be all, sets of web applications side by side.

The sets cover all web applications there may be, so the list need not be right. Findings of no web application at all
are in none of them; nobody has seen one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Optional

from ..chains import Course
from ..criteria import AFTER, NOTE
from ..errors import AuthError, Ended, TaError
from ..job import Job
from ..model import Request, Window
from ..populator.was_filters import SETTING
from ..populator.was_webapps import BEHIND, BELOW, PARAMS, RESOURCE, may_be_parted, webapp_id, webapp_sets
from .paging import Reader, listed_records

START = f"{NOTE}behind"
"""Where the findings of all sets start: behind those of the first page, which came before it was cut."""

SETS_PER_DOWNLOAD = 2
"""So that all have something to do till the end, although sets differ in size; each costs a call at least."""


def course(job: Job, reader: Reader, _window: Window, _whole: Mapping[int, str]) -> Course:
    """With one download nothing is cut, but a pull may have stopped within a set that others were to follow."""
    if not may_be_parted(job.settings.metric[SETTING]):
        return Course()
    downloads = int(job.settings.metric[job.feed.threads_setting])
    return Course(rest, _Sets(job, reader, downloads).cut) if downloads > 1 else Course(rest)


def rest(request: Request) -> Optional[Request]:
    """The web applications behind those of a set."""
    below = request.params.get(BELOW)
    if not below:
        return None
    return _with(request, {BEHIND: str(int(below) - 1)}, request.params.get(START, ""))


def _with(request: Request, criteria: Mapping[str, str], start: str) -> Request:
    """The same for other web applications, from where all sets start."""
    ours = (BEHIND, BELOW, AFTER, START)
    params = {name: value for name, value in request.params.items() if name not in ours}
    return replace(request, params={**params, **criteria, **({AFTER: start, START: start} if start else {})})


@dataclass(frozen=True)
class _Sets:
    job: Job
    reader: Reader
    downloads: int

    def cut(self, answered: Optional[Request], following: Request) -> Optional[Iterator[Request]]:
        """Not a set itself, nor the first request of a pull, which may be all."""
        params = following.params
        is_rest = BEHIND in params and BELOW not in params and params.get(AFTER) == params.get(START)
        goes_on = answered is not None and BEHIND not in params and BELOW not in params
        return self._parts(following) if is_rest or goes_on else None

    def _parts(self, following: Request) -> Iterator[Request]:
        """Raises AuthError: credentials that were refused are not tried again. Without a list: all in one."""
        try:
            ids = self._listed(following.params.get(BEHIND, ""))
        except (AuthError, Ended):
            raise
        except TaError as error:
            self.job.log.warning(
                f"The web applications cannot be listed, so pages are downloaded one after the other. {error}"
            )
            yield following
            return
        size = -(-len(ids) // (SETS_PER_DOWNLOAD * self.downloads)) or 1
        self.job.log.info(f"{len(ids)} web applications are left, to be asked for in sets of {size}.")
        start = following.params.get(START if BEHIND in following.params else AFTER, "")
        for criteria in webapp_sets(ids, size, following.params.get(BEHIND, "")):
            yield _with(following, criteria, start)

    def _listed(self, behind: str) -> list[int]:
        client = self.reader(RESOURCE)
        first = client.first({**PARAMS, **({AFTER: behind} if behind else {})})
        return [webapp_id(webapp) for webapp in listed_records(client.fetch, first)]
