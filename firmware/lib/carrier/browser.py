"""What a browser says of itself: another one for each box, and always the same for one box.

A box that says on Monday that it is Firefox and on Tuesday that it is Chrome is none.
"""

from carrier.primitives import hmac_sha256
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    Headers = list[tuple[str, str]]

_LANGUAGES = (
    "en-US,en;q=0.9",
    "en-GB,en;q=0.9",
    "de-DE,de;q=0.9,en;q=0.8",
    "fr-FR,fr;q=0.9,en;q=0.8",
    "es-ES,es;q=0.9,en;q=0.8",
    "nl-NL,nl;q=0.9,en;q=0.8",
    "it-IT,it;q=0.9,en;q=0.8",
    "pl-PL,pl;q=0.9,en;q=0.8",
    "ru-RU,ru;q=0.9,en;q=0.8",
    "tr-TR,tr;q=0.9,en;q=0.8",
)
_CHROME_ON = (
    "Windows NT 10.0; Win64; x64",
    "Macintosh; Intel Mac OS X 10_15_7",
    "X11; Linux x86_64",
    "Linux; Android 10; K",
)
_FIREFOX_ON = (
    "Windows NT 10.0; Win64; x64",
    "Macintosh; Intel Mac OS X 10.15",
    "X11; Linux x86_64",
)
# Versions that are in use, and how many from there on.
_CHROME_FROM, _CHROME_COUNT = 148, 8
_FIREFOX_FROM, _FIREFOX_COUNT = 150, 8


class Browser:
    """The browser that a box pretends to be."""

    def __init__(self, seed: bytes) -> None:
        """seed: of the box, secret, and the same every time."""
        self._seed = seed
        self.is_firefox = self.below("kind", 4) == 0
        if self.is_firefox:
            version = _FIREFOX_FROM + self.below("version", _FIREFOX_COUNT)
            system = _FIREFOX_ON[self.below("system", len(_FIREFOX_ON))]
            self.user_agent = "Mozilla/5.0 (%s; rv:%d.0) Gecko/20100101 Firefox/%d.0" % (
                system,
                version,
                version,
            )
        else:
            version = _CHROME_FROM + self.below("version", _CHROME_COUNT)
            number = self.below("system", len(_CHROME_ON))
            self.user_agent = (
                "Mozilla/5.0 (%s) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0%s "
                "Safari/537.36"
                % (_CHROME_ON[number], version, " Mobile" if number == len(_CHROME_ON) - 1 else "")
            )
        self.language = _LANGUAGES[self.below("language", len(_LANGUAGES))]
        if self.is_firefox:
            self.language = self.language.replace(";q=0.9", ";q=0.7").replace(";q=0.8", ";q=0.5")

    def below(self, label: str, limit: int) -> int:
        """A number from 0 to limit-1 that is this box's for this label."""
        raw = hmac_sha256(self._seed, label.encode())
        return (raw[0] << 16 | raw[1] << 8 | raw[2]) % limit

    def upgrade_headers(self, host: str, origin: str, key: str) -> "Headers":
        """Of a request for a WebSocket, in the order that this browser has."""
        if self.is_firefox:
            return [
                ("Host", host),
                ("User-Agent", self.user_agent),
                ("Accept", "*/*"),
                ("Accept-Language", self.language),
                ("Accept-Encoding", "gzip, deflate, br, zstd"),
                ("Sec-WebSocket-Version", "13"),
                ("Origin", origin),
                ("Sec-WebSocket-Extensions", "permessage-deflate"),
                ("Sec-WebSocket-Key", key),
                ("Connection", "keep-alive, Upgrade"),
                ("Sec-Fetch-Dest", "empty"),
                ("Sec-Fetch-Mode", "websocket"),
                ("Sec-Fetch-Site", "same-origin"),
                ("Pragma", "no-cache"),
                ("Cache-Control", "no-cache"),
                ("Upgrade", "websocket"),
            ]
        return [
            ("Host", host),
            ("Connection", "Upgrade"),
            ("Pragma", "no-cache"),
            ("Cache-Control", "no-cache"),
            ("User-Agent", self.user_agent),
            ("Upgrade", "websocket"),
            ("Origin", origin),
            ("Sec-WebSocket-Version", "13"),
            ("Accept-Encoding", "gzip, deflate, br, zstd"),
            ("Accept-Language", self.language),
            ("Sec-WebSocket-Key", key),
            ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"),
        ]

    def connect_headers(self, host: str) -> "Headers":
        """Of a request to a proxy."""
        if self.is_firefox:
            return [
                ("User-Agent", self.user_agent),
                ("Proxy-Connection", "keep-alive"),
                ("Connection", "keep-alive"),
                ("Host", host),
            ]
        return [
            ("Host", host),
            ("Proxy-Connection", "keep-alive"),
            ("User-Agent", self.user_agent),
        ]

    def page_headers(self, host: str) -> "Headers":
        """Of a request for a page, such as the one by which a sign-in page is noticed."""
        return [
            ("Host", host),
            ("User-Agent", self.user_agent),
            ("Accept", "*/*"),
            ("Accept-Language", self.language),
            ("Connection", "close"),
        ]
