"""What a board's description has to keep, so that the board starts and harms nothing."""

from undertow.hardware import boards
from undertow.hardware.boards import Board, Use


def broken(board: Board) -> list[str]:
    """The rules that a board breaks, as sentences; none if it can be built."""
    uses = boards.uses(board)
    return [
        *_pins_that_do_not_exist(board, uses),
        *_pins_used_twice(uses),
        *_outputs_on_inputs(board, uses),
        *_buttons_without_resistor(board),
        *_straps(board, uses),
        *_ethernet(board),
        *_memory(board),
    ]


def _pins_that_do_not_exist(board: Board, uses: tuple[Use, ...]) -> list[str]:
    return [
        f"{use.purpose}: {board.soc.title} has no GPIO{use.gpio}"
        for use in uses
        if use.gpio not in board.soc.gpios
    ]


def _pins_used_twice(uses: tuple[Use, ...]) -> list[str]:
    """Flash, PSRAM, USB, console and Ethernet count: nobody may take their pins."""
    purposes: dict[int, list[str]] = {}
    for use in uses:
        purposes.setdefault(use.gpio, []).append(use.purpose)
    return [
        f"GPIO{gpio} is used {len(named)} times: {', '.join(named)}"
        for gpio, named in sorted(purposes.items())
        if len(named) > 1
    ]


def _outputs_on_inputs(board: Board, uses: tuple[Use, ...]) -> list[str]:
    return [
        f"{use.purpose}: GPIO{use.gpio} can only be an input"
        for use in uses
        if use.gpio in board.soc.input_only and use.direction != "in"
    ]


def _buttons_without_resistor(board: Board) -> list[str]:
    button = board.button
    if button.gpio in board.soc.input_only and button.pull != "external":
        return [f"button: GPIO{button.gpio} has no resistor of its own, it needs an external one"]
    return []


def _straps(board: Board, uses: tuple[Use, ...]) -> list[str]:
    """A strapping pin is used only on purpose, and with a level that starts the program."""
    found = []
    meant = {strap.gpio: strap for strap in board.straps}
    # What is reserved is not driven by us: the maker's resistors keep its levels.
    used = {use.gpio for use in uses} - {gpio for one in board.reserved for gpio in one.gpios}
    for gpio, strap in board.soc.straps.items():
        if gpio in used and gpio not in meant:
            found.append(f"GPIO{gpio} is a strapping pin ({strap.meaning}), used without a reason")
        elif gpio in meant and strap.boots not in ("any", meant[gpio].at_reset):
            found.append(
                f"GPIO{gpio} is {meant[gpio].at_reset} at reset, and {board.soc.title} starts only"
                f" with {strap.boots} ({strap.meaning})"
            )
    for gpio in meant:
        if gpio not in board.soc.straps:
            found.append(f"GPIO{gpio} has a reason as a strapping pin, which it is not")
        elif gpio not in used:
            found.append(f"GPIO{gpio} has a reason as a strapping pin, and is not used")
    button = board.button
    if button.gpio in meant and (meant[button.gpio].at_reset == "high") != button.is_active_low:
        found.append(f"button: GPIO{button.gpio} at reset is as if it were pressed")
    return found


def _ethernet(board: Board) -> list[str]:
    ethernet = board.ethernet
    if ethernet is None or not ethernet.is_rmii:
        return []
    rmii = board.soc.rmii
    if rmii is None:
        return [f"{ethernet.phy}: {board.soc.title} has no Ethernet MAC of its own"]
    clock = ethernet.lines["clock"]
    allowed = rmii.clock_in if ethernet.clock_direction == "in" else rmii.clock_out
    if clock not in allowed:
        names = ", ".join(f"GPIO{gpio}" for gpio in allowed)
        return [f"Ethernet's clock {ethernet.clock_direction} can be on {names}, not GPIO{clock}"]
    return []


def _memory(board: Board) -> list[str]:
    found = []
    if board.psram_size and not board.psram_kind:
        found.append("PSRAM: its kind is missing (quad or octal)")
    if board.psram_size and not board.soc.psram_pins:
        found.append(f"PSRAM: {board.soc.title} cannot have any")
    if board.flash_size % 0x100000:
        found.append(f"flash: {board.flash_size} bytes are no whole MiB")
    return found
