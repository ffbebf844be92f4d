"""Bytes as they come from the platform -> text that an XML parser takes."""

from __future__ import annotations

import codecs
import re

LONGEST_REFERENCE = len("&#x0010FFFF;")
LONGEST_MARK = len("<![CDATA[")
_CONTROLS = bytes(set(range(0x20)) - {0x09, 0x0A, 0x0D})
_REFERENCE = re.compile(r"&#(x[0-9a-fA-F]{1,8}|[0-9]{1,8});")


class Scrubber:
    """Bytes -> text that XML 1.0 allows.

    Bytes that are not UTF-8 become U+FFFD and are counted in `replaced`; characters that XML forbids, and references to
    them, are dropped and counted in `dropped`. In CDATA there are no references: what looks like one is text and stays.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._last_bytes = b""
        self._last_text = ""
        self._held = ""
        self._in_cdata = False
        self.replaced = 0
        self.dropped = 0

    @property
    def is_clean(self) -> bool:
        """Whether the bytes so far are UTF-8 that XML 1.0 allows."""
        return not self.replaced and not self.dropped

    def text(self, chunk: bytes, final: bool = False) -> str:
        clean = chunk.translate(None, _CONTROLS)
        text = self._decoder.decode(clean, final)
        self.dropped += len(chunk) - len(clean)
        if not text.isascii():
            self.replaced += text.count("\ufffd") - (self._last_bytes + clean).count(b"\xef\xbf\xbd")
            text = self._without_noncharacters(text)
        self._last_bytes = (self._last_bytes + clean[-2:])[-2:]
        text = self._held + text
        self._held = "" if final else _cut_reference(text)
        return self._without_references(text[: len(text) - len(self._held)])

    def _without_noncharacters(self, text: str) -> str:
        clean = text.replace("\ufffe", "").replace("\uffff", "")
        self.dropped += len(text) - len(clean)
        return clean

    def _without_references(self, text: str) -> str:
        kept, start = [], 0
        for found in _REFERENCE.finditer(text) if "&#" in text else ():
            before = text[start : found.start()]
            self._follow(before)
            forbidden = not self._in_cdata and not _is_allowed(found.group(1))
            kept.append(before if forbidden else before + found.group())
            self.dropped += forbidden
            start = found.end()
        self._follow(text[start:])
        return "".join((*kept, text[start:])) if kept else text

    def _follow(self, text: str) -> None:
        """Notice whether the text so far ends inside CDATA; a mark may be cut by the end of a chunk."""
        text = self._last_text + text
        opened, closed = text.rfind("<![CDATA["), text.rfind("]]>")
        if opened != closed:
            self._in_cdata = opened > closed
        self._last_text = text[1 - LONGEST_MARK :]


def _cut_reference(text: str) -> str:
    """The end of `text` that may be half a reference; it waits for the next chunk."""
    start = text.rfind("&", -LONGEST_REFERENCE)
    return text[start:] if start >= 0 and ";" not in text[start:] else ""


def _is_allowed(digits: str) -> bool:
    """Whether XML 1.0 allows the character that a reference names by its number."""
    code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    return code in (0x9, 0xA, 0xD) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
