"""The LAN: its subnet, which gives way to others, and the addresses of its clients."""

from box.files import make_folder, replace
from dhcp.leases import CAPACITY, LEASE_MS, Leases
from dhcp.message import hardware_address
from dhcp.server import Server
from dhcp.subnet import Subnet, overlap
from wg.allowedips import format_address, format_prefix
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from _router import Router

    from box.control import Control


PREFIX_LEN = 24
# New clients are written to flash together, so long after the first of them.
SAVE_AFTER_MS = 60_000
# What the router keeps of what a client says, as much as servers must take (RFC 2131).
MESSAGE_LEN_MAX = 576
# No file of leases is longer; what is was written by something else, and may not fit into memory.
FILE_LEN_MAX = 2048
# How many messages are answered before packets move again.
MESSAGES_AT_ONCE = 4
# An answer costs what hundreds of packets do: after as many as all clients at once have messages,
# there is one in so long.
BURST = 2 * CAPACITY
PAUSE_MS = 25
# Somebody who was not heard for so long does not have its address any more.
SEEN_MS = LEASE_MS


def default_address(mac: bytes) -> bytes:
    """Ours in the LAN: 10.X.Y.1, where X and Y come from the hardware, so that boxes differ."""
    return bytes([10, mac[4], mac[5], 1])


def choices(address: bytes, prefix_len: int) -> "list[Subnet]":
    """The subnet that is wanted, and where to go when the uplink is there already.

    One in each of the private ranges (RFC 1918), and a second in the largest: no uplink has all.
    """
    others = [
        bytes([10, address[1] ^ 0x80, address[2], 1]),
        bytes([172, 16 + (address[1] & 15), address[2], 1]),
        bytes([192, 168, address[2], 1]),
    ]
    found = [Subnet(address, prefix_len)]
    for other in others:
        found.append(Subnet(other, PREFIX_LEN))
    return found


class Lan:
    """subnet: dhcp.subnet.Subnet, ours of now."""

    def __init__(self, router: "Router", control: "Control", path: str) -> None:
        """path: the file of the leases."""
        self.subnet: "Subnet | None" = None
        self._router = router
        self._control = control
        self._path = path
        self._choices: "list[Subnet]" = []
        self._uplink: "tuple[bytes, int] | None" = None
        self._inside: "tuple[bytes, ...]" = ()
        self._leases = Leases(in_use=self._is_in_use)
        self._server = Server(self._leases)
        self._mtu = 0
        self._moves = 0
        self._is_saving = False
        self._heard: "dict[bytes, tuple[bytes, int]] | None" = None  # while a message is answered
        self._busy_ms = 0  # what was answered is paid for by then, with a pause for each
        self._flooded = 0
        self._message = bytearray(MESSAGE_LEN_MAX)
        control.on_wake(router.WAKE_DHCP, self._serve)

    def configure(
        self, address: bytes, prefix_len: int, mtu: int, inside: "tuple[bytes, ...]" = ()
    ) -> None:
        """Have this address, or another where the uplink or the tunnel is in the way.

        mtu: of the tunnel, for the clients. inside: addresses that must be found in the tunnel.
        ValueError: no network for clients.
        """
        found = choices(address, prefix_len)
        self._mtu = mtu
        self._inside = inside
        stays = self.subnet is not None and _is_among(self.subnet, self._choices, found)
        if self.subnet is not None and stays and not self._collides(self.subnet):
            self._server.set_subnet(self.subnet, mtu)
            return
        self._choices = found
        if self.subnet is None:
            self._start()
        else:
            self._go(self._choice())

    def give_way(self, address: "bytes | None", prefix_len: int) -> None:
        """The uplink has this address now; None: none."""
        self._uplink = None if address is None else (address, prefix_len)
        if self.subnet is not None and self._collides(self.subnet):
            self._go(self._choice())

    def clients(self) -> "list[dict[str, object]]":
        """Who was heard: address, mac (both as text) and flows, for the status."""
        return [
            {"address": format_address(address), "mac": format_mac(mac), "flows": flows}
            for address, mac, flows, _ in self._router.clients()
        ]

    def drops(self) -> "dict[str, int]":
        """How many DHCP messages stayed unanswered: broken, no address left, or too many."""
        return {
            "dhcp_malformed": self._server.malformed,
            "dhcp_refused": self._server.refused,
            "dhcp_flood": self._flooded,
        }

    def save(self) -> None:
        """Write down what is not written yet: the box is about to restart."""
        if self._leases.changed:
            self._save()

    # --- the subnet ---

    def _collides(self, subnet: Subnet) -> bool:
        taken = [(address, 32) for address in self._inside]
        if self._uplink is not None:
            taken.append(self._uplink)
        return any(overlap(subnet.address, subnet.prefix_len, *each) for each in taken)

    def _choice(self) -> Subnet:
        """The first that does not collide; an uplink that claims everything is believed nothing."""
        for subnet in self._choices:
            if not self._collides(subnet):
                return subnet
        return self.subnet or self._choices[0]

    def _start(self) -> None:
        """Take the subnet in which clients have leases from before, else the first choice."""
        data = _read(self._path)
        now_ms = self._control.now_ms()
        for subnet in self._choices:
            if not self._collides(subnet) and self._leases.restore(data, subnet, now_ms):
                self._settle(subnet)
                return
        self._settle(self._choice())

    def _go(self, subnet: Subnet) -> None:
        """Move; clients of the former subnet are served there until their leases have ended."""
        before = self.subnet
        if before is None or _same(before, subnet):
            return
        now_ms = self._control.now_ms()
        left_ms = self._leases.last_end_ms() - now_ms
        self._leases.clear()
        self._moves += 1
        moves = self._moves
        if left_ms > 0:
            self._router.set_former_lan(before.address, before.prefix_len)
            self._control.after(left_ms, lambda: self._forget_former(moves))
        else:
            self._router.set_former_lan(None, 0)
        self._server.set_former(before)
        self._settle(subnet)
        self._save_later()

    def _settle(self, subnet: Subnet) -> None:
        self.subnet = subnet
        self._router.set_lan(subnet.address, subnet.prefix_len)
        self._server.set_subnet(subnet, self._mtu)
        self._control.log("info", "LAN: " + format_prefix(subnet.address, subnet.prefix_len))

    def _forget_former(self, moves: int) -> None:
        if moves == self._moves:
            self._router.set_former_lan(None, 0)
            self._server.set_former(None)

    # --- clients ---

    def _serve(self) -> None:
        for _ in range(MESSAGES_AT_ONCE):
            taken = self._router.next_dhcp(self._message)
            if taken is None:
                break
            if not self._is_worth_it():
                self._flooded += 1
                continue
            data = memoryview(self._message)[: taken[0]]
            if hardware_address(data) != taken[1]:
                continue  # nobody gives back, or gets, an address for another
            self._heard = None
            answer = self._server.receive(data, self._control.now_ms())
            if answer is not None:
                self._router.send_dhcp(
                    answer.payload, answer.mac, answer.address, answer.is_broadcast
                )
        if self._leases.changed:
            self._save_later()

    def _is_worth_it(self) -> bool:
        """Whether one more message may take its time from packets."""
        now_ms = self._control.now_ms()
        if self._busy_ms - now_ms > (BURST - 1) * PAUSE_MS:
            return False
        self._busy_ms = max(self._busy_ms, now_ms) + PAUSE_MS
        return True

    def _is_in_use(self, address: bytes, mac: bytes) -> bool:
        if self._heard is None:
            self._heard = {
                its_address: (its_mac, silent_ms)
                for its_address, its_mac, _, silent_ms in self._router.clients()
            }
        its_mac, silent_ms = self._heard.get(address, (mac, 0))
        return its_mac != mac and silent_ms < SEEN_MS

    # --- over a restart ---

    def _save_later(self) -> None:
        if not self._is_saving:
            self._is_saving = True
            self._control.after(SAVE_AFTER_MS, self._save)

    def _save(self) -> None:
        self._is_saving = False
        if self.subnet is None:
            return
        try:
            make_folder(self._path.rsplit("/", 1)[0])
            replace(self._path, self._leases.export(self.subnet))
        except OSError as error:
            self._control.log("warning", "leases cannot be kept: %s" % error)


def format_mac(mac: bytes) -> str:
    return ":".join(["%02x" % byte for byte in mac])


def _same(first: Subnet, second: Subnet) -> bool:
    return first.address == second.address and first.prefix_len == second.prefix_len


def _is_among(subnet: Subnet, before: "list[Subnet]", after: "list[Subnet]") -> bool:
    """Whether the choices are what they were, and this is one of them."""
    return (
        bool(before)
        and _same(before[0], after[0])
        and any(_same(subnet, choice) for choice in after)
    )


def _read(path: str) -> bytes:
    """The file's content; a missing or damaged one costs clients nothing but a new question."""
    try:
        with open(path, "rb") as file:
            return bytes(file.read(FILE_LEN_MAX))
    except OSError:
        return b""
