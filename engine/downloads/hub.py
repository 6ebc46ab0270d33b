"""Asks a model hub for the commits and files of its repositories, and for access to them."""

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast
from urllib.parse import quote, urljoin, urlsplit

from engine.downloads.transfer import Transfer, persist, refusal
from engine.errors import Gated, RemoteBroken, RemoteMissing
from engine.net.http import HTTP_TIMEOUTS, LOOPBACK, HttpTimeouts
from engine.net.tokens import OFFICIAL, Secret, origin

MAX_JSON = 16 << 20
MAX_PAGES = 20

_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NEXT = re.compile(r'<([^<>]+)>\s*;\s*rel="?next"?')


class HubFile(NamedTuple):
    """A file as the hub has it; small ones have no checksum there."""

    size: int
    sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """One hub or mirror. `waiting` is called while it is waited for, and may raise."""

    endpoint: str
    token: Secret | None = None
    waiting: Callable[[], object] = lambda: None
    timeouts: HttpTimeouts = HTTP_TIMEOUTS

    def commit(self, repo: str, revision: str = "main") -> str:
        """The commit that a revision is now. Raises DownloadError."""
        url = self._api(f"models/{repo}/revision/{quote(revision, safe='')}")
        found = _mapping(url, self._json(url, repo)).get("sha")
        if not isinstance(found, str) or not _COMMIT.fullmatch(found):
            raise RemoteBroken(url, "status", found="no commit")
        return found

    def files(self, repo: str, commit: str) -> Mapping[str, HubFile]:
        """All files of a commit by their paths. Raises DownloadError."""
        first = url = self._api(f"models/{repo}/tree/{commit}?recursive=true")
        found: dict[str, HubFile] = {}
        for _ in range(MAX_PAGES):
            content, following = self._page(url, repo)
            if not isinstance(content, list):
                raise RemoteBroken(url, "status", found="no list")
            for each in cast(list[object], content):
                found.update(_stored(each))
            if following is None:
                return found
            url = urljoin(url, following)
            if origin(url) != origin(first):
                break
        raise RemoteBroken(first, "status", found="no end")

    def check_access(self, repo: str) -> None:
        """Returns when the files of a repository may be read. Raises Gated, or another error."""
        self._page(self._api(f"models/{repo}/auth-check"), repo, is_json=False)

    def user(self) -> str:
        """The user of the token; "" when the hub does not know it. Raises DownloadError."""
        url = self._api("whoami-v2")
        try:
            name = _mapping(url, self._json(url, "")).get("name")
        except (Gated, RemoteMissing):
            return ""
        return name[:100] if isinstance(name, str) else ""

    def file_url(self, repo: str, commit: str, path: str) -> str:
        return f"{self.endpoint}/{repo}/resolve/{commit}/{quote(path)}"

    def page(self, repo: str) -> str:
        """The page of a repository, where people ask for access."""
        return f"{self.endpoint}/{repo}"

    def _api(self, path: str) -> str:
        return f"{self.endpoint}/api/{path}"

    def _json(self, url: str, repo: str) -> object:
        return self._page(url, repo)[0]

    def _page(self, url: str, repo: str, *, is_json: bool = True) -> tuple[object, str | None]:
        """The content of an address, and the address of the next page."""
        return persist(lambda: self._once(url, repo, is_json), self.timeouts, self.waiting)

    def _once(self, url: str, repo: str, is_json: bool) -> tuple[object, str | None]:
        with Transfer(url, token=self.token, timeouts=self.timeouts) as transfer:
            answer = transfer.answer(self.waiting)
            refused = refusal(answer, url, repo=repo, page=self.page(repo) if repo else "")
            if refused is not None:
                raise refused
            content: object = None
            if is_json:
                content = self._parsed(url, transfer)
            following = _NEXT.search(answer.headers.get("link", ""))
            return content, following[1] if following else None

    def _parsed(self, url: str, transfer: Transfer) -> object:
        body = bytearray()
        for chunk in transfer.chunks(self.waiting):
            body += chunk
            if len(body) > MAX_JSON:
                raise RemoteBroken(url, "size", str(MAX_JSON), f"> {MAX_JSON}")
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise RemoteBroken(url, "status", found="no JSON") from error


def endpoints(mirrors: Sequence[str] = (), environ: Mapping[str, str] = os.environ) -> list[str]:
    """Hubs in the order they are asked: mirrors, then HF_ENDPOINT or the official one."""
    asked = [*mirrors, environ.get("HF_ENDPOINT") or OFFICIAL]
    usable = [address.strip().rstrip("/") for address in asked if is_endpoint(address)]
    return list(dict.fromkeys(usable))


def is_endpoint(address: str) -> bool:
    """Whether files may be fetched from there: https, or this computer."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return False
    is_local = parts.scheme == "http" and parts.hostname in LOOPBACK
    return bool(parts.hostname) and (parts.scheme == "https" or is_local) and not parts.query


def _mapping(url: str, content: object) -> Mapping[str, Any]:
    if not isinstance(content, dict):
        raise RemoteBroken(url, "status", found="no object")
    return cast(dict[str, Any], content)


def _stored(entry: object) -> dict[str, HubFile]:
    """A line of a listing; folders, and lines that make no sense, are left out."""
    if not isinstance(entry, dict):
        return {}
    facts = cast(dict[str, Any], entry)
    path, size, large = facts.get("path"), facts.get("size"), facts.get("lfs")
    if facts.get("type") != "file" or not isinstance(path, str) or not isinstance(size, int):
        return {}
    oid = cast(dict[str, Any], large).get("oid") if isinstance(large, dict) else None
    is_sum = isinstance(oid, str) and _SHA256.fullmatch(oid)
    return {path: HubFile(size, cast(str, oid) if is_sum else None)}
