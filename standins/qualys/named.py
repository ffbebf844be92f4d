"""What a call names instead of numbering it: asset groups by title, QIDs by the search lists that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Callable, Optional, Protocol

from .exchange import Refusal
from .model import Finding, Host
from .parameters import Parser, number, words
from .search_lists.holdings import SearchLists

INCLUDE, EXCLUDE = "include_search_list", "exclude_search_list"


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(number(part) for part in words(text))


GROUP_PARAMETERS: Mapping[str, Parser] = {"ag_titles": words}
LIST_PARAMETERS: Mapping[str, Parser] = {
    name: parser
    for start in (INCLUDE, EXCLUDE)
    for name, parser in ((f"{start}_ids", _numbers), (f"{start}_titles", words))
}
_EITHER_OR = (("ag_ids", "ag_titles"), *((f"{start}_ids", f"{start}_titles") for start in (INCLUDE, EXCLUDE)))


class Group(Protocol):
    @property
    def id(self) -> int: ...

    @property
    def title(self) -> str: ...


class Named:
    """Looks up what this platform holds. Refusal for what it does not hold, and for two parameters of which only one
    may be given."""

    def __init__(self, lists: SearchLists, groups: Callable[[], Iterable[Group]]) -> None:
        self._lists = lists
        self._groups = groups

    def hosts(self, values: Mapping[str, Any]) -> Callable[[Host], bool]:
        """Whether a host is in one of the groups that the call names."""
        for first, second in _EITHER_OR:
            if first in values and second in values:
                raise Refusal(1904, f"Please specify only one of the following parameters: {first}, {second}")
        if "ag_titles" not in values:
            return lambda _host: True
        known = {group.title: group.id for group in self._groups()}
        wanted = {known.get(title, -1) for title in values["ag_titles"]}
        if -1 in wanted:
            raise _unknown("ag_titles", values["ag_titles"], "asset group not found")
        return lambda host: not wanted.isdisjoint(host.asset_groups)

    def findings(self, values: Mapping[str, Any]) -> Callable[[Finding], bool]:
        """Whether a finding is in one of the lists to include, and in none of those to exclude."""
        wanted, unwanted = (self._qids(start, values) for start in (INCLUDE, EXCLUDE))
        return lambda found: (wanted is None or found.qid in wanted) and not (unwanted and found.qid in unwanted)

    def _qids(self, start: str, values: Mapping[str, Any]) -> Optional[frozenset[int]]:
        ids, titles = f"{start}_ids", f"{start}_titles"
        if ids not in values and titles not in values:
            return None
        name, find = (ids, self._lists.by_id) if ids in values else (titles, self._lists.by_title)
        found = [find(each) for each in values[name]]
        if None in found:
            raise _unknown(name, values[name], "search list not found")
        return frozenset().union(*(self._lists.qids(each) for each in found if each))


def _unknown(name: str, values: Iterable[object], reason: str) -> Refusal:
    return Refusal(1905, f"parameter {name} has invalid value: {','.join(map(str, values))} ({reason})")
