"""Certificates of a stand-in server: right, for another host, signed by nobody but itself."""

import datetime
import hashlib
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

OTHER_HOST = "somewhere-else.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    context: ssl.SSLContext
    ca_file: Path  # PEM of whom to trust, so that this one is
    fingerprint: str  # sha256 of the server's own, aa:bb:...


def certificate(kind: str, folder: Path) -> Certificate:
    """`signed`, `wrong_name` (both by an authority of ours) or `self_signed`."""
    folder.mkdir(parents=True, exist_ok=True)
    chain, key, ca_file = folder / "chain.pem", folder / "key.pem", folder / "ca.pem"
    if kind == "self_signed":
        sign_oneself(chain, key)
        ca_file.write_bytes(chain.read_bytes())
    else:
        authority = trustme.CA()
        issued = authority.issue_cert("127.0.0.1" if kind == "signed" else OTHER_HOST)
        chain.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(key)
        authority.cert_pem.write_to_path(ca_file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    return Certificate(context=context, ca_file=ca_file, fingerprint=fingerprint(chain))


def fingerprint(chain: Path) -> str:
    own = chain.read_text().partition("-----END CERTIFICATE-----")
    body = ssl.PEM_cert_to_DER_cert(own[0] + own[1])
    return hashlib.sha256(body).digest().hex(":")


def sign_oneself(chain: Path, key: Path) -> None:
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + 30 * day)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(secret, hashes.SHA256())
    )
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    plain = serialization.NoEncryption()
    key.write_bytes(secret.private_bytes(serialization.Encoding.PEM, form, plain))
