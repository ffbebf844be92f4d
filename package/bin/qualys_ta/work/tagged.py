"""The calls of a pull of assets with chosen tags: names of tags are looked up first, because a criterion takes ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Optional

from ..chains import Course
from ..job import Job
from ..model import Request, Window
from ..populator.asset_filter import TAG_IDS, WANTED, ids_of
from ..populator.asset_tags import LIST_PARAMS
from ..populator.asset_tags import TAGS as RESOURCE
from .paging import Reader, listed_records


def course(_job: Job, reader: Reader, _window: Window, _whole: Mapping[int, str]) -> Course:
    return Course(cut=_Chosen(reader).cut)


@dataclass(frozen=True)
class _Chosen:
    reader: Reader

    def cut(self, _answered: Optional[Request], following: Request) -> Optional[Iterator[Request]]:
        """Only the first request of a pull can hold names."""
        return self._by_id(following) if WANTED in following.params else None

    def _by_id(self, request: Request) -> Iterator[Request]:
        client = self.reader(RESOURCE)
        held = listed_records(client.fetch, client.first(LIST_PARAMS))
        params = {name: value for name, value in request.params.items() if name != WANTED}
        yield replace(request, params={**params, TAG_IDS: ids_of(request.params[WANTED], held)})
