"""The list of asset groups. Source: API v2 guide, "Asset group list"."""

from __future__ import annotations

from typing import Optional
from xml.etree.ElementTree import Element

from ..feed import FO, Resource
from ..model import Entry
from ..times import epoch
from .asset_lists import GROUP, entry, number_of
from .jsontext import Key, grouped, listed, number, text

PARAMS = {"action": "list", "show_attributes": "ALL"}
RECORD = "ASSET_GROUP"
RESOURCE = Resource(
    name="asset_groups",
    path="/api/{version}/fo/asset/group/",
    version_setting="asset_group_api_version",
    root="ASSET_GROUP_LIST_OUTPUT",
    record=("RESPONSE", "ASSET_GROUP_LIST", RECORD),
    needs="For asset groups the user needs API access. Or switch off Pull asset groups on the tab Tags.",
    dialect=FO,
)


def _address(element: Element) -> Optional[dict[str, str]]:
    """``{"IP": …}`` or ``{"IP_RANGE": …}``, with its network where that is told."""
    told, network = text(element), element.get("network_id", "").strip()
    return {element.tag: told, **({"network_id": network} if network else {})} if told else None


_group = grouped(
    {
        **{tag: Key(tag, number) for tag in ("ID", "OWNER_ID", "OWNER_USER_ID", "UNIT_ID", "DEFAULT_APPLIANCE_ID")},
        **{tag: Key(tag, listed(text)) for tag in ("DOMAIN_LIST", "DNS_LIST", "NETBIOS_LIST")},
        "IP_SET": Key("IP_SET", listed(_address)),
    }
)


def group_entry(element: Element) -> Entry:
    """Raises BadRecord for an asset group without a number."""
    told = _group(element) or {}
    ident = number_of("an ASSET_GROUP whose ID", told.get("ID"))
    owner = told.get("OWNER_ID", told.get("OWNER_USER_ID"))
    addresses = ",".join(filter(None, map(text, element.iterfind("IP_SET/*"))))
    row = {**told, "OWNER_ID": owner, "IP_SET": addresses}
    return entry(GROUP, ident, epoch(str(told.get("LAST_UPDATE", ""))), told, row)
