"""Writes package/README/*.conf.spec, the reference of every setting, out of the add-on's table of fields.

Run it as ``python tools/conf_specs.py`` after a change of the table; a test fails where the two differ.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "package" / "bin"))

from qualys_ta.splunk import field as kinds  # noqa: E402
from qualys_ta.splunk.field import Field  # noqa: E402
from qualys_ta.splunk.field_table import STANZAS  # noqa: E402

README = ROOT / "package" / "README"
CONF = "ta_qualyscloudplatform"
TYPES = {kinds.FLAG: "<boolean>", kinds.NUMBER: "<integer>", kinds.CHOICES: "<comma-separated list>"}
REVISION = Field("revision", "Revision", "Written at each save: a run that the platform refused waits for a new one.")
PYTHON = """python.version = python3
* Splunk before 10.2 reads this.

python.required = {3.9|3.13}
* Splunk 10.2 and later reads this.
"""


def setting(field: Field) -> str:
    lines = [f"{field.name} = {TYPES.get(field.kind, '<string>')}"]
    about = field.help or field.label
    lines += [f"* {line.strip()}" for line in about.splitlines()]
    if field.options and field.kind != kinds.OPEN_CHOICE:
        lines.append(f"* One of: {', '.join(value for value, _ in field.options)}")
    if field.kind == kinds.SECRET:
        lines.append("* Stored as ******; the secret itself is in Splunk's password store.")
    if field.default:
        lines.append(f"* Default: {field.default}")
    return "\n".join(lines) + "\n"


def stanza(title: str, *fields: Field) -> str:
    return "\n".join([f"[{title}]", *(setting(field) for field in fields)])


def specs() -> Mapping[str, str]:
    """File name -> content."""
    stored = {name: [field for field in fields if field.name != "name"] for name, fields in STANZAS.items()}
    account, inputs = stored.pop("account"), stored.pop("input")
    declared = [field for field in inputs if field.kind != kinds.INDEX]
    return {
        f"{CONF}_account.conf.spec": stanza("<name>", *account, REVISION),
        f"{CONF}_settings.conf.spec": "\n".join(stanza(name, *fields) for name, fields in stored.items()),
        "inputs.conf.spec": stanza("qualys://<name>", *declared) + "\n" + PYTHON,
    }


if __name__ == "__main__":
    for name, text in specs().items():
        (README / name).write_text(text, encoding="utf-8")
