"""Through a SOCKS5 proxy (RFC 1928), without sign-in or with user and password (RFC 1929)."""

from carrier.errors import (
    MALFORMED,
    PROXY_LOGIN,
    PROXY_REFUSED,
    PROXY_UNREACHED,
    CarrierError,
)
from wg.allowedips import parse_address
from wg.compat import TYPE_CHECKING
from wg.errors import ConfigError

if TYPE_CHECKING:
    from carrier.http import Buffer

_VERSION = 5
_LOGIN_VERSION = 1
_NO_LOGIN = 0
_LOGIN = 2
_CONNECT = 1
_IPV4, _DOMAIN, _IPV6 = 1, 3, 4

# Steps: what is waited for.
_METHOD, _LOGGED_IN, _REPLY, _DONE = range(4)


class Socks5:
    """Asks a proxy for a connection. is_done: it is there; rest: what came behind the answer."""

    def __init__(self) -> None:
        self.is_done = False
        self.rest = b""
        self._kept = b""
        self._step = _METHOD
        self._target = b""
        self._user = b""
        self._password: "bytearray | None" = None

    def request(
        self, host: str, port: int, user: str = "", password: "bytearray | None" = None
    ) -> bytearray:
        """The bytes to write first. host: a name or an IPv4 address; a name is looked up there.

        password: is kept until it is asked for, and stays the caller's.
        """
        try:
            address = parse_address(host)
        except ConfigError:
            address = b""
        if len(address) == 4:
            self._target = bytes((_IPV4,)) + address
        elif address or not 0 < len(host) <= 255:
            raise ValueError("a SOCKS5 proxy is asked for IPv4 addresses and names")
        else:
            self._target = bytes((_DOMAIN, len(host))) + host.encode()
        self._target += bytes((port >> 8, port & 0xFF))
        self._user, self._password = user.encode(), password
        if user:
            return bytearray((_VERSION, 2, _NO_LOGIN, _LOGIN))
        return bytearray((_VERSION, 1, _NO_LOGIN))

    def feed(self, data: "Buffer") -> bytearray:
        """Take what arrived; what to write then, perhaps a password: the caller's to wipe.

        CarrierError: it is over.
        """
        if self._step == _DONE:
            self.rest += bytes(data)
            return bytearray()
        self._kept += bytes(data)
        if self._step != _REPLY and len(self._kept) > 2:
            raise _no_proxy()  # it answers what it was not asked yet
        if self._step == _METHOD and len(self._kept) == 2:
            return self._choose()
        if self._step == _LOGGED_IN and len(self._kept) == 2:
            return self._log_in()
        if self._step == _REPLY:
            self._reply()
        return bytearray()

    def _choose(self) -> bytearray:
        version, method = self._kept
        self._kept = b""
        if version != _VERSION:
            raise _no_proxy()
        if method == _NO_LOGIN:
            return self._ask()
        if method == _LOGIN and self._user:
            self._step = _LOGGED_IN
            password = self._password or bytearray()
            at = 2 + len(self._user)
            out = bytearray(at + 1 + len(password))
            out[:2] = bytes((_LOGIN_VERSION, len(self._user)))
            out[2:at] = self._user
            out[at] = len(password)
            memoryview(out)[at + 1 :] = password
            return out
        if method != 0xFF and method != _LOGIN:
            raise _no_proxy()
        if self._user:
            raise CarrierError(
                PROXY_LOGIN,
                "the proxy wants a kind of sign-in that there is not here",
                "Ask whoever runs the network for a proxy with user and password.",
            )
        raise CarrierError(
            PROXY_LOGIN,
            "the proxy wants a user and a password",
            "Give them as ProxyUser and ProxyPassword.",
        )

    def _log_in(self) -> bytearray:
        version, status = self._kept
        self._kept = b""
        if version != _LOGIN_VERSION:
            raise _no_proxy()
        if status:
            raise CarrierError(
                PROXY_LOGIN,
                "the proxy does not take this user and password",
                "Correct ProxyUser and ProxyPassword.",
            )
        return self._ask()

    def _ask(self) -> bytearray:
        self._step = _REPLY
        return bytearray((_VERSION, _CONNECT, 0)) + self._target

    def _reply(self) -> None:
        kept = self._kept
        if len(kept) < 5:
            return
        if kept[0] != _VERSION or kept[2]:
            raise _no_proxy()
        if kept[1]:
            raise _refused(kept[1])
        lengths = {_IPV4: 4, _IPV6: 16, _DOMAIN: 1 + kept[4]}
        if kept[3] not in lengths:
            raise _no_proxy()
        end = 4 + lengths[kept[3]] + 2
        if len(kept) >= end:
            self._step = _DONE
            self.is_done = True
            self.rest = kept[end:]
            self._kept = b""


def _refused(code: int) -> CarrierError:
    if code in (3, 4, 5, 6):  # network, host unreachable; refused; expired
        return CarrierError(
            PROXY_UNREACHED,
            "the proxy does not get through to the gateway (code %d)" % code,
            "Look whether the gateway runs; else the proxy may keep its address closed.",
        )
    return CarrierError(
        PROXY_REFUSED,
        "the proxy does not let us there (code %d)" % code,
        "Most proxies allow only port 443; else ask whoever runs this network.",
    )


def _no_proxy() -> CarrierError:
    return CarrierError(
        MALFORMED,
        "what answers in place of the proxy is none",
        "Check the proxy's address and port, and whether it is socks5:// or http://.",
    )
