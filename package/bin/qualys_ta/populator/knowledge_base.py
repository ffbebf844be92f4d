"""The knowledge base: what each QID means, kept as a table and not as events (by option also as events).

Source: KnowledgeBase API 2.0 to 4.0; recorded answers, which break their DTD (CVE without URL, empty titles, exploits
without reference). Layout of a row: the vendor's add-on 1.10.8.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Callable, Optional
from xml.etree.ElementTree import Element

from ..errors import BadRecord
from ..feed import KNOWLEDGE, Conversion, Feed, Resource
from ..model import Entry, Event
from ..times import TIME_FORMAT, epoch
from .keyvalue import single_lines
from .knowledge_fields import READERS, Readers
from .knowledge_tables import COLUMNS, KEPT, SHOWN, TEXTS

OVERLAP = timedelta(days=30)
"""How far an incremental pull looks back: an entry may reach a platform weeks after the time it names."""

FIRST_ENTRY = "1999-02-01T00:00:00Z"
"""Before that there was no knowledge base: who starts again from there wants all of it, also what bears no time."""

_QID = re.compile(r"[0-9]{1,9}")
_NO_TEXTS = ("",) * len(TEXTS)
_DATE = SHOWN.index("LAST_SERVICE_MODIFICATION_DATETIME"), SHOWN.index("PUBLISHED_DATETIME")


def params(_settings: Mapping[str, Any]) -> dict[str, str]:
    """All details, because exploits, malware and CVSS vectors come with nothing less."""
    return {"action": "list", "details": "All", "show_supported_modules_info": "1"}


def since_params(since: Optional[str]) -> dict[str, str]:
    if not since or since < FIRST_ENTRY:
        return {}
    moment = datetime.strptime(since, TIME_FORMAT) - OVERLAP
    return {"last_modified_after": moment.strftime(TIME_FORMAT)}


def converter(conversion: Conversion) -> Callable[[Element], Entry]:
    short = [READERS[name] for name in KEPT[1 : -len(TEXTS)]]
    long = [READERS[name] for name in TEXTS] if conversion.settings["log_kb_additional_fields"] else []

    def convert(vuln: Element) -> Entry:
        return _entry(vuln, short, long)

    return convert


def event(entry: Entry, with_texts: bool) -> Event:
    """The entry as one JSON object."""
    columns = COLUMNS if with_texts else SHOWN
    happened = next(filter(None, (epoch(entry[place]) for place in _DATE)), "")
    return Event(happened, json.dumps(_chosen(entry, columns), ensure_ascii=False))


def _chosen(entry: Entry, columns: Sequence[str]) -> dict[str, str]:
    known = dict(zip(KEPT, entry))
    return {name: known[name] for name in columns}


def _entry(vuln: Element, short: Readers, long: Readers) -> Entry:
    """One text for each column of `KEPT`. Raises BadRecord for an entry without a numeric QID.

    The short texts are cleaned all at once: one by one that would cost more than the rest.
    """
    qid = "".join((vuln.findtext("QID") or "").split())
    if not _QID.fullmatch(qid):
        raise BadRecord(f"a VULN whose QID is {qid[:40]!r}, not a number")
    children = {child.tag: child for child in vuln}
    texts = [_long(read(children)) for read in long] or _NO_TEXTS
    return (qid, *single_lines([read(children) for read in short]), *texts)


def _long(text: str) -> str:
    """Lines end in ``\\n`` alone: before Python 3.13 a CSV writer does not quote a bare ``\\r``."""
    return text.strip().replace('"', "'").replace("\r\n", "\n").replace("\r", "\n")


FEED = Feed(
    name="knowledge_base",
    sourcetype="qualys:knowledgebase",
    settings="kb",
    resource=Resource(
        name="knowledge_base",
        path="/api/{version}/fo/knowledge_base/vuln/",
        version_setting="knowledge_base_api_version",
        root="KNOWLEDGE_BASE_VULN_LIST_OUTPUT",
        record=("RESPONSE", "VULN_LIST", "VULN"),
        needs="The subscription must be allowed to download the KnowledgeBase by API: ask Qualys.",
        converter=converter,
    ),
    params=params,
    since_params=since_params,
    keeps_lines=lambda settings: bool(settings["log_kb_additional_fields"]),
    output=KNOWLEDGE,
)
