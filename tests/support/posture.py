"""What tests of policy compliance share: policies and posture as the platform sends them, and what becomes of them."""

from __future__ import annotations

import contextlib
import io
import marshal
from collections.abc import Iterable, Mapping
from typing import Any, Callable, Optional
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from qualys_ta.errors import BadRecord
from qualys_ta.feed import Conversion, Resource
from qualys_ta.model import Converted, Event
from qualys_ta.populator.policy_posture_info import FEED, POSTURE, POSTURES
from qualys_ta.records import RecordReader
from qualys_ta.splunk import fields
from qualys_ta.xmlpage import Inspector
from support.core import PLATFORM_TIME, leaves, records, tag, text

POLICIES = FEED.resource
CHANGED = "2024-05-02T03:04:05Z"
EVALUATED = "2024-05-03T00:00:00Z"
TIMES = {"POSTURE_MODIFIED_DATE": CHANGED, "EVALUATION_DATE": EVALUATED}
OFF = {"log_individual_compliance_events": "0"}


class DictGlossary(dict[str, tuple[str, ...]]):
    """A `Glossary` that forgets nothing."""

    def put(self, key: str, values: tuple[str, ...]) -> None:
        self[key] = values


def dated(name: str, moment: Optional[str], by: Optional[str] = "acme_ab1") -> str:
    return "" if moment is None else tag(name, leaves({"DATETIME": moment, "BY": by}))


def policy(
    *markup: str,
    modified: Optional[str] = "2023-02-01T00:00:00Z",
    evaluated: Optional[str] = "2024-05-03T00:00:00Z",
    created: Optional[str] = "2022-01-01T00:00:00Z",
    **values: object,
) -> str:
    """A POLICY of the policy list; None leaves an element out."""
    told = leaves({"ID": 7, "TITLE": "Linux baseline", **values})
    times = dated("CREATED", created) + dated("LAST_MODIFIED", modified) + dated("LAST_EVALUATED", evaluated, None)
    return tag("POLICY", told, times, leaves({"STATUS": "active", "IS_LOCKED": 0}), *markup)


def policy_answer(*policies: str) -> bytes:
    """A whole answer of the policy list."""
    listed = tag("POLICY_LIST", *policies) if policies else ""
    return document(POLICIES, tag("DATETIME", PLATFORM_TIME), listed)


def info(number: int = 1, *markup: str, **values: object) -> str:
    """An INFO; what is not given is that of an ordinary failed control, None leaves an element out."""
    ids = {"ID": number, "HOST_ID": 5, "CONTROL_ID": 1071, "TECHNOLOGY_ID": 80, "STATUS": "Failed"}
    return tag("INFO", leaves({**ids, **TIMES, **values}), *markup)


def evidence(expression: str, *points: str) -> str:
    return tag("EVIDENCE", leaves({"BOOLEAN_EXPR": expression}), tag("DPV_LIST", *points))


def point(label: str, *values: str, words: Optional[str] = None, error: Optional[str] = None) -> str:
    """A DPV."""
    found = leaves({"ERROR": error}) + valued(*values)
    return tag("DPV", leaves({"LABEL": label}), found, leaves({"TM_REF": words}), lastUpdated=CHANGED)


def valued(*values: str) -> str:
    return "".join(tag("V", text(value)) for value in values)


def labeled(name: str, label: str, *markup: str) -> str:
    """DPD, TP, FV or TM."""
    return tag(name, leaves({"LABEL": label}), *markup)


def host(number: object = 5, *markup: str, **values: object) -> str:
    usual = {"IP": "10.0.0.5", "TRACKING_METHOD": "IP", "DNS": "web.example.com", "NETBIOS": "WEB", "OS": "Linux"}
    return tag("HOST", leaves({"ID": number, **usual, **values}), *markup)


def control(number: object = 1071, *markup: str, **values: object) -> str:
    criticality = tag("CRITICALITY", leaves({"LABEL": "SERIOUS", "VALUE": 3}))
    usual = {"STATEMENT": "Minimum Password Length", "REFERENCE": "CIS 5.3"}
    return tag("CONTROL", leaves({"ID": number, **usual, **values}), *(markup or (criticality,)))


def rationales(**told: str) -> str:
    """``RATIONALE_LIST``: t80="why" is that of the technology 80."""
    each = (leaves({"TECHNOLOGY_ID": name[1:], "TEXT": why}) for name, why in told.items())
    return tag("RATIONALE_LIST", *(tag("RATIONALE", one) for one in each))


def technology(number: object = 80, name: Optional[str] = "Red Hat 8") -> str:
    return tag("TECHNOLOGY", leaves({"ID": number, "NAME": name}))


def glossary(*elements: str) -> str:
    """Each element in the list of its kind, in the order given."""
    return tag("GLOSSARY", *(tag(f"{element[1:].split('>')[0].split(' ')[0]}_LIST", element) for element in elements))


def usual_glossary() -> str:
    return glossary(host(), control(), technology())


def posture_answer(*infos: str, explained: Optional[str] = None, warning: str = "") -> bytes:
    """A whole answer about one policy."""
    listed = tag("INFO_LIST", *infos) if infos else ""
    return document(POSTURE, tag("DATETIME", PLATFORM_TIME), listed, warning, explained or usual_glossary())


def of_policy(number: int, *infos: str, explained: str = "") -> str:
    """A POLICY of an answer about several."""
    listed = tag("INFO_LIST", *infos) if infos else ""
    return tag("POLICY", leaves({"ID": number, "DATETIME": PLATFORM_TIME}), listed, explained)


def postures_answer(*policies: str) -> bytes:
    return document(POSTURES, tag("DATETIME", PLATFORM_TIME), *policies)


def document(resource: Resource, *markup: str) -> bytes:
    return ('<?xml version="1.0" encoding="UTF-8" ?>\n' + tag(resource.root, tag("RESPONSE", *markup))).encode()


def pc_settings(**chosen: str) -> Mapping[str, Any]:
    """The tab *PC* as the run reads it, from conf values."""
    return fields.checked("pc", chosen)


def policies(body: bytes) -> list[Element]:
    return records(body, POLICIES.record)


def policies_converted(body: bytes, since: str = "", **chosen: str) -> list[Converted]:
    return policies_told(body, Conversion(pc_settings(**chosen), since))


def policies_told(body: bytes, conversion: Conversion) -> list[Converted]:
    assert POLICIES.converter
    return _good(POLICIES.converter(conversion), policies(body))


def posture_converted(
    body: bytes, resource: Resource = POSTURE, asked: Optional[Mapping[str, str]] = None, **chosen: str
) -> list[Converted]:
    """Joined as the run joins them: the records wait in plain data until all of the answer was read."""
    found = {"policy_id": "7"} if asked is None and not resource.owner else asked or {}
    assert resource.joiner
    joiner = resource.joiner(Conversion(pc_settings(**chosen), asked=found), DictGlossary())
    inspector = Inspector(resource.record, resource.glossary)
    inspector.feed(body)
    inspector.close()
    assert inspector.root == resource.root
    reader = RecordReader(resource.record, inspector.noted, False, resource.owner, resource.glossary)
    kept = [joiner.keep(*listed) for listed in reader.lists(io.BytesIO(body))]
    waited = marshal.loads(marshal.dumps([each for each in kept if each is not None]))
    return _good(joiner.converted, (record for each in waited for record in joiner.records(each)))


def _good(convert: Callable[[Any], Converted], records: Iterable[Any]) -> list[Converted]:
    found = []
    for record in records:
        with contextlib.suppress(BadRecord):
            found.append(convert(record))
    return found


def compliance_events(body: bytes, **chosen: str) -> list[Event]:
    """What becomes of an answer: a list of policies, posture of one policy or of several."""
    answer = ElementTree.fromstring(body)
    if answer.tag == POLICIES.root:
        return told(policies_converted(body, **chosen))
    shape = POSTURE if answer.find("RESPONSE/POLICY") is None else POSTURES
    return told(posture_converted(body, shape, **chosen))


def told(converted: Iterable[Converted]) -> list[Event]:
    return [event for each in converted for event in each.events if each.told.times]


def posture_texts(*infos: str, explained: Optional[str] = None, **chosen: str) -> list[str]:
    return [event.text for event in told(posture_converted(posture_answer(*infos, explained=explained), **chosen))]
