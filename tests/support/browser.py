"""Somebody at the pages of a Splunk stand-in, in Chromium: what they type and press, and what they read."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Optional

from playwright.sync_api import Browser, ConsoleMessage, Locator, Response, expect, sync_playwright

CHROMIUM: Optional[str] = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--no-sandbox",  # the continuous integration is root
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
APP = "/en-US/app/TA-QualysCloudPlatform"
CONFIGURATION, INPUTS = f"{APP}/configuration", f"{APP}/inputs"
DATA_INPUTS = "/en-US/manager/TA-QualysCloudPlatform/data/inputs/qualys"
EVENTS, LOG = "/en-US/events", "/en-US/log"
SIZE = {"width": 1280, "height": 900}
PATIENCE_MS = 20_000
_ANSWERED = "Failed to load resource: the server responded"


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        playwright.selectors.set_test_id_attribute("data-test")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


class Visitor:
    """An admin with one tab open. All waiting is Playwright's own: for what should be on the page.

    Pictures go into the folder `album`. `faults` are errors of the pages; `refused` are the saves that the server
    refused, as ``POST <end of path>``.
    """

    def __init__(self, browser: Browser, web_url: str, album: Path) -> None:
        context = browser.new_context(base_url=web_url, viewport=SIZE, reduced_motion="reduce")  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        self._album = album
        self.faults: list[str] = []
        self.refused: list[str] = []
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("response", self._answered)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_ANSWERED):
            self.faults.append(message.text)

    def _answered(self, response: Response) -> None:
        if response.status < 400:
            return
        told = f"{response.request.method} {response.url.partition('?')[0].rpartition('/')[2]}"
        (self.refused if response.request.method == "POST" else self.faults).append(told)

    # Forms of the add-on's pages. UCC keeps the other tabs' forms in the page, hidden.

    def open(self, path: str) -> None:
        self.page.goto(path)

    def tab(self, name: str) -> None:
        """A tab of the Configuration page, opened anew: with what is stored."""
        self.open(f"{CONFIGURATION}?tab={name}")

    def field(self, name: str) -> Locator:
        return self.page.locator(f'[data-name="{name}"]:visible')

    def entry(self, name: str) -> Locator:
        """What a person types into."""
        return self.field(name).locator("input, textarea:not([aria-hidden])")

    def enter(self, **values: str) -> None:
        for name, text in values.items():
            self.entry(name).fill(text)

    def enter_choice(self, name: str, text: str) -> None:
        """A text of one's own where there is a list, too."""
        self.field(name).get_by_test_id("clear").click()
        self.entry(name).fill(text)
        self.entry(name).press("Enter")

    def choose(self, name: str, *values: str) -> None:
        """More chips for a field that holds several."""
        for value in values:
            self.entry(name).fill(value)
            self.page.locator(f'[data-test="option"][data-test-value="{value}"]').click()
        self.page.keyboard.press("Escape")

    def tick_box(self, name: str) -> None:
        self.field(name).get_by_role("checkbox").click()

    def press(self, label: str) -> None:
        """A button with just this label."""
        self.page.get_by_role("button", name=label, exact=True).locator("visible=true").last.click()

    def row(self, name: str) -> Locator:
        return self.page.locator(f'tr[aria-label="row-{name}"]')

    def unfold(self, name: str) -> None:
        """Open a row of the Inputs page or of the Account tab."""
        self.row(name).get_by_test_id("expand").get_by_role("button").click()

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_test_id("modal")

    @property
    def details(self) -> Locator:
        """What an opened row of the Inputs page shows."""
        return self.page.locator("tr:has(.qualys-checkpoint)")

    @property
    def diagnosis(self) -> Locator:
        """What an opened row of the Account tab shows."""
        return self.page.locator("tr:has(.qualys-diagnosis)")

    # What the page says.

    def reads(self, text: str) -> None:
        """A notice that something was done."""
        expect(self.page.get_by_test_id("toast-message").filter(has_text=text).last).to_be_visible()

    def reads_refusal(self, text: str) -> None:
        """The message above the form, in sight."""
        message = self.page.locator('[data-test="message"][data-test-type="error"]:visible')
        expect(message).to_contain_text(text)
        expect(message).to_be_in_viewport()

    def columns(self) -> list[str]:
        """The headings of the table, in their order."""
        headings = self.page.get_by_test_id("head-cell")
        expect(headings.first).to_be_visible()
        return headings.all_inner_texts()

    def keep(self, name: str, *, whole: bool = True) -> None:
        """A picture of the page, or of what fits into the window."""
        self.page.screenshot(path=self._album / f"{name}.png", full_page=whole, animations="disabled")
