"""Which hosts and findings a person chooses by fields of the tab VM, and what is asked for then."""

from __future__ import annotations

import pytest

from qualys_ta.errors import ConfigError
from qualys_ta.populator import host_filters
from qualys_ta.populator.host_detection import FEED
from qualys_ta.populator.host_selection import NOT_HOSTS, SELECTING, host_list_params
from qualys_ta.splunk import fields
from qualys_ta.splunk.field_table import STANZAS
from qualys_ta.splunk.host_filter_fields import HOST_FILTER_FIELDS
from support.core import SINCE, vm_settings

CHOSEN = {
    "ag_titles": 'Büro Köln , "DMZ" & lab',
    "network_ids": "0, 1001",
    "severities": "5,3-4",
    "qids": "105311,38000-38999",
    "include_search_list_titles": "Urgent & patchable",
    "exclude_search_list_ids": "381202",
    "tag_set_include": "Prod, EU & UK",
    "tag_include_selector": "all",
    "tag_set_exclude": "DMZ",
}
ASKED = {
    "ag_titles": 'Büro Köln,"DMZ" & lab',
    "network_ids": "0,1001",
    "severities": "5,3-4",
    "qids": "105311,38000-38999",
    "include_search_list_titles": "Urgent & patchable",
    "exclude_search_list_ids": "381202",
    "use_tags": "1",
    "tag_set_by": "name",
    "tag_set_include": "Prod,EU & UK",
    "tag_include_selector": "all",
    "tag_set_exclude": "DMZ",
    "tag_exclude_selector": "any",
}


def test_what_is_chosen_goes_to_the_platform_under_its_own_name() -> None:
    nothing = FEED.params(vm_settings())
    asked = FEED.params(vm_settings(**CHOSEN))
    assert {name: value for name, value in asked.items() if name not in nothing} == ASKED
    assert {name: asked[name] for name in nothing} == nothing


def test_every_choice_makes_another_request() -> None:
    """A pull that is open starts again when its first request changes."""
    usual = FEED.params(vm_settings())
    for name in host_filters.SETTINGS:
        changed = FEED.params(vm_settings(**{name: "4"}))
        assert changed != usual
        assert changed[name] == "4"
        assert {*changed} <= SELECTING | NOT_HOSTS


def test_the_list_of_hosts_is_asked_with_what_chooses_hosts() -> None:
    asked = host_list_params(FEED.params(vm_settings(**CHOSEN, detection_params="os_pattern=x")), SINCE)
    findings = {name for name in ASKED if name in NOT_HOSTS}
    assert asked.keys() - {"action", "details", "truncation_limit", "vm_processed_after"} == {
        "os_pattern",
        *(ASKED.keys() - findings),
    }
    assert findings == {"severities", "qids", "include_search_list_titles", "exclude_search_list_ids"}


def test_tags_by_id_and_nothing_of_tags_where_none_is_chosen() -> None:
    asked = FEED.params(vm_settings(tag_set_by="id", tag_set_exclude="7650000, 7650001", tag_exclude_selector="all"))
    assert asked.items() >= {"use_tags": "1", "tag_set_by": "id", "tag_set_exclude": "7650000,7650001"}.items()
    assert asked["tag_exclude_selector"] == "all"
    assert "tag_set_include" not in asked
    assert "tag_include_selector" not in asked
    assert not [name for name in FEED.params(vm_settings(tag_set_by="id")) if "tag" in name and name != "show_tags"]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("severities", "6", "'6' does not look like severities from 1 to 5, such as 4,5 or 3-5"),
        ("severities", "5-3", "'5-3' does not look like severities"),
        ("severities", "high", "'high' does not look like severities"),
        ("severities", ",", "',' does not look like severities"),
        ("qids", "CVE-2021-44228", "'CVE-2021-44228' does not look like QIDs"),
        ("qids", "7-3", "'7-3' does not look like QIDs"),
        ("qids", "3 - 7", "'3 - 7' does not look like QIDs"),
        ("ag_ids", "Servers", "'Servers' does not look like ids such as 4711 or 400-419"),
        ("ag_titles", "a\tb", "does not look like titles"),
        ("network_ids", "Lab", "'Lab' does not look like ids such as 4711,4712"),
        ("include_search_list_ids", "Urgent", "'Urgent' does not look like ids"),
        ("exclude_search_list_ids", "1-2", "'1-2' does not look like ids"),
        ("tag_set_by", "color", "'color' is unknown; choose one of name, id"),
        ("tag_include_selector", "some", "'some' is unknown; choose one of any, all"),
    ],
)
def test_what_cannot_be_chosen_is_not_saved(name: str, value: str, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        fields.texts("vm", {name: value})
    (label,) = (field.label for field in STANZAS["vm"] if field.name == name)
    assert str(refused.value).startswith(f"{label}: ")
    assert words in str(refused.value)
    assert refused.value.setting == name


@pytest.mark.parametrize(
    ("values", "setting", "words"),
    [
        (
            {"tag_set_by": "id", "tag_set_include": "Prod"},
            "tag_set_include",
            "Tags to include: Tags are chosen by id, and 'Prod' does not look like ids",
        ),
        (
            {"ag_titles": "a", "ag_ids": "4"},
            "ag_ids",
            "Asset groups (ids): Asset groups (titles) is filled in, too; Qualys takes only one of the two.",
        ),
        (
            {"include_search_list_titles": "a", "include_search_list_ids": "4"},
            "include_search_list_ids",
            "only one of the two",
        ),
        (
            {"exclude_search_list_titles": "a", "exclude_search_list_ids": "4"},
            "exclude_search_list_ids",
            "only one of the two",
        ),
        (
            {"severities": "4", "detection_params": "severities=5"},
            "severities",
            "Severities: Extra API parameters (setting detection_params) hold severities; choose this in one of",
        ),
        ({"ag_titles": "a", "detection_params": '{"ag_ids": 4}'}, "ag_titles", "hold ag_ids"),
        ({"qids": "4", "detection_params": "qids="}, "qids", "hold qids"),
        (
            {"tag_set_exclude": "a", "detection_params": "use_tags=1&tag_set_by=id&tag_set_include=1"},
            "tag_set_exclude",
            "Tags to exclude: Extra API parameters (setting detection_params) hold use_tags, tag_set_by, "
            "tag_set_include; choose",
        ),
    ],
)
def test_two_settings_that_contradict_each_other_are_not_saved(
    values: dict[str, str], setting: str, words: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        fields.texts("vm", values)
    assert words in str(refused.value)
    assert refused.value.setting == setting


def test_what_goes_together_is_saved() -> None:
    values = {**CHOSEN, "detection_params": "ips=10.0.0.0/8&show_igs=0&os_pattern=Win"}
    assert fields.texts("vm", fields.texts("vm", values)) == fields.texts("vm", values)
    fields.texts("vm", {"detection_params": "use_tags=1&tag_set_include=1&severities=4&ag_titles=a"})
    fields.texts("vm", {"include_search_list_titles": "a", "exclude_search_list_ids": "4"})


def test_every_setting_of_the_tab_is_one_that_is_heeded() -> None:
    names = {field.name for field in HOST_FILTER_FIELDS}
    assert names == {*host_filters.SETTINGS, "tag_set_by", "tag_include_selector", "tag_exclude_selector"}
