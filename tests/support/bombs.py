"""Pages made to cost far more than their size, each read within little memory: a script, run by test_page_bombs.

``bombs.py <MB>`` limits its own memory to so many MB above what it has, and prints a JSON object for each bomb.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

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


def main() -> None:
    from support.page_readers import Read, at_once, looked_at

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
            told = {"bomb": name, "how": how, "said": said, "seconds": round(time.monotonic() - started, 2)}
            sys.stdout.write(json.dumps(told) + "\n")


def limit_memory(more: int) -> None:
    """Beyond that an allocation fails, and with it the script."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    main()
