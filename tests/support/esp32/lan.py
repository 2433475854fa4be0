"""network.LAN (network_lan.c), with its fault: it takes any event of that number for its own."""

# Events, by their base and number. IP_EVENT_STA_GOT_IP is 0, as ETHERNET_EVENT_START is; and so on.
ETH_START, ETH_STOP, ETH_CONNECTED, ETH_DISCONNECTED, ETH_GOT_IP = range(5)
STA_GOT_IP, STA_LOST_IP, AP_STA_ASSIGNED = range(3)

# What status() says, by the event's number (eth_event_handler).
_STATUS = (1, 2, 3, 4, 5)
_GOT_IP = 5

NEGOTIATION_MS = 1800
LEASE_MS = 300


class LanModule:
    """The driver and its socket. is_plugged: whether a cable leads somewhere."""

    def __init__(self, ether):
        self._ether = ether
        self.is_plugged = False
        self.has_link = False
        self.address = "0.0.0.0"
        self.gives_addresses = True
        self.starts = True
        self.made_with = None
        self.calls = 0
        self._lan = None
        self._turn = 0
        self._status = 0
        self._is_active = False
        self.names = []  # under which DHCP servers would hear of it

    def plug(self):
        self.is_plugged = True
        self._turn += 1
        turn = self._turn
        self._ether.at(NEGOTIATION_MS, lambda: self._connect(turn))

    def unplug(self):
        self.is_plugged = False
        self._turn += 1
        if self.has_link:
            self.has_link = False
            self.address = "0.0.0.0"
            self.hear(ETH_DISCONNECTED)

    def hear(self, event):
        """eth_event_handler(): it does not look at whose event it is."""
        if self.calls and event < len(_STATUS):
            self._status = _STATUS[event]

    def _connect(self, turn):
        if turn == self._turn and self.is_plugged and self._is_active:
            self.has_link = True
            self.hear(ETH_CONNECTED)
            self._ether.at(LEASE_MS, lambda: self._lease(turn))

    def _lease(self, turn):
        if turn == self._turn and self.has_link and self.gives_addresses:
            self.address = "192.0.2.9"
            self.hear(ETH_GOT_IP)

    # --- the module's LAN() ---

    def LAN(self, **arguments):  # noqa: N802 -- a function of the module
        self.calls += 1
        if self._lan is None:
            if "phy_type" not in arguments or "phy_addr" not in arguments:
                raise TypeError("missing arguments")
            if not self.starts:
                raise OSError("esp_eth_driver_install failed")
            self.made_with = arguments
            self._lan = Lan(self)
        return self._lan  # the one, whatever it was asked with


class Lan:
    def __init__(self, module):
        self._module = module

    def active(self, *value):
        module = self._module
        if value:
            module.names.append(module._ether.module_network.name)
            module._is_active = bool(value[0])
            module.hear(ETH_START if value[0] else ETH_STOP)
            if value[0] and module.is_plugged:
                module.plug()
        return module._is_active

    def status(self):
        return self._module._status

    def isconnected(self):
        return self._module._is_active and self._module._status == _GOT_IP

    def ipconfig(self, what):
        return (self._module.address, "255.255.255.0")
