"""Finds and keeps access tokens, and hides them in logs.

A token belongs to one origin (scheme, host and port) and is given for no other. It is looked for
in the environment, where the system keeps secrets, in this session's memory, and, for a hub, in
its own client's file, which is never written.
"""

import contextlib
import json
import logging
import os
import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic, NamedTuple, NoReturn, Protocol, TypeVar
from urllib.parse import quote, urlsplit

OFFICIAL = "https://huggingface.co"
SHORTEST = 4  # anything shorter would be hidden in every other word
LIMIT_S = 10.0  # the system may be asking its user to unlock the keyring

_PLACES = ("environment", "keyring", "session", "file")  # in this order
_LOGIN = (
    r"(?i)(\bauthorization\b['\"]?\s*[:=,]\s*(?:b?['\"])?(?:(?:basic|bearer|digest|token)\s+)?)"
)
_SHAPES = (
    (re.compile(r"\bhf_[A-Za-z0-9]{6,}"), "***"),
    (re.compile(_LOGIN + r"[^\s'\",;]+"), r"\1***"),
    (re.compile(r"(?i)(\bbearer\s+)[^\s'\",;]+"), r"\1***"),
    (re.compile(r"(?i)(\b(?:\w+_)?token\s*[=:]\s*)[^\s&'\",;]+"), r"\1***"),
    (re.compile(r"(://)[^/\s:@]*:[^/\s@]+(@)"), r"\1***\2"),
)

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Realm(NamedTuple):
    """One kind of places that want tokens."""

    variables: tuple[str, ...]  # of the environment, with a token
    address: str  # the variable with the address that such a token is for
    usual: str  # that address, where the variable is not set; "" = none
    user: str  # to the keyring: this, a colon and the origin

    def site(self, environ: Mapping[str, str]) -> str:
        """The origin that a token of the environment is for."""
        url = environ.get(self.address) or self.usual
        return origin(url) if url else ""


HUB = Realm(("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"), "HF_ENDPOINT", OFFICIAL, "hub")
COMFYUI = Realm(("LACUNA_COMFY_TOKEN",), "LACUNA_COMFY_URL", "", "comfyui")


class Secret:
    """A text that shows itself only when asked to, and cannot be pickled into a message."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value.strip()
        if len(self._value) >= SHORTEST:
            _known.update(_written(self._value))

    def reveal(self) -> str:
        """The text itself."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret stays in its process")


# the log must know what to hide, whoever made the secret: the one state this module has
_known: set[str] = set()


def hide(text: str) -> str:
    """The text with *** for every secret, and for whatever has the shape of one."""
    for value in sorted(_known.copy(), key=len, reverse=True):  # one may begin with another
        text = text.replace(value, "***")
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return text


def _written(value: str) -> set[str]:
    """A secret as it may stand in a log: as it is, in Python's or JSON's quotes, in an address."""
    return {value, repr(value)[1:-1], json.dumps(value)[1:-1], quote(value, safe="")}


class HidingFormatter(logging.Formatter):
    """Formats a record, its traceback included, without the secrets in it."""

    def format(self, record: logging.LogRecord) -> str:
        return hide(super().format(record))


def origin(url: str) -> str:
    """Scheme, host and port: what a token belongs to."""
    parts = urlsplit(url)
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    port = parts.port if parts.port not in (None, usual) else None
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


class Tokens:
    """The tokens of one realm, kept or found. `service` names us to the keyring."""

    def __init__(
        self,
        service: str,
        *,
        realm: Realm = HUB,
        environ: Mapping[str, str] = os.environ,
        limit_s: float = LIMIT_S,
    ) -> None:
        self._service, self._environ, self._limit_s = service, environ, limit_s
        self._realm = realm
        self._session: dict[str, Secret] = {}

    def find(self, url: str) -> tuple[Secret | None, str]:
        """The token for an address, and where it was: environment, keyring, session, file, ""."""
        return self._first(url, _PLACES)

    def find_kept(self, url: str) -> tuple[Secret | None, str]:
        """As `find`, but what was kept here, whatever the environment says."""
        return self._first(url, _PLACES[1:])

    def keep(self, url: str, value: str) -> str:
        """Keep a token; says where: keyring, or session where there is no keyring."""
        site = origin(url)
        user, secret = self._user(site), Secret(value)
        try:
            self._asked(lambda keyring: keyring.set_password(self._service, user, value))
        except KeyringMissing as error:
            logger.info("no keyring, the token is kept for this session: %s", error)
            self._session[site] = secret
            return "session"
        self._session.pop(site, None)
        return "keyring"

    def forget(self, url: str) -> None:
        """Take a token out of the keyring and the session."""
        site = origin(url)
        user = self._user(site)
        self._session.pop(site, None)
        with contextlib.suppress(KeyringMissing):
            self._asked(lambda keyring: keyring.delete_password(self._service, user))

    def _first(self, url: str, places: tuple[str, ...]) -> tuple[Secret | None, str]:
        site = origin(url)
        for place in places:
            value = self._read(place, site)
            if value and value.strip():
                return Secret(value), place
        return None, ""

    def _read(self, place: str, site: str) -> str | None:
        match place:
            case "environment":
                return self._from_environment(site)
            case "keyring":
                return self._from_keyring(site)
            case "session":
                return self._from_session(site)
            case _:
                return self._from_file(site)

    def _from_environment(self, site: str) -> str | None:
        if site != self._realm.site(self._environ):
            return None
        values = (self._environ.get(name) for name in self._realm.variables)
        return next((value for value in values if value), None)

    def _from_keyring(self, site: str) -> str | None:
        user = self._user(site)
        try:
            return self._asked(lambda keyring: keyring.get_password(self._service, user))
        except KeyringMissing:
            return None

    def _from_session(self, site: str) -> str | None:
        secret = self._session.get(site)
        return secret.reveal() if secret else None

    def _from_file(self, site: str) -> str | None:
        if self._realm is not HUB or site != OFFICIAL:
            return None
        with contextlib.suppress(OSError, UnicodeDecodeError):
            return token_file(self._environ).read_text(encoding="utf-8")[:1000]
        return None

    def _user(self, site: str) -> str:
        is_first = self._realm is HUB and site == OFFICIAL
        return "huggingface" if is_first else f"{self._realm.user}:{site}"

    def _asked(self, call: Callable[["_Keyring"], T]) -> T:
        """The answer of the keyring. Raises KeyringMissing; also when it takes too long."""
        waiting = _Call(call)
        thread = threading.Thread(target=waiting.run, name="keyring", daemon=True)
        thread.start()
        thread.join(self._limit_s)
        return waiting.answer()


class KeyringMissing(Exception):
    """The system keeps no secrets, or is not heard of in time."""


class _Keyring(Protocol):
    """The part of the keyring package that is used."""

    def get_password(self, service: str, user: str, /) -> str | None: ...

    def set_password(self, service: str, user: str, value: str, /) -> None: ...

    def delete_password(self, service: str, user: str, /) -> None: ...


class _Call(Generic[T]):
    """One question to the keyring, asked in a thread that may be left waiting."""

    def __init__(self, call: Callable[[_Keyring], T]) -> None:
        self._call = call
        self._answers: list[T] = []
        self._trouble: list[str] = ["no answer in time"]

    def run(self) -> None:
        try:
            import keyring

            self._answers.append(self._call(keyring))
        except Exception as error:  # noqa: BLE001 each system's backend raises what it likes
            self._trouble.append(type(error).__name__)

    def answer(self) -> T:
        if not self._answers:
            raise KeyringMissing(self._trouble[-1])
        return self._answers[0]


def token_file(environ: Mapping[str, str] = os.environ) -> Path:
    """The file where the hub's own client keeps its token."""
    return Path(environ.get("HF_TOKEN_PATH") or hub_home(environ) / "token")


def hub_home(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of the hub's own client."""
    if environ.get("HF_HOME"):
        return Path(environ["HF_HOME"]).expanduser()
    cache = environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache).expanduser() / "huggingface"
