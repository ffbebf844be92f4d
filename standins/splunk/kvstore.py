"""The KV store: collections of JSON documents, enough of storage/collections for an add-on's own state.

Queries are equalities between top-level fields and values (REST API Reference, "KV store endpoint descriptions").
"""

from __future__ import annotations

import json
import sqlite3
import threading
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Union

from standins.splunk.conf import ConfFiles
from standins.splunk.eai import Answer, Call, Entry, Resource
from standins.splunk.errors import StandinError

Document = dict[str, Any]


class Collections(Resource):
    """storage/collections/config: the collections of collections.conf."""

    def __init__(self, confs: ConfFiles) -> None:
        self._confs = confs

    def entries(self, call: Call) -> list[Entry]:
        stanzas = self._confs.stanzas("collections", call.app).values()
        return [Entry(stanza.name, stanza.settings, app=stanza.app) for stanza in stanzas]

    def create(self, call: Call, name: str) -> Entry:
        if any(entry.name == name for entry in self.entries(call)):
            raise StandinError(409, f"Collection {name} already exists")
        self._confs.write("collections", call.app, name, call.settings)
        return self.read(call, name)

    def remove(self, call: Call, name: str) -> None:
        self._confs.remove("collections", call.app, name)


class Documents(Resource):
    """storage/collections/data/<collection>[/<key>]: documents by key."""

    def __init__(self, confs: ConfFiles, database: Path) -> None:
        self._confs = confs
        self._lock = threading.Lock()
        self._store = sqlite3.connect(str(database), check_same_thread=False, isolation_level=None)
        self._store.execute(
            "CREATE TABLE IF NOT EXISTS document (collection TEXT, key TEXT, body TEXT, PRIMARY KEY (collection, key))"
        )

    def close(self) -> None:
        self._store.close()

    def answer(self, call: Call, rest: Sequence[str]) -> Answer:
        collection, key = "".join(rest[:1]), "/".join(rest[1:])
        if collection not in self._confs.stanzas("collections", call.app):
            raise StandinError(404, f"Could not find collection {collection}")
        owned = f"{call.app}/{call.user}/{collection}"
        with self._lock:
            return {"GET": self._read, "POST": self._write, "DELETE": self._drop}[call.method](call, owned, key)

    def _read(self, call: Call, collection: str, key: str) -> Answer:
        found = self._found(call, collection, key)
        if key and not found:
            raise StandinError(404, "Could not find object.")
        return Answer(document=found[0] if key else found)

    def _write(self, call: Call, collection: str, key: str) -> Answer:
        if key == "batch_save":
            return Answer(document=[self._save(collection, document) for document in _parsed(call.body)])
        if key and not self._found(call, collection, key):
            raise StandinError(404, "Could not find object.")
        document = _parsed(call.body or b"{}")
        saved = self._save(collection, {**document, "_key": key} if key else document)
        return Answer(document={"_key": saved}, status=200 if key else 201)

    def _drop(self, call: Call, collection: str, key: str) -> Answer:
        for document in self._found(call, collection, key):
            parameters = (collection, document["_key"])
            self._store.execute("DELETE FROM document WHERE collection = ? AND key = ?", parameters)
        return Answer(document={})

    def _save(self, collection: str, document: Document) -> str:
        key = str(document.get("_key") or uuid.uuid4().hex[:24])
        body = json.dumps({**document, "_key": key, "_user": "nobody"})
        self._store.execute("INSERT OR REPLACE INTO document VALUES (?, ?, ?)", (collection, key, body))
        return key

    def _found(self, call: Call, collection: str, key: str) -> list[Document]:
        wanted = {"_key": key} if key else _parsed(call.args.get("query") or "{}")
        rows = self._store.execute("SELECT body FROM document WHERE collection = ? ORDER BY rowid", (collection,))
        documents = [json.loads(body) for (body,) in rows]
        return [document for document in documents if wanted.items() <= document.items()]


def _parsed(text: Union[str, bytes]) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise StandinError(400, f"JSON is malformed: {error}") from None
