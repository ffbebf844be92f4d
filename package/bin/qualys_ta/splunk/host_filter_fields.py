"""The part of the tab *VM* that chooses hosts and findings, so that nobody has to type API parameters for it."""

from __future__ import annotations

from ..populator import host_filters as filters
from ..populator.host_filters import CHOSEN, TAG_SETS
from .field import Field, choice_field
from .field_checks import Check

_HOW = ((filters.ANY, "One of them is enough"), (filters.ALL, "All of them"))


def _list(name: str, about: str, check: Check) -> Field:
    return Field(name, {**CHOSEN, **TAG_SETS}[name], about, check=check)


HOST_FILTER_FIELDS = (
    _list("ag_titles", "Only their hosts; with commas between. Empty is all hosts that the user sees.", filters.titles),
    _list("ag_ids", "The same by number, such as 4711 or 400-419. Titles or ids, not both.", filters.ids),
    _list(
        "network_ids",
        "Only hosts in these, by number (NETWORK_ID of the events); with commas between.",
        filters.list_ids,
    ),
    choice_field(
        "tag_set_by",
        "Tags are chosen by",
        "A name with a comma in it can be chosen by its id only.",
        filters.BY_NAME,
        ((filters.BY_NAME, "Name"), (filters.BY_ID, "Id")),
    ),
    _list("tag_set_include", "Only hosts that have them; with commas between.", filters.tags),
    choice_field("tag_include_selector", "A host must have", "Of the tags to include.", filters.ANY, _HOW),
    _list("tag_set_exclude", "No hosts that have them; with commas between.", filters.tags),
    choice_field("tag_exclude_selector", "A host is left out if it has", "Of the tags to exclude.", filters.ANY, _HOW),
    _list(
        "severities",
        "Only findings of these, from 1 to 5, such as 4,5 or 3-5. Summaries count them alone, too; so it is with all "
        "that chooses findings.",
        filters.severities,
    ),
    _list("qids", "Only findings of these, such as 90477,105311 or 38000-38999.", filters.qids),
    _list(
        "include_search_list_titles",
        "Only findings whose QIDs are in one of these, with commas between. bin/search_list.py makes such lists.",
        filters.titles,
    ),
    _list("include_search_list_ids", "The same by number. Titles or ids, not both.", filters.list_ids),
    _list("exclude_search_list_titles", "No findings whose QIDs are in one of these.", filters.titles),
    _list("exclude_search_list_ids", "The same by number. Titles or ids, not both.", filters.list_ids),
)
"""Their names are those of the API's parameters."""
