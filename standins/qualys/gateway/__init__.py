"""The gateway of the stand-in: tokens instead of passwords, JSON, and what file integrity monitoring saw."""

from .answers import AUTH, RESOURCES, SPOILED, answered, limits_told, refused, spoken
from .holdings import FimHoldings, FimRecipe
from .ledger import FimLedger
from .resources import GatewayResources
from .tokens import Tokens

__all__ = [
    "AUTH",
    "RESOURCES",
    "SPOILED",
    "FimHoldings",
    "FimLedger",
    "FimRecipe",
    "GatewayResources",
    "Tokens",
    "answered",
    "limits_told",
    "refused",
    "spoken",
]
