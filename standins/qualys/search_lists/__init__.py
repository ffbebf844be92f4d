"""Search lists of the stand-in: dynamic ones, which criteria make, and static ones, whose QIDs somebody chose."""

from .holdings import SearchLists
from .resources import SearchListResources

__all__ = ["SearchListResources", "SearchLists"]
