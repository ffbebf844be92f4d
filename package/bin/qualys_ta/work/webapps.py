"""The calls of a pull of web findings: once the first page proved not to be all, sets of web applications side by side.

The sets cover all web applications there may be: the last one is whatever was made after they were listed. Where a pull
goes on behind a set, the findings of that first page may come again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Optional

from ..chains import Course
from ..criteria import AFTER
from ..errors import AuthError, Ended, TaError
from ..job import Job
from ..model import Request, Window
from ..populator.was_filters import SETTING
from ..populator.was_webapps import FIELD, PARAMS, RESOURCE, may_be_parted, webapp_id, webapp_sets
from .listing import Reader, listed_records

IN, BEHIND = f"{FIELD} IN", f"{FIELD} GREATER"
SETS_PER_DOWNLOAD = 2
"""So that all have something to do till the end, although sets differ in size; each costs a call at least."""

MOST_IDS = 500
"""In one criterion."""


def course(job: Job, reader: Reader, _window: Window) -> Course:
    """With one download nothing is cut, but a pull may have stopped within a set that others were to follow."""
    if not may_be_parted(job.settings.metric[SETTING]):
        return Course()
    downloads = int(job.settings.metric[job.feed.threads_setting])
    return Course(rest, _Sets(job, reader, downloads).cut) if downloads > 1 else Course(rest)


def rest(request: Request) -> Optional[Request]:
    """The web applications behind those of a set."""
    ids = request.params.get(IN)
    if not ids:
        return None
    others = {name: value for name, value in request.params.items() if name not in (IN, AFTER)}
    return replace(request, params={**others, BEHIND: ids.rpartition(",")[2]})


@dataclass(frozen=True)
class _Sets:
    job: Job
    reader: Reader
    downloads: int

    def cut(self, answered: Optional[Request], following: Request) -> Optional[Iterator[Request]]:
        """Not a set itself, nor the first request of a pull, which may be all."""
        is_rest = BEHIND in following.params and AFTER not in following.params
        if IN in following.params or (answered is None and not is_rest):
            return None
        return self._parts(following)

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
        size = min(MOST_IDS, -(-len(ids) // (SETS_PER_DOWNLOAD * self.downloads)) or 1)
        self.job.log.info(f"{len(ids)} web applications are left, to be asked for in sets of {size}.")
        for criteria in webapp_sets(ids, size):
            params = {name: value for name, value in following.params.items() if not criteria or name != BEHIND}
            yield replace(following, params={**params, **criteria})

    def _listed(self, behind: str) -> list[int]:
        client = self.reader(RESOURCE)
        first = client.first({**PARAMS, **({AFTER: behind} if behind else {})})
        return [webapp_id(webapp) for webapp in listed_records(client.fetch, first)]
