"""network.WLAN (network_wlan.c): one radio for two interfaces, and its faults.

- A station that was told nothing else tries again for ever (conf_wifi_sta_reconnects == 0).
- connect() fills the whole configuration with zeros first: a channel set before is forgotten.
- status() tells the last reason until there is an address, and a failed connection (205) as 202.
- scan() of a station that is connecting returns nothing, and raises nothing.
- active(True) spins until an event comes; an access point is open until config() was called.
- The access point follows the station to its channel. What has no name is a RuntimeError (0x0101).
"""

from tests.support.esp32.lan import AP_STA_ASSIGNED, STA_GOT_IP, STA_LOST_IP

SCAN_MS = 13 * 120
START_MS = 120
ASSOCIATE_MS = 400
LEASE_MS = 300
BEACON_TIMEOUT_MS = 6000
WEAKEST = -90

ASSOC_LEAVE, CONNECTION_FAIL, AUTH_FAIL = 8, 205, 202
NO_AP_FOUND, BEACON_TIMEOUT = 201, 200
OWN_OPEN = {"ssid": b"ESP_001234", "key": b"", "security": 0, "channel": 1, "max_clients": 4}
# As radio.c sets it, before anybody says how it should be.
OWN_CLOSED = {"ssid": b"", "key": b"nobody knows it", "security": 3, "channel": 1, "max_clients": 1}


class WlanModule:
    """The driver. own: what the access point is like; None: off. away_ms: how long clients of it
    could not be heard, because the radio was elsewhere. clients: of our own network."""

    def __init__(self, ether):
        self._ether = ether
        self.starts = True  # whether START ever comes
        self.own = None
        self.is_closed = False  # what is not set yet has a password
        self.was_open = False
        self.has_wpa3 = True
        self.switches_off = True  # whether the access point can be
        self.takes_config = True
        self.clients = []
        self.on_start = lambda: None  # called when our own network comes up
        self.away_ms = 0
        self.channel = 1
        self.power = 20.0
        self.pm = 1  # MIN_MODEM
        self.attempts = 0
        self.joined = None  # the Network
        self.address = "0.0.0.0"
        self.is_on = False
        self._config = {}
        self._is_connecting = False
        self._scan_end_ms = 0
        self._turn = 0
        self._reason = 0
        self._reconnects_max = 0
        self._reconnects = 0
        self._is_requested = False
        self._has_address = False
        self._interfaces = {}

    @property
    def is_associated(self):
        return self.joined is not None

    def look(self):
        """The air has changed: a station hears no beacons any more."""
        if self.joined is not None and self.joined not in self._ether.networks:
            turn = self._turn
            self._ether.at(BEACON_TIMEOUT_MS, lambda: self._beacons_missed(turn))

    def kick(self, reason):
        """The network throws us out."""
        if self.joined is not None:
            self._disconnected(reason)

    def associate_client(self, mac):
        """Somebody joins our own network, and gets an address there."""
        if self.own is not None and len(self.clients) < self.own["max_clients"]:
            self.clients.append(mac)
            self._ether.cable.hear(AP_STA_ASSIGNED)
            return True
        return False

    # --- the driver ---

    def _beacons_missed(self, turn):
        if turn == self._turn and self.joined not in self._ether.networks:
            self._disconnected(BEACON_TIMEOUT)

    def _connect(self):
        if self._scan_end_ms > self._ether.now_ms:
            self._ether.violations.append("connecting while it listens")
        self._turn += 1
        turn = self._turn
        self.attempts += 1
        self._is_connecting = True
        # With no channel in its configuration it listens on all of them.
        search_ms = 120 if self._config.get("channel") else SCAN_MS
        self._be_away(search_ms)
        self._ether.at(search_ms + ASSOCIATE_MS, lambda: self._attempt(turn))

    def _attempt(self, turn):
        if turn != self._turn or not self._is_connecting:
            return
        wanted = self._config
        there = [
            one
            for one in self._ether.networks
            if one.ssid == wanted["ssid"]
            and one.signal >= WEAKEST
            and wanted["bssid"] in (None, one.bssid)
        ]
        if not there:
            self._disconnected(NO_AP_FOUND)
            return
        network = there[0]
        if network.refusal is not None:
            self._disconnected(network.refusal)
        elif network.password is not None and network.password != wanted["key"]:
            self._disconnected(network.reason_of_wrong_password)
        else:
            self._associated(network)

    def _associated(self, network):
        self._is_connecting = False
        self.joined = network
        self._tune(network.channel)
        turn = self._turn
        if network.gives_addresses:
            self._ether.at(LEASE_MS, lambda: self._lease(turn))

    def _lease(self, turn):
        if turn == self._turn and self.joined is not None:
            self.address = "198.51.100.7"
            self._has_address = True
            self._reason = 0
            self._ether.cable.hear(STA_GOT_IP)

    def _tune(self, channel):
        if channel != self.channel:
            self.channel = channel
            if self.own is not None:
                self.own["channel"] = channel
                self.clients = []  # those that miss the announcement, which is some of them

    def _disconnected(self, reason):
        had_address = self._has_address
        self._turn += 1
        self.joined = None
        self._is_connecting = False
        self._has_address = False
        self.address = "0.0.0.0"
        self._reason = reason
        if had_address:
            self._ether.cable.hear(STA_LOST_IP)
        if not self._is_requested:
            return
        if self._reconnects_max:
            self._reconnects += 1
            if self._reconnects >= self._reconnects_max:
                return
        self._connect()

    def _be_away(self, ms):
        if self.own is not None:
            self.away_ms += ms

    def interface(self, number):
        """WLAN(): always the same two objects."""
        self._ether.ask_driver()
        if not self._ether.has_memory:
            raise RuntimeError("Wifi Unknown Error 0x0101")
        if number not in self._interfaces:
            self._interfaces[number] = (Station if number == 0 else Own)(self, self._ether)
        return self._interfaces[number]


class Class:
    """network.WLAN."""

    IF_STA = 0
    IF_AP = 1
    SEC_OPEN = 0
    SEC_WPA2 = 3
    SEC_WPA3 = 6
    SEC_WPA2_WPA3 = 7
    PM_NONE = 0
    PM_PERFORMANCE = 1

    def __init__(self, driver):
        self._driver = driver

    def __call__(self, number=0):
        return self._driver.interface(number)


class _Interface:
    def __init__(self, driver, ether):
        self._driver = driver
        self._ether = ether

    def _wait_for_start(self):
        if not self._driver.starts:
            self._ether.spin()
        self._ether.block(START_MS)

    def _query(self, what):
        if what == "channel":
            return self._driver.channel
        raise ValueError("unknown config param")


class Station(_Interface):
    def active(self, *value):
        self._ether.ask_driver()
        driver = self._driver
        if value and value[0] and not driver.is_on:
            self._wait_for_start()
            driver.is_on = True
            driver._reconnects = 0
        elif value and not value[0]:
            driver.is_on = False
        return driver.is_on

    def config(self, *what, **values):
        self._ether.ask_driver()
        driver = self._driver
        if what:
            return self._query(what[0])
        if not driver.is_on:
            raise OSError("Wifi Not Started")
        for name, value in values.items():
            if name == "reconnects":
                driver._reconnects_max = 0 if value == -1 else value + 1
            elif name == "pm":
                driver.pm = value
            elif name == "txpower":
                driver.power = value
            elif name == "channel":
                driver._config["channel"] = value
            else:
                raise ValueError("unknown config param")
        return None

    def connect(self, ssid, key=None, *, bssid=None):
        # One that fails raises without the global lock (network_wlan.c:342): no thread may run.
        if self._ether.now_ms < self._ether.thread_ends_ms:
            self._ether.violations.append("a thread runs while a network is joined")
        self._ether.ask_driver()
        driver = self._driver
        if not driver.is_on:
            raise OSError("Wifi Not Started")
        if not self._ether.has_memory:
            raise RuntimeError("Wifi Unknown Error 0x0101")
        if driver._is_connecting or driver.joined is not None:
            raise OSError("Wifi Internal State Error")
        for text in (ssid, key):
            if text is not None and not isinstance(text, (bytes, str)):
                raise TypeError("can't convert to str")  # a bytearray, for example
        driver._config = {"ssid": ssid[:32], "key": key, "bssid": bssid}  # and all else is zero
        driver._reconnects = 0
        driver._is_requested = True
        self._ether.cable.names.append(self._ether.module_network.name)
        driver._connect()

    def disconnect(self):
        self._ether.ask_driver()
        driver = self._driver
        driver._is_requested = False
        if not driver.is_on:
            raise OSError("Wifi Not Started")
        if driver.joined is not None and self._ether.sides.uplink == "sta":
            self._ether.violations.append("left while it is the uplink")
        if driver._is_connecting or driver.joined is not None:
            driver._disconnected(ASSOC_LEAVE)

    def status(self, *what):
        driver = self._driver
        if what:
            self._ether.ask_driver()
            if driver.joined is None:
                raise OSError("Wifi Not Connected")
            return driver.joined.signal
        if driver._has_address:
            return 1010
        if driver._reason in (NO_AP_FOUND, 210, 211, 212):
            return driver._reason
        if driver._reason in (AUTH_FAIL, CONNECTION_FAIL):
            return AUTH_FAIL
        if driver._reason == ASSOC_LEAVE:
            return 1000
        may_go_on = not driver._reconnects_max or driver._reconnects < driver._reconnects_max
        if driver._is_requested and may_go_on:
            return 1001
        return driver._reason or 1000

    def scan(self):
        self._ether.ask_driver()
        driver = self._driver
        if not driver.is_on:
            raise OSError("STA must be active")
        if driver._is_connecting:
            return []  # status != 0 is not looked at
        self._ether.block(SCAN_MS)
        offset_ms = 0 if self._ether.thread is None else self._ether.thread.offset_ms
        driver._scan_end_ms = self._ether.now_ms + offset_ms
        driver._be_away(SCAN_MS)
        return [
            (
                b"" if one.is_hidden else one.ssid,
                one.bssid,
                one.channel,
                one.signal,
                one.security,
                False,
            )
            for one in self._ether.networks
            if one.signal >= WEAKEST
        ]

    def isconnected(self):
        return self._driver._has_address

    def ipconfig(self, what):
        return (self._driver.address, "255.255.255.0")


class Own(_Interface):
    def active(self, *value):
        self._ether.ask_driver()
        driver = self._driver
        if value and value[0] and driver.own is None:
            self._wait_for_start()
            driver.on_start()
            driver.own = dict(OWN_CLOSED if driver.is_closed else OWN_OPEN)
            driver.was_open = driver.was_open or not driver.is_closed
            if driver.joined is not None:
                driver.own["channel"] = driver.channel
        elif value and not value[0]:
            if not driver.switches_off:
                raise RuntimeError("Wifi Unknown Error 0x0101")
            driver.own = None
            driver.clients = []
        self._ether.sides.check()
        return driver.own is not None

    def config(self, *what, **values):
        self._ether.ask_driver()
        driver = self._driver
        if what:
            return self._query(what[0])
        if driver.own is None:
            raise OSError("Wifi Invalid Mode")
        if not driver.takes_config:
            raise RuntimeError("Wifi Unknown Error 0x0101")
        changed = dict(driver.own)
        for name, value in values.items():
            if name not in driver.own:
                raise ValueError("unknown config param")
            changed[name] = value
        if changed["security"] == 7 and not driver.has_wpa3:
            raise RuntimeError("Wifi Unknown Error 0x0102")
        if changed["security"] and len(changed["key"]) < 8:
            raise OSError("Wifi Invalid Password")
        if driver.joined is not None:
            changed["channel"] = driver.channel  # one radio
        else:
            driver.channel = changed["channel"]
        driver.own = changed
        driver.clients = []
        self._ether.sides.check()
        return None

    def status(self, *what):
        self._ether.ask_driver()
        if what == ("stations",):
            return [(mac,) for mac in self._driver.clients]
        return None
