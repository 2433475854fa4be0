"""The wg-quick file that a box needs, without the box's private key, which only the box has."""

from collections.abc import Sequence

from undertow.gateway.peers import Peer
from undertow.gateway.settings import Settings
from wg.keytext import BASE64_LEN

_PSK = b"PresharedKey = "


def compose(
    settings: Settings, own: str, peer: Peer, endpoints: Sequence[str], psk: bytearray | None
) -> bytearray:
    """The file. own: the gateway's public key. psk: 44 characters of base64, to be in it.

    None where the box has a preshared key: a comment says so. With psk the caller wipes the file.
    """
    lines = [
        f"# {peer.name}, by the gateway {settings.name}. PrivateKey: the box's own, made there.",
        "[Interface]",
        f"Address = {peer.address}/32",
        f"DNS = {', '.join(settings.dns)}",
        f"MTU = {settings.mtu}",
        "",
        "[Peer]",
        f"PublicKey = {own}",
    ]
    rest = ["AllowedIPs = 0.0.0.0/0", f"Endpoint = {endpoints[0]}"]
    if settings.keepalive_s:
        rest.append(f"PersistentKeepalive = {settings.keepalive_s}")
    if peer.psk is not None and psk is None:
        rest.insert(0, "# PresharedKey = (the one that was given to the gateway)")
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
