"""One connection to a server, used again for one request after the other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.comfy.errors import ServerBroken
from engine.comfy.server.deadline import RequestCancel, RequestCancelled
from engine.comfy.server.error_mapping import HttpResponse

if TYPE_CHECKING:
    import httpx2


class UploadFile(NamedTuple):
    """A file for a form."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HttpRequest:
    """A request, complete but for the login."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content: bytes | None = None
    form: Mapping[str, str] = field(default_factory=dict[str, str])
    file: UploadFile | None = None  # for the field `image`
    limit: int  # bytes that the answer may have
    may_repeat: bool = True  # asked twice, it is the same as asked once

    @property
    def sent_bytes(self) -> int:
        return len(self.content or b"") + (len(self.file.content) if self.file else 0)


class HttpConnection:
    """A client with a single connection, so that it is known which socket a request goes by.

    One request at a time. `is_reused`: the last one went by a connection that had been used before;
    `has_begun`: the headers of its answer arrived.
    """

    def __init__(self, client: "httpx2.Client") -> None:
        self._client, self._socket = client, None
        self.is_reused = self.has_begun = False

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def exchange(
        self, server: str, asked: HttpRequest, headers: Mapping[str, str], cord: RequestCancel
    ) -> HttpResponse:
        """The whole answer. Raises httpx2.HTTPError, Cut, or ServerBroken (large)."""
        self.is_reused, self.has_begun = True, False
        cord.hold(self._socket)

        def follow(event: str, about: dict[str, Any]) -> None:
            if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
                self._connected(about["return_value"], cord)
            elif ".send_request_" in event:  # nothing is sent when nobody waits any more
                cord.check()

        with self._client.stream(
            asked.method,
            asked.url,
            headers={**asked.headers, **headers},
            content=asked.content,
            data=asked.form or None,
            files={"image": (asked.file.name, asked.file.content)} if asked.file else None,
            extensions={"trace": follow},
        ) as response:
            self.has_begun = True
            named = {name.lower(): value for name, value in response.headers.items()}
            answer = HttpResponse(url=asked.url, status=response.status_code, headers=named)
            return _read(server, answer, response, asked)

    def _connected(self, stream: Any, cord: RequestCancel) -> None:
        self._socket, self.is_reused = stream.get_extra_info("socket"), False
        try:
            cord.hold(self._socket)
        except RequestCancelled:
            stream.close()  # nobody else knows of it yet
            raise


def _read(
    server: str, answer: HttpResponse, response: "httpx2.Response", asked: HttpRequest
) -> HttpResponse:
    if (answer.length or 0) > asked.limit and asked.method != "HEAD":
        raise ServerBroken(server, "large", str(answer.length))
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > asked.limit:
            raise ServerBroken(server, "large", str(len(body)))
    return HttpResponse(
        url=answer.url, status=answer.status, headers=answer.headers, content=bytes(body)
    )
