"""Pages of each list of the platform that look real, for tests that spoil them."""

from __future__ import annotations

from support import posture, webapps
from support.core import answer, cdata, detection, host, leaves, tag, text

MORE = tag("WARNING", tag("CODE", "1980"), tag("TEXT", "more"), tag("URL", cdata("https://a/?id_min=9&b=2")))
TAGS = tag("TAGS", tag("TAG", tag("TAG_ID", "7"), tag("NAME", "a & <b>".replace("&", "&amp;").replace("<", "&lt;"))))
HOST_PAGES = (
    answer(),
    answer(host(1), warning=MORE),
    answer(host(1, TAGS, OS='x "1" é😀'), host(2, detections=[detection(RESULTS="a\tb\nc & d")]), warning=MORE),
    answer(*(host(number, tag("OS", cdata("]] > <HOST>"))) for number in range(3, 7))),
    answer(host(8, tag("METADATA", tag("EC2", tag("ATTRIBUTE", tag("NAME", "n"), tag("VALUE", "v"))))), host(9)),
    answer(host(1), host(2)).replace(
        b"?>\n", b'?>\n<!DOCTYPE HOST_LIST_VM_DETECTION_OUTPUT SYSTEM "https://x/a.dtd">\n'
    ),
    answer(host(1), host(2)).replace(b"</HOST>", b"</HOST>\n<!-- keep-alive <HOST> -->\n"),
)
POLICY_PAGES = (
    posture.policy_answer(),
    posture.policy_answer(posture.policy(), posture.policy(ID=8, TITLE="a & é")),
    posture.policy_answer(posture.policy(evaluated=None), posture.policy(ID=9, created=None)),
)
_TERMS = (
    *(posture.host(), posture.control(1071, posture.rationales(t80="why")), posture.technology()),
    *(posture.labeled("DPD", ":dp_1", tag("NAME", "n")), posture.labeled("FV", "#fv_1", posture.valued("1"))),
    posture.labeled("TM", "@tm_1", tag("PAIR", leaves({"K": "1", "V": "on"}))),
)
_PROVED = (
    posture.info(1, posture.evidence(":dp_1 is #fv_1", posture.point(":dp_1", "1", words="@tm_1"))),
    posture.info(2, tag("CAUSE_OF_FAILURE", tag("MISSING", posture.valued("x"))), HOST_ID=6, STATUS="Passed"),
)
POSTURE_PAGES = (
    posture.posture_answer(),
    posture.posture_answer(posture.info(), warning=MORE),
    posture.posture_answer(*_PROVED, explained=posture.glossary(*_TERMS)),
    posture.posture_answer(posture.info(3), explained="<GLOSSARY/>"),
)
_OF_POLICIES = (
    posture.of_policy(1, *_PROVED, explained=posture.glossary(*_TERMS)),
    posture.of_policy(2, posture.info(5), explained=posture.usual_glossary()),
)
POSTURES_PAGES = (
    posture.postures_answer(),
    posture.postures_answer(*_OF_POLICIES),
    posture.postures_answer(posture.of_policy(3), *_OF_POLICIES[1:]),
    posture.postures_answer(tag("POLICY", tag("INFO_LIST", posture.info(6)), posture.usual_glossary())),
)
_TRIED = webapps.tries(tag("payload", text("<i>")) + tag("request", tag("method", "GET")))
FINDING_PAGES = (
    webapps.was_answer(),
    webapps.was_answer(webapps.finding(), webapps.finding(id=502, status=None, type="INFORMATION_GATHERED")),
    webapps.was_answer(webapps.finding(_TRIED, webapps.listed("cwe", "79"), webapp=webapps.tags("a", "b"))),
)
