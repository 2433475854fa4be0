import unittest

from tests.support.network import BOX, GATEWAY, Network, ipv4_packet

from wg import endpoint
from wg.const import MESSAGE_INITIATION

PEERS = 300


class ManyPeersTest(unittest.TestCase):
    def setUp(self):
        """A gateway with 300 peers, of which a few exist, at the ends and in the middle."""
        self.network = Network()
        self.gateway = self.network.node("gateway", "192.0.2.2:2000", peers=PEERS)
        self.boxes = {}
        for number in range(PEERS):
            address = b"\x0a\x01" + number.to_bytes(2, "big")
            if number in (0, 150, 299):
                box = self.network.node("box", "192.0.2.1:%d" % (3000 + number), peers=1, waiting=4)
                to_gateway = box.device.add_peer(self.gateway.public_key)
                to_gateway.set_endpoint(self.gateway.address)
                to_gateway.allow(GATEWAY, 32)
                self.boxes[address] = box
                public_key = box.public_key
            else:
                public_key = b"\x09" * 30 + number.to_bytes(2, "big")
            self.gateway.device.add_peer(public_key).allow(address, 32)

    def test_each_peer_is_known_by_its_key_and_reached_by_its_address(self):
        for address, box in self.boxes.items():
            box.send(ipv4_packet(address, GATEWAY, b"from " + address))
        self.network.run(100)
        received = sorted([packet[20:] for packet, _ in self.gateway.received])
        self.assertEqual(received, sorted([b"from " + address for address in self.boxes]))
        for address in self.boxes:
            self.gateway.send(ipv4_packet(GATEWAY, address, b"to " + address))
        self.network.run(100)
        for address, box in self.boxes.items():
            self.assertEqual([packet[20:] for packet, _ in box.received], [b"to " + address])

    def test_idle_peers_wake_nobody(self):
        self.network.run(1_000)
        self.assertEqual(len(self.gateway.device.timers._deadlines), 0)
        wait_ms = self.gateway.device.poll(self.network.clock.ms)
        self.assertTrue(wait_ms > 100_000)

    def test_one_more_peer_than_there_is_room_for_is_an_error_and_changes_nothing(self):
        with self.assertRaises(MemoryError):
            self.gateway.device.add_peer(b"\x08" * 32)
        self.assertEqual(len(self.gateway.device.peers), PEERS)

    def test_three_hundred_handshakes_at_once_are_all_tried_and_given_up(self):
        nowhere = endpoint.parse("203.0.113.1:9")
        for peer in self.gateway.device.peers.values():
            peer.set_endpoint(nowhere)
            peer.initiate(self.network.clock.ms)
        self.network.run(6_000)
        sent = self.network.sent(self.gateway.address, MESSAGE_INITIATION)
        self.assertEqual(len(sent), 2 * PEERS)
        self.assertEqual(len({data[4:8] for data in sent}), 2 * PEERS)

    def test_a_box_does_not_hear_what_is_meant_for_another(self):
        self.gateway.send(ipv4_packet(GATEWAY, BOX, b"for nobody"))
        self.network.run(100)
        self.assertEqual(self.network.capture, [])


if __name__ == "__main__":
    unittest.main()
