"""Pages made to cost far more than their size, each read within little memory: a script, run by test_page_bombs.

``bombs.py <MB>`` limits its own memory to so many MB above what it has, and prints a JSON object for each bomb.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, repeat
from pathlib import Path
from tempfile import TemporaryDirectory

MB = 1 << 20
ROOT = "HOST_LIST_VM_DETECTION_OUTPUT"
LAUGHS = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 10))


def page(inside: str = "", outside: str = "", before: str = "", hosts: str = "") -> bytes:
    """One host, with something in it, before it, before the root, or after it."""
    told = f"<DATETIME>2024-01-01T00:00:00Z</DATETIME>{outside}"
    listed = f"<HOST_LIST><HOST><ID>1</ID>{inside}</HOST>{hosts}</HOST_LIST>"
    return f"{before}<{ROOT}><RESPONSE>{told}{listed}</RESPONSE></{ROOT}>".encode()


def nested(times: int) -> str:
    return "<n>" * times + "</n>" * times


def attributes(count: int) -> str:
    return "<n " + " ".join(f'a{number}="1"' for number in range(count)) + "/>"


BOMBS: Mapping[str, Callable[[], bytes]] = {
    "billion laughs": lambda: page("&l9;", before=f'<!DOCTYPE R [<!ENTITY l0 "lol">{LAUGHS}]>'),
    "one long entity, often": lambda: page("&a;" * 50_000, before=f'<!DOCTYPE R [<!ENTITY a "{"x" * 50_000}">]>'),
    "parameter entities": lambda: page(before="<!DOCTYPE R [<!ENTITY % a \"<!ENTITY b 'x'>\"> %a; %a; %a;]>"),
    "undeclared entities": lambda: page(
        "".join(f"&e{number};" for number in range(100_000)), before='<!DOCTYPE R SYSTEM "x">'
    ),
    "deep outside the records": lambda: page(outside=nested(100_000)),
    "deep in a record": lambda: page(nested(100_000)),
    "deep in a field": lambda: page(f"<METADATA><EC2>{nested(50_000)}</EC2></METADATA>"),
    "deep in a finding": lambda: page(f"<DETECTION_LIST><DETECTION>{nested(50_000)}</DETECTION></DETECTION_LIST>"),
    "attributes in a record": lambda: page(attributes(100_000)),
    "attributes outside": lambda: page(outside=attributes(100_000)),
    "a long tag": lambda: page(f"<{'n' * 4 * MB}/>"),
    "a long comment": lambda: page(f"<!--{'n' * 4 * MB}-->"),
    "a long text": lambda: page(f"<OS>{'n' * 6 * MB}</OS>"),
    "a long text outside": lambda: page(outside=f"<OS>{'n' * 16 * MB}</OS>"),
    "many elements outside": lambda: page(outside="<n/>" * 300_000),
    "many records": lambda: page(hosts="<HOST><ID>1</ID></HOST>" * 60_000),
    "many lists": lambda: page(outside="<HOST_LIST><HOST><ID>1</ID></HOST></HOST_LIST>" * 100_000),
    "references": lambda: page(f"<OS>{'&#65;&#0;' * 200_000}</OS>"),
    "brackets": lambda: page(f"<OS><![CDATA[{']' * 4 * MB}]]></OS>"),
    "ampersands": lambda: page(f"<OS><![CDATA[{'&' * 4 * MB}]]></OS>"),
}


def posture(
    records: Iterable[str] = ("<INFO><ID>1</ID><HOST_ID>1</HOST_ID></INFO>",), explained: Iterable[str] = ()
) -> Iterator[str]:
    """An answer about one policy, in pieces: it need not fit into memory."""
    yield "<POSTURE_INFO_LIST_OUTPUT><RESPONSE><DATETIME>2024-01-01T00:00:00Z</DATETIME><INFO_LIST>"
    yield from records
    yield "</INFO_LIST><GLOSSARY>"
    yield from explained
    yield "</GLOSSARY></RESPONSE></POSTURE_INFO_LIST_OUTPUT>"


def postures(policies: Iterable[str]) -> Iterator[str]:
    """An answer about several."""
    yield "<POSTURE_INFO_LIST_OUTPUT><RESPONSE><DATETIME>2024-01-01T00:00:00Z</DATETIME>"
    yield from policies
    yield "</RESPONSE></POSTURE_INFO_LIST_OUTPUT>"


def findings(inside: Iterable[str] = (), outside: str = "") -> Iterator[str]:
    yield f"<ServiceResponse><responseCode>SUCCESS</responseCode>{outside}<data><Finding><id>1</id>"
    yield from inside
    yield "</Finding></data></ServiceResponse>"


def within(name: str, pieces: Iterable[str]) -> Iterator[str]:
    return chain((f"<{name}>",), pieces, (f"</{name}>",))


def infos(count: int) -> Iterator[str]:
    return (f"<INFO><ID>{number}</ID><HOST_ID>{number}</HOST_ID></INFO>" for number in range(count))


def hosts(count: int) -> Iterator[str]:
    return (f"<HOST><ID>{number}</ID><DNS>host-{number}.example</DNS></HOST>" for number in range(count))


def proved(expression: str, *found: str) -> Iterator[str]:
    """Posture whose evidence is this expression, and a data point with these values."""
    values = "".join(f"<V>{value}</V>" for value in found)
    point = f"<DPV><LABEL>:dp_1</LABEL>{values}<TM_REF>@tm_1</TM_REF></DPV>"
    told = f"<BOOLEAN_EXPR>{expression}</BOOLEAN_EXPR><DPV_LIST>{point}</DPV_LIST>"
    yield f"<INFO><ID>1</ID><EVIDENCE>{told}</EVIDENCE></INFO>"


LONG = "x" * 10_000
HOST_LIST = "<HOST_LIST><HOST><ID>1</ID></HOST></HOST_LIST>"
OTHER_BOMBS: Mapping[str, tuple[str, Callable[[], Iterator[str]]]] = {
    "many hosts in a glossary": ("POSTURE", lambda: posture(infos(5), within("HOST_LIST", hosts(200_000)))),
    "many records before a glossary": ("POSTURE", lambda: posture(infos(50_000), within("HOST_LIST", hosts(9)))),
    "many lists in a glossary": ("POSTURE", lambda: posture(explained=repeat(HOST_LIST, 100_000))),
    "glossaries in each other": ("POSTURE", lambda: posture(explained=repeat("<GLOSSARY>", 100_000))),
    "deep in a glossary": ("POSTURE", lambda: posture(explained=(nested(100_000),))),
    "deep in an explanation": (
        "POSTURE",
        lambda: posture(explained=within("HOST_LIST", within("HOST", [nested(50_000)]))),
    ),
    "many words for one label": (
        "POSTURE",
        lambda: posture(explained=within("TM_LIST", within("TM", repeat("<PAIR><K>1</K><V>a</V></PAIR>", 50_000)))),
    ),
    "records in a glossary": ("POSTURE", lambda: posture(explained=within("INFO_LIST", infos(20_000)))),
    "a glossary in a record": (
        "POSTURE",
        lambda: posture(within("INFO", within("GLOSSARY", within("HOST_LIST", hosts(50_000))))),
    ),
    "one long term, often": (
        "POSTURE",
        lambda: posture(proved("#a " * 100_000), (f"<FV_LIST><FV><LABEL>#a</LABEL><V>{LONG}</V></FV></FV_LIST>",)),
    ),
    "one long word, often": (
        "POSTURE",
        lambda: posture(
            proved("x", *repeat("1", 100_000)),
            (f"<TM_LIST><TM><LABEL>@tm_1</LABEL><PAIR><K>1</K><V>{LONG}</V></PAIR></TM></TM_LIST>",),
        ),
    ),
    "many policies": (
        "POSTURES",
        lambda: postures(repeat(f"<POLICY><INFO_LIST/><GLOSSARY>{HOST_LIST}</GLOSSARY></POLICY>", 50_000)),
    ),
    "a policy without a number": (
        "POSTURES",
        lambda: postures(within("POLICY", within("INFO_LIST", infos(20_000)))),
    ),
    "many policies in a list": (
        "POLICIES",
        lambda: chain(
            ("<POLICY_LIST_OUTPUT><RESPONSE><DATETIME>2024-01-01T00:00:00Z</DATETIME><POLICY_LIST>",),
            repeat("<POLICY><ID>1</ID></POLICY>", 30_000),
            ("</POLICY_LIST></RESPONSE></POLICY_LIST_OUTPUT>",),
        ),
    ),
    "deep in a web finding": ("FINDINGS", lambda: findings((nested(100_000),))),
    "many lists of findings": (
        "FINDINGS",
        lambda: findings(outside="<data><Finding><id>1</id></Finding></data>" * 50_000),
    ),
    "many results": (
        "FINDINGS",
        lambda: findings(
            within(
                "resultList",
                within("list", repeat("<Result><payloads><list><PayloadInstance/></list></payloads></Result>", 20_000)),
            )
        ),
    ),
}
"""Bombs of other lists, by the name of their shape; converted as a pull does it, on disk."""


def main() -> None:
    from support.feed_bombs import FEED_BOMBS
    from support.page_oracle import Read
    from support.page_readers import at_once, looked_at

    limit_memory(int(sys.argv[1]) * MB)
    for name, made in BOMBS.items():
        body = made()
        for how, read in (
            ("looked at", lambda body: looked_at(body, [1 << 16] * (len(body) >> 16))),
            ("at once", at_once),
        ):
            started = time.monotonic()
            found = read(body)
            said = "read" if isinstance(found, Read) else found.__name__ if found else "unread"
            tell(name, how, said, started)
    for name, (shape, pieces) in {**OTHER_BOMBS, **FEED_BOMBS}.items():
        explode(name, shape, pieces())


def explode(name: str, shape: str, pieces: Iterable[str]) -> None:
    from support import page_readers, page_shapes

    with TemporaryDirectory() as folder:
        page = Path(folder) / "page.xml"
        with open(page, "w", encoding="ascii") as file:
            file.writelines(pieces)
        for how in ("looked at", "at once"):
            started = time.monotonic()
            said = page_readers.converted(page, getattr(page_shapes, shape), inspect=how == "looked at")
            tell(name, how, said, started)


def tell(name: str, how: str, said: str, started: float) -> None:
    told = {"bomb": name, "how": how, "said": said, "seconds": round(time.monotonic() - started, 2)}
    sys.stdout.write(json.dumps(told) + "\n")


def limit_memory(more: int) -> None:
    """Beyond that an allocation fails, and with it the script."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    main()
