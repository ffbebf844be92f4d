"""The assets of the stand-in: hosts with their software, ports and agents, tags and asset groups."""

from .holdings import AssetHoldings, AssetRecipe
from .ledger import AssetLedger, ExpectedAsset
from .resources import AssetResources

VERSIONS = ("2.0",)

__all__ = ["VERSIONS", "AssetHoldings", "AssetLedger", "AssetRecipe", "AssetResources", "ExpectedAsset"]
