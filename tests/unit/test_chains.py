"""Chains of pages: what waits, what comes next, what is left where they are given up."""

from __future__ import annotations

from typing import Optional

import pytest

from qualys_ta.chains import Chain, Course, next_in_range
from qualys_ta.model import Request
from qualys_ta.work.ranges import rest
from support.pulls import MemoryPage


class Discarded(MemoryPage):
    """A page whose file cannot be removed; that it was tried is noted."""

    tried = False

    def discard(self) -> None:
        self.tried = True
        raise OSError("busy")


def request(first: int) -> Request:
    return Request("/path", {"id_min": str(first)})


def test_what_is_given_up_is_asked_for_again_from_its_first_page_on() -> None:
    """Also where a file stays, and where an error came after the pages."""
    pages = [Discarded(b"", request(20), ""), Discarded(b"", None, "")]
    chain = Chain(None, error=ValueError("broken"))
    chain.pages.extend(zip((request(10), request(20)), pages))
    chain.give_up()
    assert (chain.request, chain.error, list(chain.pages)) == (request(10), None, [])
    assert [page.tried for page in pages] == [True, True]


def test_a_chain_without_pages_goes_on_where_it_was() -> None:
    chain = Chain(request(30))
    chain.give_up()
    assert chain.request == request(30)
    assert not chain.is_over


def test_the_error_comes_after_the_pages_before_it() -> None:
    chain = Chain(None, error=ValueError("broken"))
    chain.pages.append((request(10), MemoryPage(b"", request(20), "")))
    asked, page = chain.take()
    assert (asked, page.next) == (request(10), request(20))
    with pytest.raises(ValueError, match="broken"):
        chain.take()


@pytest.mark.parametrize(
    ("names", "asked_in_range", "then"), [(19, 19, 19), (20, 20, 20), (21, None, 21), (None, None, 21)]
)
def test_the_last_id_of_a_range_belongs_to_it(names: Optional[int], asked_in_range: Optional[int], then: int) -> None:
    """What follows a page of the ids 10 to 20 that names this id as the next."""
    asked = Request("/path", {"id_min": "10", "id_max": "20"})
    after = None if names is None else Request("/path", {"id_min": str(names), "id_max": "20"})
    page = MemoryPage(b"", after, "")
    found = next_in_range(asked, page)
    assert (found and int(found.params["id_min"])) == asked_in_range
    assert Course(rest).following(asked, page) == request(then)
