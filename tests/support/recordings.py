"""Public recordings of the platform, which lie in ../shared/samples beside a checkout, made comparable or
answered again."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from standins.replay import Recorded, Replay
from support.e2e import Site
from support.page import account_form, choose

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "qualys"
MISSING = "public samples (../shared/samples) are not beside this checkout"
_VALUES = (
    (r"<!\[CDATA\[.*?\]\]>", "TEXT"),
    (r"https?://[^/\"<]+", "BASE"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
    (r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID"),
    (r"(?<=>)\d+(?=<)", "N"),
    (r"(?:(?<=<potential>)|(?<=<isIgnored>))\w+", "TRUTH"),
    (r"(?<=<status>)\w+", "STATUS"),
)


def exchanges(name: str, path: str = "") -> list[Any]:
    """The exchanges of a HAR file, those whose address holds `path`."""
    recorded = json.loads((SAMPLES / name).read_text(encoding="utf-8"))["log"]["entries"]
    return [each for each in recorded if path in each["request"]["url"]]


def of_har(response: Any) -> Recorded:
    """The answer of an exchange, byte by byte."""
    headers = {header["name"]: header["value"] for header in response["headers"]}
    return Recorded(response["status"], response["content"]["text"].encode(), headers)


def run_against(site: Site, folder: Path, answers: Mapping[str, Recorded]) -> tuple[int, Replay]:
    """A run against a platform that knows only these answers, by path. Returns its exit code."""
    choose(site, "api", max_retries="0")
    with Replay(folder, answers) as platform:
        site.save_account(**account_form(platform, skip_test="1"))
        code = site.tick().returncode
    assert code is not None
    return code, platform


def shape(text: str) -> str:
    """The text without what differs from one record, host or moment to the next."""
    for pattern, name in _VALUES:
        text = re.sub(pattern, name, text, flags=re.DOTALL)
    return text


def blocks(text: str, name: str) -> list[str]:
    """The elements of this name, as they are written."""
    return re.findall(rf"^ *<{name}>\n.*?^ *</{name}>\n", text, re.DOTALL | re.MULTILINE)


def names(element: ET.Element) -> tuple[str, ...]:
    """The names of the children, in their order."""
    return tuple(child.tag for child in element)
