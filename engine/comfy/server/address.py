"""A ComfyUI server's record, and the one form in which its address is kept.

Nothing here holds a secret but `ParsedAddress.secret`, which is kept apart from the url.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass
from enum import Enum
from typing import NoReturn, TypeAlias
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from engine.comfy.errors import ServerAddress
from engine.net.tokens import Secret, hide, origin


class Login(Enum):
    """The kind of login that a server asks for; the secret itself lies in the keyring."""

    NONE = "none"
    BEARER = "bearer"  # Authorization: Bearer ...
    BASIC = "basic"  # `user`, and a password
    HEADER = "header"  # headers of the user's own, by name


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One ComfyUI. Pickles, prints and is saved as it is: nothing here is secret."""

    name: str  # what the user calls it; unique
    url: str  # http or https, with the path prefix it is mounted under, no slash at the end
    login: Login = Login.NONE
    user: str = ""  # of BASIC
    headers: tuple[str, ...] = ()  # names, of HEADER: the values are secrets
    fingerprint: str = ""  # sha256 of the certificate that the user accepted, aa:bb:...
    ca_file: str = ""  # PEM: authorities to trust for this server
    allows_plain: bool = False  # the user confirmed plain http to a public address
    is_on: bool = True


PORT = 8188  # where ComfyUI listens when it is not told otherwise

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBERS = re.compile(r"(0x[0-9a-f]+|\d+)(\.(0x[0-9a-f]+|\d+)){0,3}")
_AT_HOME = (".local", ".localhost", ".lan", ".internal", ".home.arpa")

_Ip: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedAddress:
    """A typed address, taken apart: the url holds no secret and can be shown and saved."""

    url: str  # http or https, no slash at the end, neither login nor query
    login: Login = Login.NONE
    user: str = ""  # of BASIC
    secret: Secret | None = None  # the token, or the password of `user`


def parse_address(typed: str) -> ParsedAddress:
    """The normal form of an address; its token, or user and password, apart.

    Without a scheme, a machine at home is asked by http, at ComfyUI's own port if none is given,
    and any other by https. Raises ServerAddress: format, scheme, host.
    """
    scheme, rest = _scheme(typed)
    try:
        parts = urlsplit("//" + rest)
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError:
        _refuse(typed, "format")
    if not host:
        _refuse(typed, "host")
    if port == 0:
        _refuse(typed, "format")
    scheme, port = _completed(scheme, host, port)
    site = origin(f"{scheme}://{_bracketed(host)}" + (f":{port}" if port else ""))
    return _with_login(site + _prefix(parts), parts)


def usable_url(server: Server) -> str:
    """The address of a server in its normal form, made sure of before anything is sent there.

    Raises ServerAddress: also login, when a secret stands in it, and plain.
    """
    address = parse_address(server.url)
    if address.login is not Login.NONE:
        raise ServerAddress(address.url, "login")
    if address.url.startswith("http:") and is_public(address.url) and not server.allows_plain:
        raise ServerAddress(address.url, "plain")
    return address.url


def is_public(url: str) -> bool:
    """Whether the way there leads through networks of strangers, as far as the address tells.

    Not public: this computer, private and link-local addresses, names that only a network at home
    knows: of one word, or ending in .local and its like.
    """
    host = urlsplit(url).hostname or ""
    ip = _ip(host)
    if ip is not None:
        mapped = getattr(ip, "ipv4_mapped", None) or ip
        return mapped.is_global
    return "." in host and not host.endswith(_AT_HOME)


def is_loopback(url: str) -> bool:
    """Whether the server is on this computer."""
    host = urlsplit(url).hostname or ""
    ip = _ip(host)
    return ip.is_loopback if ip else host == "localhost" or host.endswith(".localhost")


def _scheme(typed: str) -> tuple[str, str]:
    """("" where none was typed, the rest)."""
    text = typed.strip()
    if not text.isprintable() or " " in text or "\\" in text:
        _refuse(typed, "format")
    found = _SCHEME.fullmatch(text)
    if found is None:
        return "", f"[{text}]" if _ip(text) and ":" in text else text.lstrip("/")
    if found[1].lower() not in ("http", "https"):
        _refuse(typed, "scheme")
    return found[1].lower(), found[2]


def _completed(scheme: str, host: str, port: int | None) -> tuple[str, int | None]:
    if scheme:
        return scheme, port
    if is_public(f"//{_bracketed(host)}"):
        return "https", port
    return "http", port or PORT


def _host(text: str) -> str:
    """A name in small ASCII letters, or an address in its usual form; "" if it is neither."""
    if ":" in text:
        ip = _ip(text)
        return "" if ip is None or "%" in text else str(_reachable(ip))
    name = text.removesuffix(".").encode("idna").decode("ascii").lower()
    ip = _ip(name)
    if ip is not None:
        return str(_reachable(ip))
    is_name = all(_LABEL.fullmatch(label) for label in name.split(".")) and len(name) <= 253
    return name if is_name and not _NUMBERS.fullmatch(name) else ""


def _ip(host: str) -> _Ip | None:
    """Also of the short and hexadecimal forms that name lookups take for addresses."""
    try:
        if _NUMBERS.fullmatch(host):
            return ipaddress.IPv4Address(socket.inet_aton(host))
        return ipaddress.ip_address(host)
    except (ValueError, OSError):
        return None


def _reachable(ip: _Ip) -> _Ip:
    """ComfyUI says that it listens at 0.0.0.0, and people copy that: it means this computer."""
    if not ip.is_unspecified:
        return ip
    return ipaddress.ip_address("127.0.0.1" if ip.version == 4 else "::1")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _prefix(parts: SplitResult) -> str:
    return quote(parts.path, safe="/%:@!$&'()*+,;=~").rstrip("/")


def _with_login(url: str, parts: SplitResult) -> ParsedAddress:
    asked = {name.lower(): value for name, value in parse_qsl(parts.query)}
    token = asked.get("token") or asked.get("access_token")
    if token:
        return ParsedAddress(url=url, login=Login.BEARER, secret=Secret(token))
    if parts.username or parts.password:
        password = Secret(unquote(parts.password)) if parts.password else None
        user = unquote(parts.username or "")
        return ParsedAddress(url=url, login=Login.BASIC, user=user, secret=password)
    return ParsedAddress(url=url)


def _refuse(typed: str, reason: str) -> NoReturn:
    """Without what else was raised: its message may hold a password."""
    raise ServerAddress(hide(typed.strip()), reason) from None
