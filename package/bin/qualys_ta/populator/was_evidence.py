"""What a web application scan sent and what came back: payloads, the request, the answer.

A finding may hold many tries. All payloads are told; request and answer are those of the first try that has them.
"""

from __future__ import annotations

import re
from binascii import a2b_base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Optional

from .keyvalue import single_line

if TYPE_CHECKING:  # a tick that is not due must not load the XML library
    from xml.etree.ElementTree import Element

LONGEST = 10_000
"""Characters of one text that are told; how many were cut stands behind them."""

SHORTEST_BASE64 = 16
"""Characters; what is shorter may well be a word."""

_BASE64 = re.compile(r"[A-Za-z0-9+/\s]+(?:=\s*){0,2}", re.ASCII)
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r"))
"""What XML forbids cannot come as text, but it can in base64."""


def payloads(results: Element) -> Optional[str]:
    """Each payload once, with commas between; None where there is none."""
    found = (single_line(each.text or "") for each in results.iter("payload"))
    return shortened(",".join(dict.fromkeys(filter(None, found)))) or None


def first_told(results: Element, keys: Mapping[str, str]) -> dict[str, str]:
    """By tag, the keys: key -> the first text of such an element, wherever it stands. In the order of the keys."""
    texts: dict[str, str] = {}
    for each in results.iter():
        if each.tag in keys and each.text and each.tag not in texts:
            texts[each.tag] = each.text
    return {key: shortened(decoded(texts[tag])) for tag, key in keys.items() if tag in texts}


def shortened(text: str) -> str:
    cut = len(text) - LONGEST
    return f"{text[:LONGEST]} [TRUNCATED {cut} Characters]" if cut > 0 else text


def decoded(text: str) -> str:
    """The text that base64 stands for; `text` itself where it is no base64 or does not stand for text."""
    if len(text) < SHORTEST_BASE64 or not _BASE64.fullmatch(text):
        return text
    packed = "".join(text.split())
    if len(packed) < SHORTEST_BASE64 or len(packed) % 4:
        return text
    data = a2b_base64(packed)
    clean = data.translate(None, _CONTROLS)
    found = clean.decode("utf-8", "replace").replace("\ufffe", "").replace("\uffff", "")
    strange = len(data) - len(clean) + found.count("\ufffd")
    return text if strange * 8 > len(data) else found
