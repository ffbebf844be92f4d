"""The management API: which resource a path names, and the answer in the form the client asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Callable
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from werkzeug.wrappers import Request, Response

from standins.splunk.eai import Answer, Call, Resource, matching, page
from standins.splunk.errors import StandinError
from standins.splunk.feed import Feed, refusal
from standins.splunk.sessions import Sessions

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Router = Callable[[Sequence[str]], tuple[Resource, int]]
"""Finds the resource whose collection a path's segments begin with, and how many segments name the collection."""
_LOGIN = ("auth", "login")


class Management:
    """A WSGI application, and `respond` for those in the same process that hold a user already."""

    def __init__(self, sessions: Sessions, router: Router, failed: Callable[[str, str], None]) -> None:
        self._sessions = sessions
        self._router = router
        self._failed = failed

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        return self._respond_to(request)(environ, start_response)

    def _respond_to(self, request: Request) -> Response:
        try:
            segments = split_path(request.environ["REQUEST_URI"])[2]
            user = "" if tuple(segments) == _LOGIN else self._sessions.user(request.headers.get("Authorization", ""))
        except StandinError as error:
            return _refused(error, arguments(request))
        return self.respond(request, request.environ["REQUEST_URI"], user)

    def respond(self, request: Request, uri: str, user: str) -> Response:
        """The answer to `request` as if it had come for `uri` (undecoded) from `user`."""
        args = arguments(request)
        try:
            owner, app, segments = split_path(uri)
            if tuple(segments) == _LOGIN:
                return _login(self._sessions.login(args), args)
            call = Call(request.method, owner or user, app, args, request.get_data())
            return self._answer(call, segments)
        except StandinError as error:
            if error.status != 404:  # Asking whether something is there is no failure.
                self._failed(f"{request.method} {urlsplit(uri).path}", str(error))
            return _refused(error, args)

    def _answer(self, call: Call, segments: Sequence[str]) -> Response:
        resource, depth = self._router(segments)
        answer = resource.answer(call, segments[depth:])
        if answer.document is not None:
            return Response(_json(answer.document), answer.status, content_type="application/json")
        return _rendered(call, "/".join(segments[:depth]), answer)


def split_path(uri: str) -> tuple[str, str, list[str]]:
    """(owner, app, decoded segments after the namespace); an encoded slash stays inside its segment.

    A plus sign is a space, as splunk-sdk's UrlEncoded writes it.
    """
    segments = [unquote_plus(part) for part in urlsplit(uri).path.split("/") if part]
    if segments[:1] == ["services"]:
        return "", "-", segments[1:]
    if segments[:1] == ["servicesNS"] and len(segments) >= 3:
        return segments[1], segments[2], segments[3:]
    raise StandinError(404, "Not Found")


def arguments(request: Request) -> dict[str, str]:
    """Query and form together; a body that is JSON counts as no form."""
    body = request.get_data()
    form = [] if request.mimetype == "application/json" else parse_qsl(body.decode("utf-8"), keep_blank_values=True)
    return dict([*parse_qsl(urlsplit(request.environ["REQUEST_URI"]).query, keep_blank_values=True), *form])


def _rendered(call: Call, collection: str, answer: Answer) -> Response:
    entries = matching(answer.entries, call.args.get("search", "")) if call.method == "GET" else answer.entries
    shown = page(entries, call.args) if call.method == "GET" else list(entries)
    base = f"/servicesNS/{call.user}/{call.app}/{collection}"
    feed = Feed(base, shown, len(entries), int(call.args.get("offset") or 0), answer.messages)
    if _wants_json(call.args):
        return Response(feed.json(), answer.status, content_type="application/json; charset=UTF-8")
    return Response(feed.atom(), answer.status, content_type="text/xml; charset=UTF-8")


def _refused(error: StandinError, args: Mapping[str, str]) -> Response:
    as_json = _wants_json(args)
    kind = "application/json; charset=UTF-8" if as_json else "text/xml; charset=UTF-8"
    return Response(refusal(error, as_json=as_json), error.status, content_type=kind)


def _login(key: str, args: Mapping[str, str]) -> Response:
    if _wants_json(args):
        return Response(_json({"sessionKey": key, "message": "", "code": ""}), content_type="application/json")
    return Response(f"<response><sessionKey>{key}</sessionKey></response>", content_type="text/xml; charset=UTF-8")


def _wants_json(args: Mapping[str, str]) -> bool:
    return args.get("output_mode") == "json"


def _json(document: Any) -> str:
    return json.dumps(document)
