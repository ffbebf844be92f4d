"""The size of a first pull, worked out from the host list and its first page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from qualys_ta.errors import AuthError
from qualys_ta.frames import Batch, Frame
from qualys_ta.limits import Limits, Sample
from qualys_ta.model import Event, Events, Request
from qualys_ta.populator.host_list import RESOURCE
from qualys_ta.splunk.seed_form import SeedForm
from qualys_ta.work.first_pull import FirstPull, listing_params, sample
from support.core import PLATFORM_TIME, SINCE, tag
from support.pulls import Answers, ListLog, Said, client, simple_return

FOLLOWING = Request("/detection/", {"id_min": "1001"})
PAGE = Sample(hosts=500, events=22_500, size=22_500 * 450)
"""Half of the hosts have no finding, so they are in the list only."""


def listing(*spans: str) -> Said:
    ids = tag("ID_SET", *(tag("ID_RANGE" if "-" in span else "ID", span) for span in spans))
    return Said(tag(RESOURCE.root, tag("RESPONSE", tag("DATETIME", PLATFORM_TIME), ids)).encode())


def told(folder: Path, said: Said, *, parts: int = 1, limits: Limits = Limits()) -> tuple[str, ListLog]:  # noqa: B008
    log, ours = ListLog(), replace(client(Answers(said), folder, [], tries=0), resource=RESOURCE)
    first = FirstPull(ours.first(listing_params({}, SINCE)), ours.fetch, limits, parts, log)
    return first.told(PAGE, FOLLOWING), log


def test_all_listed_hosts_are_like_those_that_the_first_page_reached_over(tmp_path: Path) -> None:
    line, log = told(tmp_path, listing("1-1000", "2001-20999", "30000"), limits=Limits(max_mb_per_run=100))
    assert line == (
        "First pull: about 20,000 hosts × 22 findings and summaries × 450 bytes ≈ 0.2 GB; "
        "with max_mb_per_run about 2 runs."
    )
    assert log.lines == [f"INFO {line}"]
    assert list((tmp_path / "pages").iterdir()) == []


def test_inputs_that_share_the_hosts_tell_their_part(tmp_path: Path) -> None:
    assert told(tmp_path, listing("1-1000", "2001-21000"), parts=4)[0].startswith("First pull: about 5,000 hosts × ")


def test_a_list_that_holds_less_than_the_page_is_not_believed(tmp_path: Path) -> None:
    assert "× 45 findings" in told(tmp_path, listing("1", "2000-2999"))[0]


def test_hosts_that_cannot_be_listed_stop_nothing(tmp_path: Path) -> None:
    line, log = told(tmp_path, Said(simple_return("1905", "no such parameter")))
    assert line == ""
    assert log.lines[-1].startswith("INFO The size of the first pull is not known: ")


def test_a_login_that_is_refused_is_not_tried_again(tmp_path: Path) -> None:
    with pytest.raises(AuthError):
        told(tmp_path, Said(simple_return("2000", "Bad Login/Password"), status=401))


def test_the_list_is_asked_for_in_one_answer_and_for_the_hosts_of_the_pull() -> None:
    assert listing_params({"ips": "10.0.0.1", "severities": "5"}, SINCE) == {
        "action": "list",
        "details": "None",
        "truncation_limit": "0",
        "ips": "10.0.0.1",
        "vm_processed_after": SINCE,
    }


@dataclass
class Spooled:
    hosts: list[list[str]]

    def batches(self) -> Iterator[Batch]:
        for number, texts in enumerate(self.hosts):
            rendered = SeedForm().rendered(Events.of([Event("", text) for text in texts]))
            sizes = tuple(len(text.encode()) for text in rendered)
            yield Batch.of([Frame(number, "", sizes, "".join(rendered).encode())])


def test_a_page_is_counted() -> None:
    assert sample(Spooled([["a", "ä"], [], ["b"]]), SeedForm()) == Sample(hosts=3, events=3, size=4)
    assert sample(Spooled([]), SeedForm()) == Sample(0, 0, 0)
