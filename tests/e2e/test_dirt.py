"""Each kind of dirt that real answers hold: the index ends with what the ledger says a correct client ends with."""

from __future__ import annotations

import pytest

from standins.qualys.dirt import KINDS
from support.e2e import Site

WARNED_OF = {"control_chars": "became U+FFFD", "cut": "try 2"}


@pytest.mark.parametrize("kind", [*KINDS, "all"])
def test_dirt_does_not_reach_the_index(site: Site, kind: str) -> None:
    site.qualys.dirt.set(kind)
    run = site.tick()
    assert (run.returncode, run.stream_error, site.lines("ERROR")) == (0, "", [])
    site.assert_complete()
    warnings = " ".join(site.lines("WARNING"))
    assert [text for name, text in WARNED_OF.items() if (text in warnings) != (kind in (name, "all"))] == []
