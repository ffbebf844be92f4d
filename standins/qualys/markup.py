"""Writes the platform's XML: documents with their comments, elements as recorded, soiled where it is asked for.

Held to the recordings in the public samples: two spaces per level, a space after some closing comments.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional
from xml.sax.saxutils import escape

from .clock import stamp
from .dirt import Dirt
from .nodes import Node

DECLARATION = '<?xml version="1.0" encoding="UTF-8" ?>\n'
EVALUATION = "<!-- This report was generated with an evaluation version of Qualys //--> \n"
CONFIDENTIAL = (
    '<!-- CONFIDENTIAL AND PROPRIETARY INFORMATION. Qualys provides the QualysGuard Service "As Is," without any '
    "warranty of any kind. Qualys makes no warranty that the information contained in this report is complete or "
    "error-free. Copyright {year}, Qualys, Inc. //--> \n"
)
TAG_COMMENT = (
    "<!-- <EC2_INSTANCE_ID> tag has been deprecated. Please refer to <CLOUD_RESOURCE_ID> tag for the same information "
    "//-->\n"
)
_SPACED = (
    "RESULTS",
    "TITLE",
    "DIAGNOSIS",
    "STATEMENT",
    "REMEDIATION",
    "V",
    "POSTURE_MODIFIED_DATE",
    "PUBLISHED_DATETIME",
    "FIRST_FOUND_DATETIME",
    "LAST_FOUND_DATETIME",
    "LAST_UPDATE_DATETIME",
    "LAST_PROCESSED_DATETIME",
)
_BROKEN_IDS = ("ID", "UNIQUE_VULN_ID", "HOST_ID", "id")
_EMPTY_FORMS = ("<{0} />", "<{0}></{0}>", "<{0}><![CDATA[]]></{0}>")


class Markup:
    """Text of one document whose root is `root`; `dtd_url` is what its DOCTYPE names."""

    def __init__(self, root: str, dtd_url: str, dirt: Dirt) -> None:
        self._root = root
        self._dtd_url = dtd_url
        self._dirt = dirt
        self._empties = 0

    def opening(self, now_s: int, request: str) -> str:
        """From the XML declaration to DATETIME."""
        comment = EVALUATION if "comments" in self._dirt else ""
        lines = (
            f"{DECLARATION}{self._doctype(now_s)}\n{comment}<{self._root}>\n{request}"
            f"  <RESPONSE>\n    <DATETIME>{stamp(now_s)}</DATETIME>\n"
        )
        return lines + self.keepalive()

    def closing(self, now_s: int) -> str:
        """From the end of RESPONSE to the last comment."""
        comments = EVALUATION + CONFIDENTIAL.format(year=stamp(now_s)[:4]) if "comments" in self._dirt else ""
        return f"  </RESPONSE>\n</{self._root}>\n{comments}{self.keepalive()}"

    def keepalive(self) -> str:
        """What the platform sends while it is still thinking."""
        return f"<!-- keep-alive for {self._root}  -->\n" if "keepalive" in self._dirt else ""

    def write(self, node: Node, depth: int) -> str:
        """The element, its own line or lines, indented by `depth` levels."""
        return "".join(self._lines(node, "  " * depth))

    def _doctype(self, now_s: int) -> str:
        if "doctype" not in self._dirt:
            return f'<!DOCTYPE {self._root} SYSTEM "{self._dtd_url}">'
        return f'<!DOCTYPE {self._root}\n  SYSTEM\n  "{self._dtd_url if now_s % 2 else ""}">'

    def _lines(self, node: Node, margin: str) -> Iterator[str]:
        start, end = self._tags(node)
        if node.children:
            yield f"{margin}<{start}>\n"
            if node.name == "HOST" and "tag_comment" in self._dirt:
                yield f"{margin}  {TAG_COMMENT}"
            for child in node.children:
                yield from self._lines(child, margin + "  ")
            yield f"{margin}</{end}>\n"
        elif node.text:
            yield f"{margin}<{start}>{self._text(node)}</{end}>\n"
        else:
            yield f"{margin}{self._empty(start)}\n"

    def _tags(self, node: Node) -> tuple[str, str]:
        start = node.name
        for name, value in node.attributes:
            start += ' {}="{}"'.format(name, escape(value, {'"': "&quot;"}))
        if "tag_space" in self._dirt and node.name in _SPACED:
            return f"{start}\n            ", f"{node.name}\n"
        return start, node.name

    def _text(self, node: Node) -> str:
        if node.cdata:
            return "<![CDATA[" + node.text.replace("]]>", "]]]]><![CDATA[>") + "]]>"
        text = escape(node.text)
        return f"{text}\n      " if "tag_space" in self._dirt and node.name in _BROKEN_IDS else text

    def _empty(self, start: str) -> str:
        self._empties += 1
        form = _EMPTY_FORMS[self._empties % len(_EMPTY_FORMS) if "tag_space" in self._dirt else 0]
        return form.format(start)


def simple_return(
    base_url: str, now_s: int, code: Optional[int], text: str, items: tuple[tuple[str, str], ...] = ()
) -> str:
    """A SIMPLE_RETURN document. The platform leaves out the declaration where it refuses a value (1905), and so do
    we; elsewhere it is there."""
    listed = "".join(
        f"      <ITEM>\n        <KEY>{key}</KEY>\n        <VALUE>{escape(value)}</VALUE>\n      </ITEM>\n"
        for key, value in items
    )
    item_list = f"    <ITEM_LIST>\n{listed}    </ITEM_LIST>\n" if items else ""
    code_line = f"    <CODE>{code}</CODE>\n" if code is not None else ""
    return (
        f"{'' if code == 1905 else DECLARATION}"
        f'<!DOCTYPE SIMPLE_RETURN SYSTEM "{base_url}/api/2.0/simple_return.dtd">\n'
        f"<SIMPLE_RETURN>\n  <RESPONSE>\n    <DATETIME>{stamp(now_s)}</DATETIME>\n"
        f"{code_line}    <TEXT>{escape(text)}</TEXT>\n{item_list}  </RESPONSE>\n</SIMPLE_RETURN>\n"
    )


def generic_return(base_url: str, now_s: int, api: str, username: str, number: int, text: str) -> str:
    """A GENERIC_RETURN document, the form of failure of the oldest resources (facts: number 999, 2001)."""
    return (
        f'{DECLARATION}<!DOCTYPE GENERIC_RETURN SYSTEM "{base_url}/generic_return.dtd">\n'
        f'<GENERIC_RETURN>\n  <API name="{escape(api)}" username="{escape(username)}" at="{stamp(now_s)}" />\n'
        f'  <RETURN status="FAILED" number="{number}">\n    {escape(text)}\n  </RETURN>\n</GENERIC_RETURN>\n'
    )
