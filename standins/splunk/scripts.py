"""How splunkd starts the add-on's scripts: command, environment and standard input.

Sources: "Modular inputs basic example" and "Set up external validation" (Splunk Developer Guide), and what
splunk-sdk 2.1.1 (`splunklib.modularinput`) reads and prints.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional
from xml.etree import ElementTree as ET

from standins.splunk.errors import StandinError
from standins.splunk.layout import Layout

ANSWER_WAIT_S = 60.0
_INHERITED = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT")


@dataclass(frozen=True)
class Argument:
    """One argument a modular input declares in its scheme."""

    name: str
    title: str
    description: str
    required_on_create: bool
    required_on_edit: bool


@dataclass(frozen=True)
class Scheme:
    """What `--scheme` printed."""

    title: str
    description: str
    use_external_validation: bool
    use_single_instance: bool
    arguments: list[Argument] = field(default_factory=list)


@dataclass(frozen=True)
class Session:
    """How a script reaches splunkd."""

    server_uri: str
    session_key: str
    ca: str
    server_host: str = "stand-in"


@dataclass(frozen=True)
class Scripts:
    """The modular input scripts of the installed add-on, run by `python`."""

    layout: Layout
    python: str

    def kinds(self) -> list[str]:
        """The modular inputs the app declares in README/inputs.conf.spec and has a script for."""
        spec = self.layout.app / "README" / "inputs.conf.spec"
        lines = spec.read_text("utf-8").splitlines() if spec.exists() else []
        names = [
            line.strip()[1:].partition("://")[0] for line in lines if line.strip().startswith("[") and "://" in line
        ]
        return [name for name in names if self.path(name).exists()]

    def path(self, kind: str) -> Path:
        return self.layout.app / "bin" / f"{kind}.py"

    def scheme(self, kind: str) -> Scheme:
        """The script's introspection; StandinError 500 with its stderr if it fails or prints no scheme."""
        done = self._ask_input(kind, "--scheme")
        if done.returncode != 0:
            raise StandinError(500, f"Introspecting scheme={kind}: script exited with {done.returncode}: {done.stderr}")
        try:
            return _parse_scheme(ET.fromstring(done.stdout))
        except ET.ParseError as error:
            raise StandinError(500, f"Introspecting scheme={kind}: {error}: {done.stdout!r}") from error

    def refusal(self, kind: str, name: str, params: Mapping[str, str], session: Session) -> str:
        """Why `--validate-arguments` refuses these parameters, or ""."""
        items = self._document("items", kind, session)
        item = ET.SubElement(items, "item", {"name": name})
        _add_params(item, params)
        done = self._ask_input(kind, "--validate-arguments", ET.tostring(items, "unicode"))
        if done.returncode == 0:
            return ""
        return _error_message(done.stdout) or (
            f"Argument validation for scheme={kind}: The script returned with exit status {done.returncode}."
        )

    def configuration(self, kind: str, stanza: str, params: Mapping[str, str], session: Session) -> str:
        """The `<input>` document for one run of one stanza."""
        document = self._document("input", kind, session)
        configuration = ET.SubElement(document, "configuration")
        element = ET.SubElement(configuration, "stanza", {"name": stanza, "app": self.layout.app_name})
        _add_params(element, params)
        return ET.tostring(document, "unicode")

    def environment(self, extra: Optional[Mapping[str, str]] = None) -> dict[str, str]:
        """What a script inherits from splunkd: Splunk's own variables, nothing of the stand-in's Python."""
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        home = self.layout.home
        splunk = {
            "SPLUNK_HOME": str(home),
            "SPLUNK_ETC": str(self.layout.etc),
            "SPLUNK_DB": str(self.layout.database),
            "SPLUNK_SERVER_NAME": "Splunkd",
        }
        return {**inherited, **splunk, **(extra or {})}

    def _document(self, tag: str, kind: str, session: Session) -> ET.Element:
        root = ET.Element(tag)
        facts = {
            "server_host": session.server_host,
            "server_uri": session.server_uri,
            "session_key": session.session_key,
            "checkpoint_dir": str(self.layout.checkpoints(kind)),
        }
        for name, text in facts.items():
            ET.SubElement(root, name).text = text
        return root

    def ask(
        self, arguments: Sequence[str], stdin: str, environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """A script's whole answer; StandinError 500 if it takes longer than splunkd would wait."""
        try:
            return subprocess.run(
                [self.python, *arguments],
                input=stdin,
                env=dict(environment),
                cwd="/",
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=ANSWER_WAIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise StandinError(500, f"{' '.join(arguments)} did not answer within {ANSWER_WAIT_S:g} s") from error

    def _ask_input(self, kind: str, option: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return self.ask([str(self.path(kind)), option], stdin, self.environment())


def _add_params(parent: ET.Element, params: Mapping[str, str]) -> None:
    for name, value in params.items():
        ET.SubElement(parent, "param", {"name": name}).text = value


def _parse_scheme(root: ET.Element) -> Scheme:
    return Scheme(
        title=root.findtext("title", ""),
        description=root.findtext("description", ""),
        use_external_validation=root.findtext("use_external_validation", "false") == "true",
        use_single_instance=root.findtext("use_single_instance", "false") == "true",
        arguments=[
            Argument(
                name=arg.get("name", ""),
                title=arg.findtext("title", "") or arg.get("name", ""),
                description=arg.findtext("description", ""),
                # splunkd's defaults where a scheme says nothing.
                required_on_create=arg.findtext("required_on_create", "true") == "true",
                required_on_edit=arg.findtext("required_on_edit", "false") == "true",
            )
            for arg in root.iterfind("endpoint/args/arg")
        ],
    )


def _error_message(stdout: str) -> str:
    try:
        return ET.fromstring(stdout).findtext("message", "")
    except ET.ParseError:
        return ""
