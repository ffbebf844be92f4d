"""storage/passwords: the password store, its secrets encrypted in local/passwords.conf."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet

from standins.splunk.conf import ConfFiles, Stanza
from standins.splunk.eai import Call, Entry, Resource
from standins.splunk.errors import StandinError

_CONF = "passwords"
_PREFIX = "$7$"


class Passwords(Resource):
    """One credential per `[credential:<realm>:<username>:]`, as splunkd names them; `:` inside a part is `\\:`."""

    def __init__(self, confs: ConfFiles, secret: str) -> None:
        self._confs = confs
        self._cipher = Fernet(base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()))

    def entries(self, call: Call) -> list[Entry]:
        stanzas = self._confs.stanzas(_CONF, call.app).values()
        return [self._entry(stanza) for stanza in stanzas if stanza.name.startswith("credential:")]

    def create(self, call: Call, name: str) -> Entry:
        identity = f"{_part(call.args.get('realm', ''))}:{_part(name)}:"
        if any(entry.name == identity for entry in self.entries(call)):
            raise StandinError(409, f"Cannot create; object already exists: {identity}")
        return self._save(call, identity)

    def edit(self, call: Call, name: str) -> Entry:
        return self._save(call, self.read(call, name).name)

    def remove(self, call: Call, name: str) -> None:
        self._confs.remove(_CONF, call.app, f"credential:{self.read(call, name).name}")

    def read(self, call: Call, name: str) -> Entry:
        # A client may leave out the empty realm and the colon at the end: `username` names `:username:`.
        names = {name, f"{name}:", f":{name}:"}
        for entry in self.entries(call):
            if entry.name in names:
                return entry
        raise StandinError(404, f"Could not find object id={name}")

    def _save(self, call: Call, identity: str) -> Entry:
        password = call.args.get("password", "")
        if not password:
            raise StandinError(400, "The following required arguments are missing: password.")
        encrypted = _PREFIX + self._cipher.encrypt(password.encode("utf-8")).decode("ascii")
        self._confs.write(_CONF, call.app, f"credential:{identity}", {"password": encrypted})
        return self.read(call, identity)

    def _entry(self, stanza: Stanza) -> Entry:
        identity = stanza.name[len("credential:") :]
        realm, username = _parts(identity)
        encrypted = stanza.settings["password"]
        clear = self._cipher.decrypt(encrypted[len(_PREFIX) :].encode("ascii")).decode("utf-8")
        content = {
            "clear_password": clear,
            "encr_password": encrypted,
            "password": "********",
            "realm": realm or None,
            "username": username,
        }
        return Entry(identity, content, app=stanza.app)


def _part(text: str) -> str:
    return text.replace(":", "\\:")


def _parts(identity: str) -> list[str]:
    realm, username, _ = identity.replace("\\:", "\0").split(":")
    return [part.replace("\0", ":") for part in (realm, username)]
