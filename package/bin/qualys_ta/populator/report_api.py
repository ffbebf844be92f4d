"""What is asked of the report API: templates, launching, how far a report is, the report itself, and its end.

Sources: API v1 guide (report templates), VM/PC API guide (reports); recorded answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from ..criteria import NOTE
from ..errors import ConfigError, Refused
from ..feed import LOCAL, MSP, Conversion, Glossary, Joiner, Resource
from ..model import Request
from .report_joiner import FILE, ReportJoiner

NEEDS = (
    "For reports the account's user needs a role that may view and download reports, and run those of its templates."
)
TEMPLATES_SETTING, FILE_SETTING = "report_templates", "report_file"
ACTION, LAUNCH_ACTION, FETCH_ACTION, DELETE_ACTION, FILES_ACTION = "action", "launch", "fetch", "delete", "_files"
TEMPLATE, LEFT, LAUNCHED = f"{NOTE}template", f"{NOTE}left", f"{NOTE}launched"
"""Notes in requests, which are not sent: the template of a report, those behind it, and when it was launched."""

FINISHED, FAILED = "Finished", ("Canceled", "Errors")
SCAN = "Scan"
MOST_TEMPLATES = 50
ENDING = "*.xml"

_NUMBER = re.compile(r"[0-9]{1,18}")
_NUMBERS = re.compile(r"[0-9\s]+(?:,[0-9\s]+)+")
_PATH = "/api/{version}/fo/report/"
_VERSION = "report_api_version"
_ROOT, _HOST = "ASSET_DATA_REPORT", ("HOST_LIST", "HOST")


class Template(NamedTuple):
    number: str
    title: str
    kind: str


class Report(NamedTuple):
    """How far a report is; `message` is what the platform says of it."""

    number: str
    title: str
    state: str
    message: str


def _joiner(conversion: Conversion, glossary: Glossary) -> Joiner:
    return ReportJoiner(conversion, glossary)


def _simple(name: str, patient: bool) -> Resource:
    """An action, answered by a SIMPLE_RETURN."""
    record = ("RESPONSE", "ITEM_LIST", "ITEM")
    return Resource(name, _PATH, _VERSION, "SIMPLE_RETURN", record, acts=True, patient=patient, needs=NEEDS)


TEMPLATES = Resource(
    name="report_templates",
    path="/msp/report_template_list.php",
    version_setting="",
    root="REPORT_TEMPLATE_LIST",
    record=("REPORT_TEMPLATE",),
    dialect=MSP,
    needs=NEEDS,
)
REPORTS = Resource("reports", _PATH, _VERSION, "REPORT_LIST_OUTPUT", ("RESPONSE", "REPORT_LIST", "REPORT"), needs=NEEDS)
LAUNCH, DELETE = _simple("report_launch", patient=False), _simple("report_delete", patient=True)
"""Of a launch that was cut off nobody knows whether it was heard, so it is not repeated blindly."""

REPORT = Resource(
    name="scan_report",
    path=_PATH,
    version_setting=_VERSION,
    root=_ROOT,
    record=_HOST,
    glossary=("GLOSSARY",),
    lists=(("RISK_SCORE_PER_HOST", "HOSTS"),),
    needs=NEEDS,
    joiner=_joiner,
)
REPORT_FILE = Resource(
    name="report_file",
    path="",
    version_setting="",
    root=_ROOT,
    record=_HOST,
    dialect=LOCAL,
    glossary=REPORT.glossary,
    lists=REPORT.lists,
    patient=False,
    joiner=_joiner,
)


def templates_from(text: str) -> tuple[str, ...]:
    """Ids or titles of templates, one a line; numbers with commas between are ids. Raises ConfigError."""
    found: list[str] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        found += [part.strip() for part in line.split(",") if part.strip()] if _NUMBERS.fullmatch(line) else [line]
    unclear = [each for each in found if not each.isprintable()]
    if unclear:
        raise ConfigError(f"{unclear[0][:80]!r} is neither the id nor the title of a template.")
    if len(found) > MOST_TEMPLATES:
        raise ConfigError(f"these are {len(found)} templates; choose {MOST_TEMPLATES} at most.")
    return tuple(dict.fromkeys(found))


def template(element: Element) -> Template:
    return Template(*(_told(element, tag) for tag in ("ID", "TITLE", "TEMPLATE_TYPE")))


def report(element: Element) -> Report:
    return Report(*(_told(element, tag) for tag in ("ID", "TITLE", "STATUS/STATE", "STATUS/MESSAGE")))


def _told(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def chosen(wanted: Iterable[str], held: Sequence[Template]) -> list[Template]:
    """The templates that a person wants, by id or title, each once. Raises ConfigError, naming what is wrong."""
    found = [_chosen(each, held) for each in wanted]
    return list(dict.fromkeys(found))


def _chosen(wanted: str, held: Sequence[Template]) -> Template:
    by_id = [each for each in held if each.number == wanted]
    fitting = by_id or [each for each in held if each.title == wanted]
    if not fitting:
        raise ConfigError(
            f"Qualys lists no report template {wanted!r} for this user: correct its id or title on the tab Reports, or "
            f"let the user see it. {NEEDS}",
            TEMPLATES_SETTING,
        )
    if len(fitting) > 1:
        ids = ", ".join(each.number for each in fitting)
        raise ConfigError(f"Several report templates are called {wanted!r}: name one of {ids}.", TEMPLATES_SETTING)
    if fitting[0].kind not in ("", SCAN):
        raise ConfigError(
            f"The report template {wanted!r} is of type {fitting[0].kind}; only those of type {SCAN} list findings.",
            TEMPLATES_SETTING,
        )
    return fitting[0]


def launch_params(template_id: str, title: str) -> dict[str, str]:
    fixed = {ACTION: LAUNCH_ACTION, "report_type": SCAN, "output_format": "xml"}
    return {**fixed, "template_id": template_id, "report_title": title}


def launched_number(items: Iterable[Element], request: Request) -> str:
    """The number of the report that was launched. Raises Refused where the answer does not say it."""
    numbers = (_told(item, "VALUE") for item in items if _told(item, "KEY").upper() == "ID")
    number = next(numbers, "")
    if not _NUMBER.fullmatch(number):
        raise Refused(f"{request.path} launched a report, but told {number[:40]!r} as its number.")
    return number


def sent(params: Mapping[str, str]) -> dict[str, str]:
    """The parameters without our notes."""
    return {name: value for name, value in params.items() if not name.startswith(NOTE)}


def report_files(where: str) -> list[Path]:
    """The file, or the XML files of the folder, in the order of their names. Raises ConfigError where there is nothing
    of the name."""
    path = Path(where)
    try:
        if path.is_dir():
            return sorted(each for each in path.iterdir() if fnmatch(each.name.lower(), ENDING) and each.is_file())
        missing = not path.is_file()
    except OSError as error:
        raise ConfigError(f"Cannot read {where}: {error.strerror}.", FILE_SETTING) from None
    if missing:
        raise ConfigError(f"There is no file and no folder {where}.", FILE_SETTING)
    return [path]


def file_request(path: Path) -> Request:
    return Request(str(path), {FILE: path.name}, "GET", REPORT_FILE.name)


def params(_settings: Mapping[str, Any]) -> dict[str, str]:
    """A pull begins with the list of templates, which takes none."""
    return {}


def made_of(settings: Mapping[str, Any]) -> str:
    """What of the settings a window may not change in: templates alone, since files are remembered."""
    return "\n".join(settings[TEMPLATES_SETTING])
