"""What is left of a pull, cut into ranges of host ids that can be fetched side by side.

The ids come from the host list, which tells 50,000 of them in a small answer. The ranges cover all ids there may be, so
the list need not be right: a host that it does not hold is in a range all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Optional

from ..chains import Course, Fetch
from ..errors import AuthError, Ended, TaError
from ..job import Job
from ..model import Log, Request, Window
from ..populator import host_list
from ..populator.host_selection import host_list_params
from .paging import Reader, listed_hosts

SPARE = 0.9
"""Of the listed hosts that the first page reached over, where only some hosts have findings that are asked for: so many
make a range, because one that holds a host too many costs two calls."""


def course(job: Job, reader: Reader, window: Window, _whole: Mapping[int, str]) -> Course:
    """What is left once the first page proved not to be all is cut into ranges."""
    if int(job.settings.metric[job.feed.threads_setting]) == 1:
        return Course()
    lister = reader(host_list.RESOURCE)
    listing = lister.first(host_list_params(job.feed.params(job.settings.metric), window.since))
    ranges = HostRanges(listing, lister.fetch, lister.gate.expect, job.log)
    return Course(rest, lambda answered, following: ranges(answered, following) if answered else None)


def rest(request: Request) -> Optional[Request]:
    """What lies behind a range."""
    last = request.params.get("id_max", "")
    return _range(request, int(last) + 1, None) if last else None


@dataclass(frozen=True)
class HostRanges:
    """`listing` asks for the ids of all hosts that the pull may bring; `expect` hears how many calls are to come."""

    listing: Request
    fetch: Fetch
    expect: Callable[[str, int], None]
    log: Log

    def __call__(self, answered: Request, following: Request) -> Iterator[Request]:
        """Requests for the ranges from `following` on, drawn one by one. Without a list: one request for all of it.

        Raises AuthError: credentials that were refused are not tried again.
        """
        begun, start = (int(request.params.get("id_min", "0")) for request in (answered, following))
        most = following.params.get("truncation_limit", "")
        try:
            listed, _ = listed_hosts(self.fetch, _range(self.listing, begun, None))
        except (AuthError, Ended):
            raise
        except TaError as error:
            self.log.warning(f"The hosts cannot be listed, so pages are downloaded one after the other. {error}")
            yield following
            return
        size = self._size(listed.count(begun, start), int(most) if most.isdecimal() else 0)
        left = listed.count(start)
        calls = -(-left // size) if size else 1
        self.log.info(f"{left} hosts are left, to be asked for in {calls} parts.")
        self.expect(following.path, calls)
        for first, last in listed.ranges(start, size) if size else [(start, None)]:
            yield _range(following, first, last)

    @staticmethod
    def _size(covered: int, page: int) -> int:
        """Listed hosts of a range: as many as the first page reached over, which may be many more than it held."""
        return max(page, int(covered * SPARE)) if page else covered


def _range(request: Request, first: int, last: Optional[int]) -> Request:
    params = {name: value for name, value in request.params.items() if name != "id_max"}
    ends = {} if last is None else {"id_max": str(last)}
    return replace(request, params={**params, "id_min": str(first), **ends})
