"""The inputs of a site that pull tickets, assets and their tags, and what they brought, compared with the ledgers."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Optional

from standins.qualys.standin import Received
from support.e2e_feeds import FeedSite, Identity, Values

ASSET_SAME = ("name", "created", "os", "address", "dnsHostName", "netbiosName", "lastVulnScan", "lastLoggedOnUser")
TICKET_SAME = ("DUE_DATETIME", "CURRENT_STATE", "CURRENT_STATUS", "INVALID")
VULN_SAME = ("TITLE", "TYPE", "QID", "SEVERITY")


@dataclass
class TicketSite(FeedSite):
    """With the input `tickets`."""

    has_summaries = False
    name: str = "tickets"

    @property
    def calls(self) -> list[Received]:
        return [call for call in self.qualys.requests[self.calls_before :] if call.path.endswith("/ticket_list.php")]

    def change(self) -> None:
        """Every third ticket moves on, others get a comment or are only found again, and two are made."""
        tickets = self.qualys.tickets
        numbers = tickets.numbers
        tickets.advance(numbers[::3])
        tickets.comment(numbers[1::3])
        tickets.rescan(numbers[2::3])
        tickets.add(2)

    def identity(self, raw: str) -> Optional[Identity]:
        told = json.loads(raw)
        return "TICKET", str(told["number"]), told["modified"], told["current_state"]

    def wanted(self, since: str) -> Counter[Identity]:
        expected = self.qualys.ticket_ledger.expected({"modified_since_datetime": since} if since else {})
        return Counter(("TICKET", *map(str, each.identity)) for each in expected.values())

    def values(self) -> dict[Identity, Values]:
        return {
            ("TICKET", *map(str, each.identity)): {
                **{name: each.elements.get(name, "") for name in TICKET_SAME},
                **{f"VULNINFO/{name}": each.elements[f"VULNINFO/{name}"] for name in VULN_SAME},
                "reopened": str(each.reopened),
            }
            for each in self.qualys.ticket_ledger.expected().values()
        }

    def told(self, raw: str) -> Values:
        told = json.loads(raw)
        return {
            **{name: str(told.get(name.lower(), "")) for name in TICKET_SAME},
            **{f"VULNINFO/{name.upper()}": str(value) for name, value in told["vuln"].items()},
            "reopened": str(told["reopened"]),
        }

    def beside(self) -> Iterator[str]:
        """What passes with time alone."""
        held = self.qualys.ticket_ledger.expected()
        for told in map(json.loads, self.raw):
            if told["overdue"] != held[told["number"]].overdue:
                yield f"{told['number']}: {told['overdue']=}"


@dataclass
class AssetSite(FeedSite):
    """With the input `host_assets`."""

    has_summaries = False
    name: str = "host_assets"

    @property
    def calls(self) -> list[Received]:
        return [call for call in self.qualys.requests[self.calls_before :] if call.path.endswith("/am/hostasset")]

    def change(self) -> None:
        """Every third host is processed again, and two come."""
        self.qualys.touch(self.qualys.population.ids[::3])
        self.qualys.add_hosts(2)

    def identity(self, raw: str) -> Optional[Identity]:
        told = json.loads(raw)
        return told["eventKind"], str(told["id"]), told["modified"]

    def wanted(self, since: str) -> Counter[Identity]:
        criteria = {"updated GREATER": since} if since else {}
        return Counter(("asset", str(ident), at) for ident, at in self.qualys.asset_ledger.identities(criteria))

    def values(self) -> dict[Identity, Values]:
        return {
            ("asset", str(each.id), each.modified): {
                **{name: each.elements.get(name, "") for name in ASSET_SAME},
                **_asset_parts(each.host_id, each.software, each.ports, each.tags),
            }
            for each in self.qualys.asset_ledger.expected().values()
        }

    def told(self, raw: str) -> Values:
        told = json.loads(raw)
        tags = (tag["id"] for tag in told["tags"])
        return {
            **{name: told.get(name, "") for name in ASSET_SAME},
            **_asset_parts(told["qwebHostId"], len(told["software"]), len(told["openPort"]), tags),
        }


@dataclass
class TagSite(FeedSite):
    """With the input `asset_tags`."""

    has_summaries = False
    name: str = "asset_tags"
    before: frozenset[Identity] = frozenset()

    @property
    def lacks(self) -> tuple[str, ...]:
        """Records are read from the page."""
        return "tallies", "conversion"

    @property
    def calls(self) -> list[Received]:
        paths = ("/am/tag", "/asset/group/")
        return [call for call in self.qualys.requests[self.calls_before :] if call.path.endswith(paths)]

    @property
    def held(self) -> frozenset[Identity]:
        """What there is on the platform."""
        ledger = self.qualys.asset_ledger
        tags = (("tag", str(ident), told["name"]) for ident, told in ledger.tags().items())
        groups = (("assetGroup", str(ident), told["LAST_UPDATE"]) for ident, told in ledger.groups().items())
        return frozenset((*tags, *groups))

    def change(self) -> None:
        """Tags are renamed, deleted and made, and groups changed and deleted."""
        self.before, assets = self.held, self.qualys.assets
        tags, groups = sorted(tag.id for tag in assets.tags()), sorted(group.id for group in assets.groups())
        assets.rename_tags(tags[::4])
        assets.remove_tags(tags[1:2])
        assets.add_tags(2)
        assets.change_groups(groups[::5])
        assets.remove_groups(groups[1:2])

    def identity(self, raw: str) -> Optional[Identity]:
        told = json.loads(raw)
        if told["eventKind"] == "tag":
            return "tag", str(told["id"]), told["name"]
        return "assetGroup", str(told["ID"]), told["LAST_UPDATE"]

    def wanted(self, since: str) -> Counter[Identity]:
        return Counter(self.held - self.before if since else self.held)

    def values(self) -> dict[Identity, Values]:
        return {each: {} for each in self.held}

    def beside(self) -> Iterator[str]:
        """The lookups hold all that there is, whatever came as events."""
        ledger = self.qualys.asset_ledger
        for table, key, name, held in (
            ("qualys_tags.csv", "id", "name", ledger.tags()),
            ("qualys_asset_groups.csv", "ID", "TITLE", ledger.groups()),
        ):
            with (self.lookups / table).open(encoding="utf-8", newline="") as file:
                found = {row[key]: row[name] for row in csv.DictReader(file)}
            wanted = {str(ident): told[name] for ident, told in held.items()}
            if found != wanted:
                yield f"{table}: {sorted(found.items() ^ wanted.items())[:4]}"


def _asset_parts(host: int, software: int, ports: int, tags: Iterable[int]) -> Values:
    told = {"qwebHostId": host, "software": software, "openPort": ports, "tags": ",".join(map(str, tags))}
    return {name: str(value) for name, value in told.items()}
