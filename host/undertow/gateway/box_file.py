"""The wg-quick file that a box needs, without the box's private key, which only the box has."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from undertow.gateway.peers import Peer
from undertow.gateway.settings import Settings
from wg.keytext import BASE64_LEN

_PSK = b"PresharedKey = "


@dataclass(frozen=True)
class Ways:
    """Lines for [Interface] and for [Carriers], as (key, value)."""

    shape: Sequence[tuple[str, str]] = field(repr=False)
    carriers: Sequence[tuple[str, str]] = field(repr=False)


def compose(
    settings: Settings,
    own: str,
    peer: Peer,
    endpoints: Sequence[str],
    psk: bytearray | None,
    ways: Ways | None = None,
) -> bytearray:
    """The file. own: the gateway's public key. psk: 44 characters of base64, to be in it.

    ways: by which the box can come besides the endpoint; None: by it alone, as any WireGuard does.

    None where the box has a preshared key: a comment says so. With psk the caller wipes the file.
    """
    lines = [
        f"# {peer.name}, by the gateway {settings.name}. PrivateKey: the box's own, made there.",
        "[Interface]",
        f"Address = {peer.address}/32",
        f"DNS = {', '.join(settings.dns)}",
        f"MTU = {settings.mtu}",
        *(f"{key} = {value}" for key, value in (ways.shape if ways else ())),
        "",
        "[Peer]",
        f"PublicKey = {own}",
    ]
    rest = ["AllowedIPs = 0.0.0.0/0", f"Endpoint = {endpoints[0]}"]
    if settings.keepalive_s:
        rest.append(f"PersistentKeepalive = {settings.keepalive_s}")
    if peer.psk is not None and psk is None:
        rest.insert(0, "# PresharedKey = (the one that was given to the gateway)")
    if ways is not None:
        rest += ["", "[Carriers]", *(f"{key} = {value}" for key, value in ways.carriers)]
    before = "\n".join([*lines, ""]).encode()
    after = "\n".join([*rest, ""]).encode()
    if psk is None:
        return bytearray(before + after)
    # Made at its full length, so that no copy of the key stays behind.
    text = bytearray(len(before) + len(_PSK) + BASE64_LEN + 1 + len(after))
    text[: len(before)] = before
    start = len(before) + len(_PSK)
    text[len(before) : start] = _PSK
    text[start : start + BASE64_LEN] = psk
    text[start + BASE64_LEN] = 0x0A
    text[start + BASE64_LEN + 1 :] = after
    return text
