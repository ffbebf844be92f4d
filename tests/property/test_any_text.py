"""extraction(event) == normalise(text), with Splunk's own regexes in real PCRE, whatever a scan found."""

from __future__ import annotations

import re
from collections.abc import Callable

from hypothesis import example, given
from hypothesis import strategies as st

from support.core import answer, broken, cdata, detection, extracted, host, tag, text, texts

XML = st.characters(blacklist_categories=["Cs"], blacklist_characters="\ufffe\uffff").filter(
    lambda character: character >= " " or character in "\t\n\r"
)
MARKS = (
    '"',
    "'",
    "=",
    ",",
    ", ",
    " ",
    "\n",
    "\r",
    "\t",
    "\\",
    "\u2028",
    "\x85",
    "{}",
    "{0}",
    "]]>",
    "<![CDATA[",
    "&#0;",
    "&",
)
FORGED = (
    'QID="1"',
    "\nHOSTVULN: HOST_ID=1",
    "HOSTSUMMARY: HOST_ID=2, ",
    "\rHOSTGONE: HOST_ID=3",
    '", SEVERITY=5, X="',
    "LAST_UPDATE_DATETIME",
)
HOSTILE = st.sampled_from(MARKS + FORGED)
TEXT = st.lists(st.text(XML, max_size=8) | HOSTILE, max_size=8).map("".join)
MARKUP = st.sampled_from([text, cdata])
HOST_ALL = "ID,IP,OS,DNS,NETBIOS,HOSTNAME,FQDN,TAGS,METADATA,CLOUD_PROVIDER_TAGS"
FINDING_ALL = "QID,SERVICE,INSTANCE,ASSET_CVE,QDS,QDS_FACTORS,RESULTS"


def read(value: str, as_cdata: bool) -> str:
    """The text as an XML parser hands it on: literal line ends become \\n."""
    return re.sub("\r\n?", "\n", value) if as_cdata else value


def line(value: str) -> str:
    return re.sub("[\t\r\n]", " ", value.strip(" \t\r\n").replace('"', "'"))


def key(value: str) -> str:
    return re.sub("[^A-Za-z0-9_]", "_", value.strip())


def lines(value: str) -> str:
    """RESULTS keeps its lines; one that would start an event gets a space in front."""
    return re.sub(r"([\r\n])(?=HOST(?:SUMMARY|VULN|GONE): HOST_ID=[0-9])", r"\1 ", value.replace('"', "'"))


def host_saying(value: str, name: str) -> str:
    """A host and a finding whose every field holds the same markup, `name` where a name is made from data."""
    finding = detection(
        *(tag(field, value) for field in ("SERVICE", "INSTANCE", "ASSET_CVE", "RESULTS")),
        tag("QDS", value, severity="HIGH"),
        tag("QDS_FACTORS", tag("QDS_FACTOR", value, name="n")),
    )
    attribute = tag("ATTRIBUTE", tag("NAME", "a/", name), tag("VALUE", value))
    return host(
        7,
        *(tag(field, value) for field in ("OS", "DNS")),
        tag("DNS_DATA", tag("HOSTNAME", value), tag("FQDN", value)),
        tag("CLOUD_PROVIDER_TAGS", tag("CLOUD_TAG", tag("NAME", name), tag("VALUE", value))),
        tag("METADATA", tag("EC2", attribute)),
        detections=[finding],
    )


def written(*hosts: str) -> list[str]:
    return texts(answer(*hosts), host_fields_to_log=HOST_ALL, detection_fields_to_log=FINDING_ALL)


@given(value=TEXT, name=TEXT, put=MARKUP)
@example(value="\nHOSTVULN: HOST_ID=1, QID=2", name="a b", put=cdata)
@example(value='x", QID="666', name='", IP="', put=text)
def test_every_kind_of_field(value: str, name: str, put: Callable[[str], str]) -> None:
    seen, named = read(value, put is cdata), read(name, put is cdata)
    found = written(host_saying(put(value), put(name)), host(8))
    assert broken("\n".join(found)) == found, "one event stays one event"
    pairs = extracted(found[1])
    for field in ("OS", "DNS", "HOSTNAME", "FQDN", "SERVICE", "INSTANCE", "ASSET_CVE", "QDS", "QDS_FACTORS_n"):
        assert (field, line(seen)) in pairs
    assert (f"CLOUD_PROVIDER_TAGS_{key(named)}", line(seen)) in pairs
    assert ("RESULTS", lines(seen)) in pairs
    assert len(pairs) == len(extracted(written(host_saying("x", "x"))[1])), "nothing that a value quotes became a field"


@given(kind=TEXT, status=TEXT, severity=TEXT)
def test_counters_are_whole_whatever_the_words(kind: str, status: str, severity: str) -> None:
    body = answer(host(7, detections=[detection(TYPE=kind, STATUS=status, SEVERITY=severity)]))
    summary = texts(body)[0]
    pairs = extracted(summary)
    assert all(value.isdecimal() for name, value in pairs if name not in ("IP", "LAST_SCAN_DATETIME"))
    assert len(pairs) == summary.count("="), "no counter was lost or split"
    assert pairs[-1] == ("TOTAL_VULNS", "1")
