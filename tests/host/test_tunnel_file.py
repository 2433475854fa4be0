"""A wg-quick file, split: the box gets its lines, and no secret but the preshared keys."""

import io
import sys
from pathlib import Path

import pytest
from tests.support.keys import GATEWAY, OTHER_PRIVATE, PRESHARED, PRIVATE, PUBLIC

from undertow.errors import EXIT_REFUSED, EXIT_USAGE, UndertowError
from undertow.provisioning import RefusedError, Wanted, read
from undertow.provisioning.box_document import compose
from undertow.provisioning.snippets import Snippets
from undertow.provisioning.tunnel_file import split

FILE = f"""\
# PrivateKey = {OTHER_PRIVATE}
[Interface]
  privatekey={PRIVATE}  # mine
Address = 10.7.0.2/24, fd07::2/64
DNS = 10.7.0.1

[Peer]
PublicKey = {GATEWAY}
PresharedKey = {PRESHARED}
AllowedIPs = 0.0.0.0/0 # everything
Endpoint = vpn.example.com:51820

# PrivateKey = {OTHER_PRIVATE}
"""
DOCUMENT = f"""\

[Interface]

Address = 10.7.0.2/24, fd07::2/64
DNS = 10.7.0.1

[Peer]
PublicKey = {GATEWAY}
PresharedKey = {PRESHARED}
AllowedIPs = 0.0.0.0/0
Endpoint = vpn.example.com:51820
"""


@pytest.fixture
def home(tmp_path: Path) -> str:
    file = tmp_path / "home.conf"
    file.write_text(FILE)
    return str(file)


def write(file: str, text: str) -> str:
    Path(file).write_text(text)
    return file


def refusal(wanted: Wanted) -> UndertowError:
    with pytest.raises(UndertowError) as caught:
        read(wanted)
    return caught.value


def test_the_box_gets_the_lines_at_their_numbers_without_comments_and_private_key() -> None:
    document, key = split(bytearray(FILE.encode()))
    assert document.decode() == DOCUMENT
    assert key == PRIVATE.encode()


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("", ""),
        ("\n\n\n", ""),
        ("[Interface]", "[Interface]\n"),
        ("[Interface]\r\nMTU = 1400\r\n", "[Interface]\nMTU = 1400\n"),
        ("\ufeff[Interface]\n", "[Interface]\n"),
        ("PrivateKey\n", "PrivateKey\n"),
        (f"  PRIVATEKEY \t= {PRIVATE}\nx = 1", "\nx = 1\n"),
        (f"PrivateKey = {PRIVATE}\nPrivateKey = {OTHER_PRIVATE}\n", ""),
        (f"[Interface] # PrivateKey = {PRIVATE}", "[Interface]\n"),
    ],
)
def test_odd_files_are_split_at_the_same_lines(text: str, document: str) -> None:
    found, _ = split(bytearray(text.encode()))
    assert found.decode() == document


def test_what_the_box_makes_of_it_is_what_the_file_says(home: str) -> None:
    settings = read(Wanted(home))
    assert settings.tunnel.addresses == ["10.7.0.2", "fd07::2"]
    assert settings.tunnel.peers == [GATEWAY]
    assert settings.tunnel.has_preshared_key
    assert settings.key is None, "the box makes its own unless it is told otherwise"
    assert settings.box is None, "it says nothing of the box; a new one is called like the file"
    assert settings.suggested.name == "home"


def test_a_file_without_a_private_key_is_as_good(home: str) -> None:
    write(home, DOCUMENT)
    assert read(Wanted(home)).tunnel.document.decode() == DOCUMENT


def test_a_private_key_goes_along_when_it_is_asked_for(home: str) -> None:
    settings = read(Wanted(home, import_key=True))
    assert settings.key == PRIVATE.encode()
    assert settings.public == PUBLIC


def test_a_private_key_comes_from_a_file_of_its_own(home: str, tmp_path: Path) -> None:
    key_file = tmp_path / "key"
    key_file.write_text(f"\n {PRIVATE}\n")
    assert read(Wanted(home, key_file=str(key_file))).public == PUBLIC


@pytest.mark.parametrize("where", ["config", "key"])
def test_standard_input_can_be_either(
    where: str, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.BytesIO(FILE.encode() if where == "config" else f"{PRIVATE}\n".encode())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stream))
    if where == "config":
        assert read(Wanted("-")).tunnel.document.decode() == DOCUMENT
    else:
        assert read(Wanted(home, key_file="-")).public == PUBLIC


def test_wiping_leaves_nothing(home: str) -> None:
    settings = read(Wanted(home, import_key=True))
    assert settings.key is not None and settings.tunnel.private_key is not None
    settings.wipe()
    for buffer in (settings.key, settings.tunnel.private_key, settings.tunnel.document):
        assert not any(buffer)


def test_everything_that_is_wrong_with_a_file_is_said_at_once(home: str) -> None:
    broken = FILE.replace("0.0.0.0/0", "10.0.0.0/33").replace(":51820", "")
    error = refusal(Wanted(write(home, broken)))
    assert isinstance(error, RefusedError)
    assert error.exit_code == EXIT_REFUSED
    assert [problem.line for problem in error.problems] == [10, 11]
    assert str(error) == (
        f"{home} cannot be used. "
        f"{home}:10: AllowedIPs: '10.0.0.0/33' has a prefix longer than 32. "
        "Write it like 10.0.0.0/8, fd00::/64, or 0.0.0.0/0 for everything.\n"
        f"{home}:11: Endpoint: 'vpn.example.com' has no port. "
        "Write it like vpn.example.com:51820, 192.0.2.1:51820 or [2001:db8::1]:51820. "
        "Mend the file and run this again."
    )
    assert error.as_object()["problems"][1]["line"] == 11


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (
            {"config": ""},
            "No tunnel is named. A box needs to know its gateway: from a wg-quick file, or by "
            "pairing with it. Add --config home.conf, or --pair HOST --room N as "
            "`undertow gateway pair` says it.",
        ),
        (
            {"import_key": True, "key_file": "key"},
            "Two private keys are named. --import-key takes the one in the tunnel's file, "
            "--key-file the one in its own. Give one of the two.",
        ),
        (
            {"config": "-", "key_file": "-"},
            "Standard input is named twice. It can be one file, and is to be several. "
            "Name a file for all but one of them.",
        ),
        (
            {"config": "/no/such.conf"},
            "/no/such.conf cannot be read. The system says: No such file or directory. "
            "Name a file that is there and that you may read.",
        ),
        (
            {"config": "/dev/zero"},
            "/dev/zero is too long. It has 65536 bytes or more, and no file for a box is near "
            "that. Name a wg-quick file.",
        ),
        (
            {"key_file": "/dev/null"},
            "/dev/null holds no private key. A private key is 44 characters of base64 and nothing "
            "else. Write it as `wg genkey` does, in a file of its own.",
        ),
        (
            {"uplink": "192.0.2.7/24"},
            "--uplink '192.0.2.7/24' cannot be used. A fixed address needs a gateway. Write "
            "'dhcp', or address, gateway and name servers: 192.0.2.7/24,192.0.2.1,9.9.9.9.",
        ),
        (
            {"uplink": "192.0.2.7/24,gateway"},
            "--uplink 'gateway' cannot be used. It is not an IPv4 address. Write 'dhcp', or "
            "address, gateway and name servers: 192.0.2.7/24,192.0.2.1,9.9.9.9.",
        ),
        (
            {"lan": "10.20.30.1"},
            "--lan '10.20.30.1' cannot be used. The length of the network is missing. "
            "Write it like 10.20.30.1/24.",
        ),
        (
            {"lan": "lan"},
            "--lan 'lan' cannot be used. It is not an IPv4 address with its length. "
            "Write it like 10.20.30.1/24.",
        ),
    ],
)
def test_what_cannot_be_is_said_before_a_box_is_asked(
    home: str, wanted: dict[str, str], said: str
) -> None:
    assert str(refusal(Wanted(**{"config": home, **wanted}))) == said  # type: ignore[arg-type]


def test_a_key_that_is_not_there_cannot_be_taken_along(home: str) -> None:
    write(home, DOCUMENT)
    assert str(refusal(Wanted(home, import_key=True))) == (
        f"{home} has no PrivateKey. --import-key gives the box the one in that file. "
        "Leave --import-key out and the box makes its own, or name a key by --key-file."
    )


def test_a_broken_private_key_matters_only_when_it_is_taken_along(home: str) -> None:
    write(home, FILE.replace(PRIVATE, "<put your key here>"))
    assert read(Wanted(home)).key is None
    assert str(refusal(Wanted(home, import_key=True))) == (
        f"The PrivateKey in {home} is none. A private key is 44 characters of base64. "
        "Copy the whole line that `wg genkey` printed, with the '=' at its end."
    )


def test_the_gateways_own_key_is_not_taken_for_the_boxs(home: str) -> None:
    error = refusal(Wanted(write(home, FILE.replace(GATEWAY, PUBLIC)), import_key=True))
    assert str(error) == (
        f"The private key in {home} is the gateway's. "
        "A [Peer] of the tunnel has the public key that goes with it. "
        "Use the key of the box, or let the box make its own."
    )


@pytest.mark.parametrize(
    ("line", "section"),
    [
        (f"Endpoint = {PRIVATE}", "[Peer]"),
        (f"{PRIVATE}", "[Interface]"),
        (f"PrivateKei = {PRIVATE}", "[Interface]"),
        (f"PrivateKey {PRIVATE}", "[Interface]"),
        (f"PresharedKey = {PRIVATE}x", "[Peer]"),
    ],
)
def test_a_key_in_the_wrong_place_is_in_no_message(home: str, line: str, section: str) -> None:
    text = DOCUMENT.replace(section, f"{section}\n{line}")
    for asked in (Wanted(write(home, text)), Wanted(home, import_key=True)):
        error = refusal(asked)
        assert PRIVATE.rstrip("=") not in f"{error} {error!r} {error.as_object()}"


def test_a_fixed_uplink_and_a_lan_are_written_down(home: str) -> None:
    settings = read(
        Wanted(home, name="van", uplink="192.0.2.7/24,192.0.2.1, 9.9.9.9", lan="10.20.30.1/24")
    )
    assert settings.box is not None
    assert compose(settings.box).decode() == (
        "[Box]\nName = van\n\n[Uplink]\nMode = static\nAddress = 192.0.2.7/24\n"
        "Gateway = 192.0.2.1\nDNS = 9.9.9.9\n\n[LAN]\nAddress = 10.20.30.1/24\n"
    )


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ("home.conf", "home"),
        ("/etc/wireguard/My VPN (2).conf", "My-VPN-2"),
        ("-", "undertow"),
        ("ü.conf", "undertow"),
        (f"{'x' * 99}.conf", "x" * 32),
        (f"{'x' * 31}-y.conf", "x" * 31),
    ],
)
def test_a_box_without_a_name_is_called_like_its_file(config: str, name: str) -> None:
    from undertow.provisioning.box_document import name_after

    assert name_after(config) == name


def test_the_gateway_learns_addresses_of_the_box_alone_and_no_secret(home: str) -> None:
    snippets = Snippets.make(PUBLIC, read(Wanted(home)).tunnel)
    assert snippets.command == (
        f"wg set wg0 peer {PUBLIC} allowed-ips 10.7.0.2/32 preshared-key FILE"
    )
    assert snippets.peer == (
        f"[Peer]\nPublicKey = {PUBLIC}\nAllowedIPs = 10.7.0.2/32\n"
        f"PresharedKey = (the one in {home})"
    )


def test_exit_codes_tell_wrong_use_from_a_wrong_file(home: str) -> None:
    assert refusal(Wanted("")).exit_code == EXIT_USAGE
    assert refusal(Wanted(write(home, "x"))).exit_code == EXIT_REFUSED
