"""A stand-in for the Qualys platform: about, session, host list, host list VM
detection, knowledge base, policy compliance and web applications over HTTPS on loopback.

It draws its hosts from a seed, pages as the platform does, can be made to fail and to answer with the dirt seen in
real answers, and keeps a ledger of what a correct client must end with.
"""

from .catalog import UNKNOWN_QIDS
from .cli import main
from .compliance import ExpectedPolicy, ExpectedPosture
from .faults import KINDS as FAULTS
from .knowledge_base import CUSTOMIZED_QIDS, ExpectedEntry, ExpectedScore
from .ledger import EVERYTHING, ExpectedFinding, ExpectedHost
from .limits import Allowance
from .plan import DEFAULT_USERS
from .standin import QualysStandin, Received
from .web import ExpectedWebFinding

__all__ = [
    "CUSTOMIZED_QIDS",
    "DEFAULT_USERS",
    "EVERYTHING",
    "FAULTS",
    "UNKNOWN_QIDS",
    "Allowance",
    "ExpectedEntry",
    "ExpectedFinding",
    "ExpectedHost",
    "ExpectedPolicy",
    "ExpectedPosture",
    "ExpectedScore",
    "ExpectedWebFinding",
    "QualysStandin",
    "Received",
    "main",
]
