"""`lacuna server`: the ComfyUI servers that work for Lacuna. No Qt."""

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
from app.cli.exit_codes import DONE, INTERRUPTED, SOME_FAILED, WRONG_USE, helped, parsed
from app.cli.report import Console
from app.engines.server_jobs import AskServer
from app.paths import APP_ID
from app.settings import file as settings_file
from app.settings.schema import Settings
from app.settings.servers import is_fingerprint, is_header, is_name, written
from app.text import servers as server_words
from app.text.errors.explain import explain
from engine.comfy.errors import ServerAddress, ServerCertificate
from engine.comfy.server.address import Login, Server, parse_address, usable_url
from engine.comfy.server.logins import Secrets, keep_login, server_tokens
from engine.errors import EngineError
from engine.net.tokens import COMFYUI, Tokens, origin
from widgets.lists.diagnostics import Diagnostic
from widgets.plain_text import plain

TOKEN = COMFYUI.variables[0]
MARKS = {"info": " ", "success": "+", "warning": "!", "error": "x"}

EPILOG = f"""A token or password is never an argument: it is taken from {TOKEN}, asked for, or
read from the standard input, one line for each. It is kept in the keyring of the system.

exit codes: 0 done, 1 the server does not work or nothing was changed, 2 wrong arguments"""


class ServerUsageError(Exception):
    """Arguments that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCommandContext:
    """What every verb needs."""

    settings: Settings
    path: Path
    tokens: Tokens
    console: Console

    def named(self, name: str) -> Server:
        for server in self.settings.servers:
            if server.name == name:
                return server
        raise ServerUsageError(f"there is no server {name!r}; see `lacuna server list`")

    def save(self, servers: Sequence[Server]) -> None:
        """Raises ImageUnwritable, DiskFull."""
        changed = replace(self.settings, servers=tuple(servers))
        settings_file.save(changed, self.path, only="servers")


Verb = Callable[[ServerCommandContext, argparse.Namespace], int]


def run(words: Sequence[str]) -> int:
    """Do what the words after `lacuna server` say; returns the exit code."""
    parser = make_parser()
    arguments, code = parsed(parser, words)
    if arguments is None:
        return code
    if arguments.verb is None:
        return helped(parser)
    path = paths.config_dir() / "settings.json"
    desk = ServerCommandContext(
        settings=settings_file.load(path).settings,
        path=path,
        tokens=server_tokens(APP_ID),
        console=Console(sys.stderr),
    )
    return _done(desk, _VERBS[arguments.verb], arguments)


def _done(desk: ServerCommandContext, verb: Verb, arguments: argparse.Namespace) -> int:
    try:
        return verb(desk, arguments)
    except ServerUsageError as error:
        desk.console.say(f"lacuna server: {error}")
        return WRONG_USE
    except ServerAddress as error:
        desk.console.say(explain(error).sentence)
        return WRONG_USE
    except EngineError as error:
        desk.console.say(explain(error).sentence)
        return SOME_FAILED
    except KeyboardInterrupt:
        desk.console.say("Interrupted.")
        return INTERRUPTED


def make_parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="lacuna server",
        description="ComfyUI servers that select, remove and paint for Lacuna.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    verbs = top.add_subparsers(dest="verb", metavar="VERB")
    one = verbs.add_parser("list", help="all servers, in the order in which they are asked")
    _add_json(one)
    _add_add(verbs)
    one = verbs.add_parser("test", help="ask a server what it is, has and can do")
    one.add_argument("name", metavar="NAME")
    _add_json(one)
    one = verbs.add_parser("trust", help="look at a server's certificate, and trust it")
    one.add_argument("name", metavar="NAME")
    one = verbs.add_parser("remove", help="take a server off the list, and forget its login")
    one.add_argument("name", metavar="NAME")
    return top


def _add_add(verbs: Any) -> None:
    one = verbs.add_parser("add", help="add a server at the end of the list")
    one.add_argument("name", metavar="NAME", help="what you call it")
    one.add_argument("url", metavar="URL", help="http://192.168.1.20:8188")
    logins = [login.value for login in Login]
    one.add_argument("--login", choices=logins, help="how it is convinced (default: none)")
    one.add_argument("--user", default="", metavar="NAME", help="of --login basic")
    one.add_argument(
        "--header", action="append", default=[], metavar="NAME", help="of --login header"
    )
    one.add_argument("--pin", default="", metavar="FP", help="sha256 of its certificate, aa:bb:...")
    one.add_argument("--ca", default="", metavar="FILE", help="PEM with the authority that signed")
    one.add_argument(
        "--allow-plain",
        action="store_true",
        help="http to a public address: others can read login, prompts and pictures on the way",
    )


def _add_json(one: argparse.ArgumentParser) -> None:
    one.add_argument("--json", action="store_true", help="write JSON to the standard output")


# verbs


def _list(desk: ServerCommandContext, arguments: argparse.Namespace) -> int:
    servers = desk.settings.servers
    if arguments.json:
        _print_json({"servers": written(servers)})
        return DONE
    for server in servers:
        state = "on" if server.is_on else "off"
        facts = [server.login.value if server.login is not Login.NONE else "no login"]
        facts += ["certificate pinned"] if server.fingerprint else []
        print(f"{state:<3}  {plain(server.name):<20}  {plain(server.url)}  ({', '.join(facts)})")
    if not servers:
        desk.console.say("There is no server yet; add one with `lacuna server add NAME URL`.")
    return DONE


def _add(desk: ServerCommandContext, arguments: argparse.Namespace) -> int:
    server = _server(arguments)
    names = {known.name.casefold() for known in desk.settings.servers}
    if server.name.casefold() in names:
        raise ServerUsageError(f"there is a server {server.name!r} already; remove it first")
    place = ""
    if server.login is not Login.NONE:
        place = keep_login(server, desk.tokens, _ask_secrets(server))
    desk.save([*desk.settings.servers, server])
    desk.console.say(f"{plain(server.name)} is added; `lacuna server test` asks how it is.")
    if place == "session":
        desk.console.say(
            f"There is no keyring here, so its login is not kept: set {TOKEN} and "
            f"{COMFYUI.address} when you use it."
        )
        return SOME_FAILED
    return DONE


def _test(desk: ServerCommandContext, arguments: argparse.Namespace) -> int:
    server = desk.named(arguments.name)
    desk.console.start(server.name)
    report: dict[str, Any] = {"server": server.name, "status": "ready", "error": None}
    try:
        found = AskServer(server=server, tokens=desk.tokens).run(desk.console)
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


def _trust(desk: ServerCommandContext, arguments: argparse.Namespace) -> int:
    from engine.comfy.server.transport import shown_certificate

    server = desk.named(arguments.name)
    if not server.url.startswith("https:"):
        raise ServerUsageError(f"{server.name!r} is reached by http: it shows no certificate")
    seen = shown_certificate(server, lambda: None)
    if seen == server.fingerprint:
        desk.console.say("It shows the certificate that is trusted already.")
        return DONE
    if server.fingerprint:
        changed = ServerCertificate(server.name, "changed", seen)
        desk.console.say(explain(changed).sentence)
    print(f"sha256 {seen}")
    desk.console.say(
        "Whoever holds its key can answer in the place of the server. Trust it only if its owner, "
        "or the machine itself, names the same fingerprint."
    )
    if _answer("Trust this certificate? [y/N] ") not in ("y", "yes"):
        desk.console.say("Nothing was changed.")
        return SOME_FAILED
    pinned = replace(server, fingerprint=seen)
    desk.save([pinned if known is server else known for known in desk.settings.servers])
    desk.console.say(f"The certificate of {plain(server.name)} is trusted.")
    return DONE


def _remove(desk: ServerCommandContext, arguments: argparse.Namespace) -> int:
    server = desk.named(arguments.name)
    others = [known for known in desk.settings.servers if known is not server]
    desk.save(others)
    if origin(server.url) not in {origin(known.url) for known in others}:
        desk.tokens.forget(server.url)
    desk.console.say(f"{plain(server.name)} is off the list.")
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
    """Raises Usage, and ServerAddress for an address that cannot be used."""
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
        raise ServerUsageError("a name has 1 to 80 letters, all of them visible")
    if server.fingerprint and not is_fingerprint(server.fingerprint):
        raise ServerUsageError(
            "--pin is the sha256 of a certificate: 32 pairs of digits, aa:bb:..."
        )
    if not all(is_header(name) for name in server.headers):
        raise ServerUsageError("--header is a name, without a value")
    usable_url(server)
    return server


def _login(arguments: argparse.Namespace) -> Login:
    """As it was asked for; a user, or a header, says it as well."""
    implied = "basic" if arguments.user else "header" if arguments.header else "none"
    login = Login(arguments.login or implied)
    if (login is Login.BASIC) != bool(arguments.user):
        raise ServerUsageError("--user and --login basic go together")
    if (login is Login.HEADER) != bool(arguments.header):
        raise ServerUsageError("--header and --login header go together")
    return login


def _ask_secrets(server: Server) -> Secrets:
    """Raises Usage when nothing is typed."""
    names = server.headers if server.login is Login.HEADER else ("",)
    typed = {name: _ask_secret(server, name) for name in names}
    if not all(typed.values()):
        raise ServerUsageError(f"no login was given: type it, pipe it in, or set {TOKEN}")
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
