"""data/inputs: the modular inputs an add-on brings, as splunkd keeps them in inputs.conf."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Callable

from standins.splunk.conf import ANY_APP, ConfFiles, Stanza
from standins.splunk.eai import Answer, Call, Entry, Resource
from standins.splunk.errors import StandinError
from standins.splunk.scripts import Scheme, Scripts, Session

_STANDARD = frozenset({"index", "host", "source", "sourcetype", "interval", "disabled", "queue"})
"""Settings every modular input has, whatever its scheme says."""
_STATES = {"enable": "0", "disable": "1"}


class ModularInputs(Resource):
    """data/inputs/<kind>: create and edit run the script's own validation, and tell `changed` which stanza moved."""

    actions = ("enable", "disable")

    def __init__(
        self,
        confs: ConfFiles,
        scripts: Scripts,
        kind: str,
        session: Callable[[], Session],
        changed: Callable[[str], None],
    ) -> None:
        self._confs = confs
        self._scripts = scripts
        self._kind = kind
        self._session = session
        self._changed = changed

    def entries(self, call: Call) -> list[Entry]:
        stanzas = self._confs.stanzas("inputs", call.app).values()
        return [_entry(stanza) for stanza in stanzas if stanza.name.startswith(f"{self._kind}://")]

    def answer(self, call: Call, rest: Sequence[str]) -> Answer:
        if list(rest) == ["_new"]:
            return Answer([Entry("_new", {}, metadata={"eai:attributes": self._attributes()})])
        return super().answer(call, rest)

    def create(self, call: Call, name: str) -> Entry:
        if any(entry.name == name for entry in self.entries(call)):
            raise StandinError(409, f"An object with name={name} already exists")
        scheme = self._checked(call.settings)
        required = [arg.name for arg in scheme.arguments if arg.required_on_create and arg.name != "name"]
        missing = [arg for arg in required if not call.args.get(arg)]
        if missing:
            raise StandinError(400, f"The following required arguments are missing: {', '.join(missing)}.")
        self._validate(scheme, name, call.settings)
        return self._write(call, name, call.settings)

    def edit(self, call: Call, name: str) -> Entry:
        known = self._stanza(call, name)
        scheme = self._checked(call.settings)
        declared = {arg.name for arg in scheme.arguments} | _STANDARD
        kept = {key: value for key, value in known.settings.items() if key in declared}
        self._validate(scheme, name, {**kept, **call.settings})
        return self._write(call, name, call.settings)

    def remove(self, call: Call, name: str) -> None:
        stanza = self._stanza(call, name)
        self._confs.remove("inputs", call.app, stanza.name)
        self._changed(stanza.name)

    def act(self, call: Call, name: str, action: str) -> Entry:
        self._stanza(call, name)
        return self._write(call, name, {"disabled": _STATES[action]})

    def _write(self, call: Call, name: str, settings: dict[str, str]) -> Entry:
        stanza = f"{self._kind}://{name}"
        app = self._scripts.layout.app_name if call.app == ANY_APP else call.app
        self._confs.write("inputs", app, stanza, settings)
        self._changed(stanza)
        return self.read(call, name)

    def _stanza(self, call: Call, name: str) -> Stanza:
        return self._confs.stanza("inputs", call.app, f"{self._kind}://{name}")

    def _checked(self, settings: dict[str, str]) -> Scheme:
        scheme = self._scripts.scheme(self._kind)
        known: set[str] = {arg.name for arg in scheme.arguments} | _STANDARD
        for key in settings:
            if key not in known and not key.startswith("python."):
                raise StandinError(400, f'Argument "{key}" is not supported by this handler.')
        return scheme

    def _validate(self, scheme: Scheme, name: str, settings: dict[str, str]) -> None:
        if not scheme.use_external_validation:
            return
        refusal = self._scripts.refusal(self._kind, name, settings, self._session())
        if refusal:
            raise StandinError(400, refusal)

    def _attributes(self) -> dict[str, list[str]]:
        arguments = self._scripts.scheme(self._kind).arguments
        required = [arg.name for arg in arguments if arg.required_on_create]
        optional = [arg.name for arg in arguments if not arg.required_on_create] + sorted(_STANDARD)
        return {"requiredFields": required, "optionalFields": optional, "wildcardFields": []}


def _entry(stanza: Stanza) -> Entry:
    action = "enable" if stanza.disabled else "disable"
    name = stanza.name.partition("://")[2]
    return Entry(name, stanza.content, app=stanza.app, removable=not stanza.shipped, actions=(action,))


class InputKinds(Resource):
    """data/inputs: which kinds of input there are; splunk-sdk walks it to list all inputs."""

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    def entries(self, call: Call) -> list[Entry]:  # noqa: ARG002
        return [Entry(kind, {}, removable=False, actions=("create",)) for kind in self._scripts.kinds()]


class InputSchemes(Resource):
    """data/modular-inputs: what each kind's `--scheme` printed."""

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    def entries(self, call: Call) -> list[Entry]:  # noqa: ARG002
        return [self._entry(kind) for kind in self._scripts.kinds()]

    def _entry(self, kind: str) -> Entry:
        scheme = self._scripts.scheme(kind)
        arguments = {
            arg.name: {
                "title": arg.title,
                "description": arg.description,
                "required_on_create": arg.required_on_create,
                "required_on_edit": arg.required_on_edit,
            }
            for arg in scheme.arguments
        }
        content = {"title": scheme.title, "description": scheme.description, "endpoint": {"args": arguments}}
        return Entry(kind, content, removable=False)
