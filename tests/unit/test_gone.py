"""Once a day the hosts that the platform no longer lists are told of; only a whole list counts."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from qualys_ta.errors import AuthError, Refused, TryLater
from qualys_ta.model import Event, Page, Request
from qualys_ta.populator.host_list import PARAMS, RESOURCE, gone_event
from qualys_ta.splunk.hosts import KnownHosts, hosts_path
from qualys_ta.work.gone import GoneHosts
from support.core import PLATFORM_TIME, cdata, tag
from support.pulls import Answers, ListLog, ListSink, Said, client, simple_return

DAY_S = 86_400
NOW = 1_760_000_000.0


def page(*ids: str, next_id: int = 0, at: str = PLATFORM_TIME) -> Said:
    """One page of the host list; `next_id` is where the next one starts."""
    url = f"https://qualysapi.qualys.com/api/5.0/fo/asset/host/?action=list&details=None&id_min={next_id}"
    warning = tag("WARNING", tag("CODE", "1980"), tag("TEXT", "50000 record limit"), tag("URL", cdata(url)))
    id_set = tag("ID_SET", *(tag("ID_RANGE" if "-" in each else "ID", each) for each in ids)) if ids else ""
    response = tag("RESPONSE", tag("DATETIME", at), id_set, warning if next_id else "")
    return Said(f'<?xml version="1.0" encoding="UTF-8" ?>\n{tag(RESOURCE.root, response)}'.encode())


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Machine:
    """A folder with known hosts, and where HOSTGONE events go."""

    folder: Path
    sink: ListSink = field(default_factory=ListSink)
    log: ListLog = field(default_factory=ListLog)
    calls: int = 0

    def knows(self, *host_ids: int) -> None:
        with self.hosts() as hosts:
            for host_id in host_ids:
                hosts.add([host_id])
            hosts.commit()

    @contextmanager
    def hosts(self) -> Iterator[KnownHosts]:
        with closing(KnownHosts(hosts_path(self.folder), "acme")) as hosts:
            yield hosts

    def tell(self, *answers: Said, now: float = NOW) -> list[Event]:
        """One comparison; returns what it wrote."""
        before, transport = len(self.sink.received), Answers(*answers)
        with self.hosts() as hosts:
            ours = replace(client(transport, self.folder, []), resource=RESOURCE)
            gone = self._gone(ours.first(PARAMS), ours.fetch, hosts)
            try:
                gone.tell(now)
            finally:
                self.calls = transport.calls
        return self.sink.received[before:]

    def is_due(self, now: float) -> bool:
        with self.hosts() as hosts:
            return self._gone(Request("", {}), no_fetch, hosts).is_due(now)

    def _gone(self, first: Request, fetch: Callable[[Request], Page], hosts: KnownHosts) -> GoneHosts:
        return GoneHosts(first, fetch, hosts, self.owns, self.sink, self.publish, self.log)

    def publish(self) -> None:
        """The lookup is not of interest here."""

    @staticmethod
    def owns(_host_id: int) -> bool:
        return True


def no_fetch(_request: Request) -> None:  # type: ignore[misc]
    raise AssertionError("the platform was asked")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_missing_hosts_are_told_with_the_platforms_time(machine: Machine) -> None:
    machine.knows(1, 5, 9)
    assert machine.tell(page("1", "6-20")) == [gone_event(5, PLATFORM_TIME)]
    assert machine.tell(page("1", "6-20")) == []
    assert machine.log.lines[0] == "INFO Gone hosts: 16 hosts listed, 1 known ones missing."


def test_hosts_on_later_pages_are_listed_too(machine: Machine) -> None:
    """What stands behind the ids of a page names the next one; without it all hosts of later pages would be gone."""
    machine.knows(1, 5, 7, 9)
    told = machine.tell(page("1", next_id=5), page("5", "6", next_id=9, at="2025-01-01T00:00:00Z"), page("9"))
    assert (machine.calls, told) == (3, [gone_event(7, PLATFORM_TIME)])


def test_an_empty_list_is_refused_where_hosts_are_known(machine: Machine) -> None:
    machine.knows(1, 2)
    with pytest.raises(Refused, match=r"lists no host at all, although 2 are known here.*check the user's scope"):
        machine.tell(page())
    assert machine.sink.received == []
    assert machine.is_due(NOW)
    assert machine.tell(page("1")) == [gone_event(2, PLATFORM_TIME)]


def test_an_empty_list_is_fine_where_none_is_known(machine: Machine) -> None:
    assert machine.tell(page()) == []
    assert not machine.is_due(NOW)


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ((page("1", next_id=5), Said(b"<html/>", 503)), TryLater),
        ((page("1", next_id=5), page("5", next_id=5)), Refused),
        ((page("1", "4", next_id=5), page("3")), Refused),
        ((page("1", next_id=5), Said(page("5").body[:-30])), TryLater),
        ((Said(simple_return("2000", "Bad Login/Password"), 401),), AuthError),
    ],
    ids=["down", "a loop", "out of order", "cut", "no login"],
)
def test_a_list_that_does_not_come_to_its_end_reports_nobody(
    machine: Machine, answers: tuple[Said, ...], kind: type[Exception]
) -> None:
    machine.knows(1, 5, 7)
    with pytest.raises(kind):
        machine.tell(*answers)
    assert machine.sink.received == []
    assert machine.is_due(NOW)


def test_a_host_that_comes_back_may_go_again(machine: Machine) -> None:
    machine.knows(1, 5)
    assert machine.tell(page("1")) == [gone_event(5, PLATFORM_TIME)]
    assert machine.tell(page("1", "5")) == []
    assert machine.tell(page("1")) == [gone_event(5, PLATFORM_TIME)]


@pytest.mark.parametrize("step", ["write", "flush"])
def test_a_kill_before_all_is_settled_repeats_the_events_once(tmp_path: Path, step: str) -> None:
    def kill(name: str) -> None:
        if name == step and machine.sink.received:
            raise Killed

    machine = Machine(tmp_path, ListSink(kill))
    machine.knows(1, 5, 7)
    with pytest.raises(Killed):
        machine.tell(page("1"))
    assert machine.is_due(NOW)
    machine.sink = ListSink()
    assert machine.tell(page("1")) == [gone_event(5, PLATFORM_TIME), gone_event(7, PLATFORM_TIME)]
    assert machine.tell(page("1")) == []


DUE: Mapping[str, tuple[float, bool]] = {
    "at once again": (0.0, False),
    "an hour later": (3600.0, False),
    "20 hours later": (DAY_S - 4 * 3600, False),
    "a day later": (DAY_S, True),
    "a week later": (7 * DAY_S, True),
    "by a clock that was set back": (-3600.0, True),
}


@pytest.mark.parametrize("when", DUE)
def test_it_is_due_once_a_day(machine: Machine, when: str) -> None:
    later_s, due = DUE[when]
    assert machine.is_due(NOW)
    machine.tell(page("1"))
    assert machine.is_due(NOW + later_s) is due


def test_an_input_of_once_a_day_tells_at_each_of_its_runs(machine: Machine) -> None:
    """Today's pull takes some minutes less than yesterday's: its end comes a little less than a day after the last."""
    machine.tell(page("1"), now=NOW)
    assert machine.is_due(NOW + DAY_S - 600)


def test_the_list_is_asked_for_as_bare_ids_of_all_hosts() -> None:
    assert PARAMS == {"action": "list", "details": "None", "truncation_limit": "50000"}


def test_it_counts_as_compared_only_when_the_lookup_is_written(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the hosts would be told to be gone and never be looked up as such."""

    def full(_machine: Machine) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    machine.knows(1, 5)
    with monkeypatch.context() as patch:
        patch.setattr(Machine, "publish", full)
        with pytest.raises(OSError, match="No space"):
            machine.tell(page("1"))
    assert machine.is_due(NOW)
    assert machine.tell(page("1")) == [], "they were told"
    assert not machine.is_due(NOW)


def test_hosts_of_other_parts_are_left_to_them(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Machine, "owns", staticmethod(lambda host_id: host_id < 5))
    machine.knows(1, 2, 7)
    assert machine.tell(page("1")) == [gone_event(2, PLATFORM_TIME)]
