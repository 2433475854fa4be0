"""What a box is to be, with the passwords of its networks from files, codes or a person."""

from undertow import secret
from undertow.console.problem import Problem
from undertow.provisioning import wifi
from undertow.provisioning.box_document import BoxWanted
from undertow.provisioning.wanted import STDIN, Wanted
from undertow.provisioning.wifi import Network
from undertow.terminal import prompt
from wg.keytext import wipe

ASK = "ask"


def read(wanted: Wanted, notes: list[Problem]) -> BoxWanted:
    """The caller wipes it. notes: gets what of a QR code is passed over.

    UndertowError: a file, a code, a name or a password cannot be used, or nobody is there to ask.
    """
    box = BoxWanted(
        wanted.name,
        wanted.uplink,
        wanted.medium,
        lan=wanted.lan,
        lan_ssid=wanted.lan_ssid,
    )
    # Before somebody types: whether each can be asked for.
    if len(wanted.wifi) > len(wanted.wifi_password_files):
        prompt.require_person(
            f"The password of '{wanted.wifi[len(wanted.wifi_password_files)]}'", _PASSWORD_MEND
        )
    try:
        for source in wanted.wifi_qr:
            box.networks.append(_from_code(source, notes))
        for index, ssid in enumerate(wanted.wifi):
            wifi.check_ssid(ssid, "--wifi")
            files = wanted.wifi_password_files[index : index + 1]
            box.networks.append(Network(ssid, _password(ssid, *files)))
        for ssid in wanted.wifi_open:
            wifi.check_ssid(ssid, "--wifi-open")
            box.networks.append(Network(ssid))
        if wanted.lan_password_file:
            box.lan_password = _from_file(wanted.lan_password_file)
    except BaseException:
        box.wipe()
        raise
    return box


_PASSWORD_MEND = "Name a file with it by --wifi-password-file, or - for standard input."  # noqa: S105
_CODE_MEND = "Name a file with the code's text by --wifi-qr, or - for standard input."


def _from_code(source: str, notes: list[Problem]) -> Network:
    if source == ASK:
        shown = "what was typed"
        text = prompt.ask_secret("Text of the Wi-Fi QR code:", "The code's text", _CODE_MEND)
    else:
        shown = _shown(source)
        text = secret.read(source)
    try:
        return wifi.read_qr(text, shown, lambda why: notes.append(Problem("note", why, "", shown)))
    finally:
        wipe(text)


def _password(ssid: str, file: str = "") -> bytearray:
    if file:
        return _from_file(file)
    question = f"Password of the Wi-Fi network '{ssid}':"
    password = prompt.ask_secret(question, f"The password of '{ssid}'", _PASSWORD_MEND)
    return _checked(password, "What was typed")


def _from_file(file: str) -> bytearray:
    text = secret.read(file)
    # An editor's newline is not of the password; a space may be.
    while text and text[-1] in b"\r\n":
        text[-1] = 0
        del text[-1:]
    return _checked(text, f"What is in {_shown(file)}")


def _checked(password: bytearray, source: str) -> bytearray:
    try:
        wifi.check_password(password, source)
    except BaseException:
        wipe(password)
        raise
    return password


def _shown(file: str) -> str:
    return "standard input" if file == STDIN else file
