"""Wi-Fi networks that a box is to join, or to be: from a QR code's text, or asked for.

What holds a password is a buffer that is wiped, here as everywhere.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from undertow.errors import EXIT_REFUSED, UndertowError
from wg.keytext import wipe

SSID_LEN_MAX = 32
PASSWORD_LEN_MIN, PASSWORD_LEN_MAX = 8, 63
RAW_KEY_LEN = 64  # hexadecimal digits, in place of a password
# Read out and typed on telephones: nothing that looks like something else.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_LEN = 3, 4  # 59 bits, each guess of which costs 4096 rounds of PBKDF2
_HEX = b"0123456789abcdefABCDEF"
_BACKSLASH, _QUOTE = 0x5C, 0x22


@dataclass
class Network:
    """A network by its name; without a password it is open."""

    ssid: str
    password: bytearray | None = field(default=None, repr=False)

    def wipe(self) -> None:
        if self.password is not None:
            wipe(self.password)


def check_ssid(ssid: str, source: str) -> None:
    """UndertowError: no network can be called that."""
    length = len(ssid.encode())
    if not 1 <= length <= SSID_LEN_MAX:
        raise _wrong(
            f"{source}: a network cannot be called {ssid!r}",
            f"The name has {length} bytes, and one has 1 to {SSID_LEN_MAX}.",
            "Give the name as telephones show it.",
        )
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in ssid):
        raise _wrong(
            f"{source}: a network cannot be called {ssid!r}",
            "The name has a character that cannot be seen.",
            "Give the name as telephones show it.",
        )


def check_password(password: bytearray, source: str) -> None:
    """UndertowError, which does not show it: it can be no password of a network."""
    length = len(password)
    if length == RAW_KEY_LEN and all(byte in _HEX for byte in password):
        return
    if not PASSWORD_LEN_MIN <= length <= PASSWORD_LEN_MAX:
        raise _wrong(
            f"{source} is no Wi-Fi password",
            f"It has {length} characters, and one has {PASSWORD_LEN_MIN} to {PASSWORD_LEN_MAX}; "
            f"or it is a key of {RAW_KEY_LEN} hexadecimal digits.",
            "Give the password as it is typed on a telephone. An open network has none: "
            "name it by --wifi-open.",
        )
    if not all(0x20 <= byte < 0x7F for byte in password):
        raise _wrong(
            f"{source} is no Wi-Fi password",
            "It has a character that is not in ASCII, and WPA's passwords have no others.",
            "Check the file's encoding, and that nothing but the password is in it.",
        )


def make_password() -> bytearray:
    """A new password that a person can read out: three groups of four."""
    groups = ("".join(secrets.choice(_READABLE) for _ in range(_GROUP_LEN)) for _ in range(_GROUPS))
    return bytearray("-".join(groups).encode())


def qr_text(ssid: str, password: str) -> str:
    """What telephones read from a QR code to join a network."""
    return f"WIFI:T:WPA;S:{_escaped(ssid)};P:{_escaped(password)};;"


def _escaped(text: str) -> str:
    return "".join(f"\\{each}" if each in '\\;,:"' else each for each in text)


def read_qr(text: bytearray, source: str, note: Callable[[str], object]) -> Network:
    """The network in the text of a QR code, WIFI:T:WPA;S:name;P:password;;

    The text is the caller's to wipe, the network, too. note: told what of it is passed over.
    UndertowError: what is wrong with it, without showing it.
    """
    fields = _fields(text, source)
    try:
        ssid = _ssid(fields.get("S"), source)
        kind = bytes(fields.get("T", b"")).decode("ascii", "replace").upper()
        password = _password(fields, kind, source)
        if "I" in fields:
            raise _wrong(
                f"{source}: the network '{ssid}' wants a password identifier",
                "The code has a field 'I', which is WPA3's way to have several passwords.",
                "Use a network without one.",
            )
        if bytes(fields.get("H", b"")).lower() == b"true":
            note(f"the network '{ssid}' hides its name; the box finds it all the same")
        others = sorted(set(fields) - set("STPHRK"))
        if others:
            note(f"the code says more than a box needs, passed over: {', '.join(others)}")
        return Network(ssid, password)
    finally:
        for value in fields.values():
            wipe(value)


def _ssid(value: bytearray | None, source: str) -> str:
    if value is None:
        raise _no_code(source, "It names no network: there is no field 'S'.")
    try:
        ssid = value.decode()
    except UnicodeDecodeError:
        raise _no_code(source, "The network's name is not in UTF-8.") from None
    check_ssid(ssid, source)
    return ssid


def _password(fields: dict[str, bytearray], kind: str, source: str) -> bytearray | None:
    password = fields.get("P")
    if kind in ("", "NOPASS"):
        if password:
            raise _no_code(source, "It has a password and says that the network is open.")
        return None
    if kind not in ("WPA", "WPA2", "WPA3", "SAE", "WPA/WPA2", "WPA2/WPA3"):
        known = kind if kind in ("WEP", "WPA2-EAP", "EAP", "WPA-EAP") else "another kind"
        raise _wrong(
            f"{source} is for a network that a box cannot join",
            f"It is protected by {known}; a box joins open ones and those with a WPA password.",
            "Use another network of that place, or the cable.",
        )
    if not password:
        raise _no_code(source, "It says that the network has a password, and has none.")
    check_password(password, f"The password in {source}")
    return bytearray(password)


def _fields(text: bytearray, source: str) -> dict[str, bytearray]:
    """The fields by their letter, without the escapes; the values are to be wiped."""
    end = len(text)
    while end and text[end - 1] <= 0x20:
        end -= 1
    start = 3 if text[:3] == b"\xef\xbb\xbf" else 0
    if bytes(text[start : start + 5]).upper() != b"WIFI:":
        raise _no_code(source, "It does not begin with 'WIFI:'.")
    fields: dict[str, bytearray] = {}
    at = start + 5
    try:
        while at < end and text[at] != 0x3B:
            at = _field(text, at, end, fields, source)
    except BaseException:
        for value in fields.values():
            wipe(value)
        raise
    if at + 1 < end:
        _wipe_all(fields)
        raise _no_code(source, "Something follows after its end, ';;'.")
    return fields


def _wipe_all(fields: dict[str, bytearray]) -> None:
    for value in fields.values():
        wipe(value)


def _field(text: bytearray, at: int, end: int, fields: dict[str, bytearray], source: str) -> int:
    """Take the field at a place; where the next one begins."""
    letter = chr(text[at]).upper()
    if len(letter) != 1 or not "A" <= letter <= "Z" or at + 1 >= end or text[at + 1] != 0x3A:
        # PH2: and the like are of networks with accounts.
        raise _no_code(source, f"At character {at + 1} there is no field such as 'S:'.")
    if letter in fields:
        raise _no_code(source, f"The field '{letter}' is there twice.")
    # As long as it can become: a buffer that grows leaves copies behind.
    value = bytearray(end - at)
    fields[letter] = value
    is_escaped = False
    used = 0
    at += 2
    # Quotes of the code's own; those of a name or a password have a backslash before them.
    is_quoted = at < end and text[at] == _QUOTE
    while at < end and text[at] != 0x3B:
        is_escaped = text[at] == _BACKSLASH
        if is_escaped:
            at += 1
            if at == end:
                break
        value[used] = text[at]
        used += 1
        at += 1
    if at >= end:
        raise _no_code(source, f"The field '{letter}' has no ';' at its end: is a part missing?")
    _shorten(value, used, is_quoted and not is_escaped)
    return at + 1


def _shorten(value: bytearray, used: int, can_be_quoted: bool) -> None:
    """To what was used, without the quotes that codes have around hexadecimal text."""
    if can_be_quoted and used >= 2 and value[used - 1] == _QUOTE:
        used -= 2
        for i in range(used):
            value[i] = value[i + 1]
        value[used] = value[used + 1] = 0
    del value[used:]


def _no_code(source: str, why: str) -> UndertowError:
    return _wrong(
        f"{source} is not the text of a Wi-Fi QR code",
        why,
        'It looks like WIFI:T:WPA;S:name;P:password;; with a backslash before each of \\ ; , : " '
        "in name and password. Or name the network by --wifi.",
    )


def _wrong(what: str, why: str, mend: str) -> UndertowError:
    return UndertowError(what, why, mend, EXIT_REFUSED)
