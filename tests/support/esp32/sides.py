"""What of _board chooses between interfaces, and what is watched there at every moment."""


class SidesModule:
    """history: (milliseconds, uplink, LAN), each time that they were set."""

    NAME = "memory"

    def __init__(self, ether):
        self._ether = ether
        self.uplink = None
        self.lan = None
        self.history = []
        self.on_uplink = lambda uplink: None  # called when it is another one

    def set_interfaces(self, uplink, lan):
        for name in (uplink, lan):
            if name not in (None, "sta", "ap", "eth"):
                raise ValueError(name)
        if uplink is not None and uplink == lan:
            raise ValueError("both are the same")
        if None not in (uplink, self.uplink) and uplink != self.uplink:
            self._ether.violations.append("from %s to %s at once" % (self.uplink, uplink))
        is_another = uplink != self.uplink
        self.uplink, self.lan = uplink, lan
        if is_another:
            self.on_uplink(uplink)
        self.history.append((self._ether.now_ms, uplink, lan))
        self.check()

    def link(self, interface):
        if interface == "eth":
            return self._ether.cable.has_link
        if interface == "sta":
            return self._ether.radio.is_associated
        return self._ether.radio.own is not None

    def feed(self):
        pass

    def mac(self, which):
        """The radio's, whichever interfaces the sides are."""
        return b"\x02\x00\x00\x00\x12" + bytes([0x34 + which])

    def close_access_point(self):
        radio = self._ether.radio
        if radio.is_on:
            self._ether.violations.append("the modes of a radio that is on are switched")
        radio.is_closed = True
        return True

    def check(self):
        own = self._ether.radio.own
        if self.lan == "ap" and own is not None and (own["security"] == 0 or not own["ssid"]):
            self._ether.violations.append("clients are served on a network without its settings")
        if self.uplink is not None and self.uplink == self.lan:
            self._ether.violations.append("one interface is both sides")
