"""Servers with TLS for our client, by Python's ssl, with certificates made for a test."""

import base64
import hashlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

NAME = "home.example.org"
DAY = timedelta(days=1)
TODAY = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Issued:
    """A certificate with its key, and the chain that is shown after it."""

    certificate: x509.Certificate
    key: Any
    above: tuple[x509.Certificate, ...] = ()

    @property
    def pin(self) -> str:
        info = self.certificate.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return hashlib.sha256(info).hexdigest()

    @property
    def pin64(self) -> str:
        """As documents have it."""
        return base64.b64encode(bytes.fromhex(self.pin)).decode()


@cache
def key_of(kind: str, _number: int) -> Any:
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP384R1() if kind == "p384" else ec.SECP256R1())


def is_p384(key: Any) -> bool:
    return isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name == "secp384r1"


@cache
def issue(
    kind: str = "p256",
    issuer: Issued | None = None,
    name: str = NAME,
    is_issuer: bool = False,
    begins: int = -10,
    ends: int = 10,
    signer_kind: str = "",
) -> Issued:
    """A certificate valid so many days around TODAY. signer_kind: signed by another key instead."""
    key = key_of(kind, 0 if issuer is None else 1 + len(issuer.above) + is_issuer)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer = key if issuer is None else issuer.key
    if signer_kind:
        signer = key_of(signer_kind, 99)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(TODAY + begins * DAY)
        .not_valid_after(TODAY + ends * DAY)
        .add_extension(x509.BasicConstraints(ca=is_issuer, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(signer, hashes.SHA384() if is_p384(signer) else hashes.SHA256())
    )
    above = () if issuer is None else (issuer.certificate, *issuer.above)
    return Issued(made, key, above)


def root(kind: str = "p384") -> Issued:
    return issue(kind, name="An Issuer", is_issuer=True)


def write_pem(shown: Issued, folder: Path) -> Path:
    """The key, the certificate and the chain above it in one file."""
    pem = serialization.Encoding.PEM
    file = folder / f"{shown.pin}{len(shown.above)}.pem"
    key = shown.key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain = [shown.certificate, *shown.above]
    file.write_bytes(key + b"".join(one.public_bytes(pem) for one in chain))
    return file


def context_of(shown: Issued, folder: Path, **how: Any) -> ssl.SSLContext:
    """how: least, most: versions; ciphers; alpn; prefers_own: the server's order counts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(write_pem(shown, folder))
    context.set_alpn_protocols(how.get("alpn", ["h2", "http/1.1"]))
    context.minimum_version = how.get("least", ssl.TLSVersion.TLSv1_2)
    context.maximum_version = how.get("most", ssl.TLSVersion.TLSv1_3)
    if not how.get("prefers_own"):
        context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    if ciphers := how.get("ciphers"):
        context.set_ciphers(ciphers)
    return context


@dataclass
class Server:
    """An echo behind TLS, and what it saw of its client."""

    port: int
    seen: dict[str, Any]


@contextmanager
def serving(context: ssl.SSLContext, after: str = "") -> Iterator[Server]:
    """after: what is done to the connection once it is secured: `cut` without a word, `close`."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(listening.getsockname()[1], {})

    def saw(_socket: Any, name: str | None, _context: Any) -> None:
        server.seen["name"] = name

    context.sni_callback = saw

    def serve() -> None:
        while True:
            try:
                raw, _ = listening.accept()
            except OSError:
                return
            came = time.monotonic()
            try:
                with context.wrap_socket(raw, server_side=True) as secured:
                    server.seen["took_s"] = time.monotonic() - came
                    server.seen["alpn"] = secured.selected_alpn_protocol()
                    server.seen["version"] = secured.version()
                    server.seen["cipher"] = secured.cipher()
                    server.seen.setdefault("reused", []).append(secured.session_reused)
                    if after == "cut":
                        secured.recv(1)
                        raw_again = secured.detach()
                        socket.socket(fileno=raw_again).close()
                        continue
                    while data := secured.recv(65536):
                        if after == "close":
                            secured.unwrap()
                        secured.sendall(data)
            except (OSError, ssl.SSLError) as error:
                server.seen["error"] = str(error)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)
