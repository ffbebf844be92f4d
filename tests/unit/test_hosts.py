"""The platform's list of hosts, and what is remembered of the hosts that events were written about."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from qualys_ta.errors import Refused
from qualys_ta.populator.host_list import HostIds, gone_event, gone_rows
from qualys_ta.splunk.hosts import KnownHosts, hosts_path
from support.core import tag

AT = "2025-11-20T09:00:00Z"


def listed(*markup: str) -> HostIds:
    """The ids of one ID_SET after the other."""
    ids = HostIds()
    for each in markup:
        for span in fromstring(tag("ID_SET", each)):
            ids.add(span)
    return ids


def test_ids_and_ranges_of_several_sets_are_one_set() -> None:
    ids = listed(tag("ID", "1") + tag("ID_RANGE", "5-7"), tag("ID", "9"))
    assert [host_id for host_id in range(12) if host_id in ids] == [1, 5, 6, 7, 9]
    assert len(ids) == 5


def test_no_set_is_empty() -> None:
    assert len(HostIds()) == len(listed("")) == 0
    assert 1 not in HostIds()


@pytest.mark.parametrize("said", ["\n   5-7\n ", "5 - 7", "5\n-\n7"])
def test_ids_may_be_broken_over_lines(said: str) -> None:
    assert 6 in listed(tag("ID_RANGE", said))


@pytest.mark.parametrize(
    "markup",
    [
        tag("ID", "7") + tag("ID", "5"),
        tag("ID_RANGE", "1-9") + tag("ID", "0"),
        tag("ID_RANGE", "9-1"),
        tag("ID", "x"),
        tag("ID"),
        tag("ID_RANGE", "1-2-3"),
        tag("ID", "-5"),
        tag("ID", "1" * 19),
        tag("ID", "٣"),
    ],
)
def test_ids_that_make_no_sense_are_refused(markup: str) -> None:
    """A list that is read wrongly would report hosts as gone."""
    with pytest.raises(Refused, match="The host list"):
        listed(markup)


def test_a_list_that_starts_again_is_refused() -> None:
    with pytest.raises(Refused, match="out of order at ID 5"):
        listed(tag("ID_RANGE", "5-9"), tag("ID", "12"), tag("ID", "5"))


@pytest.mark.parametrize("more", [tag("ID", "5"), tag("ID_RANGE", "5-6"), tag("ID_RANGE", "1-3")])
def test_a_span_within_the_one_before_takes_nothing_away(more: str) -> None:
    """Two pages may name the same hosts where hosts came while they were listed."""
    ids = listed(tag("ID_RANGE", "1-9"), more)
    assert [host_id for host_id in range(12) if host_id in ids] == list(range(1, 10))


def test_the_event_names_the_host_and_when_it_was_missed() -> None:
    assert gone_event(5, AT) == ("1763629200", 'HOSTGONE: HOST_ID=5, GONE_DATETIME="2025-11-20T09:00:00Z"')


def known(folder: Path, account: str = "acme", part: str = "1/1") -> KnownHosts:
    return KnownHosts(hosts_path(folder), account, part)


def pulled(folder: Path, *host_ids: int, account: str = "acme") -> None:
    """Events about these hosts were written."""
    with closing(known(folder, account)) as hosts:
        for host_id in host_ids:
            hosts.add([host_id])
        hosts.commit()


def compared(folder: Path, *there: int, at: str = AT, now: float = 0.0) -> list[int]:
    """A comparison with a list that holds `there`; returns those that were missing."""
    with closing(known(folder)) as hosts:
        missing = hosts.missing(there.__contains__)
        hosts.settle(missing, there.__contains__, at)
        hosts.compared(now)
    return missing


def gone(folder: Path) -> list[tuple[str, ...]]:
    with closing(known(folder, "")) as hosts, hosts.rows_of_gone() as rows:
        return rows


def test_what_is_missing_is_told_once(tmp_path: Path) -> None:
    pulled(tmp_path, 7, 5, 9)
    assert compared(tmp_path, 9) == [5, 7]
    assert compared(tmp_path, 9) == []
    assert gone(tmp_path) == [("5", AT), ("7", AT)]


def test_a_host_that_is_listed_again_is_known_again(tmp_path: Path) -> None:
    pulled(tmp_path, 5)
    assert compared(tmp_path) == [5]
    assert compared(tmp_path, 5) == []
    assert gone(tmp_path) == []
    assert compared(tmp_path, at="2025-12-01T00:00:00Z") == [5]
    assert gone(tmp_path) == [("5", "2025-12-01T00:00:00Z")]


def test_a_host_that_is_pulled_again_is_known_again(tmp_path: Path) -> None:
    pulled(tmp_path, 5, 6)
    compared(tmp_path)
    pulled(tmp_path, 5)
    assert gone(tmp_path) == [("6", AT)]
    assert compared(tmp_path, 6) == [5]


def test_hosts_of_another_account_are_others_and_one_table_shows_all(tmp_path: Path) -> None:
    pulled(tmp_path, 9, account="eu")
    pulled(tmp_path, 5)
    assert compared(tmp_path) == [5]
    with closing(known(tmp_path, "eu")) as hosts:
        assert hosts.compared_at() is None
        hosts.settle([9], lambda _: False, "2025-11-21T00:00:00Z")
    assert gone(tmp_path) == [("5", AT), ("9", "2025-11-21T00:00:00Z")]


def test_what_was_not_committed_is_not_known(tmp_path: Path) -> None:
    with closing(known(tmp_path)) as hosts:
        hosts.add([5])
    assert compared(tmp_path) == []


def test_when_it_was_compared_is_remembered(tmp_path: Path) -> None:
    with closing(known(tmp_path)) as hosts:
        assert hosts.compared_at() is None
    compared(tmp_path, now=1_700_000_000.5)
    with closing(known(tmp_path)) as hosts:
        assert hosts.compared_at() == 1_700_000_000.5


def test_a_damaged_file_costs_the_notice_only(tmp_path: Path) -> None:
    pulled(tmp_path, 5)
    hosts_path(tmp_path).write_bytes(b"no database" * 500)
    assert compared(tmp_path) == []
    pulled(tmp_path, 6)
    assert compared(tmp_path) == [6]
    assert hosts_path(tmp_path).stat().st_mode & 0o777 == 0o600


def test_a_host_that_another_account_knows_is_not_gone(tmp_path: Path) -> None:
    pulled(tmp_path, 5, account="eu")
    pulled(tmp_path, 5, 6)
    assert compared(tmp_path) == [5, 6]
    assert gone(tmp_path) == [("6", AT)]


def test_parts_of_an_account_share_its_hosts_and_compare_each_for_itself(tmp_path: Path) -> None:
    """So parts may be cut anew: nobody forgets the hosts of a part that is no longer there."""
    pulled(tmp_path, 5)
    compared(tmp_path, 5, now=1.0)
    with closing(known(tmp_path, part="1/2")) as hosts:
        assert hosts.compared_at() is None
        assert hosts.missing(lambda _: False) == [5]


def test_hosts_of_an_account_that_is_no_longer_there_are_adopted(tmp_path: Path) -> None:
    pulled(tmp_path, 5, 6, account="old")
    pulled(tmp_path, 6, account="eu")
    with closing(known(tmp_path)) as hosts:
        hosts.adopt(("acme", "eu"))
    assert compared(tmp_path, 6) == [5]
    with closing(known(tmp_path, "old")) as hosts:
        assert hosts.missing(lambda _: False) == []


def test_a_new_store_takes_over_what_the_lookup_says(tmp_path: Path) -> None:
    rows = [
        {"HOST_ID": "5", "GONE_DATETIME": AT},
        {"HOST_ID": "none", "GONE_DATETIME": "none"},
        {"HOST_ID": "7", "GONE_DATETIME": "yesterday"},
        {"GONE_DATETIME": AT},
    ]
    with closing(known(tmp_path)) as hosts:
        assert hosts.is_new()
        hosts.take_over(gone_rows(rows))
        assert not hosts.is_new()
    assert gone(tmp_path) == [("5", AT)]
    assert compared(tmp_path, 5) == []
    assert gone(tmp_path) == []


def test_hosts_of_another_platform_are_forgotten_and_not_told_to_be_gone(tmp_path: Path) -> None:
    """An account that is pointed at another platform would else report all hosts of the one before as gone."""
    pulled(tmp_path, 7, account="eu")
    with closing(known(tmp_path)) as hosts:
        assert hosts.live_on("https://a.example") == 0
    pulled(tmp_path, 5, 6)
    with closing(known(tmp_path)) as hosts:
        assert [hosts.live_on(server) for server in ("https://a.example", "https://b.example")] == [0, 2]
        assert hosts.missing(lambda _: False) == []
    with closing(known(tmp_path, "eu")) as hosts:
        assert hosts.missing(lambda _: False) == [7]
