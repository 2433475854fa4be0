"""Whose word counts when TLS chooses a cipher: the box's, which knows what its processor can do."""

import ssl
from pathlib import Path

import pytest

from undertow.gateway.streams import certificate


def chosen(server: ssl.SSLContext, wanted: str) -> str:
    """The cipher that a handshake of TLS 1.2 in memory comes to. wanted: the client's, in order."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.maximum_version = ssl.TLSVersion.TLSv1_2  # Python cannot order those of 1.3
    client.set_ciphers(wanted)
    client.set_alpn_protocols(["http/1.1"])
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [client.wrap_bio(back, there), server.wrap_bio(there, back, server_side=True)]
    for _ in range(5):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    cipher = ends[0].cipher()
    assert cipher is not None
    return cipher[0]


@pytest.mark.parametrize(
    ("wanted", "first"),
    [
        ("ECDHE+CHACHA20:ECDHE+AESGCM", "CHACHA20"),
        ("ECDHE+AES128:ECDHE+CHACHA20:ECDHE+AES256", "AES128"),
    ],
)
def test_the_cipher_that_a_box_names_first_is_taken(
    tmp_path: Path, wanted: str, first: str
) -> None:
    files = tmp_path / "certificate", tmp_path / "key"
    for file, data in zip(files, certificate.self_signed("home.example.org"), strict=True):
        file.write_bytes(data)
    assert first in chosen(certificate.context(*files), wanted)
