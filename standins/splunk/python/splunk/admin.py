"""splunk.admin: the door of an admin_external handler: a JSON request on stdin, a JSON answer on stdout."""

# The names are Splunk's.
# ruff: noqa: N802, N803

from __future__ import annotations

import json
import sys
import traceback
from typing import Any, Optional

import splunk

ACTION_CREATE, ACTION_LIST, ACTION_EDIT, ACTION_REMOVE = 1, 2, 4, 8
ACTION_MEMBERS, ACTION_RELOAD = 16, 32
CONTEXT_NONE, CONTEXT_APP_ONLY, CONTEXT_APP_AND_USER = 1, 2, 3
EAI_ENTRY_ACL = "eai:acl"
EAI_ENTRY_ATTRIBUTES = "eai:attributes"
EAI_META_PREFIX = "eai:"

_ACTIONS = {"create": ACTION_CREATE, "list": ACTION_LIST, "edit": ACTION_EDIT, "remove": ACTION_REMOVE}
_METHODS = {
    ACTION_CREATE: "handleCreate",
    ACTION_LIST: "handleList",
    ACTION_EDIT: "handleEdit",
    ACTION_REMOVE: "handleRemove",
}


class AdminManagerException(Exception):
    """What splunkd answers with the message alone, and a status of its own."""


class ArgValidationException(AdminManagerException):
    pass


class BadActionException(AdminManagerException):
    pass


class AlreadyExistsException(AdminManagerException):
    pass


class NotFoundException(AdminManagerException):
    pass


class PermissionsException(AdminManagerException):
    pass


class ServiceUnavailableException(AdminManagerException):
    pass


class InternalException(AdminManagerException):
    pass


class ConfigItem(dict[str, Any]):
    """One entry of the answer."""

    def __init__(self) -> None:
        super().__init__()
        self.metadata: dict[str, Any] = {}

    def setMetadata(self, key: str, value: Any) -> None:
        self.metadata[key] = value

    def append(self, key: str, value: str) -> None:
        self[key] = value


class ConfigInfo(dict[str, ConfigItem]):
    """The answer: entries by name, each made on first use, and messages beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[dict[str, str]] = []

    def __missing__(self, name: str) -> ConfigItem:
        self[name] = ConfigItem()
        return self[name]

    def addInfoMsg(self, text: str) -> None:
        self._add("INFO", text)

    def addWarnMsg(self, text: str) -> None:
        self._add("WARN", text)

    def addErrorMsg(self, text: str) -> None:
        self._add("ERROR", text)

    def _add(self, level: str, text: str) -> None:
        self.messages.append({"type": level, "text": str(text)})


class CallerArgs:
    """What the client asked for: `id` is the object's name, `data` the arguments, each a list."""

    def __init__(self, name: Optional[str], data: dict[str, list[str]]) -> None:
        self.id = name
        self.data = data

    def __getitem__(self, key: str) -> list[str]:
        return self.data[key]

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def get(self, key: str, default: Any = None) -> Any:
        return self.data.get(key, default)


class SupportedArgs:
    """What a handler's setup() declares; `addReqArg` and `addOptArg` as in Splunk."""

    def __init__(self) -> None:
        self.required: list[str] = []
        self.optional: list[str] = []
        self.wildcards: list[str] = []

    def addReqArg(self, name: str) -> None:
        self.required.append(name)

    def addOptArg(self, name: str) -> None:
        (self.wildcards if "*" in name else self.optional).append(name.rstrip("*"))

    def check(self, args: dict[str, list[str]]) -> None:
        """splunkd's own argument check, before the handler sees anything."""
        known = {*self.required, *self.optional}
        for name in args:
            if name not in known and not any(name.startswith(prefix) for prefix in self.wildcards):
                raise ArgValidationException(f'Argument "{name}" is not supported by this handler.')
        missing = [name for name in self.required if not args.get(name, [""])[0]]
        if missing:
            raise ArgValidationException(f"The following required arguments are missing: {', '.join(missing)}.")


class MConfigHandler:
    """What a handler derives from. splunkd makes one per request."""

    def __init__(self, request: dict[str, Any], contextInfo: int) -> None:
        self.requestedAction = _ACTIONS[request["action"]]
        self.callerArgs = CallerArgs(request["id"], request["args"])
        self.supportedArgs = SupportedArgs()
        self.context = contextInfo
        self.customAction = ""
        self.userName = request["user"]
        self.appName = request["app"]
        self._session_key = request["session_key"]

    def getSessionKey(self) -> str:
        return str(self._session_key)

    def setup(self) -> None:
        """For the handler to declare its arguments."""

    def hasAction(self) -> bool:
        return hasattr(self, _METHODS[self.requestedAction])

    def execute(self, confInfo: ConfigInfo) -> None:
        self.setup()
        self.supportedArgs.check(self.callerArgs.data)
        handle = getattr(self, _METHODS[self.requestedAction], None)
        if handle is None:
            raise BadActionException("This handler does not support the requested action.")
        handle(confInfo)


def init(handler: type[MConfigHandler], ctxInfo: int = CONTEXT_NONE) -> None:
    """Reads one request, lets `handler` answer it, writes the answer: entries and messages, or the error."""
    request = json.load(sys.stdin)
    splunk.setDefault("sessionKey", request["session_key"])
    answer: dict[str, Any]
    try:
        info = ConfigInfo()
        handler(request, ctxInfo).execute(info)
        answer = {"entries": [_rendered(name, item) for name, item in info.items()], "messages": info.messages}
    except Exception as error:  # noqa: BLE001 - as splunkd's own runner: whatever it is, the client hears of it
        traceback.print_exc()
        answer = {"error": {"type": str(type(error)), "message": str(error)}}
    json.dump(answer, sys.stdout)


def _rendered(name: str, item: ConfigItem) -> dict[str, Any]:
    return {"name": name, "content": dict(item), "metadata": item.metadata}
