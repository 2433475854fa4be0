"""What can go wrong with an examination itself, and with a code over the phone."""

from undertow.errors import EXIT_FAILURE, EXIT_NO_BOX, EXIT_USAGE, UndertowError
from undertow.terminal.plain import text
from ut1 import doctor_code

_AGAIN = "Have it read out again, letter by letter: there is no I, L, O or U in it."


def broken_off(url: str) -> UndertowError:
    return UndertowError(
        f"The examination of the box at {url} broke off",
        "The box has started anew meanwhile, or somebody else has stopped it.",
        "Run this again; `undertow log` says if the box started anew, and why.",
        EXIT_NO_BOX,
    )


def endless(url: str, seconds: float) -> UndertowError:
    return UndertowError(
        f"The examination of the box at {url} comes to no end",
        f"It has been at it for {seconds:g} s, which is longer than all of its steps take.",
        "Start the box anew by `undertow reboot`, and run this again.",
        EXIT_NO_BOX,
    )


def no_code(said: str) -> UndertowError:
    """What was given as a code is none."""
    characters = said.upper().replace(" ", "").replace("-", "")
    strange = [each for each in characters if not doctor_code.is_digit(each)]
    if len(characters) != doctor_code.LENGTH:
        why = f"It has {len(characters)} characters, and a code has {doctor_code.LENGTH}."
    elif strange:
        why = f"No code has '{text(strange[0])}' in it."
    else:
        why = (
            "A character was misheard, or two changed places: the last one is a check of the rest."
        )
    return UndertowError(f"'{text(said)}' is no code of the doctor's", why, _AGAIN, EXIT_USAGE)


def unknown_reason(code: str, step: int, reason: int) -> UndertowError:
    return UndertowError(
        f"The code {code} is whole, and this program does not know what it means",
        f"It says reason {reason} at step {step}, which only newer firmware has.",
        "Update this program, and ask it again.",
        EXIT_FAILURE,
    )
