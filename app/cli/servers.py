"""`lacuna server`: lists, adds, tests, trusts and removes ComfyUI servers."""

import argparse
import getpass
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app import paths
from app.cli.exit_codes import DONE, SOME_FAILED, UsageError, guarded
from app.cli.report import Console
from app.engines.server_jobs import AskServer
from app.paths import APP_ID
from app.settings import file as settings_file
from app.settings.schema import Settings
from app.settings.servers import is_fingerprint, is_header, is_name, written
from app.text import servers as server_words
from app.text.errors.terminal import terminal_sentence
from engine.comfy.errors import ServerAddress, ServerCertificate
from engine.comfy.server.address import Login, Server, parse_address, usable_url
from engine.comfy.server.logins import Secrets, keep_login, server_tokens
from engine.errors import EngineError
from engine.net.tokens import COMFYUI, Tokens, origin
from widgets.lists.diagnostics import Diagnostic
from widgets.plain_text import plain

TOKEN = COMFYUI.variables[0]
MARKS = {"info": " ", "success": "+", "warning": "!", "error": "x"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCommandContext:
    """The settings, the secrets and the console of one command."""

    settings: Settings
    path: Path
    tokens: Tokens
    console: Console

    def named(self, name: str) -> Server:
        for server in self.settings.servers:
            if server.name == name:
                return server
        raise UsageError(f"there is no server {name!r}; see `lacuna server list`")

    def save(self, servers: Sequence[Server]) -> None:
        """Raises ImageUnwritable, DiskFull."""
        changed = replace(self.settings, servers=tuple(servers))
        settings_file.save(changed, self.path, only="servers")


Verb = Callable[[ServerCommandContext, argparse.Namespace], int]


def run(arguments: argparse.Namespace) -> int:
    """Do what `lacuna server` is asked; returns the exit code."""
    path = paths.config_dir() / "settings.json"
    context = ServerCommandContext(
        settings=settings_file.load(path).settings,
        path=path,
        tokens=server_tokens(APP_ID),
        console=Console(sys.stderr),
    )

    def work() -> int:
        return _VERBS[arguments.verb](context, arguments)

    return guarded(context.console, "server", work, wrong_use=(ServerAddress,))


# verbs


def _list(context: ServerCommandContext, arguments: argparse.Namespace) -> int:
    servers = context.settings.servers
    if arguments.json:
        _print_json({"servers": written(servers)})
        return DONE
    for server in servers:
        state = "on" if server.is_on else "off"
        facts = [server.login.value if server.login is not Login.NONE else "no login"]
        facts += ["certificate pinned"] if server.fingerprint else []
        print(f"{state:<3}  {plain(server.name):<20}  {plain(server.url)}  ({', '.join(facts)})")
    if not servers:
        context.console.say("There is no server yet; add one with `lacuna server add NAME URL`.")
    return DONE


def _add(context: ServerCommandContext, arguments: argparse.Namespace) -> int:
    server = _server(arguments)
    names = {known.name.casefold() for known in context.settings.servers}
    if server.name.casefold() in names:
        raise UsageError(f"there is a server {server.name!r} already; remove it first")
    place = ""
    if server.login is not Login.NONE:
        place = keep_login(server, context.tokens, _ask_secrets(server))
    context.save([*context.settings.servers, server])
    context.console.say(f"{plain(server.name)} is added; `lacuna server test` asks how it is.")
    if place == "session":
        context.console.say(
            f"There is no keyring here, so its login is not kept: set {TOKEN} and "
            f"{COMFYUI.address} when you use it."
        )
        return SOME_FAILED
    return DONE


def _test(context: ServerCommandContext, arguments: argparse.Namespace) -> int:
    server = context.named(arguments.name)
    context.console.start(server.name)
    report: dict[str, Any] = {"server": server.name, "status": "ready", "error": None}
    try:
        found = AskServer(server=server, tokens=context.tokens).run(context.console)
        findings = server_words.findings(found)
    except EngineError as error:
        findings = server_words.trouble(error)
        report |= {"status": "failed", "error": type(error).__name__}
    if arguments.json:
        _print_json({**report, "findings": [finding._asdict() for finding in findings]})
    else:
        for finding in findings:
            print(_line(finding))
    return DONE if report["status"] == "ready" else SOME_FAILED


def _trust(context: ServerCommandContext, arguments: argparse.Namespace) -> int:
    from engine.comfy.server.transport import shown_certificate

    server = context.named(arguments.name)
    if not server.url.startswith("https:"):
        raise UsageError(f"{server.name!r} is reached by http: it shows no certificate")
    seen = shown_certificate(server, lambda: None)
    if seen == server.fingerprint:
        context.console.say("It shows the certificate that is trusted already.")
        return DONE
    if server.fingerprint:
        changed = ServerCertificate(server.name, "changed", seen)
        context.console.say(terminal_sentence(changed))
    print(f"sha256 {seen}")
    context.console.say(
        "Whoever holds its key can answer in the place of the server. Trust it only if its owner, "
        "or the machine itself, names the same fingerprint."
    )
    if _answer("Trust this certificate? [y/N] ") not in ("y", "yes"):
        context.console.say("Nothing was changed.")
        return SOME_FAILED
    pinned = replace(server, fingerprint=seen)
    context.save([pinned if known is server else known for known in context.settings.servers])
    context.console.say(f"The certificate of {plain(server.name)} is trusted.")
    return DONE


def _remove(context: ServerCommandContext, arguments: argparse.Namespace) -> int:
    server = context.named(arguments.name)
    others = [known for known in context.settings.servers if known is not server]
    context.save(others)
    if origin(server.url) not in {origin(known.url) for known in others}:
        context.tokens.forget(server.url)
    context.console.say(f"{plain(server.name)} is off the list.")
    return DONE


_VERBS: dict[str, Verb] = {
    "list": _list,
    "add": _add,
    "test": _test,
    "trust": _trust,
    "remove": _remove,
}


# what was typed


def _server(arguments: argparse.Namespace) -> Server:
    """Raises UsageError, and ServerAddress for an address that cannot be used."""
    found = parse_address(arguments.url)
    if found.login is not Login.NONE:
        raise ServerAddress(found.url, "login")  # it stands in the shell's history by now
    server = Server(
        name=arguments.name,
        url=found.url,
        login=_login(arguments),
        user=arguments.user,
        headers=tuple(arguments.header),
        fingerprint=arguments.pin.lower(),
        ca_file=str(Path(arguments.ca).absolute()) if arguments.ca else "",
        allows_plain=arguments.allow_plain,
    )
    if not is_name(server.name):
        raise UsageError("a name has 1 to 80 letters, all of them visible")
    if server.fingerprint and not is_fingerprint(server.fingerprint):
        raise UsageError("--pin is the sha256 of a certificate: 32 pairs of digits, aa:bb:...")
    if not all(is_header(name) for name in server.headers):
        raise UsageError("--header is a name, without a value")
    usable_url(server)
    return server


def _login(arguments: argparse.Namespace) -> Login:
    """As it was asked for; a user, or a header, says it as well."""
    implied = "basic" if arguments.user else "header" if arguments.header else "none"
    login = Login(arguments.login or implied)
    if (login is Login.BASIC) != bool(arguments.user):
        raise UsageError("--user and --login basic go together")
    if (login is Login.HEADER) != bool(arguments.header):
        raise UsageError("--header and --login header go together")
    return login


def _ask_secrets(server: Server) -> Secrets:
    """Raises UsageError when nothing is typed."""
    names = server.headers if server.login is Login.HEADER else ("",)
    typed = {name: _ask_secret(server, name) for name in names}
    if not all(typed.values()):
        raise UsageError(f"no login was given: type it, pipe it in, or set {TOKEN}")
    return typed


def _ask_secret(server: Server, header: str) -> str:
    if not header and os.environ.get(TOKEN):
        return os.environ[TOKEN].strip()
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    what = header or ("Password" if server.login is Login.BASIC else "Token")
    return getpass.getpass(f"{what} of {plain(server.name)}: ").strip()


def _answer(question: str) -> str:
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold()


def _line(finding: Diagnostic) -> str:
    parts = (finding.title, finding.text, *finding.links)
    return f"{MARKS[finding.kind]} {' '.join(part for part in parts if part)}"


def _print_json(content: dict[str, Any]) -> None:
    print(json.dumps(content, indent=2, ensure_ascii=False))
