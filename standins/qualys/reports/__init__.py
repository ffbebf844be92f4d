"""Reports of the stand-in: templates, what was launched from them, and the report on all hosts."""

from .document import DTD, ROOT, ReportDocument
from .holdings import ReportHoldings
from .ledger import ExpectedFinding, ReportLedger
from .model import TEMPLATES, Report, Template
from .resources import LIST_ROOT, TEMPLATES_ROOT, VERSIONS, ReportResources

__all__ = [
    "DTD",
    "LIST_ROOT",
    "ROOT",
    "TEMPLATES",
    "TEMPLATES_ROOT",
    "VERSIONS",
    "ExpectedFinding",
    "Report",
    "ReportDocument",
    "ReportHoldings",
    "ReportLedger",
    "ReportResources",
    "Template",
]
