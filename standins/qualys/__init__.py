"""A stand-in for the Qualys platform: about, session, host list and host list VM detection over HTTPS on loopback.

It draws its hosts from a seed, pages as the platform does, can be made to fail and to answer with the dirt seen in
real answers, and keeps a ledger of what a correct client must end with.
"""

from .cli import main
from .faults import KINDS as FAULTS
from .ledger import EVERYTHING, ExpectedFinding, ExpectedHost
from .limits import Allowance
from .standin import DEFAULT_USERS, QualysStandin, Received

__all__ = [
    "DEFAULT_USERS",
    "EVERYTHING",
    "FAULTS",
    "Allowance",
    "ExpectedFinding",
    "ExpectedHost",
    "QualysStandin",
    "Received",
    "main",
]
