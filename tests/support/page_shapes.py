"""The lists of the platform as pulls read them, for tests of pages of any of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable

from qualys_ta.feed import LISTS, Conversion, Feed, Resource
from qualys_ta.populator import (
    asset_groups,
    asset_tags,
    host_assets,
    host_detection,
    policy_posture_info,
    scan_report,
    tickets,
    was_findings,
)
from qualys_ta.splunk import fields
from qualys_ta.work.conversion import Recipe
from support.assets import asset_settings
from support.core import SINCE, vm_settings
from support.posture import pc_settings
from support.pulls import FORM
from support.reports import report_settings
from support.tickets import ticket_settings
from support.webapps import EVERYTHING, was_settings


@dataclass(frozen=True)
class Shape:
    """A list of the platform as a pull reads it. `asked`: the parameters of its request."""

    resource: Resource
    feed: Feed
    settings: Mapping[str, Any]
    since: str = ""
    asked: Mapping[str, str] = field(default_factory=dict)

    @property
    def recipe(self) -> Recipe:
        return Recipe(self.feed.name, self.settings, self.since, FORM)

    @property
    def is_kept(self) -> bool:
        """Its records become entries, read from the page once it was found whole."""
        return self.feed.output == LISTS

    def converter(self, told: Conversion) -> Callable[[Any], Any]:
        return (self.feed.resource if self.is_kept else self.resource).converter(told)


_PC = pc_settings(pc_extra_details="1")
_TAGS = fields.checked("tags", {})
_APART = asset_settings(log_asset_ports="1", log_asset_software="1", log_asset_tags="1")
HOSTS = Shape(
    host_detection.FEED.resource,
    host_detection.FEED,
    vm_settings(host_fields_to_log="ID,IP,OS,TAGS,METADATA"),
    SINCE,
)
POLICIES = Shape(policy_posture_info.FEED.resource, policy_posture_info.FEED, _PC)
POSTURE = Shape(policy_posture_info.POSTURE, policy_posture_info.FEED, _PC, asked={"policy_id": "7"})
POSTURES = Shape(policy_posture_info.POSTURES, policy_posture_info.FEED, _PC, asked={"policy_ids": "1,2"})
FINDINGS = Shape(was_findings.FEED.resource, was_findings.FEED, was_settings(finding_fields_to_log=EVERYTHING))
TICKETS = Shape(tickets.FEED.resource, tickets.FEED, ticket_settings())
ASSETS = Shape(host_assets.FEED.resource, host_assets.FEED, _APART)
TAGS = Shape(asset_tags.TAGS, asset_tags.FEED, _TAGS)
GROUPS = Shape(asset_groups.RESOURCE, asset_tags.FEED, _TAGS)
REPORT = Shape(scan_report.FEED.resource, scan_report.FEED, report_settings(report_details="1"), asked={"id": "17"})
