"""A tiny add-on, written to a folder: what a test of the Splunk stand-in needs, with none of the real one's behavior.

Its input does what its parameter `mode` says; its REST endpoint answers with what it was asked.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable

from standins.splunk import SplunkStandin

NAME = "TA-QualysCloudPlatform"
ENDPOINT = "TA_QualysCloudPlatform_thing"

_SCRIPT = '''
import os, signal, sys
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

SCHEME = """<scheme><title>Fake</title><description>An input of a test</description>
<use_external_validation>true</use_external_validation><use_single_instance>false</use_single_instance>
<streaming_mode>xml</streaming_mode><endpoint><args>
<arg name="mode"><title>Mode</title><description>What to do</description>
<required_on_create>true</required_on_create><required_on_edit>false</required_on_edit></arg>
<arg name="remark"><title>Remark</title><required_on_create>false</required_on_create></arg>
</args></endpoint></scheme>"""


def event(data, **fields):
    tags = "".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in fields.items())
    return f'<event stanza="{stanza.get("name")}">{tags}<data>{escape(data)}</data></event>'


def hang():
    print("<stream>" + event("before the kill") + '<event stanza="x"><data>half', flush=True)
    signal.pause()


def polite():
    signal.signal(signal.SIGTERM, lambda *_: (print("</stream>", flush=True), os._exit(0)))
    print("<stream>" + event("started"), flush=True)
    while True:
        signal.pause()


def echo():
    environment = {k: v for k, v in os.environ.items() if k.startswith(("SPLUNK", "PYTHON"))}
    print("<stream>", event(f"cwd={os.getcwd()} {environment}", time="1732170000.5", source="qualys"), sep="")
    print(event(document, sourcetype="fake:input", index="summary", host="elsewhere"), "</stream>")
    print("WARN something to tell", file=sys.stderr)


MODES = {
    "echo": echo,
    "hang": hang,
    "polite": polite,
    "fail": lambda: sys.exit("ERROR it went wrong"),
    "ill_formed": lambda: print("<stream>", event("good"), "<event><data>a & b</data></event>", event("lost")),
    "not_closed": lambda: print("<stream>" + event("good")),
    "broken": lambda: print("<stream>" + event("ID=1 a\\nb\\n\\nID=2 c", sourcetype="fake:broken") + "</stream>"),
    "long": lambda: print("<stream>" + event("x" * 20000) + event("x" * 20000, sourcetype="fake:broken") + "</stream>"),
    "nowhere": lambda: print("<stream>" + event("lost", index="no_such_index") + "</stream>"),
}

if "--scheme" in sys.argv:
    print(SCHEME)
elif "--validate-arguments" in sys.argv:
    item = ET.fromstring(sys.stdin.read()).find("item")
    mode = item.findtext("param[@name='mode']")
    if mode not in MODES:
        print(f"<error><message>{item.get('name')}: no mode {escape(mode)}</message></error>")
        sys.exit(1)
else:
    document = sys.stdin.read()
    stanza = ET.fromstring(document).find("configuration/stanza")
    MODES[stanza.findtext("param[@name='mode']")]()
'''

_HANDLER = """
import json, sys
import splunk
from splunk import admin, rest


class Thing(admin.MConfigHandler):
    def setup(self):
        if self.requestedAction == admin.ACTION_CREATE:
            self.supportedArgs.addReqArg("color")

    def handleList(self, confInfo):
        if self.callerArgs.id == "boom":
            raise ValueError("REST Error [418]: Teapot -- short and stout")
        if self.callerArgs.id == "gone":
            raise admin.NotFoundException("nothing here")
        confInfo[self.callerArgs.id or "all"]["app"] = self.appName

    def handleCreate(self, confInfo):
        _, body = rest.simpleRequest("/services/server/info", getargs={"output_mode": "json"})
        confInfo.addWarnMsg("saved, but look at it")
        item = confInfo[self.callerArgs.id]
        item["color"] = self.callerArgs["color"][0]
        item["version"] = json.loads(body)["entry"][0]["content"]["version"]
        item.setMetadata("eai:attributes", {"optionalFields": []})


if __name__ == "__main__":
    admin.init(Thing, admin.CONTEXT_APP_ONLY)
"""

_FILES = {
    "bin/qualys.py": _SCRIPT,
    f"bin/{ENDPOINT}.py": _HANDLER,
    "README/inputs.conf.spec": "[qualys://<name>]\nmode = <string>\nremark = <string>\n",
    "default/app.conf": "[install]\nis_configured = false\n[ui]\nlabel = Fake add-on\n[launcher]\nversion = 0.1\n",
    "default/inputs.conf": "[qualys]\ninterval = 60\ndisabled = true\npython.version = python3\n",
    "default/props.conf": (
        "[fake:broken]\nSHOULD_LINEMERGE = false\nTRUNCATE = 0\nLINE_BREAKER = ([\\r\\n]+)(?=ID=\\d)\n"
    ),
    "default/collections.conf": "[notes]\n",
    "default/restmap.conf": (
        f"[admin:things]\nmatch = /\nmembers = {ENDPOINT}\n\n[admin_external:{ENDPOINT}]\nhandlertype = python\n"
        f"handlerfile = {ENDPOINT}.py\nhandleractions = list, create\n"
    ),
    "default/web.conf": f"[expose:thing]\npattern = {ENDPOINT}\nmethods = GET\n",
    "default/data/ui/views/inputs.xml": f'<view template="{NAME}:/templates/base.html" type="html"/>',
    "appserver/templates/base.html": "<title>fake page</title>",
    "appserver/static/js/page.js": "let page;",
}


def make_addon(folder: Path) -> Path:
    """The add-on's folder, below `folder`."""
    addon = folder / NAME
    for name, text in _FILES.items():
        path = addon / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return addon


@contextmanager
def fake_splunk(folder: Path, **options: Any) -> Iterator[SplunkStandin]:
    """A Splunk stand-in that has the fake add-on installed."""
    with SplunkStandin(folder / "splunk", make_addon(folder), **options) as splunk:
        yield splunk


def eventually(holds: Callable[[], Any], timeout_s: float = 20.0) -> None:
    """Returns once `holds()` is true, for what another process or thread brings about; fails after `timeout_s`."""
    give_up_at = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < give_up_at, f"not within {timeout_s} s"
        time.sleep(0.01)
