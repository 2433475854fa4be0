"""A real browser comes to the gateway's door, as a person would who was told its name."""

import base64
import zlib
from pathlib import Path

import pytest
from tests.gateway.home import GATEWAY, Home
from tests.support.absence import require_lab

from undertow.gateway import web
from undertow.lab import LabError, Namespace

BROWSER = "chromium-headless-shell"
NAME = "home.example.org"


class Visit:
    """A browser in a namespace of its own, which is why it needs no sandbox as root."""

    def __init__(self, where: Namespace, folder: Path, pin: str) -> None:
        self.where = where
        self.folder = folder
        self.pin = pin

    def look(self, address: str, *more: str) -> str:
        """The page as it is shown, as text."""
        done = self.where.run(
            *("timeout", "60", BROWSER, "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            *("--no-first-run", f"--user-data-dir={self.folder / 'profile'}"),
            *("--disable-background-networking", "--disable-component-update"),
            f"--host-resolver-rules=MAP {NAME} {GATEWAY}, MAP * ~NOTFOUND",
            f"--ignore-certificate-errors-spki-list={self.pin}",
            *more,
            address,
        )
        return done.stdout

    def picture(self, address: str) -> bytes:
        file = self.folder / "page.png"
        self.look(address, f"--screenshot={file}", "--window-size=800,500")
        return file.read_bytes()


@pytest.fixture
def visit(home: Home, tmp_path: Path) -> Visit:
    require_lab(BROWSER)
    home.state.change_settings(web_ports=(80,), tls_name=NAME)
    found = web.load_certificate(home.state.folder, home.state.settings())
    assert found is not None
    home.run()
    return Visit(home.place()[0], tmp_path, found.pin)


def first_pixel(png: bytes) -> tuple[int, ...]:
    """Red, green, blue of the upper left corner (PNG, 8 bits; no filter changes that one)."""
    assert png[24] == 8
    at, data = 8, b""
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += 12 + length
    return tuple(zlib.decompress(data)[1:4])


def test_a_browser_finds_an_ordinary_page_behind_the_name(home: Home, visit: Visit) -> None:
    """By HTTP, so sent on to HTTPS; with its style, and nothing that does not load."""
    page = visit.look(f"http://{NAME}/", "--dump-dom")
    assert "<h1>" in page
    assert page.count("<title>") == 1
    assert "<p>" in page
    # The style's background, and not a browser's white.
    assert first_pixel(visit.picture(f"http://{NAME}/")) != (255, 255, 255)
    assert "404 Not Found" in visit.look(f"https://{NAME}/{'0' * 32}", "--dump-dom")
    # The secret path is a page that is not there.
    path = home.state.carriers().path
    assert "404 Not Found" in visit.look(f"https://{NAME}{path}", "--dump-dom")


def test_a_browser_with_another_pin_shows_no_page(visit: Visit) -> None:
    """That the first one is shown is the pin's doing, and not a browser's that takes anything."""
    visit.pin = base64.b64encode(bytes(32)).decode()
    with pytest.raises(LabError, match="ERR_CERT_AUTHORITY_INVALID"):
        visit.look(f"https://{NAME}/", "--dump-dom")
