"""Random numbers that are the same in every run, also on targets without a generator."""


class Random:
    """xorshift32: for tests, where only difference counts and nothing is secret."""

    def __init__(self, seed=1):
        self._state = (seed * 2_654_435_761 ^ 0x9E3779B9) & 0xFFFFFFFF or 1

    def number(self):
        """The next 32 bits."""
        state = self._state
        state ^= state << 13 & 0xFFFFFFFF
        state ^= state >> 17
        state ^= state << 5 & 0xFFFFFFFF
        self._state = state
        return state

    def below(self, limit):
        return self.number() % limit

    def fill(self, buffer):
        for position in range(len(buffer)):
            buffer[position] = self.number() >> 11 & 0xFF
