"""Remediation tickets of the stand-in, and what the oldest dialect tells of the hosts they are about."""

from .holdings import TicketHoldings, TicketRecipe
from .ledger import ExpectedTicket, TicketLedger
from .query import DTD, ROOT, TicketError
from .ranges import DTD as RANGE_DTD
from .ranges import ROOT as RANGE_ROOT
from .ranges import RangeInfo
from .resources import TicketResources, error_document

__all__ = [
    "DTD",
    "RANGE_DTD",
    "RANGE_ROOT",
    "ROOT",
    "ExpectedTicket",
    "RangeInfo",
    "TicketError",
    "TicketHoldings",
    "TicketLedger",
    "TicketRecipe",
    "TicketResources",
    "error_document",
]
