"""What the inputs take, as splunkd and its *Data Inputs* page ask for it, and why an input is refused."""

from __future__ import annotations

import time
from html import escape

from ..errors import TaError
from . import fields, owner
from .field_table import INPUT_FIELDS
from .invocation import Invocation
from .settings import ACCOUNT_CONF, SETTINGS_CONF, ConfReader

_SPLUNKS_OWN = ("index", "host")


def _argument(name: str, title: str, about: str, required: bool) -> str:
    return (
        f'<arg name="{name}"><title>{escape(title)}</title><description>{escape(about)}</description>'
        "<data_type>string</data_type>"
        f"<required_on_create>{str(required).lower()}</required_on_create>"
        "<required_on_edit>false</required_on_edit></arg>"
    )


SCHEME = (
    "<scheme><title>Qualys Cloud Platform</title>"
    "<description>Pulls vulnerability and compliance data from the Qualys Cloud Platform.</description>"
    "<use_external_validation>true</use_external_validation>"
    "<use_single_instance>false</use_single_instance>"
    "<streaming_mode>xml</streaming_mode>"
    "<endpoint><args>"
    + "".join(
        _argument(field.name, field.label, field.help, field.required)
        for field in INPUT_FIELDS
        if field.name not in _SPLUNKS_OWN
    )
    + "</args></endpoint></scheme>\n"
)


def refusal(invocation: Invocation) -> str:
    """splunkd's error document for the first input that cannot work, "" where all can."""
    for stanza in invocation.stanzas:
        try:
            splunkd = ConfReader(invocation.server_uri, invocation.session_key)
            accounts = sorted(splunkd.conf(ACCOUNT_CONF))
            fields.saved_account({**stanza.params, "name": stanza.name}, accounts, time.time())
            lookups = fields.checked("kb", splunkd.conf(SETTINGS_CONF).get("kb", {}))["kb_lookups"]
            owner.refuse_second(stanza.name, stanza.params, splunkd.inputs(), bool(lookups))
        except TaError as error:
            return f"<error><message>{escape(str(error))}</message></error>\n"
    return ""
