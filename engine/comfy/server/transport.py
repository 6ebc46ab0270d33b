"""The calls that one server is asked over HTTP: JSON, uploads and downloads of pictures.

Answers are checked for their sender, their media type and their length.
"""

import json
import math
import ssl
from collections.abc import Callable, Mapping
from typing import Any, Literal
from urllib.parse import quote, urlencode

from engine.comfy.errors import ServerBroken, ServerTooLarge, ServerUnreachable
from engine.comfy.prompt_plan import Upload
from engine.comfy.server import tls
from engine.comfy.server.address import Server, is_loopback, usable_url
from engine.comfy.server.error_mapping import connection_error
from engine.comfy.server.http_session import HttpSession
from engine.net.cancellable import run_cancellable
from engine.net.http import HTTP_TIMEOUTS, HttpRequest, HttpResponse, HttpTimeouts, UploadFile

JSON_LIMIT = 64 << 20  # bytes; a server with hundreds of packs describes its nodes in some ten MB
VIEW_LIMIT = 512 << 20

_UNCOMPRESSED = {"Accept-Encoding": "identity"}  # pictures: their length is compared
_FORM_BYTES = 1000  # what a form takes beside its file, at most: the limit is for all of it
_SENT_ONCE = ("/prompt", "/api/prompt")  # sent twice, it is done twice


class Transport:
    """The calls to one server: an answer, or a ServerError. Threads may share it.

    `login` gives the headers that let us in; it is asked again after the server refused them.
    Raises ServerAddress for an address that cannot be used.
    """

    def __init__(
        self,
        server: Server,
        login: Callable[[], Mapping[str, str]] = dict[str, str],
        *,
        timeouts: HttpTimeouts = HTTP_TIMEOUTS,
    ) -> None:
        self.server = server
        self._session = HttpSession(server, login, timeouts)
        self.url = self._session.url
        self._upload_limit: int | None = None

    def get_json(self, path: str, waiting: Callable[[], object]) -> Any:
        """The JSON at a path, query included.

        Raises ServerUnreachable (status, 404) where there is nothing.
        """
        request = HttpRequest(url=self.url + path)
        return self._json(self._checked(self._send(request, waiting)))

    def post_json(self, path: str, body: object, waiting: Callable[[], object]) -> tuple[int, Any]:
        """The status, 200 or 400, and what was answered: None if that was nothing.

        A /prompt is sent once, by a connection of its own: one that lay idle may be dead. When that
        breaks all the same (ServerUnreachable: dropped, timeout), it may have arrived or not.
        """
        request = HttpRequest(
            method="POST",
            url=self.url + path,
            headers={"Content-Type": "application/json"},
            content=json.dumps(body).encode(),
        )
        answer = self._session.send(
            request, waiting, limit=JSON_LIMIT, may_repeat=path not in _SENT_ONCE
        )
        if answer.status == 400 and answer.is_json:
            return 400, self._json(answer)
        self._checked(answer)
        return 200, self._json(answer) if answer.content else None

    def upload(self, upload: Upload, waiting: Callable[[], object]) -> str:
        """Send a picture, unless it is there; the name that the graph must use for it.

        Raises ServerTooLarge before anything is sent, and ServerBroken (truncated) when less
        arrived.
        """
        if self.has(upload, waiting):
            return upload.name
        self._limit(len(upload.content), waiting)
        name = self._given_name(self._send(self._form(upload), waiting))
        if self._length(name, waiting) != len(upload.content):
            raise ServerBroken(self.server.name, "truncated", name)
        return name

    def has(self, upload: Upload, waiting: Callable[[], object]) -> bool:
        """Whether the picture is there, whole."""
        return self._length(upload.name, waiting) == len(upload.content)

    def view(
        self, filename: str, subfolder: str, type_: str, waiting: Callable[[], object]
    ) -> bytes:
        """A file of the server, whole. Raises ServerBroken: gone, truncated, large."""
        request = self._viewing("GET", filename, subfolder, type_)
        answer = self._session.send(request, waiting, limit=VIEW_LIMIT)
        if answer.status == 404:
            raise ServerBroken(self.server.name, "gone", filename)
        if self._checked(answer).media_type == "text/html":
            raise ServerUnreachable(self.server.name, "not_comfy")
        return answer.content

    def ws_url(self, client_id: str) -> str:
        """The address of the websocket of events."""
        return f"ws{self.url.removeprefix('http')}/ws?clientId={quote(client_id, safe='')}"

    @property
    def ssl_context(self) -> ssl.SSLContext | None:
        """For the socket of events; None for plain http.

        Made by the first request; before, this takes a handshake, and raises what that does.
        """
        return self._session.context() if self.url.startswith("https:") else None

    @property
    def ws_proxy(self) -> Literal[True] | None:
        """For the socket of events: whether the environment's proxies are asked."""
        return None if is_loopback(self.url) else True

    def ws_headers(self) -> dict[str, str]:
        """For the socket of events: the login, which may take as long as the keyring does."""
        return self._session.headers()

    def close(self) -> None:
        """Hang up what is idle."""
        self._session.close()

    # requests

    def _send(self, request: HttpRequest, waiting: Callable[[], object]) -> HttpResponse:
        return self._session.send(request, waiting, limit=JSON_LIMIT)

    def _form(self, upload: Upload) -> HttpRequest:
        subfolder, _, name = upload.name.rpartition("/")
        return HttpRequest(
            method="POST",
            url=f"{self.url}/upload/image",
            form={"overwrite": "true", "subfolder": subfolder, "type": "input"},
            file=UploadFile("image", name, upload.content),
        )

    def _viewing(self, method: str, filename: str, subfolder: str, type_: str) -> HttpRequest:
        query = urlencode({"filename": filename, "subfolder": subfolder, "type": type_})
        url = f"{self.url}/view?{query}"
        return HttpRequest(method=method, url=url, headers=_UNCOMPRESSED)

    def _length(self, name: str, waiting: Callable[[], object]) -> int | None:
        """Bytes of a file among the inputs; None if there is none."""
        subfolder, _, filename = name.rpartition("/")
        for method in ("HEAD", "GET"):  # a proxy may let no HEAD pass, or keep the length to itself
            viewing = self._viewing(method, filename, subfolder, "input")
            answer = self._session.send(viewing, waiting, limit=VIEW_LIMIT)
            if answer.status in (400, 404):
                return None
            if answer.status < 300 and (method == "GET" or answer.length is not None):
                return answer.length if method == "HEAD" else len(answer.content)
        return None

    def _limit(self, size: int, waiting: Callable[[], object]) -> None:
        """Raises ServerTooLarge for what the server says that it will not take."""
        if self._upload_limit is None:
            self._upload_limit = self._announced_limit(waiting)
        if 0 < self._upload_limit < size + _FORM_BYTES:
            raise ServerTooLarge(self.server.name, size / 1e6, self._upload_limit / 1e6)

    def _announced_limit(self, waiting: Callable[[], object]) -> int:
        try:
            features = self.get_json("/features", waiting)
        except ServerUnreachable as error:
            if error.reason == "status":
                return 0  # a proxy that lets only some calls pass
            raise
        match features:
            case {"max_upload_size": int(limit) | float(limit)} if 1 < limit < math.inf:
                return int(limit)
            case _:
                return 0

    # answers

    def _checked(self, answer: HttpResponse) -> HttpResponse:
        if answer.status >= 400:
            raise ServerUnreachable(self.server.name, "status", str(answer.status))
        return answer

    def _json(self, answer: HttpResponse) -> Any:
        try:
            if answer.is_json:
                return json.loads(answer.content)
        except (ValueError, RecursionError):
            pass
        raise ServerUnreachable(self.server.name, "not_comfy", answer.media_type)

    def _given_name(self, answer: HttpResponse) -> str:
        match self._json(self._checked(answer)):
            case {"name": str(name), "subfolder": str(subfolder)}:
                return f"{subfolder}/{name}" if subfolder else name
            case _:
                raise ServerUnreachable(self.server.name, "not_comfy")


def shown_certificate(
    server: Server, waiting: Callable[[], object], timeouts: HttpTimeouts = HTTP_TIMEOUTS
) -> str:
    """The fingerprint of the certificate that a server shows, for somebody to compare.

    Nothing is sent but a handshake. Raises ServerAddress, ServerUnreachable.
    """
    url = usable_url(server)

    def ask() -> str:
        try:
            return tls.fingerprint(tls.presented(url, timeouts.connect_s))
        except OSError as error:
            raise connection_error(server.name, error) from error

    return run_cancellable(ask, waiting, lambda: None)
