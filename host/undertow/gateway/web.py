"""The web site before the tunnel: its certificate, its pages, and the server of the TCP ports."""

import ssl
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from undertow.errors import EXIT_REFUSED, EXIT_USAGE, UndertowError
from undertow.gateway import carriers
from undertow.gateway.folder import Folder, broken
from undertow.gateway.settings import Settings
from undertow.gateway.streams import certificate
from undertow.gateway.streams.site import Site
from wg.keytext import wipe

# Our own: private key and certificate in one file, so that there are both or none.
OWN = "tls.pem"
FILE_LEN_MAX = 1 << 20


class Certificate:
    """files: with the certificate and with its key; the same where it is ours. pin: see TLSPin."""

    def __init__(self, files: tuple[Path, Path], pin: str, is_own: bool) -> None:
        self.files = files
        self.pin = pin
        self.is_own = is_own

    def context(self) -> ssl.SSLContext:
        """UndertowError: certificate and key do not belong together."""
        try:
            return certificate.context(*self.files)
        except (OSError, ValueError) as error:
            raise _unusable(self.files[0], error) from error


def load_certificate(folder: Folder, settings: Settings) -> Certificate | None:
    """As set, or of our own making; None: no port needs one. UndertowError: it cannot be used."""
    if not settings.tls_ports:
        return None
    if not settings.certificate:
        return Certificate((folder.path / OWN,) * 2, _own_pin(folder, settings), True)
    files = Path(settings.certificate), Path(settings.certificate_key)
    found = Certificate(files, _pin_of(files[0]), False)
    found.context()
    return found


def _own_pin(folder: Folder, settings: Settings) -> str:
    """Of the one in the folder: made where it is missing, and anew for another name.

    Its key stays: boxes know it by that.
    """
    name = carriers.site_name(folder, settings)
    with folder.locked():
        data = folder.read(OWN)
        key: PrivateKeyTypes | None = None
        try:
            if data is not None:
                found = x509.load_pem_x509_certificate(bytes(data))
                if certificate.is_for(found, name):
                    return certificate.pin(bytes(data))
                key = serialization.load_pem_private_key(bytes(data), None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise broken(folder.path / OWN, "it holds no certificate and key of ours") from None
        finally:
            wipe(data or bytearray())
        made, secret = certificate.self_signed(name, key)
        whole = bytearray(secret + made)
        try:
            folder.write(OWN, whole)
        finally:
            wipe(whole)
    return certificate.pin(made)


def _pin_of(file: Path) -> str:
    try:
        if file.stat().st_size > FILE_LEN_MAX:
            raise ValueError("it is far too long")
        return certificate.pin(file.read_bytes())
    except (OSError, ValueError) as error:
        raise _unusable(file, error) from error


def pin_of_der(data: bytes) -> str:
    """Of a certificate as TLS shows it; empty: it is none."""
    try:
        return certificate.pin(ssl.DER_cert_to_PEM_cert(data).encode())
    except ValueError:
        return ""


def _unusable(file: Path, error: Exception) -> UndertowError:
    said = getattr(error, "strerror", None) or getattr(error, "reason", None) or error
    is_missing = isinstance(error, FileNotFoundError)
    return UndertowError(
        f"The certificate {file} cannot be used",
        f"That is: {str(said).rstrip('.')}.",
        "Give a certificate and its key as PEM: undertow gateway set --certificate FILE "
        "--certificate-key FILE; or '' for both, and one is made.",
        EXIT_USAGE if is_missing else EXIT_REFUSED,
    )


def check(before: Settings, after: Settings) -> None:
    """Read what settings name anew. UndertowError: a file of these cannot be used."""
    if after.certificate and (after.certificate, after.certificate_key) != (
        before.certificate,
        before.certificate_key,
    ):
        files = Path(after.certificate), Path(after.certificate_key)
        Certificate(files, _pin_of(files[0]), False).context()
    if after.site != before.site:
        load_site(after)


def load_site(settings: Settings, seed: str = "", made_s: int | None = None) -> Site:
    """The folder, or one of our own. UndertowError: the folder cannot be used.

    seed: which of our own. made_s: when that was made; not now, as if whoever runs it had no past.
    """
    return Site.of_folder(Path(settings.site)) if settings.site else Site.built_in(seed, made_s)
