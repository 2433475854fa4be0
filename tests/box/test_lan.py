import os
import unittest

from _wg import Gate, Tunnel
from box import lan
from box.control import Control
from box.files import exists
from box.lan import Lan
from tests.dhcp.client import ACK, NAK, Client, Reply, ip
from tests.support.board import Router, World
from tests.support.flash import Folder

from dhcp.leases import LEASE_MS

MAC = b"\x52\x54\x00\x12\x34\x57"
DEFAULT = ip("10.52.87.1")


class NoDevice:
    def poll(self, now_ms):
        return None


class Sent:
    def __init__(self, payload, mac, address, is_broadcast):
        self.payload, self.mac, self.address = payload, mac, address
        self.is_broadcast = is_broadcast


class LanTest(unittest.TestCase):
    def setUp(self):
        self.folder = Folder()
        self.addCleanup(self.folder.close)
        self.path = self.folder.path + "/state/leases"
        self.world = World()
        self.lines = []
        self.boot()

    def boot(self, address=None, uplink=None):
        """Start anew, with what is in the file."""
        self.router = Router(self.world, Tunnel(1, 1, 1, 1500, 1420), Gate())
        self.control = Control(NoDevice(), self.router, self.world.clock.now_ms, self.log)
        self.lan = Lan(self.router, self.control, self.path)
        if uplink is not None:
            self.lan.give_way(*uplink)
        self.lan.configure(address or lan.default_address(MAC), 24, 1420)

    def log(self, level, text):
        self.lines.append((level, text))

    def client(self, number=1):
        return Client(self, self.world.clock, number)

    def receive(self, data, now_ms):
        """What Client asks of a server: through the router, and the control loop."""
        self.router.sent_dhcp.clear()
        self.router.put_dhcp(data, data[28:34])
        self.control.step()
        sent = self.router.sent_dhcp
        return Sent(*sent[0]) if sent else None

    def run_for(self, ms):
        self.world.run(self.control, ms)

    def test_the_subnet_comes_from_the_hardware_address(self):
        self.assertEqual(self.router.lan, (DEFAULT, 24))
        address = self.client().join()
        self.assertEqual(address[:3], DEFAULT[:3])

    def test_clients_get_the_mtu_of_the_tunnel(self):
        self.assertEqual(self.client().discover().options[26], b"\x05\x8c")
        self.lan.configure(DEFAULT, 24, 1300)
        self.assertEqual(self.client().discover().options[26], b"\x05\x14")

    def test_an_address_that_was_set_is_taken_and_a_wrong_one_refused(self):
        self.boot(ip("192.168.77.1"))
        self.assertEqual(self.router.lan, (ip("192.168.77.1"), 24))
        with self.assertRaises(ValueError):
            self.lan.configure(ip("192.168.77.1"), 31, 1420)

    def test_it_moves_away_from_the_uplinks_network_and_tells_its_clients(self):
        client = self.client()
        client.join()
        self.lan.give_way(ip("10.52.87.200"), 24)
        moved = self.router.lan[0]
        self.assertNotEqual(moved[:3], DEFAULT[:3])
        self.assertEqual(self.router.former_lan, (DEFAULT, 24))
        self.assertEqual(client.renew().kind, NAK)
        self.assertEqual(client.join()[:3], moved[:3])

    def test_the_former_subnet_is_served_until_its_leases_have_ended(self):
        self.client().join()
        self.run_for(1000)
        self.lan.give_way(ip("10.52.87.200"), 24)
        self.run_for(LEASE_MS - 2000)
        self.assertEqual(self.router.former_lan, (DEFAULT, 24))
        self.run_for(2000)
        self.assertEqual(self.router.former_lan, None)

    def test_without_clients_there_is_no_former_subnet(self):
        self.lan.give_way(ip("10.52.87.200"), 24)
        self.assertEqual(self.router.former_lan, None)

    def test_a_second_move_keeps_the_newer_former_subnet(self):
        self.client().join()
        self.lan.give_way(ip("10.0.0.9"), 8)
        second = self.router.lan
        self.run_for(LEASE_MS - 1000)
        self.client().join()
        self.lan.give_way(second[0], 16)
        self.run_for(2000)
        self.assertEqual(self.router.former_lan, second)

    def test_it_finds_room_beside_every_private_network(self):
        for uplink, prefix_len in (
            ("10.0.0.7", 8),
            ("172.16.0.7", 12),
            ("192.168.0.7", 16),
            ("10.52.0.7", 16),
            ("100.64.0.7", 10),
        ):
            for start in (DEFAULT, ip("172.20.1.1"), ip("192.168.1.1")):
                with self.subTest(uplink, start=start):
                    self.boot(start, (ip(uplink), prefix_len))
                    address, own_len = self.router.lan
                    self.assertFalse(lan.overlap(address, own_len, ip(uplink), prefix_len))

    def test_it_stays_when_the_uplink_goes_or_is_elsewhere(self):
        self.lan.give_way(ip("10.52.87.200"), 24)
        moved = self.router.lan
        self.lan.give_way(None, 0)
        self.lan.give_way(ip("192.0.2.9"), 24)
        self.lan.configure(lan.default_address(MAC), 24, 1420)
        self.assertEqual(self.router.lan, moved)

    def test_an_uplink_that_claims_every_address_moves_nothing(self):
        self.lan.give_way(ip("1.2.3.4"), 0)
        self.assertEqual(self.router.lan, (DEFAULT, 24))

    def test_leases_are_written_once_for_many_clients_and_kept_over_a_restart(self):
        for number in range(1, 30):
            self.client(number).join()
        first = self.client(1).join()
        self.assertFalse(exists(self.path))
        self.run_for(lan.SAVE_AFTER_MS)
        with open(self.path, "rb") as file:
            before = file.read()
        self.boot()
        self.assertEqual(self.client(1).reboot(first).kind, ACK)
        self.assertEqual(self.client(99).reboot(first).kind, NAK)
        os.remove(self.path)
        self.client(2).reboot(ip("10.52.87.2"))
        self.run_for(10 * lan.SAVE_AFTER_MS)
        self.assertTrue(len(before) > 29 * 11)

    def test_before_a_restart_that_was_asked_for_leases_are_written_at_once(self):
        self.lan.save()
        self.assertFalse(exists(self.path))
        address = self.client(1).join()
        self.lan.save()
        self.boot()
        self.assertEqual(self.client(99).reboot(address).kind, NAK)

    def test_renewals_write_nothing(self):
        client = self.client()
        client.join()
        self.run_for(lan.SAVE_AFTER_MS)
        os.remove(self.path)
        for _ in range(5):
            client.renew()
            self.run_for(lan.SAVE_AFTER_MS)
        self.assertFalse(exists(self.path))

    def test_after_a_restart_it_is_where_its_clients_are(self):
        self.lan.give_way(ip("10.52.87.200"), 24)
        moved = self.router.lan
        self.client().join()
        self.run_for(lan.SAVE_AFTER_MS)
        self.boot()
        self.assertEqual(self.router.lan, moved)
        self.boot(ip("192.168.77.1"))
        self.assertEqual(self.router.lan, (ip("192.168.77.1"), 24))

    def test_a_damaged_file_of_leases_is_no_harm(self):
        self.client().join()
        self.run_for(lan.SAVE_AFTER_MS)
        for damage in (b"", b"\xff" * 500, b"\x01" + DEFAULT + b"\x18\xff"):
            with open(self.path, "wb") as file:
                file.write(damage)
            self.boot()
            self.assertEqual(self.router.lan, (DEFAULT, 24))
            self.assertTrue(self.client(5).join() is not None)

    def test_a_flash_that_cannot_be_written_is_told(self):
        with open(self.folder.path + "/state", "w"):
            pass
        self.client().join()
        self.run_for(lan.SAVE_AFTER_MS)
        self.assertTrue(any(level == "warning" for level, _ in self.lines))

    def test_an_address_that_somebody_else_was_heard_with_is_not_given(self):
        free = self.client().discover().address
        self.run_for(60_000)
        self.router.neighbours = [(free, b"\x02other", 0, 5)]
        self.assertNotEqual(self.client().join(), free)

    def test_it_makes_way_for_addresses_in_the_tunnel_too(self):
        # Answers from a name server in the LAN's own network would be dropped.
        for used in ("10.52.87.2", "10.52.87.254"):
            self.boot()
            self.lan.configure(DEFAULT, 24, 1420, (ip(used),))
            self.assertNotEqual(self.router.lan[0][:3], DEFAULT[:3])
        self.boot()
        self.lan.configure(DEFAULT, 24, 1420, (ip("10.52.88.1"),))
        self.assertEqual(self.router.lan, (DEFAULT, 24))

    def test_nobody_is_heard_for_another(self):
        client = self.client()
        self.router.put_dhcp(client.message(1), self.client(2).mac)
        self.control.step()
        self.assertEqual(self.router.sent_dhcp, [])
        self.assertTrue(client.join() is not None)

    def test_a_flood_of_messages_takes_little_time_from_packets(self):
        client = self.client()
        self.assertTrue(client.join())
        flood = [client.discover() for _ in range(200)]
        self.assertTrue(sum([answer is not None for answer in flood]) < lan.BURST)
        self.assertTrue(self.lan.drops()["dhcp_flood"] > 100)
        self.world.run(self.control, 1000)
        self.assertTrue(self.client(2).join())

    def test_answers_go_to_the_client(self):
        client = self.client(7)
        offer = client.discover()
        _, mac, address, is_broadcast = self.router.sent_dhcp[0]
        self.assertEqual((mac, address, is_broadcast), (client.mac, offer.address, False))
        self.assertTrue(isinstance(offer, Reply))

    def test_clients_are_listed_as_text(self):
        self.router.neighbours = [(ip("10.52.87.9"), MAC, 3, 5)]
        self.assertEqual(
            self.lan.clients(),
            [{"address": "10.52.87.9", "mac": "52:54:00:12:34:57", "flows": 3}],
        )


if __name__ == "__main__":
    unittest.main()
