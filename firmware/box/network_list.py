"""One more Wi-Fi network in the document "box", all else of which stays as it is."""

from box import box_document, quoted
from box.kept import sections_of
from wg.compat import TYPE_CHECKING
from wg.keytext import wipe

if TYPE_CHECKING:
    from box.box_settings import Network

_HEAD = b"[WiFi]\nSSID = "
_PASSWORD = b"\nPassword = "
_END = b"\n\n"


def with_network(text: bytearray, network: "Network") -> bytearray:
    """The document with this network first, in place of one of the same name; to be wiped.

    ConfigFileError: the document was broken before, or has no room for it.
    """
    settings = box_document.read(text)
    settings.wipe()
    places = _places(text)
    start, stop = (places[0][0], places[0][0]) if places else (len(text), len(text))
    gone = (stop, stop)
    for place, known in zip(places, settings.networks):
        if known.ssid == network.ssid:
            gone = place
    section = _section(network, at_line_start=start == 0 or text[start - 1] == 0x0A)
    out = bytearray(len(text) + len(section) - (gone[1] - gone[0]))
    view = memoryview(out)
    at = 0
    for piece in (text[:start], section, text[start : gone[0]], text[gone[1] :]):
        view[at : at + len(piece)] = piece
        at += len(piece)
        wipe(piece)
    try:
        box_document.read(out).wipe()
    except Exception:
        wipe(out)
        raise
    return out


def _places(text: bytearray) -> "list[tuple[int, int]]":
    """Where the sections of networks begin, and where the ones behind them do."""
    found = sections_of(text)
    ends = [start for _, start, _ in found[1:]] + [len(text)]
    return [(each[1], end) for each, end in zip(found, ends) if each[0] == "wifi"]


def _section(network: "Network", at_line_start: bool) -> bytearray:
    """The section, in a buffer that is made once, at its full length."""
    password = network.password
    size = len(_HEAD) + quoted.encoded_len(network.ssid) + len(_END)
    if password is not None:
        size += len(_PASSWORD) + quoted.encoded_len(password)
    lead = b"" if at_line_start else b"\n"
    out = bytearray(len(lead) + size)
    at = len(lead) + len(_HEAD)
    out[:at] = lead + _HEAD
    at = quoted.write(out, at, network.ssid)
    if password is not None:
        out[at : at + len(_PASSWORD)] = _PASSWORD
        at = quoted.write(out, at + len(_PASSWORD), password)
    out[at:] = _END
    return out
