"""The document "tunnel" as pairing makes it: what the gateway said, its key, the preshared key."""

from wg.compat import TYPE_CHECKING
from wg.keytext import BASE64_LEN, public_to_base64, write_base64

if TYPE_CHECKING:
    from pairing.info import Info

ALLOWED_IPS_DEFAULT = "0.0.0.0/0"


def compose(info: "Info", public_key: bytes, preshared_key: bytearray) -> bytearray:
    """The text, with the preshared key in it: the caller's to wipe.

    All that the gateway said was judged (pairing.info); whether it makes a tunnel is for whoever
    reads the document. Of several endpoints the others stand in comments.
    """
    head = "[Interface]\n"
    head += _line("Address", info.address)
    head += _line("DNS", info.dns)
    head += _line("MTU", info.mtu)
    for key, value in info.shape:
        head += _line(key, value)
    if info.carriers:
        head += "\n[Carriers]\n"
        for key, value in info.carriers:
            head += _line(key, value)
    head += "\n[Peer]\n"
    head += _line("PublicKey", public_to_base64(public_key))
    head += "PresharedKey = "
    tail = "\n" + _line("AllowedIPs", info.allowed_ips or ALLOWED_IPS_DEFAULT)
    for number, endpoint in enumerate(info.endpoints):
        tail += _line("# Endpoint" if number else "Endpoint", endpoint)
    tail += _line("PersistentKeepalive", info.keepalive)
    # One buffer of the full size: one that grows would leave copies behind.
    out = bytearray(len(head) + BASE64_LEN + len(tail))
    out[: len(head)] = head.encode()
    write_base64(out, len(head), preshared_key)
    memoryview(out)[len(head) + BASE64_LEN :] = tail.encode()
    return out


def _line(keyword: str, value: "str | int | None") -> str:
    return "" if value is None or value == "" else "%s = %s\n" % (keyword, value)
