"""The web applications of the stand-in: their findings, and the dialect in which they are asked for (QPS)."""

from .holdings import WebHoldings, WebRecipe
from .ledger import ExpectedWebFinding, WebLedger
from .request import ServiceError, spoken
from .resources import FINDING_SCHEMA, WebResources
from .response import NO_PERMISSION, REFUSED_LOGIN, refused, refused_login

VERSIONS = ("3.0",)

__all__ = [
    "FINDING_SCHEMA",
    "NO_PERMISSION",
    "REFUSED_LOGIN",
    "VERSIONS",
    "ExpectedWebFinding",
    "ServiceError",
    "WebHoldings",
    "WebLedger",
    "WebRecipe",
    "WebResources",
    "refused",
    "refused_login",
    "spoken",
]
