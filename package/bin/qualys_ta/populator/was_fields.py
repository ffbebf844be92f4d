"""What a person can choose to log of a web application's finding, and how it is read from the platform's answer.

Source: WAS finding API 3.0, elements of a Finding; recorded answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, NamedTuple, Optional

from .keyvalue import comma_list
from .was_evidence import payloads

if TYPE_CHECKING:  # a tick that is not due must not load the XML library
    from xml.etree.ElementTree import Element

Read = Callable[["Element"], Optional[str]]
"""A child of a Finding -> the text of one field; None where it does not tell it."""


RESULTS = "resultList"
_WHITE_SPACE = " \t\r\n"


class Field(NamedTuple):
    """One field of an event: the child of the Finding that tells it, and how; without `read` the child's own text.

    `verbose`: the platform sends it only when asked for all details. `tried`: the tag whose first text in
    the `RESULTS` tells it.
    """

    key: str
    tag: str
    read: Optional[Read] = None
    verbose: bool = True
    tried: str = ""


def _short(key: str, tag: str = "", read: Optional[Read] = None) -> Field:
    """A field that comes without all details, too."""
    return Field(key, tag or key, read, verbose=False)


def _inner(tag: str) -> Read:
    return lambda child: child.findtext(tag)


def _number(child: Element) -> str:
    """The platform has been seen to break ids over lines."""
    return "".join((child.text or "").split())


def _inner_number(child: Element) -> Optional[str]:
    text = child.findtext("id")
    return None if text is None else "".join(text.split())


def _status(child: Element) -> str:
    """``-`` where the platform has none, as for gathered information."""
    return (child.text or "").strip() or "-"


def _listed(tag: str, items: str = "list") -> Read:
    """The texts of all `tag` in the list, with commas between; None for an empty one."""

    def read(child: Element) -> Optional[str]:
        found = child.find(items)
        if found is None:
            return None
        texts = [each.text.strip(_WHITE_SPACE) for each in found.iter(tag) if each.text]
        return ",".join(filter(None, texts)) or None

    return read


def _person(child: Element) -> str:
    """The login; all that is said of a person where it is not told."""
    return child.findtext("username") or comma_list(child.itertext())


def _tried(key: str, tag: str) -> Field:
    return Field(key, RESULTS, tried=tag)


_WEBAPP = (
    _short("webapp_id", "webApp", _inner_number),
    _short("webapp_name", "webApp", _inner("name")),
    _short("webapp_url", "webApp", _inner("url")),
    Field("tags", "webApp", _listed("name", "tags")),
)

_FINDING = (
    _short("finding_id", "id", _number),
    _short("qid", "qid", _number),
    _short("name"),
    _short("type"),
    _short("severity"),
    _short("url"),
    _short("status", "status", _status),
    _short("firstDetectedDate"),
    _short("lastDetectedDate"),
    _short("lastTestedDate"),
    _short("timesDetected"),
    Field("cwe", "cwe", _listed("long")),
)

_MORE = (
    _short("uniqueId"),
    _short("potential"),
    _short("findingType"),
    Field("group", "group"),
    Field("detectionScore", "detectionScore"),
    Field("fixedDate", "fixedDate"),
    _short("isIgnored"),
    Field("ignoredReason", "ignoredReason"),
    Field("ignoredBy", "ignoredBy", _person),
    Field("ignoredDate", "ignoredDate"),
    Field("ignoredComment", "ignoredComment"),
    Field("reactivateDate", "reactivateDate"),
    Field("owasp", "owasp", _listed("name")),
    Field("owasp_code", "owasp", _listed("code")),
    Field("wasc", "wasc", _listed("name")),
    Field("wasc_code", "wasc", _listed("code")),
    Field("cvssV3_base", "cvssV3", _inner("base")),
    Field("cvssV3_temporal", "cvssV3", _inner("temporal")),
    Field("cvssV3_attackVector", "cvssV3", _inner("attackVector")),
    Field("severityComment", "severityComment"),
    Field("editedSeverityUser", "editedSeverityUser", _person),
    Field("updatedDate", "updatedDate"),
    Field("patch", "patch"),
)

_FROM_THE_SCAN = (
    _short("param"),
    Field("payload", RESULTS, payloads),
    _tried("request_method", "method"),
    _tried("request_url", "link"),
    _tried("request_headers", "headers"),
    _tried("request_body", "body"),
    _tried("evidence", "response"),
)

FIELDS = (*_WEBAPP, *_FINDING, *_MORE, *_FROM_THE_SCAN)
"""All fields, in the order of the event; those that were `tried` are the last."""

NAMES = tuple(field.key for field in FIELDS)
DEFAULT = tuple(field.key for field in (*_WEBAPP, *_FINDING))

ALWAYS = frozenset(
    (
        *("webapp_id", "finding_id", "qid", "type", "severity", "status", "isIgnored"),
        *("firstDetectedDate", "lastDetectedDate", "lastTestedDate"),
    )
)
"""What is written whatever the field list says: who it is, what it is, when, and whether it counts."""


def chosen_fields(names: tuple[str, ...]) -> tuple[Field, ...]:
    """The fields to write, in the order of the event."""
    return tuple(field for field in FIELDS if field.key in ALWAYS or field.key in names)
