"""The requests that a stand-in server received, and the login that it demands."""

import base64
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(slots=True, kw_only=True, eq=False)
class Seen:
    """One request. `path` is without the server's prefix, and as it was asked: /api/... stays."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]  # names in any case
    body: bytes = b""  # of an upload, the file
    form: dict[str, str] = field(default_factory=dict)  # its other fields, and `filename`
    is_over: bool = False  # answered, or cut off
    status: int = 0  # of the answer; 0 where none was sent

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Diary:
    """All requests in order of arrival."""

    seen: list[Seen] = field(default_factory=list)
    under_way: dict[int, Seen] = field(default_factory=dict)  # by identity of the request
    changed: threading.Condition = field(default_factory=threading.Condition)

    def add(self, request: web.Request, path: str) -> None:
        query, headers = dict(request.query), request.headers.copy()
        seen = Seen(method=request.method, path=path, query=query, headers=headers)
        self.under_way[id(request)] = seen
        with self.changed:
            self.seen.append(seen)
            self.changed.notify_all()

    def entry(self, request: web.Request) -> Seen:
        return self.under_way[id(request)]

    def close(self, request: web.Request, status: int) -> None:
        seen = self.under_way.pop(id(request))
        with self.changed:
            seen.is_over, seen.status = True, status
            self.changed.notify_all()

    def of(self, method: str, path: str) -> list[Seen]:
        """Those to this very path, with or without /api."""
        wanted = (path, f"/api{path}")
        return [each for each in list(self.seen) if each.method == method and each.path in wanted]

    def wait(self, method: str, path: str, times: int, timeout_s: float) -> list[Seen]:
        def over() -> list[Seen]:
            return [each for each in self.of(method, path) if each.is_over]

        with self.changed:
            if not self.changed.wait_for(lambda: len(over()) >= times, timeout_s):
                raise TimeoutError(f"{method} {path}: {len(over())} of {times}")
            return over()


def is_let_in(request: web.Request, token: str, user: str, needed: Mapping[str, str]) -> bool:
    """By bearer, by basic, by ?token=, as Vast's front door; and headers of one's own."""
    if any(request.headers.get(name) != value for name, value in needed.items()):
        return False
    basic = base64.b64encode(f"{user}:{token}".encode()).decode()
    given = request.headers.get("Authorization", "")
    allowed = (f"Bearer {token}", f"Basic {basic}")
    return not token or given in allowed or request.query.get("token") == token


def is_foreign_page(request: web.Request) -> bool:
    """Another host's page in a browser; a server on this machine answers it with 403."""
    origin = urlsplit(request.headers.get("Origin", "")).netloc
    host = request.headers.get("Host", "")
    return bool(origin) and urlsplit(f"//{host}").hostname in LOOPBACK and origin != host
