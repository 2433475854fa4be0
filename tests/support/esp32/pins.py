"""Of the module machine: pins, and lights that take bits."""


class Pin:
    """levels: what is on each pin. modes: how it was asked for last: (mode, pull)."""

    IN, OUT, PULL_UP, PULL_DOWN = 1, 3, 2, 1
    levels = None
    modes = None

    def __init__(self, number, mode=None, pull=None):
        self.number = number
        if mode is not None:
            if mode == Pin.OUT and 34 <= number <= 39:
                raise ValueError("pin can only be input")
            Pin.modes[number] = (mode, pull)
            Pin.levels.setdefault(number, 0)

    def value(self, *level):
        if level:
            Pin.levels[self.number] = level[0]
        return Pin.levels[self.number]


class Machine:
    """lights: the last bytes that were sent to each pin."""

    Pin = Pin

    def __init__(self):
        Pin.levels = {}
        Pin.modes = {}
        self.lights = {}
        self.buses = []

    def bitstream(self, pin, encoding, timing, data):
        self.lights[pin.number] = bytes(data)

    def SPI(self, number, **lines):  # noqa: N802 -- a class of the module
        self.buses.append((number, {name: pin.number for name, pin in lines.items()}))
        return self.buses[-1]
