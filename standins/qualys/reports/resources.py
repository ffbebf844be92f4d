"""``/api/<version>/fo/report/`` and ``/msp/report_template_list.php``.

That a report which is not finished, or never was, is answered by 7001 with HTTP 200 is recorded; so is the answer to a
launch. What the platform says when it is asked to delete a report that is not there is not public: 1905 is a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Callable, Optional

from ..clock import PlatformClock, stamp
from ..dirt import Dirt
from ..exchange import Answer, Call, Refusal, broken_off
from ..markup import DECLARATION, Markup, simple_return
from ..nodes import Node
from ..parameters import Parser, number, one_of, parse, without_effect
from .document import ReportDocument
from .holdings import ReportHoldings
from .ledger import ReportLedger
from .model import FINISHED, Report, Template

VERSIONS = ("2.0", "3.0")
LIST_ROOT, LIST_DTD = "REPORT_LIST_OUTPUT", "/api/2.0/fo/report/report_list_output.dtd"
TEMPLATES_ROOT, TEMPLATES_DTD = "REPORT_TEMPLATE_LIST", "/report_template_list.dtd"
ACTIONS = ("launch", "list", "fetch", "cancel", "delete")
_TABLE: Mapping[str, Parser] = {
    "action": one_of(*ACTIONS),
    "id": number,
    "template_id": number,
    "report_type": one_of("Scan"),
    "output_format": one_of("xml", "csv", "pdf", "html", "mht", "docx"),
    **without_effect(("state", "user_login", "expires_before_datetime", "report_title", "echo_request")),
    **without_effect(("ips", "asset_group_ids", "ips_network_id", "use_tags", "hide_header")),
}


class ReportResources:
    """Answers a call that has been let in; raises Refusal for one it does not understand."""

    def __init__(self, document: ReportDocument, looks: int, dirt: Dirt, clock: PlatformClock, base_url: str) -> None:
        self.holdings = ReportHoldings(looks, clock)
        self.ledger = ReportLedger(self.holdings, document)
        self.document = document
        self._dirt = dirt
        self._clock = clock
        self._base_url = base_url
        self._actions: Mapping[str, Callable[[Call, Mapping[str, Any]], Answer]] = {
            "launch": self._launch,
            "list": self._list,
            "fetch": self._fetch,
            "cancel": self._delete,
            "delete": self._delete,
        }

    @property
    def routes(self) -> dict[str, Callable[[Call], Answer]]:
        """What each resource is answered by."""
        return {"report": self.reports, "report_template": self.templates}

    def reports(self, call: Call) -> Answer:
        """What the parameter `action` says."""
        values = parse(_TABLE, call.params)
        return self._actions[values["action"]](call, values)

    def templates(self, call: Call) -> Answer:
        """All templates, in the oldest dialect: without a time of its own."""
        markup = Markup(TEMPLATES_ROOT, "", self._dirt)
        head = (
            f'{DECLARATION}<!DOCTYPE {TEMPLATES_ROOT} SYSTEM "{self._base_url}{TEMPLATES_DTD}">\n<{TEMPLATES_ROOT}>\n'
        )
        rows = (markup.write(_template(each, call.username, self._clock.now()), 1) for each in self.holdings.templates)
        return self._perhaps_cut(call, map(_bytes, (head, *rows, f"</{TEMPLATES_ROOT}>\n")))

    def _launch(self, call: Call, values: Mapping[str, Any]) -> Answer:
        missing = [name for name in ("template_id", "output_format") if name not in values]
        if missing:
            raise Refusal(1903, f"Missing required parameter(s): {', '.join(missing)}")
        template = self.holdings.template(values["template_id"])
        if template is None or template.kind != "Scan":
            raise Refusal(1905, f"parameter template_id has invalid value: {values['template_id']} (no such template)")
        title = call.params.get("report_title") or template.title
        report = self.holdings.launch(template, title, call.username)
        return self._said("New report launched", (("ID", str(report.id)),))

    def _list(self, call: Call, values: Mapping[str, Any]) -> Answer:
        now_s = self._clock.now()
        markup = Markup(LIST_ROOT, f"{self._base_url}{LIST_DTD}", self._dirt)
        rows = "".join(markup.write(_row(each), 3) for each in self.holdings.reports(values.get("id")))
        listed = f"    <REPORT_LIST>\n{rows}    </REPORT_LIST>\n" if rows else ""
        texts = (markup.opening(now_s, ""), listed, markup.closing(now_s))
        return self._perhaps_cut(call, map(_bytes, texts))

    def _fetch(self, call: Call, values: Mapping[str, Any]) -> Answer:
        if "id" not in values:
            raise Refusal(1903, "Missing required parameter(s): id")
        report = self.holdings.look(values["id"])
        if report is None or report.state != FINISHED or call.twist == "not_ready":
            raise Refusal(7001, "Report cannot be fetched.", 200)
        self.ledger.note(report)
        body = self.document.pieces(report, self._base_url, self._clock.now())
        name = ("Content-Disposition", f'attachment; filename="Scan_Report_{report.id}.xml"')
        return self._perhaps_cut(call, body, (name,))

    def _delete(self, _call: Call, values: Mapping[str, Any]) -> Answer:
        if not self.holdings.remove((values.get("id", 0),)):
            raise Refusal(1905, f"parameter id has invalid value: {values.get('id')} (no such report)")
        return self._said("Report deleted successfully", (("ID", str(values["id"])),))

    def _said(self, text: str, items: tuple[tuple[str, str], ...]) -> Answer:
        return Answer.of(200, simple_return(self._base_url, self._clock.now(), None, text, items))

    def _perhaps_cut(self, call: Call, body: Iterable[bytes], headers: tuple[tuple[str, str], ...] = ()) -> Answer:
        asked = (call.resource, *sorted(call.params.items()))
        return Answer(200, broken_off(body) if self._dirt.breaks(asked) else body, headers=headers)


def _template(template: Template, user: str, now_s: int) -> Node:
    who = tuple(Node(name, text, True) for name, text in (("LOGIN", user), ("FIRSTNAME", "Ada"), ("LASTNAME", "Søn")))
    children = (
        Node("ID", str(template.id)),
        Node("TYPE", "Auto"),
        Node("TEMPLATE_TYPE", template.kind),
        Node("TITLE", template.title, True),
        Node("USER", children=who),
        Node("LAST_UPDATE", stamp(now_s)),
        Node("GLOBAL", "0"),
    )
    return Node("REPORT_TEMPLATE", children=children)


def _row(report: Report) -> Node:
    message = (Node("MESSAGE", report.message, True),) if report.message else ()
    children = (
        Node("ID", str(report.id)),
        Node("TITLE", report.title, True),
        Node("TYPE", "Scan"),
        Node("USER_LOGIN", report.user),
        Node("LAUNCH_DATETIME", stamp(report.launched_at)),
        Node("OUTPUT_FORMAT", "XML"),
        Node("SIZE", "" if report.state != FINISHED else "12 KB"),
        Node("STATUS", children=(Node("STATE", report.state), *message, *_percent(report))),
        Node("EXPIRATION_DATETIME", stamp(report.launched_at + 7 * 86_400)),
    )
    return Node("REPORT", children=children)


def _percent(report: Report) -> Iterator[Node]:
    percent: Optional[int] = 50 if report.looks_left == 1 else None
    if percent:
        yield Node("PERCENT", str(percent))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
