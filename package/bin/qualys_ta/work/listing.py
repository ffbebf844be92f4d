"""Which hosts the platform lists."""

from __future__ import annotations

from typing import Optional

from ..chains import Fetch
from ..model import Request
from ..populator.host_list import HostIds


def listed_hosts(fetch: Fetch, first: Request) -> tuple[HostIds, str]:
    """All hosts that `first` asks for, and the platform's time when the list began. Raises as `fetch`."""
    listed, listed_at = HostIds(), ""
    request: Optional[Request] = first
    while request is not None:
        page = fetch(request)
        listed_at = listed_at or page.platform_time
        for record in page.records():
            listed.add(record)
        request = page.next
        page.discard()
    return listed, listed_at
