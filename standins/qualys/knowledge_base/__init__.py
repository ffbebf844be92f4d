"""The knowledge base of the stand-in: what the platform says of each QID, and the QIDs it says nothing of."""

from .draw import CUSTOMIZED_QIDS
from .holdings import KnowledgeBase
from .ledger import ExpectedEntry, ExpectedScore, KnowledgeLedger
from .query import DTD, ROOT, VERSIONS, KnowledgeQuery

__all__ = [
    "CUSTOMIZED_QIDS",
    "DTD",
    "ROOT",
    "VERSIONS",
    "ExpectedEntry",
    "ExpectedScore",
    "KnowledgeBase",
    "KnowledgeLedger",
    "KnowledgeQuery",
]
