"""IP addresses and prefixes as text.

Everywhere else an address is 4 or 16 bytes; the table of allowed IPs is in C.
"""

from wg.errors import ConfigError

_ADDRESS_MEND = "Write an IPv4 address such as 10.0.0.1 or an IPv6 address such as fd00::1."
_PREFIX_MEND = "Write an address and a length, such as 10.0.0.0/8 or fd00::/64."


def _is_number(text: str, digits: str, longest: int) -> bool:
    """Whether text is 1 to longest of these digits; int() would take signs and spaces, too."""
    return 0 < len(text) <= longest and all(character in digits for character in text)


def parse_number(text: str, highest: int) -> int:
    """A decimal number from 0 to highest without sign or leading zeros; -1 for any other text."""
    if not _is_number(text, "0123456789", len(str(highest))):
        return -1
    if text[0] == "0" and len(text) > 1:
        return -1
    number = int(text)
    return number if number <= highest else -1


def _parse_ipv4(text: str) -> bytes:
    """4 bytes, or none at all when text is no IPv4 address."""
    parts = [parse_number(part, 255) for part in text.split(".")]
    if len(parts) != 4 or min(parts) < 0:
        return b""
    return bytes(parts)


def _parse_groups(text: str) -> bytes:
    """The bytes of 16-bit groups between colons; the last may be an IPv4 address. None: broken."""
    groups = text.split(":")
    out = bytearray()
    for position, group in enumerate(groups):
        if "." in group and position == len(groups) - 1:
            address = _parse_ipv4(group)
            if not address:
                return b""
            out.extend(address)
        elif _is_number(group, "0123456789abcdefABCDEF", 4):
            number = int(group, 16)
            out.append(number >> 8)
            out.append(number & 255)
        else:
            return b""
    return bytes(out)


def _parse_ipv6(text: str) -> bytes:
    """16 bytes, or none at all when text is no IPv6 address (RFC 4291, 2.2)."""
    halves = text.split("::")
    if len(halves) > 2:
        return b""
    if len(halves) == 2 and "." in halves[0]:
        return b""
    parsed = []
    for half in halves:
        part = _parse_groups(half) if half else b""
        if half and not part:
            return b""
        parsed.append(part)
    if len(halves) == 1:
        return parsed[0] if len(parsed[0]) == 16 else b""
    zeros = 16 - len(parsed[0]) - len(parsed[1])
    if zeros < 2:  # "::" stands for one group at least
        return b""
    return parsed[0] + bytes(zeros) + parsed[1]


def parse_address(text: str) -> bytes:
    """The 4 or 16 bytes of an address. ConfigError: text is none."""
    address = _parse_ipv6(text) if ":" in text else _parse_ipv4(text)
    if not address:
        raise ConfigError("address '%s'" % text, "it is no IP address", _ADDRESS_MEND)
    return address


def format_address(address: "bytes | bytearray | memoryview") -> str:
    """The usual text of 4 or 16 bytes; for IPv6 that of RFC 5952."""
    if len(address) == 4:
        return ".".join([str(byte) for byte in address])
    if len(address) != 16:
        raise ValueError("an address has 4 or 16 bytes, not %d" % len(address))
    if bytes(address[:12]) == bytes(10) + b"\xff\xff":
        return "::ffff:" + format_address(address[12:])
    groups = [address[i] << 8 | address[i + 1] for i in range(0, 16, 2)]
    start, length = _longest_zeros(groups)
    texts = ["%x" % group for group in groups]
    if length < 2:  # a single zero group is written out (RFC 5952, 4.2.2)
        return ":".join(texts)
    return ":".join(texts[:start]) + "::" + ":".join(texts[start + length :])


def _longest_zeros(groups: "list[int]") -> "tuple[int, int]":
    """Start and length of the first of the longest runs of zeros."""
    best_start, best_length = 0, 0
    length = 0
    for position, group in enumerate(groups):
        length = length + 1 if group == 0 else 0
        if length > best_length:
            best_start, best_length = position - length + 1, length
    return best_start, best_length


def clear_host_bits(address: bytes, prefix_len: int) -> bytes:
    """The address with all bits after the prefix set to zero."""
    out = bytearray(address)
    for position in range(len(out)):
        keep = min(max(prefix_len - 8 * position, 0), 8)
        out[position] &= 0xFF00 >> keep & 0xFF
    return bytes(out)


def parse_prefix(text: str) -> "tuple[bytes, int]":
    """(address, prefix length) of '10.0.0.0/8'; host bits are cleared.

    No length means the whole address. ConfigError: text is no prefix.
    """
    what = "prefix '%s'" % text
    before, slash, after = text.partition("/")
    try:
        address = parse_address(before)
    except ConfigError:
        raise ConfigError(what, "'%s' is no IP address" % before, _PREFIX_MEND)
    longest = 8 * len(address)
    if not slash:
        return address, longest
    prefix_len = parse_number(after, longest)
    if prefix_len < 0:
        why = "its length is no number from 0 to %d" % longest
        raise ConfigError(what, why, _PREFIX_MEND)
    return clear_host_bits(address, prefix_len), prefix_len


def format_prefix(address: "bytes | bytearray | memoryview", prefix_len: int) -> str:
    """'10.0.0.0/8', always with the length."""
    return "%s/%d" % (format_address(address), prefix_len)
