"""Addresses as people type them, and those that plain http may reach."""

import pytest

from engine.comfy.errors import ServerAddress
from engine.comfy.server.address import (
    Login,
    Server,
    is_loopback,
    is_public,
    parse_address,
    usable_url,
)


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("localhost:8188", "http://localhost:8188"),
        ("localhost", "http://localhost:8188"),
        ("192.168.0.5", "http://192.168.0.5:8188"),
        ("  192.168.0.5:8000/ ", "http://192.168.0.5:8000"),
        ("http://192.168.0.5", "http://192.168.0.5"),
        ("http://1.2.3.4:8188/", "http://1.2.3.4:8188"),
        ("1.2.3.4:40123", "https://1.2.3.4:40123"),
        ("abc.trycloudflare.com", "https://abc.trycloudflare.com"),
        ("//gpu-box/x//", "http://gpu-box:8188/x"),
        ("HTTPS://Host.Example:443/x/Comfy/", "https://host.example/x/Comfy"),
        ("http://host.example:80/a%20b/c d".replace(" ", "%20"), "http://host.example/a%20b/c%20d"),
        ("http://host/ü", "http://host/%C3%BC"),
        ("https://host/x/comfy/?foo=1#workflow", "https://host/x/comfy"),
        ("bücher.example", "https://xn--bcher-kva.example"),
        ("host.example./x", "https://host.example/x"),
        ("http://0.0.0.0:8188", "http://127.0.0.1:8188"),
        ("0.0.0.0", "http://127.0.0.1:8188"),
        ("::1", "http://[::1]:8188"),
        ("[::]:8188", "http://[::1]:8188"),
        ("http://[FD00::1]:9/x", "http://[fd00::1]:9/x"),
        ("http://134744072", "http://8.8.8.8"),
        ("０x8.8.8.8", "https://8.8.8.8"),
        ("host/x?u=http://other/", "http://host:8188/x"),
    ],
)
def test_what_is_typed_becomes_one_form(typed: str, url: str) -> None:
    assert parse_address(typed).url == url
    again = parse_address(url)
    assert (again.url, again.login, again.secret) == (url, Login.NONE, None)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "host"),
        ("   ", "host"),
        ("http://", "host"),
        ("http://:8188", "host"),
        ("ftp://host/x", "scheme"),
        ("ws://host:8188/ws", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("host:port", "format"),
        ("host:0", "format"),
        ("host:99999", "format"),
        ("two words", "format"),
        ("host\\x", "format"),
        ("host/\nx", "format"),
        ("http://[::1", "format"),
        ("http://[::1%eth0]/", "host"),
        ("http://a_b!c/", "host"),
        ("-host", "host"),
        ("http://999.1.1.1", "host"),
        ("http://" + "a" * 64, "format"),
        ("http://" + ".".join(["a" * 60] * 5), "host"),
    ],
)
def test_what_is_no_address_is_refused(typed: str, reason: str) -> None:
    with pytest.raises(ServerAddress) as caught:
        parse_address(typed)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("typed", "login", "user", "secret"),
    [
        ("https://host/x/comfy/?token=abc-1", Login.BEARER, "", "abc-1"),
        ("https://host/x/comfy?a=b&Token=a%2Bc", Login.BEARER, "", "a+c"),
        ("https://host/x/comfy?access_token=abc-1", Login.BEARER, "", "abc-1"),
        ("https://me:p%40ss@host/x/comfy", Login.BASIC, "me", "p@ss"),
        ("https://me@host/x/comfy", Login.BASIC, "me", None),
        ("https://:pass@host/x/comfy", Login.BASIC, "", "pass"),
        ("https://me:pass@host/x/comfy?token=abc-1", Login.BEARER, "", "abc-1"),
    ],
)
def test_a_login_is_taken_out(typed: str, login: Login, user: str, secret: str | None) -> None:
    found = parse_address(typed)
    assert found.url == "https://host/x/comfy"
    assert (found.login, found.user) == (login, user)
    assert (found.secret.reveal() if found.secret else None) == secret
    assert not secret or secret not in repr(found)


@pytest.mark.parametrize(
    "typed",
    ["http://me:top-secret@host:x/", "http://host:x/?token=top-secret", "ftp://:top-secret@h"],
)
def test_an_error_tells_no_password(typed: str) -> None:
    with pytest.raises(ServerAddress) as caught:
        parse_address(typed)
    told = f"{caught.value!r} {caught.value.__cause__!r} {caught.value.url}"
    assert "top-secret" not in told
    assert caught.value.__suppress_context__


HOME = [
    "localhost", "127.0.0.1", "127.9.9.9", "[::1]", "10.0.0.1", "172.16.0.1", "192.168.1.1",
    "169.254.1.1", "[fe80::1]", "[fd00::1]", "100.64.0.1", "gpu-box", "box.local", "a.b.local",
    "x.localhost", "pc.lan", "x.internal", "x.home.arpa", "[::ffff:192.168.0.1]",
]  # fmt: skip
ABROAD = [
    "1.2.3.4", "8.8.8.8", "172.32.0.1", "[2606:4700::1111]", "[::ffff:8.8.8.8]", "host.example",
    "local.example", "134744072", "0x08080808", "8.526344", "xlocal.de",
]  # fmt: skip


@pytest.mark.parametrize("host", HOME)
def test_at_home_plain_http_is_enough(host: str) -> None:
    assert not is_public(f"http://{host}:8188")
    assert usable_url(Server(name="a", url=f"http://{host}:8188")).startswith("http://")


@pytest.mark.parametrize("host", ABROAD)
def test_abroad_it_must_be_allowed(host: str) -> None:
    with pytest.raises(ServerAddress) as caught:
        usable_url(Server(name="a", url=f"http://{host}:8188"))
    assert caught.value.reason == "plain"
    allowed = Server(name="a", url=f"http://{host}:8188", allows_plain=True)
    assert usable_url(allowed).startswith("http://")
    assert usable_url(Server(name="a", url=f"https://{host}:8188")).startswith("https://")


def test_a_password_in_a_saved_address_is_refused() -> None:
    with pytest.raises(ServerAddress) as caught:
        usable_url(Server(name="a", url="https://me:top-secret@host.example/x"))
    assert (caught.value.url, caught.value.reason) == ("https://host.example/x", "login")


def test_a_saved_address_is_brought_into_form() -> None:
    assert usable_url(Server(name="a", url="https://Host.example/x/")) == "https://host.example/x"


def test_this_computer() -> None:
    for host in ("localhost", "127.0.0.1", "127.0.0.2", "[::1]", "a.localhost"):
        assert is_loopback(f"http://{host}:1")
    for host in ("192.168.0.1", "localhost.example", "mylocalhost", "[fe80::1]"):
        assert not is_loopback(f"http://{host}:1")
