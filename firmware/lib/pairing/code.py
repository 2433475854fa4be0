"""The code that two people compare: the same eight bytes as six digits and as four words."""

from pairing.words import word

DIGITS = 6
WORDS = 4
SAS_LEN = 8


class Code:
    """digits: "370855". words: four, from two lists in turn, so that a swap is noticed."""

    def __init__(self, sas: "bytes | bytearray") -> None:
        """sas: the 8 bytes that both ends derive."""
        number = 0
        for byte in sas:
            number = (number * 256 + byte) % 1000000  # never beyond 31 bits
        self.digits = "%06d" % number
        self._sas = bytes(sas)

    @property
    def words(self) -> "tuple[str, ...]":
        return tuple(word(place, self._sas[place]) for place in range(WORDS))

    @property
    def grouped(self) -> str:
        """The digits as they are read aloud: "370 855"."""
        return self.digits[:3] + " " + self.digits[3:]


def read_digits(text: str) -> "str | None":
    """Six digits as a person typed them, with spaces or dashes anywhere.

    None: they are not six digits; ask again, nothing was compared.
    """
    digits = ""
    for character in text:
        if "0" <= character <= "9":
            digits += character
        elif character not in " -\t\r\n":
            return None
    return digits if len(digits) == DIGITS else None
