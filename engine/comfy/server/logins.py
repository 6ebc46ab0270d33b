"""The headers of a server's login, and the storage of its secret.

One secret belongs to one origin: a token, a password, or, for headers of the user's own, all their
values as one JSON object. It lies where engine.net.tokens keeps it.
"""

import base64
import contextlib
import json
import os
import re
from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from engine.comfy.errors import ServerAddress
from engine.comfy.server.address import Login, Server, parse_address
from engine.net.tokens import COMFYUI, Secret, Tokens

Secrets: TypeAlias = Mapping[str, str]
"""A token or password under "", or values of headers by their names."""

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_RESERVED = re.compile(
    r"host|origin|connection|upgrade|expect|te|trailer|transfer-encoding|accept-encoding"
    r"|content-.*|sec-websocket-.*",
    re.IGNORECASE,
)  # what says how a message is read: set by somebody else, it would be read otherwise


def server_tokens(service: str, environ: Mapping[str, str] = os.environ) -> Tokens:
    """The store of the secrets of servers. `service` names the program to the keyring.

    LACUNA_COMFY_TOKEN is for the server at LACUNA_COMFY_URL, and for no other.
    """
    address = ""
    with contextlib.suppress(ServerAddress):
        address = parse_address(environ.get(COMFYUI.address, "")).url
    return Tokens(service, realm=COMFYUI, environ={**environ, COMFYUI.address: address})


def login_headers(server: Server, tokens: Tokens, typed: Secrets | None = None) -> dict[str, str]:
    """The headers of a server's login; none where the secret is not known.

    `typed` goes before what is kept: a login can be tried before it is. It may take as long as the
    keyring does. Raises ServerAddress: header, for a secret or a name that no header can carry.
    """
    match server.login:
        case Login.NONE:
            return {}
        case Login.BEARER:
            token = _typed_secret(typed) or tokens.find(server.url)[0]
            return {"Authorization": f"Bearer {_checked(server, token.reveal())}"} if token else {}
        case Login.BASIC:
            password = _typed_secret(typed) or tokens.find_kept(server.url)[0]
            return (
                {"Authorization": f"Basic {_basic_credentials(server, password)}"}
                if password
                else {}
            )
        case Login.HEADER:
            named = _header_values(server, tokens, typed or {})
            return {name: _checked(server, value.reveal()) for name, value in named.items()}


def keep_login(server: Server, tokens: Tokens, typed: str | Secrets) -> str:
    """Keep what was typed, headers beside those that are kept already; says where.

    keyring, or session where there is no keyring. Raises ServerAddress: header; nothing is kept.
    """
    typed = {"": typed} if isinstance(typed, str) else typed
    login_headers(server, tokens, typed)
    if server.login is not Login.HEADER:
        return tokens.keep(server.url, typed[""])
    named = _header_values(server, tokens, typed)
    return tokens.keep(
        server.url, json.dumps({name: value.reveal() for name, value in named.items()})
    )


def _typed_secret(typed: Secrets | None) -> Secret | None:
    value = (typed or {}).get("", "").strip()
    return Secret(value) if value else None


def _basic_credentials(server: Server, password: Secret) -> str:
    if ":" in server.user:
        raise ServerAddress(server.url, "header")
    both = f"{_checked(server, server.user)}:{_checked(server, password.reveal())}"
    # a secret as well: no log may show it
    return Secret(base64.b64encode(both.encode()).decode("ascii")).reveal()


def _header_values(server: Server, tokens: Tokens, typed: Secrets) -> dict[str, Secret]:
    """The values of the server's headers, as far as they are known."""
    for name in server.headers:
        if not _NAME.fullmatch(name) or _RESERVED.fullmatch(name):
            raise ServerAddress(server.url, "header")
    values = _stored_values(tokens.find_kept(server.url)[0]) | dict(typed)
    return {name: Secret(values[name]) for name in server.headers if values.get(name)}


def _stored_values(secret: Secret | None) -> dict[str, str]:
    with contextlib.suppress(ValueError, RecursionError):
        return msgspec.json.decode(secret.reveal(), type=dict[str, str]) if secret else {}
    return {}


def _checked(server: Server, text: str) -> str:
    """The text, if a header can carry it: nothing that could begin another header."""
    is_wrapped = server.login is Login.BASIC  # in base64
    if not text.isprintable() or not (text.isascii() or is_wrapped):
        raise ServerAddress(server.url, "header")
    return text
