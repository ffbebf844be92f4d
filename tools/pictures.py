"""Draws the pictures of the docs: the add-on's pages as an admin sees them, and what the demo prints at its end.

Run it as ``make pictures``; it needs Chromium. Everything shown was pulled from the stand-in platform.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "package" / "bin")]

from playwright.sync_api import expect  # noqa: E402

from standins import demo  # noqa: E402
from standins.qualys import QualysStandin  # noqa: E402
from standins.qualys.reports import TEMPLATES  # noqa: E402
from standins.splunk import SplunkStandin  # noqa: E402
from support.browser import CHROMIUM, CONFIGURATION, EVENTS, INPUTS, Visitor, chromium  # noqa: E402
from support.e2e import BUILT, NAME, REST  # noqa: E402
from support.page import account_form  # noqa: E402

IMAGES = ROOT / "docs" / "images"
KNOWLEDGE, POSTURE, WEB = "knowledge_base", "policy_posture_info", "was_findings"
PULLED_AT = {
    KNOWLEDGE: "0 1 * * *",
    NAME: "0 2 * * *",
    POSTURE: "0 3 * * *",
    WEB: "0 4 * * *",
    "tickets": "12h",
    "scan_report": "0 5 * * 1",
    "fim_events": "1h",
    "fim_ignored_events": "1d",
    "fim_incidents": "1h",
}
"""Input -> when."""
SEVERE = "severity=critical"
FIRST_DAY = "1999-01-01T00:00:00Z"
DASHBOARDS = {
    "dashboard": "Qualys overview",
    "policy_compliance": "Qualys policy compliance",
    "web_applications": "Qualys web applications",
    "tickets": "Qualys tickets",
    "file_integrity": "Qualys file integrity",
}
"""Picture -> title."""
SEARCHES_MS = 120_000
HELD = {
    "hosts": 200,
    "findings": 20,
    "seed": 7,
    "web_apps": 3,
    "web_findings": 60,
    "tickets": 160,
    "fim_events": 400,
    "fim_ignored_events": 80,
    "fim_incidents": 24,
}
REFUSED_FILTER = """<filters>
  <Criteria field="severity" operator="GREATER">3</Criteria>
  <Criteria field="id" operator="GREATER">5</Criteria>
</filters>"""
WIDE = {"width": 1500, "height": 1000}
TALL = {"width": 1280, "height": 1180}


def set_up(splunk: SplunkStandin, qualys: QualysStandin) -> None:
    """Two accounts, an input of each metric and one more, and what their first runs brought."""
    splunk.post(REST.format("account"), **account_form(qualys, gateway_server=qualys.url))
    shown = {"name": "subsidiary", "api_server": "https://qualysapi.qg2.apps.qualys.eu", "username": "acmeu_ta1"}
    splunk.post(REST.format("account"), **shown, password="not shown", skip_test="1")
    splunk.post(REST.format("qualys"), name="subsidiary", metric=NAME, account="subsidiary", duration="12h")
    reports = {"report_templates": TEMPLATES[1].title, "report_poll_seconds": "1"}
    splunk.post(f"{REST.format('settings')}/reports", **reports)
    for name, duration in PULLED_AT.items():
        start = {"start_date": FIRST_DAY} if name.startswith("fim") else {}
        splunk.post(REST.format("qualys"), name=name, account="acme", duration=duration, **start)
        splunk.post(f"{REST.format('qualys')}/{name}", disabled="0")
        splunk.post(f"{REST.format('checkpoint')}/{name}", action="run_now")
        splunk.tick(name)


def configuration(visitor: Visitor) -> None:
    visitor.open(CONFIGURATION)
    visitor.row("subsidiary").get_by_label("Edit").click()
    expect(visitor.entry("username")).to_have_value("acmeu_ta1")
    visitor.keep("configuration")


def diagnosis(visitor: Visitor) -> None:
    visitor.open(CONFIGURATION)
    visitor.unfold("acme")
    visitor.press("Diagnose")
    expect(visitor.diagnosis.get_by_role("status")).to_have_text("All is well.")
    visitor.keep("diagnosis")


def vm(visitor: Visitor) -> None:
    visitor.page.set_viewport_size(TALL)  # type: ignore[arg-type]
    visitor.tab("vm")
    expect(visitor.field("host_fields_to_log")).to_contain_text("ASSET_ID")
    visitor.keep("vm", whole=False)


def pc(visitor: Visitor) -> None:
    visitor.page.set_viewport_size(TALL)  # type: ignore[arg-type]
    visitor.tab("pc")
    expect(visitor.field("extra_posture_params")).to_contain_text("policy_ids")
    visitor.keep("pc")


def was(visitor: Visitor) -> None:
    """With a filter that was refused: the message says where and why."""
    visitor.page.set_viewport_size(TALL)  # type: ignore[arg-type]
    visitor.tab("was")
    visitor.enter(extra_was_params=REFUSED_FILTER)
    visitor.press("Save")
    visitor.reads_refusal("line 3, column 3")
    visitor.page.mouse.move(0, 0)
    visitor.keep("was")


def tickets(visitor: Visitor) -> None:
    """With a choice that was refused."""
    visitor.page.set_viewport_size(TALL)  # type: ignore[arg-type]
    visitor.tab("tickets")
    visitor.enter(ips="10.0.0.1-10.0.0.99", qids=",".join(map(str, range(90_001, 90_012))))
    visitor.press("Save")
    visitor.reads_refusal("10 at most")
    visitor.page.mouse.move(0, 0)
    visitor.keep("tickets_tab", whole=False)


def inputs(visitor: Visitor) -> None:
    visitor.open(INPUTS)
    visitor.unfold(NAME)
    expect(visitor.details).to_contain_text("pulled up to")
    visitor.page.mouse.click(0, 0)
    visitor.keep("inputs")


def events(visitor: Visitor) -> None:
    """One open finding of a database, with what the CIM calls its fields."""
    visitor.page.set_viewport_size(TALL)  # type: ignore[arg-type]
    visitor.open(f"{EVENTS}?search={SEVERE}")
    visitor.page.get_by_text("fields").first.click()
    visitor.keep("events", whole=False)


def dashboards(visitor: Visitor) -> None:
    visitor.page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    for picture, title in DASHBOARDS.items():
        visitor.open("/")
        visitor.page.get_by_role("heading", name=title).click()
        expect(visitor.page.locator("section.panel").first).to_be_visible()
        expect(visitor.page.locator("[aria-busy]")).to_have_count(0, timeout=SEARCHES_MS)
        visitor.keep(picture)


def closing_table(picture: Path) -> int:
    """What the demo prints, in the fonts that the reader has."""
    status = demo.main(["--once", "--picture", str(picture)])
    text = re.sub(r"@font-face {.*?}\s*", "", picture.read_text("utf-8"), flags=re.DOTALL)
    picture.write_text(text, "utf-8")
    return status


def main() -> int:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        QualysStandin(Path(folder, "qualys"), **HELD, epoch=int(time.time())) as qualys,
        SplunkStandin(Path(folder, "splunk"), BUILT) as splunk,
        chromium() as browser,
    ):
        set_up(splunk, qualys)
        for draw in (configuration, diagnosis, vm, pc, was, tickets, inputs, events, dashboards):
            draw(Visitor(browser, splunk.web_url, IMAGES))
    return closing_table(IMAGES / "demo.svg")


if __name__ == "__main__":
    sys.exit(main() if CHROMIUM else "The pictures need Chromium: apt-get install chromium")
