import unittest

from tests.dhcp.client import ACK, INFORM, NAK, OFFER, REQUEST, Client, ip
from tests.support.clock import ManualClock
from tests.support.randomness import Random

from dhcp.leases import CAPACITY, LEASE_MS, OFFER_MS, QUARANTINED_MAX, Leases
from dhcp.server import Server
from dhcp.subnet import Subnet

BOX = ip("10.77.5.1")
MTU = 1420


class _Case(unittest.TestCase):
    def setUp(self):
        self.clock = ManualClock()
        self.seen = {}
        self.start(Subnet(BOX, 24))

    def start(self, subnet):
        self.subnet = subnet
        self.leases = Leases(in_use=self.in_use)
        self.server = Server(self.leases)
        self.server.set_subnet(subnet, MTU)

    def in_use(self, address, mac):
        return self.seen.get(address, mac) != mac

    def client(self, number=1, client_id=b"", broadcast=False):
        return Client(self.server, self.clock, number, client_id, broadcast)

    def fill(self, count):
        clients = [self.client(number) for number in range(1, count + 1)]
        for client in clients:
            self.assertTrue(client.join() is not None)
        return clients


class JoinTest(_Case):
    def test_a_client_gets_an_address_router_name_server_mtu_and_nothing_else(self):
        client = self.client()
        offer = client.discover()
        self.assertEqual(offer.kind, OFFER)
        reply = client.select(offer.address, offer.options[54])
        self.assertEqual(reply.kind, ACK)
        self.assertEqual(reply.address, offer.address)
        self.assertTrue(self.subnet.is_free(reply.address))
        self.assertEqual(
            reply.options,
            {
                53: bytes([ACK]),
                54: BOX,
                1: ip("255.255.255.0"),
                3: BOX,
                6: BOX,
                26: MTU.to_bytes(2, "big"),
                51: (600).to_bytes(4, "big"),
                58: (300).to_bytes(4, "big"),
                59: (525).to_bytes(4, "big"),
            },
        )

    def test_forty_clients_get_forty_addresses(self):
        clients = self.fill(40)
        self.assertEqual(len({client.address for client in clients}), 40)
        for client in clients:
            self.assertEqual(client.renew().address, client.address)

    def test_a_wanted_address_is_given_when_it_is_free(self):
        wanted = ip("10.77.5.200")
        self.assertEqual(self.client(1).join(wanted), wanted)
        self.assertNotEqual(self.client(2).join(wanted), wanted)
        for foreign in (BOX, ip("10.77.5.0"), ip("10.77.5.255"), ip("8.8.8.8")):
            self.assertNotEqual(self.client(foreign[3] + 3).join(foreign), foreign)

    def test_an_address_that_somebody_uses_without_asking_is_not_given(self):
        free = self.client().discover().address
        self.clock.advance(OFFER_MS)
        self.seen[free] = b"\x02other"
        self.assertNotEqual(self.client().join(), free)
        self.assertNotEqual(self.client(9).join(free), free)

    def test_the_answer_goes_where_the_client_can_hear_it(self):
        client = self.client()
        offer = client.discover()
        self.assertEqual(
            (offer.answer.mac, offer.answer.address, offer.answer.is_broadcast),
            (client.mac, offer.address, False),
        )
        deaf = self.client(2, broadcast=True)
        offer = deaf.discover()
        self.assertEqual((offer.answer.address, offer.answer.is_broadcast), (b"\xff" * 4, True))
        deaf.select(offer.address, offer.options[54])
        self.assertFalse(deaf.renew().answer.is_broadcast)

    def test_garbage_is_counted_and_unanswered(self):
        for data in (b"", bytes(300), b"\x01\x01\x06" + bytes(300)):
            self.assertEqual(self.server.receive(data, self.clock.ms), None)
        self.assertEqual(self.server.malformed, 3)

    def test_nothing_that_a_stranger_says_raises_or_takes_memory(self):
        random = Random(9)
        client = self.client()
        client.address, client.server_id = ip("10.77.5.9"), BOX
        for _ in range(400):
            data = bytearray(
                client.message(
                    1 + random.below(8),
                    bytes([10, 77, 5, random.below(256)]),
                    [(50, bytes([10, 77, 5, random.below(256)]))],
                )
            )
            for _ in range(random.below(4)):
                data[random.below(len(data))] = random.below(256)
            self.server.receive(data[: len(data) - random.below(9)], self.clock.ms)
            self.clock.advance(random.below(20_000))
        self.assertTrue(len(self.leases) <= CAPACITY)

    def test_without_a_subnet_there_is_silence(self):
        self.server = Server(Leases())
        self.assertEqual(self.client().discover(), None)


class SameAddressTest(_Case):
    def test_a_client_that_comes_back_gets_its_address(self):
        first = self.client(1).join()
        self.fill(30)
        self.clock.advance(LEASE_MS + 1)
        self.assertEqual(self.client(1).join(), first)

    def test_a_client_is_known_by_its_identifier_under_another_mac(self):
        first = self.client(1, b"\xff12345678").join()
        self.assertEqual(self.client(2, b"\xff12345678").join(), first)

    def test_an_address_in_use_stays_with_the_machine_that_uses_it(self):
        # Identifiers are no secret: everybody hears them.
        client = self.client(1, b"\xff12345678")
        address = client.join()
        self.seen[address] = client.mac
        self.assertEqual(self.client(2, b"\xff12345678").reboot(address).kind, NAK)
        self.assertNotEqual(self.client(2, b"\xff12345678").join(), address)
        self.assertEqual(client.renew().address, address)

    def test_one_machine_with_many_identifiers_leaves_addresses_for_others(self):
        for number in range(CAPACITY):
            self.client(1, b"\xff%04d" % number).join()
        self.assertTrue(self.client(2).join() is not None)
        self.clock.advance(LEASE_MS + 1)
        self.assertTrue(self.client(1, b"\xfflate").join() is not None)

    def test_an_identifier_too_long_to_keep_falls_back_to_the_mac(self):
        first = self.client(1, bytes(60)).join()
        self.assertNotEqual(self.client(2, bytes(60)).join(), first)
        self.assertEqual(self.client(1, bytes(60)).join(), first)

    def test_a_released_address_comes_back_to_its_client(self):
        client = self.client(1)
        first = client.join()
        client.release()
        self.fill(20)
        self.assertEqual(self.client(1).join(), first)

    def test_even_a_client_that_was_forgotten_most_likely_gets_its_address(self):
        first = self.client(1).join()
        self.start(self.subnet)
        self.assertEqual(self.client(1).join(), first)

    def test_a_release_by_somebody_else_counts_for_nothing(self):
        client = self.client(1)
        client.join()
        thief = self.client(2)
        thief.address, thief.server_id = client.address, BOX
        thief.release()
        thief.decline()
        self.assertEqual(self.client(3).reboot(client.address).kind, NAK)
        self.assertEqual(client.renew().kind, ACK)


class RequestTest(_Case):
    def test_a_client_that_rebooted_keeps_a_free_address_and_loses_a_foreign_one(self):
        self.assertEqual(self.client(1).reboot(ip("10.77.5.99")).kind, ACK)
        for foreign in (ip("192.168.1.7"), BOX, ip("10.77.5.255")):
            reply = self.client(2).reboot(foreign)
            self.assertEqual(reply.kind, NAK)
            self.assertEqual(reply.options, {53: bytes([NAK]), 54: BOX})
            self.assertEqual(reply.address, bytes(4))
            self.assertTrue(reply.answer.is_broadcast)

    def test_an_address_of_another_client_is_refused(self):
        taken = self.client(1).join()
        self.assertEqual(self.client(2).reboot(taken).kind, NAK)
        self.assertEqual(self.client(2).select(taken, BOX).kind, NAK)

    def test_another_servers_client_gets_silence_and_frees_our_offer(self):
        client = self.client(1)
        offered = client.discover().address
        self.assertEqual(client.select(ip("10.9.9.9"), ip("10.9.9.1")), None)
        self.assertEqual(self.client(2).join(offered), offered)

    def test_a_renewal_of_a_foreign_address_is_refused(self):
        client = self.client(1)
        client.address = ip("172.16.0.9")
        self.assertEqual(client.renew().kind, NAK)

    def test_an_inform_is_answered_without_a_lease(self):
        reply = self.client(1).say(INFORM, address=ip("10.77.5.50"))
        self.assertEqual(reply.kind, ACK)
        self.assertEqual(reply.address, bytes(4))
        self.assertFalse(51 in reply.options)
        self.assertEqual(reply.answer.address, ip("10.77.5.50"))
        self.assertEqual(len(self.leases), 0)
        self.assertEqual(self.client(1).say(INFORM, address=ip("8.8.8.8")), None)

    def test_a_declined_address_rests(self):
        client = self.client(1)
        declined = client.join()
        client.decline()
        again = client.join()
        self.assertNotEqual(again, declined)
        self.assertEqual(self.client(2).reboot(declined).kind, NAK)
        self.clock.advance(LEASE_MS)
        self.assertEqual(self.client(2).reboot(declined).kind, ACK)


class MovedTest(_Case):
    def setUp(self):
        super().setUp()
        self.old = self.client(1)
        self.old.join()
        self.leases.clear()
        former, self.subnet = self.subnet, Subnet(ip("10.80.0.1"), 24)
        self.server.set_subnet(self.subnet, MTU)
        self.server.set_former(former)

    def test_a_renewal_is_refused_in_the_name_of_the_server_that_gave_the_address(self):
        reply = self.old.renew()
        self.assertEqual(reply.kind, NAK)
        self.assertEqual(reply.options[54], BOX)

    def test_a_request_to_the_former_server_is_refused_too(self):
        self.assertEqual(self.old.select(self.old.address, BOX).kind, NAK)

    def test_the_client_then_gets_the_same_host_in_the_new_subnet(self):
        before = self.old.address
        address = self.old.join()
        self.assertTrue(address in self.subnet)
        self.assertEqual(address[3], before[3])


class CapacityTest(_Case):
    def test_the_table_never_grows_past_its_capacity(self):
        self.fill(CAPACITY)
        self.assertEqual(self.client(1000).join(), None)
        self.assertEqual(self.server.refused, 1)
        self.assertEqual(self.client(1000).say(REQUEST, options=[(50, ip("10.77.5.2"))]).kind, NAK)
        self.assertEqual(len(self.leases), CAPACITY)

    def test_a_flood_of_discoveries_passes_with_its_offers(self):
        for number in range(300):
            self.client(number).discover()
        self.assertEqual(len(self.leases), CAPACITY)
        self.clock.advance(OFFER_MS)
        self.assertTrue(self.client(2000).join() is not None)

    def test_the_lease_that_ran_out_first_is_given_away_first(self):
        self.start(Subnet(ip("10.0.0.1"), 29))  # five addresses
        clients = [self.client(number) for number in range(5)]
        for client in (clients[2], clients[0], clients[4], clients[1], clients[3]):
            client.join()
            self.clock.advance(1000)
        self.assertEqual(self.client(9).join(), None)
        self.clock.advance(LEASE_MS)
        clients[0].renew()
        self.assertEqual(self.client(9).join(), clients[2].address)
        self.assertEqual(self.client(10).join(), clients[4].address)
        self.assertEqual(clients[2].reboot(clients[2].address).kind, NAK)

    def test_declining_everything_does_not_use_up_the_table(self):
        for number in range(CAPACITY + 20):
            client = self.client(number)
            self.assertTrue(client.join() is not None)
            client.decline()
        self.assertEqual(len(self.leases), QUARANTINED_MAX)


class RestartTest(_Case):
    def restarted(self, data, subnet=None):
        self.start(subnet or self.subnet)
        return self.leases.restore(data, self.subnet, self.clock.ms)

    def test_clients_keep_their_addresses(self):
        clients = self.fill(30)
        clients.append(self.client(99, b"\xff12345"))
        clients[-1].join()
        self.assertTrue(self.leases.changed)
        data = self.leases.export(self.subnet)
        self.assertFalse(self.leases.changed)
        self.assertTrue(self.restarted(data))
        self.assertFalse(self.leases.changed)
        for client in clients:
            client.server = self.server
        stranger = self.client(200).join()
        self.assertFalse(stranger in [client.address for client in clients])
        for client in clients:
            self.assertEqual(client.reboot(client.address).kind, ACK)

    def test_renewals_change_nothing_that_must_be_kept(self):
        client = self.client(1)
        client.join()
        self.leases.export(self.subnet)
        client.renew()
        self.client(2).discover()
        self.assertFalse(self.leases.changed)
        self.client(3).join()
        self.assertTrue(self.leases.changed)

    def test_what_is_broken_or_of_another_subnet_is_not_taken(self):
        self.fill(2)
        data = self.leases.export(self.subnet)
        for broken in (
            b"",
            data[:-1],
            data[:7],
            b"\x02" + data[1:],
            data[:6] + b"\xff" + data[7:],
            data[:6] + data[6:] * 2,
            data + bytes(11),
        ):
            with self.subTest(repr(broken)):
                self.assertFalse(self.restarted(broken))
                self.assertEqual(len(self.leases), 0)
        self.assertFalse(self.restarted(data, Subnet(ip("10.77.5.2"), 24)))


if __name__ == "__main__":
    unittest.main()
