"""Calls of the stand-in's web application API, and what its answers say, by other means than the add-on's."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from typing import Optional

from standins.qualys import ExpectedWebFinding
from support.qualys import Client, Reply, paths

FINDINGS = "/qps/rest/3.0/search/was/finding"
APPS = "/qps/rest/3.0/search/was/webapp"
XML = {"Content-Type": "text/xml"}
VERBOSE = {"verbose": "true"}


def body(params: Mapping[str, str]) -> str:
    """A ServiceRequest: parameters with a space in their name are filters (``id GREATER``), others preferences."""
    request = ET.Element("ServiceRequest")
    preferences, filters = ET.SubElement(request, "preferences"), ET.SubElement(request, "filters")
    for name, value in params.items():
        field, _, operator = name.partition(" #")[0].partition(" ")
        if operator:
            ET.SubElement(filters, "Criteria", field=field, operator=operator).text = value
        else:
            ET.SubElement(preferences, name).text = value
    return ET.tostring(request).decode("ascii")


def ask(
    client: Client, params: Optional[Mapping[str, str]] = None, path: str = FINDINGS, headers: Mapping[str, str] = XML
) -> Reply:
    """One call with these parameters."""
    return client.call(path, headers=headers, body=body(params or {}))


def refusal(reply: Reply) -> tuple[str, str, str]:
    """responseCode, errorMessage and errorResolution."""
    root = reply.xml
    assert reply.status == 200
    return (
        root.findtext("responseCode", ""),
        root.findtext("responseErrorDetails/errorMessage", ""),
        root.findtext("responseErrorDetails/errorResolution", ""),
    )


def ids(reply: Reply) -> list[int]:
    """The id of each record."""
    return [int(record.findtext("id", "")) for record in reply.xml.findall("data/*")]


def pages(client: Client, params: Mapping[str, str], path: str = FINDINGS) -> Iterator[ET.Element]:
    """All pages, the next found by the last id of the one before."""
    query = dict(params)
    while True:
        root = ask(client, query, path).xml
        assert root.findtext("responseCode") == "SUCCESS", ET.tostring(root)
        yield root
        if root.findtext("hasMoreRecords") != "true":
            return
        query["id GREATER"] = root.findtext("lastId", "")


def pulled(client: Client, **params: str) -> dict[int, ExpectedWebFinding]:
    """Finding id -> what all pages of a verbose pull say of it, in the ledger's words."""
    found = [each for root in pages(client, {**VERBOSE, **params}) for each in root.findall("data/Finding")]
    assert len({each.findtext("id") for each in found}) == len(found)
    return {finding.id: finding for finding in map(_finding, found)}


def _finding(element: ET.Element) -> ExpectedWebFinding:
    def text(path: str) -> str:
        return element.findtext(path, "").strip()

    return ExpectedWebFinding(
        id=int(text("id")),
        app_id=int(text("webApp/id")),
        type=text("type"),
        status=text("status") or "-",
        severity=int(text("severity")),
        tested=text("lastTestedDate"),
        elements=paths(element),
    )
