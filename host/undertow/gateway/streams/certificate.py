"""TLS at the server's end: the certificate, its pin, and what is offered, as nginx offers it."""

import base64
import datetime
import hashlib
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509.oid import NameOID

from undertow.gateway.streams import hello

# As long as a box is not paired anew; boxes know it by its key, whatever its dates say.
VALID = datetime.timedelta(days=3650)
# RFC 7301, 3.2; ssl.AlertDescription has no name for it.
_NO_APPLICATION_PROTOCOL = 120


def self_signed(name: str, key: PrivateKeyTypes | None = None) -> tuple[bytes, bytes]:
    """(certificate, private key) for a name, as PEM; the key is to be kept secret.

    As `openssl req -x509` makes it, by which most make theirs: another would be a mark of ours.
    key: one that is there already. TypeError: it is of another kind than ours.
    """
    key = key or ec.generate_private_key(ec.SECP256R1())
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the key is not of a curve")
    # A common name has no more room; who looks at certificates looks below it anyway.
    common = [x509.NameAttribute(NameOID.COMMON_NAME, name)] if len(name) <= 64 else []
    who = x509.Name(common)
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    public = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    issuer = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(public)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + VALID)
        .add_extension(public, critical=False)
        .add_extension(issuer, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return made.public_bytes(serialization.Encoding.PEM), pem


def is_for(certificate: x509.Certificate, name: str) -> bool:
    """Whether it says that it is this name's."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return False
    return name in found.value.get_values_for_type(x509.DNSName)


def pin(certificate: bytes) -> str:
    """Base64 of the SHA-256 of the first certificate's SubjectPublicKeyInfo. ValueError: none."""
    found = x509.load_pem_x509_certificate(certificate)
    info = found.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(hashlib.sha256(info).digest()).decode()


def context(certificate: Path, key: Path) -> ssl.SSLContext:
    """OSError (ssl.SSLError): they cannot be read, or do not belong together."""
    made = _Context(ssl.PROTOCOL_TLS_SERVER)
    made.refusing = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.refusing.sni_callback = _refuse
    for each in (made, made.refusing):
        each.minimum_version = ssl.TLSVersion.TLSv1_2
        each.set_ciphers("HIGH:!aNULL:!MD5")
        # As nginx leaves it: a board without AES in hardware wants ChaCha20, and is five times as
        # quick with that.
        each.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
        each.set_alpn_protocols(list(hello.PROTOCOLS))
        each.load_cert_chain(certificate, key)
    return made


class _Context(ssl.SSLContext):
    """refusing: to be given to who wants no protocol of ours; it is ended with an alert."""

    refusing: ssl.SSLContext


def refusing(made: ssl.SSLContext) -> ssl.SSLContext | None:
    return made.refusing if isinstance(made, _Context) else None


def _refuse(*_: object) -> int:
    return _NO_APPLICATION_PROTOCOL
