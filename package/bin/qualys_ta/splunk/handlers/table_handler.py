"""What the pages' handlers have in common: the table checks, people read why, and no secret leaves."""

from __future__ import annotations

import contextlib
import logging
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, Optional

from splunktaucclib.rest_handler import admin_external, util
from splunktaucclib.rest_handler.endpoint import RestModel
from splunktaucclib.rest_handler.endpoint.field import RestField
from splunktaucclib.rest_handler.error import RestError

from ...errors import TaError
from ..field import SECRET
from ..field_table import STANZAS
from ..settings import go_straight_to_splunkd

PLACEHOLDERS = ("", "******", "********")
"""What a page sends for a secret that the person did not type again."""


def rest_model(stanza: str, *more: str, name: Optional[str] = None) -> RestModel:
    """The table's fields as splunktaucclib knows them. None is required there: our own check has the better words."""
    fields = [
        RestField(field.name, encrypted=field.kind == SECRET) for field in STANZAS[stanza] if field.name != "name"
    ]
    return RestModel([*fields, *(RestField(extra) for extra in more)], name=name)


@contextlib.contextmanager
def telling_people() -> Iterator[None]:
    """Expected failures become the page's message; nothing is saved then."""
    try:
        yield
    except TaError as error:
        raise RestError(400, str(error)) from None


class TableHandler(admin_external.AdminExternalHandler):  # type: ignore[misc]
    """Checks what a person saves by the table before splunktaucclib stores it."""

    payload: dict[str, str]

    @abstractmethod
    def prepared(self, stored: Mapping[str, str], given: Mapping[str, str], conf_info: Any) -> dict[str, str]:
        """What to store of `given`, or a TaError. `stored` is what is there by now, with secrets in clear."""

    def saved(self) -> None:
        """Called after something was stored."""

    def handleList(self, conf_info: Any) -> None:  # noqa: N802
        """Lists without secrets: splunktaucclib would send them in clear to whoever asks with ``--cred--=1``."""
        self.callerArgs.data.pop(self.ACTION_CRED, None)
        super().handleList(conf_info)

    def handleCreate(self, conf_info: Any) -> None:  # noqa: N802
        self._save(super().handleCreate, {}, conf_info)

    def handleEdit(self, conf_info: Any) -> None:  # noqa: N802
        if "disabled" in self.payload:
            super().handleEdit(conf_info)
            return
        self._save(super().handleEdit, self._stored(), conf_info)

    def _save(self, save: Any, stored: Mapping[str, str], conf_info: Any) -> None:
        with telling_people():
            self.payload = self.prepared(stored, self.payload, conf_info)
        save(conf_info)
        self.saved()

    def _stored(self) -> dict[str, str]:
        found = next(iter(self.handler.get(self.callerArgs.id, decrypt=True))).content
        return {key: str(value) for key, value in found.items() if value is not None}


def kept_secrets(stanza: str, stored: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """The secrets after a save: those typed now, else those stored before."""
    names = [field.name for field in STANZAS[stanza] if field.kind == SECRET]
    typed = {name: given.get(name, "") for name in names}
    return {name: stored.get(name, "") if typed[name] in PLACEHOLDERS else typed[name] for name in names}


def serve(endpoint: Any, handler: type) -> None:
    """Answer splunkd, which started the door for it."""
    util.remove_http_proxy_env_vars()
    go_straight_to_splunkd()
    logging.getLogger().addHandler(logging.NullHandler())
    admin_external.handle(endpoint, handler=handler)
