"""Public recordings of the platform, which lie in ../shared/samples beside a checkout, made comparable or
answered again."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from standins.replay import Answer, Recorded, Replay
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


def recorded(name: str) -> list[Recorded]:
    """The answers of a sample: a HAR file, a VCR cassette, or a body as it is, with the header that each answer has."""
    path = SAMPLES / name
    if path.suffix == ".har":
        return [of_har(entry["response"]) for entry in exchanges(name)]
    if path.suffix == ".yml":
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
        return [_of_vcr(exchange["response"]) for exchange in told["http_interactions"]]
    kind = "application/json" if path.suffix == ".json" else "text/xml"
    return [Recorded(200, path.read_bytes(), {"Content-Type": kind, "Date": "Sat, 01 Jun 2024 12:00:00 GMT"})]


def _of_vcr(response: Any) -> Recorded:
    headers = {name: values[0] for name, values in response["headers"].items()}
    return Recorded(response["status"]["code"], response["body"]["string"].encode(), headers)


def run_against(site: Site, folder: Path, answers: Mapping[str, Answer]) -> tuple[int, Replay]:
    """A run against a platform that knows only these answers, by path. Returns its exit code."""
    choose(site, "api", max_retries="0")
    with Replay(folder, answers) as platform:
        site.save_account(**account_form(platform, skip_test="1", gateway_server=platform.url))
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


def leaves(element: Any, above: str = "") -> Iterator[tuple[str, str]]:
    """Path and text, without white space, of all that has text in an element of the dialect of ``/qps/``; lists do not
    count in paths."""
    for child in element:
        path = above if child.tag == "list" or above.endswith("[]") else f"{above}/{child.tag}"
        inner = f"{path}[]" if child.tag == "list" else path.replace("[]", "")
        if len(child):
            yield from leaves(child, inner)
        elif (child.text or "").strip():
            yield inner.replace("[]", ""), "".join(child.text.split())


def flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The same of the object of an event."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from flat(inner, f"{path}/{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from flat(inner, path)
    else:
        yield path, "".join(str(value).lower().split() if isinstance(value, bool) else str(value).split())
