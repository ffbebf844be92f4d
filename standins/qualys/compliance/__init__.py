"""Policy compliance of the stand-in: policies, and the posture of each host they cover under each control."""

from .holdings import Compliance
from .ledger import ComplianceLedger, ExpectedPolicy, ExpectedPosture, PolicyState, Pull, what_a_pull_brings
from .model import STATUSES, ComplianceRecipe
from .policy_query import PolicyQuery
from .posture_query import PostureQuery
from .writer import PostureWriter

__all__ = [
    "STATUSES",
    "Compliance",
    "ComplianceLedger",
    "ComplianceRecipe",
    "ExpectedPolicy",
    "ExpectedPosture",
    "PolicyQuery",
    "PolicyState",
    "PostureQuery",
    "PostureWriter",
    "Pull",
    "what_a_pull_brings",
]
