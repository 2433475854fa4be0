"""Through an HTTP proxy by CONNECT (RFC 9110, 9.3.6), with Basic sign-in (RFC 7617)."""

from carrier.errors import (
    MALFORMED,
    PORTAL,
    PROXY_LOGIN,
    PROXY_REFUSED,
    PROXY_UNREACHED,
    CarrierError,
)
from carrier.http import Asking
from wg.compat import TYPE_CHECKING
from wg.keytext import base64_len, wipe, write_base64

if TYPE_CHECKING:
    from carrier.browser import Browser
    from carrier.http import Response

_AUTHORIZATION = b"Proxy-Authorization: Basic "


class Connect(Asking):
    """Asks a proxy for a connection. is_done: it is there."""

    def __init__(self, browser: "Browser") -> None:
        super().__init__(browser)
        self._has_login = False

    def request(
        self, host: str, port: int, user: str = "", password: "bytearray | None" = None
    ) -> bytearray:
        """The bytes to write first, perhaps with a password in them: the caller's to wipe."""
        place = "%s:%d" % (host, port)
        text = "CONNECT %s HTTP/1.1\r\n" % place
        for each in self._browser.connect_headers(place):
            text += "%s: %s\r\n" % each
        head = text.encode()
        self._has_login = bool(user)
        if not user:
            return bytearray(head + b"\r\n")
        login = bytearray(len(user) + 1 + len(password or b""))
        login[: len(user) + 1] = (user + ":").encode()
        memoryview(login)[len(user) + 1 :] = password or b""
        at = len(head) + len(_AUTHORIZATION)
        end = at + base64_len(len(login))
        out = bytearray(end + 4)
        out[: len(head)] = head
        out[len(head) : at] = _AUTHORIZATION
        write_base64(out, at, login)
        out[end:] = b"\r\n\r\n"
        wipe(login)
        return out

    def _judge(self, response: "Response | None") -> None:
        if response is None:
            raise CarrierError(
                MALFORMED,
                "what answers in place of the proxy is none",
                "Check the proxy's address and port.",
            )
        status = response.status
        is_page = (response.header("content-type") or "").lower().startswith("text/html")
        if 200 <= status < 300 and not is_page:
            return
        if status == 407:
            raise self._login(response)
        if status == 511 or 200 <= status < 400:
            raise CarrierError(
                PORTAL,
                "a web page came in place of the proxy's answer (status %d)" % status,
                "This place probably wants you to sign in first.",
            )
        if status in (502, 503, 504):
            raise CarrierError(
                PROXY_UNREACHED,
                "the proxy does not get through to the gateway (status %d)" % status,
                "Look whether the gateway runs; else the proxy may keep its address closed.",
            )
        raise CarrierError(
            PROXY_REFUSED,
            "the proxy does not let us there (status %d)" % status,
            "Most proxies allow only port 443; else ask whoever runs this network.",
        )

    def _login(self, response: "Response") -> CarrierError:
        schemes = [
            value.split(" ")[0].lower()
            for name, value in response.headers
            if name == "proxy-authenticate"
        ]
        if schemes and "basic" not in schemes:
            return CarrierError(
                PROXY_LOGIN,
                "the proxy wants a kind of sign-in that there is not here, only Basic is",
                "Ask whoever runs the network for a proxy with user and password.",
            )
        if self._has_login:
            return CarrierError(
                PROXY_LOGIN,
                "the proxy does not take this user and password",
                "Correct ProxyUser and ProxyPassword.",
            )
        return CarrierError(
            PROXY_LOGIN,
            "the proxy wants a user and a password",
            "Give them as ProxyUser and ProxyPassword.",
        )
