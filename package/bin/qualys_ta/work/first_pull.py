"""How much a first pull will be, told before anything of it is written: the host list, the first page as a sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..chains import Fetch
from ..errors import AuthError, Ended, TaError
from ..limits import Limits, Sample, bare, first_pull
from ..model import Form, Log, Page, Request
from ..populator.host_selection import host_list_params
from .paging import listed_hosts


def listing_params(params: Mapping[str, str], since: str) -> dict[str, str]:
    """All hosts that the pull may bring, in one answer: bare ids, neighbors as ranges."""
    return {**host_list_params(params, since), "truncation_limit": "0"}


def sample(page: Page, form: Form) -> Sample:
    """What the hosts of a page became."""
    hosts = events = size = 0
    for batch in page.batches():
        hosts, events, size = hosts + len(batch.records), events + len(batch.sizes), size + len(batch.data)
    return Sample(hosts, events, bare(form, events, size))


@dataclass(frozen=True)
class FirstPull:
    """`listing` asks for the hosts of the pull; `parts` inputs share them."""

    listing: Request
    fetch: Fetch
    limits: Limits
    parts: int
    log: Log

    def told(self, sample: Sample, following: Request) -> str:
        """The size for people, "" where the hosts cannot be listed. `sample` is what the pages before `following` gave.

        Hosts without findings are in the list and not in the sample, so the listed hosts that the sample reached over
        count. Raises AuthError: credentials that were refused are not tried again.
        """
        try:
            listed, _ = listed_hosts(self.fetch, self.listing)
        except (AuthError, Ended):
            raise
        except TaError as error:
            self.log.info(f"The size of the first pull is not known: {error}")
            return ""
        covered = listed.count(0, int(following.params["id_min"]))
        line = first_pull(listed.count(0) // self.parts, sample._replace(hosts=max(covered, sample.hosts)), self.limits)
        self.log.info(line)
        return line
