"""The list of web applications, by whose ids findings are pulled side by side. Source: WAS web application API 3.0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element

from ..criteria import criteria
from ..errors import BadRecord
from ..feed import QPS, Resource

FIELD = "webApp.id"
BEHIND, BELOW = f"{FIELD} GREATER", f"{FIELD} LESSER"
PARAMS = {"limitResults": "1000"}
RESOURCE = Resource(
    name="was_webapps",
    path="/qps/rest/{version}/search/was/webapp",
    version_setting="was_findings_api_version",
    root="ServiceResponse",
    record=("data", "WebApp"),
    dialect=QPS,
)


def webapp_id(webapp: Element) -> int:
    """Raises BadRecord for a web application without a numeric id."""
    text = "".join((webapp.findtext("id") or "").split())
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise BadRecord(f"a WebApp whose id is {text[:40]!r}, not a number")
    return int(text)


def may_be_parted(params: Mapping[str, str]) -> bool:
    """Whether findings may be asked for by sets of web applications: not where a person chose some of them."""
    return all(criterion.field != FIELD for criterion in criteria(params))


def webapp_sets(ids: Sequence[int], size: int, behind: str = "") -> Iterator[dict[str, str]]:
    """Criteria of which every web application behind `behind` meets exactly one: neighbors, at most `size` of those
    that are listed to a set, and last whatever was made after they were listed. What is not listed is in a set all the
    same.
    """
    listed = sorted(set(ids))
    for end in range(size, len(listed) + size, size):
        last = listed[:end][-1]
        yield {**({BEHIND: behind} if behind else {}), BELOW: str(last + 1)}
        behind = str(last)
    yield {BEHIND: behind} if behind else {}
