"""Who takes a box apart reads its flash: what of its secrets is in it, and in which form.

Each is looked for as it is, in hexadecimal, in base64 wherever in a text it may begin, and in
UTF-16. What is found is what firmware/README.md says, under "What lies in flash".
"""

import base64
import re
from pathlib import Path

from tests.boards.conftest import image
from tests.support.keys import GATEWAY, PRESHARED, PRIVATE

from undertow import paths
from undertow.board import Board
from undertow.console import Console
from undertow.lab.namespace import wait_until

PASSWORD = "correct horse battery"
PROXY_PASSWORD = "staple of the proxy"
HEADER_KEY = base64.b64encode(bytes(range(100, 132))).decode()
SECRET_PATH = "/0f1e2d3c4b5a69788796a5b4c3d2e1f0"
BOX = f"""\
[Box]
Name = attic

[Uplink]
Proxy = http://192.0.2.3:3128
ProxyUser = anna
ProxyPassword = {PROXY_PASSWORD}

[WiFi]
SSID = Hotel
Password = {PASSWORD}
"""
TUNNEL = f"""\
[Interface]
Address = 10.7.0.1/32
S1 = 16
S2 = 16
S3 = 16
S4 = 16
HeaderProtectionKey = {HEADER_KEY}

[Carriers]
UDP = 443
WS = 80
Path = {SECRET_PATH}

[Peer]
PublicKey = {GATEWAY}
PresharedKey = {PRESHARED}
AllowedIPs = 0.0.0.0/0
Endpoint = 192.0.2.2:51820
"""
SECRETS = {
    "the private key": base64.b64decode(PRIVATE),
    "a preshared key": base64.b64decode(PRESHARED),
    "a Wi-Fi password": PASSWORD.encode(),
    "a proxy password": PROXY_PASSWORD.encode(),
    "a header protection key": base64.b64decode(HEADER_KEY),
    "a secret path": SECRET_PATH.encode(),
}


def forms(secret: bytes) -> dict[str, list[bytes]]:
    """Each form that a secret can have, by name, and the bytes that would betray it."""
    text = secret if secret.isascii() else base64.b64encode(secret)
    return {
        "as it is": [secret],
        "hexadecimal": [secret.hex().encode(), secret.hex().upper().encode()],
        "base64": [in_base64(secret, shift) for shift in range(3)],
        "UTF-16": [text.decode().encode("utf-16-le"), text.decode().encode("utf-16-be")],
    }


def in_base64(secret: bytes, shift: int) -> bytes:
    """The characters that the base64 of any text has that holds the secret shift bytes in."""
    whole = base64.b64encode(bytes(shift) + secret).rstrip(b"=")
    # Of the first character that bits of the secret are in, some are not; so of the last.
    start = -(-shift * 8 // 6)
    end = (shift + len(secret)) * 8 // 6
    return whole[start:end]


def found(flash: Path) -> set[tuple[str, str]]:
    """Secrets that are in a flash, and in which form."""
    content = flash.read_bytes()
    return {
        (name, form)
        for name, secret in SECRETS.items()
        for form, patterns in forms(secret).items()
        if any(pattern in content for pattern in patterns)
    }


def described() -> set[tuple[str, str]]:
    """What firmware/README.md says."""
    text = (paths.FIRMWARE / "README.md").read_text().partition("## What lies in flash")[2]
    return set(re.findall(r"^\| (the private key|a [\w -]+) \| ([\w -]+?) \|", text, re.MULTILINE))


def test_the_search_finds_every_form(tmp_path: Path) -> None:
    for name, secret in SECRETS.items():
        text = secret if secret.isascii() else base64.b64encode(secret)
        for form, contents in {
            "as it is": [secret],
            "hexadecimal": [secret.hex().encode(), secret.hex().upper().encode()],
            "base64": [base64.b64encode(b"?" * shift + secret + b"??") for shift in range(6)],
            "UTF-16": [text.decode().encode("utf-16")],
        }.items():
            for content in contents:
                flash = tmp_path / "flash"
                flash.write_bytes(b"\xff" * 100 + content + b"\xff" * 100)
                assert (name, form) in found(flash), (name, form)


def test_flash_holds_secrets_as_the_readme_says_and_none_after_a_wipe(
    built_board: str, folder: Path
) -> None:
    with Board(built_board, folder, firmware=image(built_board)) as board:
        with Console(board.console_url) as console:
            for name, text in (("key", PRIVATE), ("box", BOX), ("tunnel", TUNNEL)):
                console.put(name, bytearray(text.encode()))
            console.commit(console.check().digest)
        board.stop()
        assert found(board.flash) == described()
        board.start()
        with Console(board.console_url) as console:
            console.wipe("attic")
            wait_until(lambda: console.hello().state == "blank", 60.0, board.said)
        board.stop()
        assert found(board.flash) == set()
