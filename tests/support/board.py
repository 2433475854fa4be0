"""A board in memory: a router that behaves like the one in C, on a network with a gateway.

The clock is turned by hand. Packets of clients do not pass here; handshakes and keepalives do.
"""

import errno
import sys

from tests.support.network import Network

from wg import endpoint
from wg.memory import MemoryPath

BLANK = (False, None, 0, None, ())
LATENCY_MS = 20


def network(address, prefix_len=24, gateway=None, dns=()):
    """An uplink's state with link and address; the gateway is the first host unless given."""
    return (True, address, prefix_len, gateway or address[:3] + b"\x01", tuple(dns))


class World:
    """Around a board: the network of its uplink, name servers, clients on its LAN."""

    def __init__(self, seed=1):
        self.network = Network(seed)
        self.clock = self.network.clock
        self.offer = None  # what a DHCP server on the uplink would give
        self.works = True  # whether the uplink carries anything
        self.names = {}
        self.router = None
        self.limit_ms = self.clock.ms
        self._events = []
        self._number = 0

    def at(self, wait_ms, action):
        self._number += 1
        self._events.append((self.clock.ms + wait_ms, self._number, action))
        self._events.sort(key=lambda event: event[:2])

    def plug(self, offer):
        """Put the cable into a network with DHCP."""
        self.offer = offer
        self.router.link_up()

    def unplug(self):
        self.offer = None
        self.router.set_state(BLANK)

    def run(self, control, ms):
        """Let the board's control loop run for so long."""
        self.limit_ms = self.clock.ms + ms
        while self.clock.ms < self.limit_ms:
            control.step()

    def wait(self, timeout_ms, is_wanted):
        """Until something is wanted, the timeout or the end of run()."""
        end_ms = self.limit_ms
        if timeout_ms >= 0:
            end_ms = min(end_ms, self.clock.ms + timeout_ms)
        self.network.run(0)
        while not is_wanted() and self.clock.ms < end_ms:
            times = [end_ms]
            next_ms = self.network._next_ms()
            if next_ms is not None:
                times.append(next_ms)
            if self._events:
                times.append(self._events[0][0])
            self.network.run(max(min(times) - self.clock.ms, 0))
            while self._events and self._events[0][0] <= self.clock.ms:
                self._events.pop(0)[2]()


class Router:
    """The contract of _router.Router."""

    WAKE_HANDSHAKE = 1
    WAKE_EVENT = 2
    WAKE_CONSOLE = 64
    WAKE_UPLINK = 128
    WAKE_DHCP = 256
    WAKE_NAME = 512
    WAKE_SILENCE = 1024
    SILENCE_FAR, SILENCE_NEAR, SILENCE_MOVED = 1, 2, 3
    SIGN_IN_OPEN, SIGN_IN_NONE, SIGN_IN_CLOSED, SIGN_IN_TIME, SIGN_IN_TUNNEL, SIGN_IN_UPLINK = (
        range(6)
    )

    def __init__(self, world, tunnel, gate):
        self.world = world
        self.tunnel = tunnel
        self.path = MemoryPath(
            tunnel, gate, self._transmit, lambda packet, peer: None, world.clock.now_ms
        )
        self.path.attach(self)
        self.address = b""  # of the network's node that we are
        self.wake_ms = None
        self.calls = []
        self.lan = None
        self.former_lan = None
        self.tunnel_address = None
        self.dns = None
        self.neighbours = []
        self.leak = 0
        self.sent_dhcp = []
        self._reasons = 0
        self._state = BLANK
        self._wants_dhcp = False
        self._port = 0
        self._handshakes = []
        self._dhcp = []
        self._name = None
        self._silence = 0
        self._window = None  # when it ends, and for whom
        self._window_end = self.SIGN_IN_NONE
        self.window_places = None  # addresses, names
        world.router = self
        world.network.nodes.append(self)

    # --- a node of the network ---

    def poll(self, timeout_ms=None):
        if timeout_ms is None:
            return 0  # the network asks its nodes; the control loop comes with a timeout
        self.world.wait(timeout_ms, lambda: self._reasons or self._has_event())
        reasons = self._reasons
        self._reasons = 0
        return reasons

    def _has_event(self):
        # The C looks without taking; here an event taken is one the device would miss.
        return False

    def receive(self, data, source):
        if self.world.works:
            self.path.receive(data, source)

    def receive_handshake(self, message, source, now_ms):
        self._handshakes.append((bytes(message), source))
        self._reasons |= self.WAKE_HANDSHAKE

    def _transmit(self, datagram, target):
        if self._is_out() and self.world.works:
            self.world.network.inject(self.address, target, datagram)

    def _is_out(self):
        return bool(self._state[0] and self._state[1] and self._port)

    # --- what wg.device wants ---

    def send(self, datagram, target):
        return self.path.send(datagram, target) if self._is_out() else errno.EHOSTUNREACH

    def send_to_peer(self, peer, datagram):
        return self.path.send_to_peer(peer, datagram) if self._is_out() else errno.EHOSTUNREACH

    def keepalive(self, peer):
        return self.path.keepalive(peer)

    def flush(self, peer):
        return self.path.flush(peer)

    def next_handshake(self, message):
        if not self._handshakes:
            return None
        data, source = self._handshakes.pop(0)
        if self._handshakes:
            self._reasons |= self.WAKE_HANDSHAKE
        message[: len(data)] = data
        return len(data), source

    def bind(self, port):
        self._port = port or 40000
        self._move()
        return self._port

    def unbind(self):
        self._port = 0
        self._move()

    # --- the uplink ---

    def uplink(self):
        return self._state

    def uplink_dhcp(self):
        self.calls.append("uplink_dhcp")
        self._wants_dhcp = True
        self.world.at(LATENCY_MS, self._take_offer)

    def uplink_static(self, address, prefix_len, gateway, dns):
        self.calls.append("uplink_static")
        self._wants_dhcp = False
        self.set_state((self._state[0], address, prefix_len, gateway, dns))

    def uplink_stop(self):
        self._wants_dhcp = False
        self.set_state((self._state[0], None, 0, None, ()))

    def link_up(self):
        _, address, prefix_len, gateway, dns = self._state
        self.set_state((True, address, prefix_len, gateway, dns))
        self.world.at(LATENCY_MS, self._take_offer)

    def set_state(self, state):
        """For the world: the uplink is like this now."""
        if state != self._state:
            self._state = state
            self._reasons |= self.WAKE_UPLINK
            self._move()

    def _take_offer(self):
        if self._wants_dhcp and self._state[0] and self.world.offer is not None:
            self.world.works = True
            self.set_state(self.world.offer)

    def _move(self):
        self.address = endpoint.pack(self._state[1], self._port) if self._is_out() else b""

    def look_up(self, name):
        self.calls.append("look_up " + name)
        self._name = None
        self.world.at(LATENCY_MS, lambda: self._found(self.world.names.get(name, b"")))

    def _found(self, address):
        self._name = address
        self._reasons |= self.WAKE_NAME

    def name(self):
        return self._name

    def tell(self, silence):
        """For the world: this is what it means that nobody is heard."""
        self._silence = silence
        self._reasons |= self.WAKE_SILENCE

    def silence(self):
        told, self._silence = self._silence, 0
        return told

    # --- tunnel and LAN ---

    def set_tunnel(self, address, dns):
        self.tunnel_address, self.dns = address, dns

    def set_lan(self, address, prefix_len):
        self.lan = (address, prefix_len)

    def set_former_lan(self, address, prefix_len):
        self.former_lan = None if address is None else (address, prefix_len)

    def put_dhcp(self, payload, mac):
        """For the world: a client says something."""
        self._dhcp.append((payload, mac))
        self._reasons |= self.WAKE_DHCP

    def next_dhcp(self, message):
        if not self._dhcp:
            return None
        payload, mac = self._dhcp.pop(0)
        if self._dhcp:
            self._reasons |= self.WAKE_DHCP
        message[: len(payload)] = payload
        return len(payload), mac

    def send_dhcp(self, message, mac, address, broadcast):
        self.sent_dhcp.append((bytes(message), mac, address, broadcast))
        return 0

    def clients(self):
        return self.neighbours

    def counters(self):
        return {"lan_rx": 0}

    def uplink_portal(self):
        return None

    def try_leak(self):
        return self.leak

    def set_sign_in(self, mac, addresses, names, seconds):
        found = [each for each in self.neighbours if each[1] == mac]
        if not found:
            return errno.ENOTCONN
        self._window = (self.world.clock.ms + seconds * 1000, mac, found[0][0])
        self._window_end = self.SIGN_IN_OPEN
        self.window_places = (addresses, names)
        return 0

    def close_sign_in(self, why=SIGN_IN_CLOSED):
        if self._window_end == self.SIGN_IN_OPEN:
            self._window_end = why

    def sign_in(self):
        ends_ms, mac, address = self._window or (0, bytes(6), bytes(4))
        if self._window is not None and self.world.clock.ms >= ends_ms:
            self.close_sign_in(self.SIGN_IN_TIME)
        is_open = self._window_end == self.SIGN_IN_OPEN
        left_ms = ends_ms - self.world.clock.ms if is_open else 0
        return self._window_end, left_ms, mac, address, 0, 0, 0, 0

    def close(self):
        self.set_tunnel(None, None)
        self.unbind()


class Machine:
    """The contract of the modules _board and _router, for one start of a device program."""

    POWER_ON, RESET, WATCHDOG, CRASH = range(4)
    NAME = "memory"
    DEV = False

    def __init__(self, world, has_random=True, wall_clock=None):
        self.world = world
        self.random_is_there = has_random
        self.wall_clock = wall_clock or (lambda: (0, 0))
        self.fed_ms = 0
        self.is_healthy = False
        self.timeout_ms = 0

    # --- _board ---

    def reset_cause(self):
        return self.POWER_ON

    def crashes(self):
        return 0

    def healthy(self):
        self.is_healthy = True

    def watchdog(self, timeout_ms):
        self.timeout_ms = timeout_ms

    def feed(self):
        self.fed_ms = self.world.clock.ms

    def has_random(self):
        return self.random_is_there

    def mac(self, which):
        return b"\x52\x54\x00\x12\x34" + bytes([0x56 + which])

    def memory(self):
        return {"heap_free": 1}

    # --- _router ---

    def Router(self, tunnel, gate):  # noqa: N802 -- a class of the module
        return Router(self.world, tunnel, gate)

    def now_ms(self):
        return self.world.clock.ms

    def fill_random(self, buffer):
        if not self.random_is_there:
            raise OSError(errno.ENODEV)
        self.world.network.random.fill(buffer)


class Modules:
    """Stands in sys.modules for _board and _router: whatever the machine of now has."""

    machine = None

    def __getattr__(self, name):
        return getattr(Modules.machine, name)


def load(machine):
    """The module box.board on this machine."""
    Modules.machine = machine
    if "box.board" not in sys.modules:
        for name in ("_board", "_router"):
            sys.modules[name] = Modules()
        Modules.machine = machine
    import box.board

    return box.board
