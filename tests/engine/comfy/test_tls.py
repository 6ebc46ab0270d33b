"""Certificates right and wrong, pinned and replaced, for requests and sockets."""

import datetime
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import trustme
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.sync.client import connect
from websockets.sync.server import ServerConnection, serve

from engine.comfy.errors import ServerCertificate, ServerUnreachable
from engine.comfy.server import tls
from engine.comfy.server.transport import Transport, shown_certificate
from tests.engine.comfy.scripted_server import (
    QUICK,
    STATS,
    Reply,
    ScriptedServer,
    never_cancel,
    scripted_server,
)

LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


@cache
def authority() -> trustme.CA:
    return trustme.CA()


@cache
def leaf(name: str = "127.0.0.1") -> trustme.LeafCert:
    return authority().issue_cert(name)


@cache
def expired() -> trustme.LeafCert:
    return authority().issue_cert("127.0.0.1", not_after=LONG_AGO)


@cache
def other_leaf() -> trustme.LeafCert:
    """Another certificate of the same name, by the same authority."""
    return authority().issue_cert("127.0.0.1")


def serving(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def print_of(certificate: trustme.LeafCert) -> str:
    pem = certificate.cert_chain_pems[0].bytes().decode()
    return tls.fingerprint(ssl.PEM_cert_to_DER_cert(pem))


@contextmanager
def site_with(certificate: trustme.LeafCert) -> Iterator[ScriptedServer]:
    with scripted_server(lambda r: r.json(STATS), serving(certificate)) as site:
        yield site


def asked(site: ScriptedServer, **trust: str) -> object:
    server = replace(site.server, **trust)
    login = {"Authorization": "Bearer top-secret"}
    with closing(Transport(server, lambda: login, timeouts=QUICK)) as ours:
        return ours.get_json("/system_stats", never_cancel)


def refused(site: ScriptedServer, **trust: str) -> ServerCertificate:
    """Why nothing was sent."""
    with pytest.raises(ServerCertificate) as caught:
        asked(site, **trust)
    assert not site.seen
    return caught.value


@pytest.fixture
def ca_file(tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    authority().cert_pem.write_to_path(str(path))
    return str(path)


def test_an_unknown_authority_is_not_believed() -> None:
    with site_with(leaf()) as site:
        error = refused(site)
    assert (error.server, error.reason) == ("mine", "unknown")
    assert error.fingerprint == print_of(leaf())
    assert len(error.fingerprint) == 32 * 3 - 1


def test_an_authority_of_the_user_is_believed(ca_file: str) -> None:
    with site_with(leaf()) as site:
        assert asked(site, ca_file=ca_file) == STATS
        assert site.seen[0].headers["authorization"] == "Bearer top-secret"


def test_the_file_may_hold_the_certificate_itself(tmp_path: Path) -> None:
    path = tmp_path / "own.pem"
    leaf().cert_chain_pems[0].write_to_path(str(path))
    with site_with(leaf()) as site:
        assert asked(site, ca_file=str(path)) == STATS
    with site_with(other_leaf()) as site:
        assert refused(site, ca_file=str(path)).reason == "unknown"


def test_a_certificate_for_another_name(ca_file: str) -> None:
    for name in ("other.example", "127.0.0.2"):
        with site_with(leaf(name)) as site:
            error = refused(site, ca_file=ca_file)
        assert (error.reason, error.fingerprint) == ("name", print_of(leaf(name)))


def test_a_certificate_out_of_date(ca_file: str) -> None:
    with site_with(expired()) as site:
        error = refused(site, ca_file=ca_file)
    assert (error.reason, error.fingerprint) == ("expired", print_of(expired()))


def test_an_authority_that_cannot_be_read(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_bytes(b"no certificate")
    with site_with(leaf()) as site:
        for path in (tmp_path / "absent.pem", empty):
            assert refused(site, ca_file=str(path)).reason == "ca_file"
        assert site.lines == 0


def wrong_name() -> trustme.LeafCert:
    return leaf("other.example")


@pytest.mark.parametrize("certificate", [leaf, wrong_name, expired])
def test_a_pinned_certificate_is_all_that_is_needed(certificate: object) -> None:
    """Signed by nobody whom we know, for any name, at any time, however it is written."""
    assert callable(certificate)
    with site_with(certificate()) as site:
        pin = print_of(certificate())
        for written in (pin, pin.upper(), pin.replace(":", "")):
            assert asked(site, fingerprint=written) == STATS


def test_a_self_signed_one_can_be_pinned() -> None:
    """Which is its own authority."""
    ca = authority()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with ca.private_key_pem.tempfile() as key, ca.cert_pem.tempfile() as certificate:
        context.load_cert_chain(certificate, key)
    pin = tls.fingerprint(ssl.PEM_cert_to_DER_cert(ca.cert_pem.bytes().decode()))
    with scripted_server(lambda r: r.json(STATS), context) as site:
        assert refused(site).fingerprint == pin
        assert asked(site, fingerprint=pin) == STATS


def test_another_certificate_than_the_pinned_one(ca_file: str) -> None:
    """Also one that everything else speaks for."""
    with site_with(other_leaf()) as site:
        error = refused(site, fingerprint=print_of(leaf()), ca_file=ca_file)
    assert (error.reason, error.fingerprint) == ("changed", print_of(other_leaf()))


def test_the_pinned_one_stands_for_no_other() -> None:
    """Whoever has a certificate by the same authority cannot take its place later."""
    with site_with(leaf()) as site:
        server = replace(site.server, fingerprint=print_of(leaf()))
        ours = Transport(server, lambda: {"Authorization": "Bearer top-secret"}, timeouts=QUICK)
        assert ours.get_json("/system_stats", never_cancel) == STATS
        ours.close()
        context = ours.ssl_context
    assert context is not None
    with site_with(other_leaf()) as impostor:
        theirs = Transport(replace(server, url=impostor.url), timeouts=QUICK)
        theirs._session._context = context
        with pytest.raises(ServerCertificate) as caught:
            theirs.get_json("/system_stats", never_cancel)
        assert (caught.value.reason, caught.value.fingerprint) == (
            "changed",
            print_of(other_leaf()),
        )
        assert not impostor.seen


def test_no_context_goes_without_verification(ca_file: str) -> None:
    with site_with(leaf()) as site:
        for trust in ({}, {"ca_file": ca_file}, {"fingerprint": print_of(leaf())}):
            context = Transport(replace(site.server, **trust), timeouts=QUICK).ssl_context
            assert context is not None
            assert context.verify_mode is ssl.CERT_REQUIRED
            assert context.check_hostname == ("fingerprint" not in trust)


def test_the_wrong_scheme_is_noticed_both_ways() -> None:
    with site_with(leaf()) as site:
        server = replace(site.server, url=site.url.replace("https", "http"))
        with pytest.raises(ServerUnreachable) as caught:
            Transport(server, timeouts=QUICK).get_json("/system_stats", never_cancel)
        assert caught.value.reason == "use_https"
    with scripted_server(lambda r: r.json(STATS)) as site:
        server = replace(site.server, url=site.url.replace("http", "https"))
        for trust in ({}, {"fingerprint": print_of(leaf())}):
            with pytest.raises(ServerUnreachable) as caught:
                Transport(replace(server, **trust), timeouts=QUICK).get_json("/a", never_cancel)
            assert caught.value.reason == "use_http"
        assert not site.seen


def test_nobody_there_with_a_pin() -> None:
    with site_with(leaf()) as site:
        server = replace(site.server, fingerprint=print_of(leaf()))
    with pytest.raises(ServerUnreachable) as caught:
        Transport(server, timeouts=QUICK).get_json("/system_stats", never_cancel)
    assert caught.value.reason == "refused"


def test_a_certificate_is_shown_for_somebody_to_compare() -> None:
    with site_with(expired()) as site:
        assert shown_certificate(site.server, never_cancel, QUICK) == print_of(expired())
        assert not site.seen
    with pytest.raises(ServerUnreachable) as caught:
        shown_certificate(site.server, never_cancel, QUICK)
    assert caught.value.reason == "refused"
    with scripted_server(lambda r: r.json(STATS)) as site:
        server = replace(site.server, url=site.url.replace("http", "https"))
        with pytest.raises(ServerUnreachable) as caught:
            shown_certificate(server, never_cancel, QUICK)
    assert caught.value.reason == "use_http"


def test_reused_connections_and_posts_work_over_tls(ca_file: str) -> None:
    def reply(r: Reply) -> None:
        r.json({"got": len(r.seen.body)})

    with scripted_server(reply, serving(leaf())) as site:
        server = replace(site.server, ca_file=ca_file)
        with closing(Transport(server, timeouts=QUICK)) as ours:
            for _ in range(3):
                assert ours.post_json("/queue", {}, never_cancel) == (200, {"got": 2})
        assert site.lines == 1


# the socket of events


@contextmanager
def events(certificate: trustme.LeafCert | None) -> Iterator[tuple[str, list[Request]]]:
    """A server that greets who bears the token; its address, and what it was asked."""
    requests: list[Request] = []

    def look(_: ServerConnection, request: Request) -> Response | None:
        requests.append(request)
        is_known = request.headers.get("Authorization") == "Bearer top-secret"
        return None if is_known else Response(401, "Unauthorized", Headers())

    def greet(line: ServerConnection) -> None:
        line.send("hello")

    context = serving(certificate) if certificate else None
    with serve(greet, "127.0.0.1", 0, ssl=context, process_request=look) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        port = server.socket.getsockname()[1]
        yield f"http{'s' if certificate else ''}://127.0.0.1:{port}/x", requests
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("certificate", [None, leaf, wrong_name])
def test_the_socket_bears_the_login_and_believes_the_same(certificate: object) -> None:
    shown = certificate() if callable(certificate) else None
    with events(shown) as (url, requests):
        pin = print_of(shown) if shown else ""
        server = replace(ScriptedServer(print).server, url=url, fingerprint=pin)
        ours = Transport(server, lambda: {"Authorization": "Bearer top-secret"}, timeouts=QUICK)
        with connect(
            ours.ws_url("me"),
            ssl=ours.ssl_context,
            additional_headers=ours.ws_headers(),
            proxy=ours.ws_proxy,
        ) as line:
            assert line.recv(timeout=5) == "hello"
    (request,) = requests
    assert request.path == "/x/ws?clientId=me"
    assert "Origin" not in request.headers


def test_the_socket_believes_no_other_certificate() -> None:
    with events(other_leaf()) as (url, requests):
        server = replace(ScriptedServer(print).server, url=url, fingerprint=print_of(leaf()))
        ours = Transport(server, timeouts=QUICK)
        with pytest.raises(ServerCertificate) as caught:
            ours.ssl_context  # noqa: B018 made when it is asked for
        assert caught.value.reason == "changed"
        plain = Transport(replace(server, fingerprint=""), timeouts=QUICK)
        with (
            pytest.raises(ssl.SSLCertVerificationError),
            connect(plain.ws_url("me"), ssl=plain.ssl_context, proxy=None),
        ):
            pass
    assert not requests
