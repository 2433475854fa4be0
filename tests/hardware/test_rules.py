"""Each rule of a board's description, with a board that breaks it."""

from pathlib import Path

import pytest
from tests.hardware.descriptions import C6, OLIMEX, S3, WT32, changed

from undertow.errors import UndertowError
from undertow.hardware import boards, generated, rules

BUTTON = "[button] # BUT1\ngpio = 34"
LED = '[led]\nkind = "plain"\ngpio = 4'


def only(tmp_path: Path, name: str, *changes: tuple[str, str]) -> str:
    """The one rule that the changed board breaks."""
    found = rules.broken(changed(tmp_path, name, *changes))
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("name", boards.names())
def test_every_board_keeps_all_rules(name: str) -> None:
    assert rules.broken(boards.load(name)) == []


def test_no_pin_is_used_twice(tmp_path: Path) -> None:
    said = only(tmp_path, OLIMEX, (LED, LED[:-1] + "13"))
    assert said == "GPIO13 is used 2 times: light, display SDA"


def test_what_the_board_has_for_itself_is_not_used(tmp_path: Path) -> None:
    said = rules.broken(changed(tmp_path, OLIMEX, (LED, LED[:-1] + "14")))
    assert said == ["GPIO14 is used 2 times: light, microSD card"]


@pytest.mark.parametrize("gpio", [6, 11])
def test_pins_of_the_flash_are_not_used(tmp_path: Path, gpio: int) -> None:
    said = only(tmp_path, OLIMEX, (LED, LED[:-1] + str(gpio)))
    assert said == f"GPIO{gpio} is used 2 times: flash, light"


def test_pins_of_the_psram_are_not_used_where_there_is_one(tmp_path: Path) -> None:
    said = only(tmp_path, S3, ("sda = 17", "sda = 35"))
    assert said == "GPIO35 is used 2 times: PSRAM, display SDA"
    without = (("psram_kb = 8192", "psram_kb = 0"), ("sda = 17", "sda = 35"))
    assert rules.broken(changed(tmp_path, S3, *without)) == []


def test_a_wrover_has_no_clock_on_the_psrams_pin(tmp_path: Path) -> None:
    """The mistake that makes an Olimex board with PSRAM restart for ever."""
    psram = ("psram_kb = 0", 'psram_kb = 8192\npsram_kind = "quad"')
    found = rules.broken(changed(tmp_path, OLIMEX, psram))
    assert "GPIO17 is used 2 times: PSRAM, Ethernet clock" in found


def test_the_consoles_pins_are_not_used(tmp_path: Path) -> None:
    said = only(tmp_path, OLIMEX, (LED, LED[:-1] + "1"))
    assert said == "GPIO1 is used 2 times: console TX, light"


def test_the_usbs_pins_are_not_used(tmp_path: Path) -> None:
    said = only(tmp_path, C6, ("scl = 7", "scl = 12"))
    assert said == "GPIO12 is used 2 times: USB, display SCL"


@pytest.mark.parametrize("gpio", [19, 21, 22, 25, 26, 27])
def test_the_fixed_pins_of_rmii_are_not_used(tmp_path: Path, gpio: int) -> None:
    said = only(tmp_path, OLIMEX, (LED, LED[:-1] + str(gpio)))
    assert said.startswith(f"GPIO{gpio} is used 2 times: Ethernet ")


def test_a_pin_has_to_exist(tmp_path: Path) -> None:
    assert only(tmp_path, OLIMEX, (LED, LED[:-1] + "24")) == "light: ESP32 has no GPIO24"
    assert only(tmp_path, S3, ("gpio = 21", "gpio = 22")) == "light: ESP32-S3 has no GPIO22"


def test_a_pin_that_is_input_only_is_never_an_output(tmp_path: Path) -> None:
    said = only(tmp_path, OLIMEX, (LED, LED[:-1] + "36"))
    assert said == "light: GPIO36 can only be an input"


def test_an_open_drain_line_counts_as_an_output(tmp_path: Path) -> None:
    said = only(tmp_path, OLIMEX, ("sda = 13", "sda = 36"))
    assert said == "display SDA: GPIO36 can only be an input"


def test_a_button_on_an_input_only_pin_needs_a_resistor(tmp_path: Path) -> None:
    said = only(tmp_path, OLIMEX, ('pull = "external"', 'pull = "internal"\n#'), *RESISTORLESS)
    assert said == "button: GPIO34 has no resistor of its own, it needs an external one"


RESISTORLESS = (('resistor = "on the board"\n', ""),)


def test_an_external_resistor_has_to_be_named(tmp_path: Path) -> None:
    with pytest.raises(UndertowError, match="'resistor' is missing"):
        changed(tmp_path, OLIMEX, *RESISTORLESS)


def test_a_strapping_pin_is_not_used_without_a_reason(tmp_path: Path) -> None:
    said = only(tmp_path, WT32, (LED, LED[:-1] + "12"))
    assert said.startswith("GPIO12 is a strapping pin (high: 1.8 V for the flash")
    assert said.endswith("used without a reason")


@pytest.mark.parametrize("gpio", [2, 5, 15])
def test_strapping_pins_that_only_matter_to_a_download_need_one_too(
    tmp_path: Path, gpio: int
) -> None:
    said = only(tmp_path, WT32, (LED, LED[:-1] + str(gpio)))
    assert said.startswith(f"GPIO{gpio} is a strapping pin")


def test_a_strapping_pin_has_the_level_at_reset_that_starts_the_program(tmp_path: Path) -> None:
    said = only(tmp_path, OLIMEX, ('at_reset = "low"', 'at_reset = "high"'))
    assert said.startswith("GPIO12 is high at reset, and ESP32 starts only with low")
    said = only(tmp_path, WT32, ('at_reset = "high"', 'at_reset = "low"'))
    assert said.startswith("GPIO0 is low at reset, and ESP32 starts only with high")


def test_a_button_on_a_strapping_pin_is_not_pressed_at_reset(tmp_path: Path) -> None:
    button = "gpio = 9\nis_active_low = true"
    said = only(tmp_path, C6, (button, button.replace("true", "false")))
    assert said == "button: GPIO9 at reset is as if it were pressed"


def test_a_reason_has_to_be_of_a_strapping_pin_that_is_used(tmp_path: Path) -> None:
    strap = "gpio = 12\nat_reset"
    said = rules.broken(changed(tmp_path, OLIMEX, (strap, strap.replace("12", "13"))))
    assert "GPIO13 has a reason as a strapping pin, which it is not" in said
    assert any(text.startswith("GPIO12 is a strapping pin") for text in said)
    said = rules.broken(changed(tmp_path, OLIMEX, ("power = 12\n", "power = 33\n")))
    assert said == ["GPIO12 has a reason as a strapping pin, and is not used"]


def test_the_clock_of_rmii_is_where_the_chip_can_have_it(tmp_path: Path) -> None:
    said = only(tmp_path, OLIMEX, ("clock = 17", "clock = 33"))
    assert said == "Ethernet's clock out can be on GPIO0, GPIO16, GPIO17, not GPIO33"
    said = only(tmp_path, OLIMEX, ('clock_direction = "out"', 'clock_direction = "in"'))
    assert said == "Ethernet's clock in can be on GPIO0, not GPIO17"


def test_rmii_needs_a_chip_with_a_mac(tmp_path: Path) -> None:
    found = rules.broken(changed(tmp_path, OLIMEX, ('soc = "esp32"', 'soc = "esp32s3"')))
    assert "LAN8720: ESP32-S3 has no Ethernet MAC of its own" in found


def test_psram_is_only_where_the_chip_can_have_it(tmp_path: Path) -> None:
    found = rules.broken(changed(tmp_path, C6, ("psram_kb = 0", "psram_kb = 2048")))
    assert "PSRAM: ESP32-C6 cannot have any" in found
    assert "PSRAM: its kind is missing (quad or octal)" in found


def test_flash_is_whole_mebibytes(tmp_path: Path) -> None:
    assert only(tmp_path, OLIMEX, ("flash_kb = 4096", "flash_kb = 4000")).startswith("flash: ")


def test_nothing_is_made_of_a_board_that_breaks_a_rule(tmp_path: Path) -> None:
    board = changed(tmp_path, OLIMEX, (LED, LED[:-1] + "13"))
    with pytest.raises(UndertowError, match="GPIO13 is used 2 times"):
        generated.sound(board)
