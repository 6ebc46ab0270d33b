"""A small hub on the loopback, for tests: repositories from a folder, and faults on request."""

import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

COMMIT = "c0ffee" + "0" * 34
LARGE = 1 << 16  # bytes from which a file has a checksum in the listing, as with the real hub


class Asked(NamedTuple):
    """What a client sent, and what it got."""

    host: str
    path: str
    range: str
    token: str
    status: int
    sent: int


@dataclass
class Faults:
    """What goes wrong; counters are used up."""

    cut_at: list[int] = field(default_factory=list)  # bytes after which a transfer breaks off
    statuses: list[int] = field(default_factory=list)  # of the next requests for files
    retry_after: str = ""
    no_range: bool = False
    corrupt: bool = False
    redirect: str = ""  # other: by another host's name; else the address itself
    silent_after: int = -1  # bytes after which nothing more comes
    drip_s: float = 0.0  # before each 16 KiB
    changed_etag: bool = False
    no_etag: bool = False
    unsized: bool = False  # neither a length nor the end of a chunked body is told
    extra: bytes = b""  # more than was announced in the listing
    gzip: bool = False
    api_statuses: list[int] = field(default_factory=list)


class Hub:
    """Running between `with running(...)`. `asked` lists the requests in their order."""

    def __init__(self, root: Path) -> None:
        self.root, self.asked, self.faults = root, list[Asked](), Faults()
        self.gated: dict[str, set[str]] = {}
        self.stop = threading.Event()
        self.busy = 0
        handler = partial(_Handler, self)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def file_url(self, repo: str, path: str) -> str:
        return f"{self.url}/{repo}/resolve/{COMMIT}/{path}"

    @property
    def bodies(self) -> list[Asked]:
        """Requests that were answered with bytes of files."""
        return [asked for asked in self.asked if asked.status in (200, 206) and asked.sent]

    @property
    def sent(self) -> int:
        return sum(asked.sent for asked in self.asked)

    def forget(self) -> None:
        """Wait until no transfer is under way, and begin a new list."""
        while self.busy:
            time.sleep(0.005)
        self.asked.clear()

    def hosts_of(self, token: str) -> set[str]:
        return {asked.host for asked in self.asked if asked.token == token}


@contextmanager
def running(root: Path) -> Iterator[Hub]:
    hub = Hub(root)
    thread = threading.Thread(target=hub.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.stop.set()
        hub.server.shutdown()
        hub.server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, hub: Hub, *args: Any) -> None:
        self.hub = hub
        super().__init__(*args)

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.hub.busy += 1
        try:
            self._get()
        finally:
            self.hub.busy -= 1

    def _get(self) -> None:
        self.token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        path = unquote(urlsplit(self.path).path)
        if path == "/api/whoami-v2":
            known = set[str]().union(*self.hub.gated.values())
            self._json({"name": "tester"} if self.token in known else {}, self.token in known)
        elif api := re.fullmatch(r"/api/models/([^/]+/[^/]+)/(\w[\w-]*)(?:/([^/]+))?", path):
            self._api(*api.groups())
        elif file := re.fullmatch(r"/(cdn/)?([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            self._file(*file.groups())
        else:
            self._refuse(404, "EntryNotFound")

    # the API

    def _api(self, repo: str, what: str, revision: str) -> None:
        if self.hub.faults.api_statuses:
            self._refuse(self.hub.faults.api_statuses.pop(0), "")
        elif not (self.hub.root / repo).is_dir():
            self._refuse(404 if self.token else 401, "RepoNotFound")
        elif what == "auth-check" and self._is_barred(repo):
            self._refuse(403 if self.token else 401, "GatedRepo")
        elif what != "auth-check" and revision not in ("main", COMMIT):
            self._refuse(404, "RevisionNotFound")
        elif what == "tree":
            self._json([self._entry(file, repo) for file in self._files(repo)])
        else:
            self._json({"id": repo, "sha": COMMIT, "gated": repo in self.hub.gated})

    def _files(self, repo: str) -> list[Path]:
        return sorted(file for file in (self.hub.root / repo).rglob("*") if file.is_file())

    def _entry(self, file: Path, repo: str) -> dict[str, Any]:
        content = file.read_bytes()
        entry: dict[str, Any] = {"type": "file", "size": len(content), "oid": "0" * 40}
        entry["path"] = file.relative_to(self.hub.root / repo).as_posix()
        if len(content) >= LARGE:
            entry["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content)}
        return entry

    def _is_barred(self, repo: str) -> bool:
        return repo in self.hub.gated and self.token not in self.hub.gated[repo]

    # files

    def _file(self, cdn: str | None, repo: str, revision: str, name: str) -> None:
        faults, path = self.hub.faults, self.hub.root / repo / name
        if faults.statuses:
            self._refuse(faults.statuses.pop(0), "")
        elif self._is_barred(repo) and not cdn:
            self._refuse(403 if self.token else 401, "GatedRepo")
        elif not path.is_file() or revision not in ("main", COMMIT):
            self._refuse(404, "EntryNotFound")
        elif faults.redirect and not cdn:
            other = f"http://localhost:{self.hub.port}/cdn{self.path}"
            self._answer(
                302, {"Location": other if faults.redirect == "other" else faults.redirect}
            )
        else:
            self._send(path.read_bytes())

    def _send(self, content: bytes) -> None:
        faults = self.hub.faults
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        etag = '"changed"' if faults.changed_etag else etag
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        fresh = self.headers.get("If-Range", etag) == etag
        start = int(asked[1]) if asked and fresh and not faults.no_range else 0
        headers = {} if faults.no_etag else {"ETag": etag}
        if start >= len(content) > 0 and start:
            self._answer(416, {"Content-Range": f"bytes */{len(content)}"})
            return
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        if faults.gzip:
            headers["Content-Encoding"] = "gzip"
        body = content[start:] + faults.extra
        if faults.corrupt:
            body = body[:-1] + bytes([body[-1] ^ 1])
        self._stream(206 if start else 200, headers, body)

    def _stream(self, status: int, headers: dict[str, str], body: bytes) -> None:
        faults = self.hub.faults
        length = {"Connection": "close"} if faults.unsized else {"Content-Length": str(len(body))}
        self._head(status, headers | length)
        cut = faults.cut_at.pop(0) if faults.cut_at else len(body)
        sent = 0
        try:
            for at in range(0, min(cut, len(body)), 1 << 14):
                if 0 <= faults.silent_after <= at:
                    self.hub.stop.wait(1.5)
                    break
                time.sleep(faults.drip_s)
                piece = body[at : min(at + (1 << 14), cut)]
                self.wfile.write(piece)
                sent += len(piece)
        except OSError:
            pass  # the client hung up
        self.close_connection = self.close_connection or sent < len(body) or faults.unsized
        self._note(status, sent)

    # answers

    def _json(self, content: object, is_known: bool = True) -> None:
        body = json.dumps(content).encode()
        self._note(200 if is_known else 401, 0)
        self._head(200 if is_known else 401, {"Content-Length": str(len(body))})
        self.wfile.write(body)

    def _refuse(self, status: int, code: str) -> None:
        headers = {"X-Error-Code": code} if code else {}
        if self.hub.faults.retry_after:
            headers["Retry-After"] = self.hub.faults.retry_after
        self._answer(status, headers)

    def _answer(self, status: int, headers: dict[str, str]) -> None:
        self._note(status, 0)  # before whoever asked can look
        self._head(status, headers | {"Content-Length": "0"})

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _note(self, status: int, sent: int) -> None:
        host = (self.headers.get("Host") or "").partition(":")[0]
        self.hub.asked.append(
            Asked(host, self.path, self.headers.get("Range") or "", self.token, status, sent)
        )
