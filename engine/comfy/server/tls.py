"""Builds the ssl.SSLContext of a server: system CAs, the user's CA file, or a pinned certificate.

A pinned certificate is fetched first, by a handshake that carries nothing, and compared; then it
is the only one that is trusted, whatever name or date it bears. No request ever goes over a
connection that is not verified.
"""

import hashlib
import hmac
import socket
import ssl
from urllib.parse import urlsplit

from engine.comfy.errors import ServerCertificate
from engine.comfy.server.address import Server
from engine.net.http import system_context

_ANY_DATE = 0x200000  # X509_V_FLAG_NO_CHECK_TIME, which the ssl module has no name for
_NAMES = (62, 64)  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
_DATES = (9, 10)  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED


def context_for(server: Server, url: str, connect_s: float) -> ssl.SSLContext:
    """The context for everything that is sent to `url`, which is the server's.

    For a pinned server this takes a handshake. Raises ServerCertificate (changed, ca_file), or
    OSError when nobody answers it.
    """
    if not url.startswith("https:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used, and trusts nobody
    if server.fingerprint:
        return _pinned(server, presented(url, connect_s))
    return _trusting(server)


def presented(url: str, connect_s: float) -> bytes:
    """The certificate (DER) that is shown there, unverified. Raises OSError.

    Nothing but the handshake is sent.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    parts = urlsplit(url)
    host = parts.hostname or ""
    with (
        socket.create_connection((host, parts.port or 443), connect_s) as line,
        context.wrap_socket(line, server_hostname=host) as wrapped,
    ):
        return wrapped.getpeercert(binary_form=True) or b""


def fingerprint(certificate: bytes) -> str:
    """sha256 of a certificate (DER), as aa:bb:..."""
    return hashlib.sha256(certificate).digest().hex(":")


def is_same(one: str, other: str) -> bool:
    """Whether two fingerprints are the same, in whatever way they are written."""
    plain = [text.replace(":", "").replace(" ", "").lower().encode() for text in (one, other)]
    return hmac.compare_digest(*plain)


def reason(server: Server, error: ssl.SSLCertVerificationError) -> str:
    """The fault of a certificate, as the code of ServerCertificate."""
    if server.fingerprint:
        return "changed"
    code = getattr(error, "verify_code", 0)
    return "name" if code in _NAMES else "expired" if code in _DATES else "unknown"


def _pinned(server: Server, certificate: bytes) -> ssl.SSLContext:
    seen = fingerprint(certificate)
    if not is_same(seen, server.fingerprint):
        raise ServerCertificate(server.name, "changed", seen)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # the certificate itself is what is asked for
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VerifyFlags(_ANY_DATE)
    context.load_verify_locations(cadata=certificate)
    return context


def _trusting(server: Server) -> ssl.SSLContext:
    """A context that trusts the system's authorities, and those of the user's own file."""
    context = system_context()
    if server.ca_file:
        try:
            context.load_verify_locations(cafile=server.ca_file)
        except OSError as error:  # ssl.SSLError is one
            raise ServerCertificate(server.name, "ca_file") from error
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # it may hold the server's own
    return context
