"""Which port is meant, and what may be there."""

import io
import json

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from undertow.errors import EXIT_NO_BOX, EXIT_USAGE, UndertowError
from undertow.flash import ports


def usb(device: str, vid: int, pid: int, description: str = "USB Serial") -> ListPortInfo:
    info = ListPortInfo(device)
    info.vid, info.pid, info.description = vid, pid, description
    return info


OLIMEX = usb("/dev/ttyUSB0", 0x1A86, 0x7523)
DEVKIT = usb("COM3", 0x10C4, 0xEA60, "Silicon Labs CP210x")
NATIVE = usb("/dev/ttyACM0", 0x303A, 0x1001, "USB JTAG/serial debug unit")
PRINTER = usb("/dev/ttyACM9", 0x04B8, 0x0001, "Printer")
ONBOARD = ListPortInfo("/dev/ttyS0")


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> list[ListPortInfo]:
    """The ports of this machine."""
    found: list[ListPortInfo] = []
    monkeypatch.setattr(list_ports, "comports", lambda: found)
    return found


def chosen(named: str = "") -> str:
    return ports.choose(named)


def refusal() -> UndertowError:
    with pytest.raises(UndertowError) as caught:
        ports.choose("")
    return caught.value


def test_the_only_board_is_meant(there: list[ListPortInfo]) -> None:
    there += [ONBOARD, PRINTER, OLIMEX]
    assert chosen() == "/dev/ttyUSB0"


def test_the_only_usb_port_is_meant_even_if_it_is_not_known(there: list[ListPortInfo]) -> None:
    there += [ONBOARD, PRINTER]
    assert chosen() == "/dev/ttyACM9"


def test_a_named_port_is_meant_whatever_is_there(there: list[ListPortInfo]) -> None:
    there += [OLIMEX]
    assert chosen("rfc2217://10.0.0.1:4000") == "rfc2217://10.0.0.1:4000"


def test_none_says_what_a_cable_has_to_carry(there: list[ListPortInfo]) -> None:
    there += [ONBOARD]
    error = refusal()
    assert error.exit_code == EXIT_NO_BOX
    assert "carries data and not power alone" in error.mend
    assert "driver" in error.mend


def test_several_are_listed_where_nobody_can_be_asked(
    there: list[ListPortInfo], monkeypatch: pytest.MonkeyPatch
) -> None:
    there += [OLIMEX, DEVKIT]
    monkeypatch.setattr("sys.stdin", io.StringIO())
    error = refusal()
    assert error.exit_code == EXIT_USAGE
    assert "COM3  Silicon Labs CP210x  [10C4:EA60]  CP210x bridge; may be: " in error.why
    assert error.mend == "Name one by --port, such as --port /dev/ttyUSB0."


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "device"), [("2", "COM3"), ("/dev/ttyUSB0", "/dev/ttyUSB0")])
def test_a_person_is_asked_which_of_several(
    there: list[ListPortInfo],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    device: str,
) -> None:
    there += [OLIMEX, DEVKIT]
    monkeypatch.setattr("sys.stdin", _Terminal(answer + "\n"))
    assert chosen() == device
    asked = capsys.readouterr()
    assert "  1  /dev/ttyUSB0  USB Serial  [1A86:7523]  CH340 bridge" in asked.err
    assert asked.out == ""


@pytest.mark.parametrize("answer", ["0", "3", "yes", "-1"])
def test_an_answer_that_is_no_port_is_refused(
    there: list[ListPortInfo], monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    there += [OLIMEX, DEVKIT]
    monkeypatch.setattr("sys.stdin", _Terminal(answer + "\n"))
    assert "is none of these ports" in refusal().what


def test_what_may_be_at_a_port_comes_from_the_boards(there: list[ListPortInfo]) -> None:
    there += [OLIMEX, NATIVE, PRINTER]
    by_device = {port.device: port for port in ports.listing()}
    assert "olimex_esp32_poe" in by_device["/dev/ttyUSB0"].boards
    assert "wt32_eth01" in by_device["/dev/ttyUSB0"].boards  # behind somebody's adapter
    assert "esp32_c6_devkitc_1" in by_device["/dev/ttyACM0"].boards
    assert "wt32_eth01" not in by_device["/dev/ttyACM0"].boards
    assert by_device["/dev/ttyACM9"].boards == ()


def test_the_list_is_one_object_for_programs(
    there: list[ListPortInfo], capsys: pytest.CaptureFixture[str]
) -> None:
    there += [PRINTER, NATIVE]
    ports.main(json=True)
    told = json.loads(capsys.readouterr().out)["ports"]
    assert [port["port"] for port in told] == ["/dev/ttyACM0", "/dev/ttyACM9"]
    assert (told[0]["vid"], told[0]["pid"]) == (0x303A, 0x1001)


def test_no_port_is_told_in_words(
    there: list[ListPortInfo], capsys: pytest.CaptureFixture[str]
) -> None:
    ports.main(json=False)
    assert "does its cable carry data?" in capsys.readouterr().out


def test_what_a_device_calls_itself_is_not_obeyed_by_a_terminal(there: list[ListPortInfo]) -> None:
    there.append(usb("/dev/ttyUSB0", 0x10C4, 0xEA60, "\x1b[2J\u202eboard"))
    there[0].serial_number = "\x07\n1"
    (port,) = ports.listing()
    assert (port.description, port.serial_number) == ("?[2J?board", "??1")
