"""What a correct client must end with of assets, tags and asset groups: tests and the demo compare an index with it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Optional

from ..clock import stamp
from ..dirt import Dirt
from ..nodes import flatten, nodes
from ..web.filters import Choice
from ..web.request import criteria_of
from .elements import ASSET_ROWS, GROUP_ROWS, TAG_ROWS
from .filters import ASSET_FIELDS
from .holdings import AssetHoldings
from .model import Asset
from .soil import soil_asset, soil_group, soil_tag


@dataclass(frozen=True)
class ExpectedAsset:
    """One asset: `elements` maps the path of each element to its clean text (see `nodes.flatten`)."""

    id: int
    host_id: int
    modified: str
    elements: Mapping[str, str]
    software: int
    ports: int
    tags: tuple[int, ...]

    @property
    def identity(self) -> tuple[int, str]:
        """What makes an event of its own."""
        return self.id, self.modified


class AssetLedger:
    """Reads what the platform holds now, and counts what left the building."""

    def __init__(self, holdings: AssetHoldings, dirt: Dirt) -> None:
        self._holdings = holdings
        self._dirt = dirt
        self._lock = threading.Lock()
        self.served: Counter[int] = Counter()

    def note(self, asset: Asset) -> None:
        """An answer holds this asset."""
        with self._lock:
            self.served[asset.id] += 1

    def expected(self, params: Optional[Mapping[str, str]] = None) -> dict[int, ExpectedAsset]:
        """Asset id -> what a complete pull with these criteria (``updated GREATER``; default: none) must bring."""
        return {asset.id: self._expected(asset) for asset in self._select(params)}

    def identities(self, params: Optional[Mapping[str, str]] = None) -> Iterator[tuple[int, str]]:
        """Asset id, and when it was modified, of all that `expected` would tell."""
        return ((asset.id, stamp(asset.updated_at)) for asset in self._select(params))

    def tags(self) -> dict[int, dict[str, str]]:
        """Tag id -> its elements."""
        return {tag.id: flatten(nodes(TAG_ROWS, soil_tag(tag, self._dirt))) for tag in self._holdings.tags()}

    def groups(self) -> dict[int, dict[str, str]]:
        """Id of an asset group -> its elements."""
        return {
            group.id: flatten(nodes(GROUP_ROWS, soil_group(group, self._dirt))) for group in self._holdings.groups()
        }

    def counts(self, params: Optional[Mapping[str, str]] = None) -> dict[str, Any]:
        """Numbers only."""
        return {
            "assets": sum(1 for _ in self._select(params)),
            "tags": len(self.tags()),
            "asset_groups": len(self.groups()),
            "served_assets": len(self.served),
        }

    def _select(self, params: Optional[Mapping[str, str]]) -> Iterator[Asset]:
        return filter(Choice(ASSET_FIELDS, criteria_of(params or {})).keeps, self._holdings.assets())

    def _expected(self, asset: Asset) -> ExpectedAsset:
        return ExpectedAsset(
            id=asset.id,
            host_id=asset.host.id,
            modified=stamp(asset.updated_at),
            elements=flatten(nodes(ASSET_ROWS, soil_asset(asset, self._dirt))),
            software=len(asset.software),
            ports=len(asset.ports),
            tags=tuple(tag.id for tag in asset.host.tags),
        )
