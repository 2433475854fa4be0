"""Networks that mean harm, or come and go: a box finds its way and wears nothing out."""

import unittest

from box import network_store
from box.network_store import WRITE_EVERY_MS, WRITES, NetworkStore
from tests.box import abroad
from tests.box.abroad import inner
from tests.box.abroad_home import CAFE, HOTEL, KEY
from tests.box.test_climb import NETWORKS, _Case
from tests.support.randomness import Random

from carrier import ladder
from carrier.rung import TCP, TLS, UDP
from wg import endpoint

WAITING_MAX = 12  # calls of the control loop that wait for their time: a board has little memory


class _Hostile(_Case):
    def settle(self):
        self.assertTrue(self.first_page() is not None, self.lines)
        self.run_for(10_000)
        self.assertTrue(self.climb.way.is_proven, self.lines)

    def streams(self):
        """How many were begun until now."""
        return len([1 for kind, _, _ in self.censor.seen if kind == "tcp"])

    def require_few_waiting(self):
        self.assertTrue(len(self.control._due) <= WAITING_MAX, len(self.control._due))


class NamesTest(_Hostile):
    def search_without_names(self, ms):
        """With name servers that never answer; how often the loop went round."""
        self.boot("home.example.org")
        look_up, self.path.look_up = self.path.look_up, lambda name: None
        rounds = [0]
        step = self.control.step

        def counted():
            rounds[0] += 1
            if rounds[0] > ms:  # once a millisecond: time would stand still
                raise AssertionError("the loop spins: %d wait" % len(self.control._due))
            step()

        self.control.step = counted
        self.join()
        self.run_for(ms)
        self.path.look_up = look_up
        return rounds[0]

    def test_a_name_that_is_not_answered_neither_stops_nor_fills_the_loop(self):
        self.assertTrue(self.search_without_names(10_000) < 100)
        self.require_few_waiting()

    def test_a_stream_that_waits_for_a_name_goes_on_when_it_comes(self):
        self.censor.udp_ports = []
        self.search_without_names(3_500)
        self.assertEqual(self.streams(), 0)
        self.climb.places._take(0, abroad.HOME_ADDRESS)
        self.run_for(1_000)
        self.assertTrue(self.streams() > 0)

    def test_networks_that_come_and_go_do_not_line_up_questions_for_a_name(self):
        self.search_without_names(1_000)
        asked = []
        self.climb.places._ask = lambda name, found: asked.append(name)
        for _ in range(30):
            self.lead.begin()
            self.run_for(100)
        self.assertEqual(asked, [])  # the first has no answer yet


class LoadTest(_Hostile):
    def test_a_stream_that_wakes_the_box_a_thousand_times_takes_no_memory(self):
        self.censor.udp_ports = []
        self.settle()
        for _ in range(1000):
            self.path._wake_stream()
            self.run_for(2)
        self.require_few_waiting()

    def test_where_nothing_works_less_and_less_is_sent(self):
        self.censor.is_dark = True
        self.join()
        sent = []
        for _ in range(15):
            before = len(self.censor.seen)
            self.run_for(60_000)
            sent.append(len(self.censor.seen) - before)
            self.require_few_waiting()
        self.assertTrue(max(sent[10:]) <= 60 and sum(sent[10:]) < 3 * sum(sent[:5]) // 5, sent)
        self.censor.is_dark = False
        self.assertTrue(self.client.page(20_000) is not None, self.lines)

    def test_a_network_that_comes_and_goes_sees_no_storm_of_streams(self):
        self.censor.udp_ports = []
        self.settle()
        before = self.streams()
        for _ in range(100):
            self.lead.pause()
            self.run_for(1_000)
            self.join()
            self.run_for(3_000)
        self.assertTrue(5 <= self.streams() - before <= 13, self.streams() - before)
        # Another network knows nothing of it.
        self.join(CAFE, b"\x02\0\0\0\0\x09")
        self.assertTrue(self.client.page(3_000) is not None, self.lines)

    def test_twenty_networks_leave_no_more_than_sixteen_behind(self):
        for number in range(20):
            self.join(HOTEL, bytes((2, 0, 0, 0, 1, number)))
            self.assertTrue(self.client.page(15_000) is not None, self.lines)
            self.run_for(3_000)
            self.require_few_waiting()
        self.assertEqual(len(self.lead._store._networks), 16)

    def test_flash_is_not_worn_out_by_a_network_that_freezes_one_way_after_the_other(self):
        writes = []
        write = self.lead._store._write
        self.lead._store._write = lambda: (writes.append(self.world.clock.ms), write())
        self.settle()
        for number in range(6 * 60):
            self.climb.way.network.set_bad(bytes((0, 0, 1 + number % 200, 1, 0)))
            self.climb.way.on_news()
            self.run_for(10_000)
        self.assertEqual(writes, sorted(writes))
        self.assertTrue(WRITES <= len(writes) <= WRITES + 3_600_000 // WRITE_EVERY_MS + 1, writes)
        self.run_for(2 * WRITE_EVERY_MS)
        kept = NetworkStore(self.lead._store._path, None, self.control)
        self.assertEqual(kept._networks.encode(), self.lead._store._networks.encode())


class FlowsTest(_Hostile):
    """What the first packets of a flow look like, when keys of before still count."""

    def test_on_another_network_a_decoy_goes_before_all_else(self):
        self.settle()
        self.lead.pause()
        self.path.set_state(CAFE)
        before = len(self.censor.seen)
        self.client.ask()  # it has an address, and nobody has told the box yet
        self.join(CAFE, b"\x02\0\0\0\0\x09")
        self.assertTrue(self.client.page(3_000) is not None)
        first = self.censor.seen[before][2]
        self.assertTrue(70 <= len(first) <= 128 and first[4:6] == b"\0\1", first)

    def test_a_stream_of_bare_frames_begins_with_an_initiation_on_each_network(self):
        self.censor.udp_ports = []
        self.censor.tcp_ports = [80]
        del self.world.servers[(abroad.HOME_ADDRESS, 443)]
        firsts = []

        class Bare(abroad.WebServer):
            def receive(self, data):
                if not self.head and not self.is_carrying:
                    firsts.append(len(data))
                if not self.is_carrying and data[:4] == b"GET ":
                    return  # and it says nothing
                super().receive(data)

        self.world.servers[(abroad.HOME_ADDRESS, 80)] = lambda s: Bare(
            self.gateway, s, False, lambda head, is_secured: None
        )
        self.settle_on_bare()
        for mac in (3, 4, 3):  # at last one where it is known that nothing else passes
            self.lead.pause()
            self.run_for(500)
            firsts.clear()
            self.join(CAFE, bytes((2, 0, 0, 0, 0, mac)))
            self.assertTrue(self.client.page(3_000) is not None, self.lines)
            self.assertEqual(firsts[0], 148 + 16)
            self.run_for(10_000)  # it is proven, so it is known

    def settle_on_bare(self):
        took_ms = self.first_page()
        self.assertTrue(took_ms is not None and took_ms < 15_000, (took_ms, self.lines))
        self.run_for(10_000)
        self.assertEqual(self.climb.way.rung.kind, TCP)


class FreezeTest(_Hostile):
    def test_a_gateway_that_was_started_anew_is_no_way_that_froze(self):
        self.settle()
        rung = self.climb.way.rung
        self.gateway.tunnel.clear_keypairs(0)
        took_ms = self.client.page(10_000)
        self.assertTrue(took_ms is not None and took_ms < 3_000, (took_ms, self.lines))
        self.run_for(5_000)
        self.assertEqual((self.climb.way.rung, self.climb.way.network.bad), (rung, []))

    def test_a_port_that_is_closed_is_left_for_another_and_not_for_a_stream(self):
        self.settle()
        self.censor.udp_ports = [53, 123]
        before = self.streams()
        self.assertTrue(self.client.page(10_000) is not None, self.lines)
        self.run_for(5_000)
        self.assertEqual((self.climb.way.rung.kind, self.streams()), (UDP, before))

    def test_police_that_lets_each_port_carry_a_while_makes_the_box_leave_udp(self):
        self.censor.freeze_at = 300_000
        self.censor.spares_tls = True
        self.settle()
        self.assertTrue(self.client.load(600_000, 120_000), self.lines)
        self.run_for(10_000)
        self.assertEqual(self.kind(), TLS, self.lines)

    def test_a_way_that_freezes_towards_the_gateway_alone_is_left_although_much_is_heard(self):
        self.settle()
        rung = self.climb.way.rung
        passes = self.world.network.filter

        def swallows(source, target, data):
            if endpoint.port(target) == rung.port:
                return True
            return passes(source, target, data)

        self.world.network.filter = swallows
        began_ms = self.world.clock.ms
        # As a server repeats what nobody acknowledges (RFC 6298).
        for again_ms in (200, 400, 800, 1600, 3200, 6400):
            self.client.ask()
            for _ in range(again_ms // 100):
                self.path.client_sends(self.client.asked)
                self.run_for(100)
            self.gateway.path.send_packet(inner(abroad.SITE, abroad.BOX_INSIDE, b"once more"))
        self.run_for(5_000)
        self.assertTrue(self.climb.way.rung != rung, self.lines)
        self.assertTrue(self.climb.way.since_ms - began_ms < 15_000)

    def test_a_tenth_of_all_lost_is_no_freeze(self):
        self.settle()
        rung = self.climb.way.rung
        self.censor.loss = 10
        self.world.site_answers = False  # so that the gateway is asked again and again
        for _ in range(600):
            self.client.ask()
            self.run_for(1_500)
        self.assertFalse(any("went silent" in line for line in self.lines), self.lines)
        self.assertEqual(self.climb.way.rung, rung)

    def test_police_that_lets_little_pass_at_once_is_no_silence(self):
        for rate in (12_000, 20_000, 40_000):
            self.setUp()
            self.censor.rate = rate
            self.assertTrue(self.first_page() is not None)
            self.run_for(25_000)
            self.assertTrue(self.climb.way.is_proven, (rate, self.lines))

    def test_whatever_networks_do_the_box_comes_back_when_they_are_open(self):
        names = sorted(NETWORKS)
        for seed in range(3):
            self.setUp()
            random = Random(seed + 1)
            self.join()
            for _ in range(60):
                open_again(self.censor)
                which = random.below(len(names) + 3)
                if which < len(names):
                    NETWORKS[names[which]][0](self.censor)
                elif which == len(names):
                    self.censor.freeze_at = 16_384
                else:
                    self.censor.is_dark = True
                if random.below(10) == 0:
                    self.lead.pause()
                    self.run_for(random.below(2_000))
                    self.join(CAFE, bytes((2, 0, 0, 0, 0, random.below(20))))
                if random.below(15) == 0:
                    self.gateway.tunnel.clear_keypairs(0)
                self.client.ask(200 + random.below(800))
                self.run_for(200 + random.below(5_000))
                self.require_few_waiting()
            open_again(self.censor)
            self.assertTrue(self.client.page(20_000) is not None, (seed, self.lines))
            self.run_for(70_000)
            self.assertTrue(self.climb.way.is_proven, (seed, self.lines))


def open_again(censor):
    censor.udp_ports = censor.tcp_ports = None
    censor.without_types = censor.without_sizes = censor.without_entropy = False
    censor.resets = censor.is_dark = False
    censor.freeze_at = 0


class SecretsTest(_Hostile):
    def test_a_certificate_that_is_not_the_gateways_carries_nothing(self):
        self.censor.udp_ports = []
        self.censor.tcp_ports = [443]
        self.world.pin = bytes(32)
        self.assertIsNone(self.first_page(30_000))
        tried = {rung.kind: why for rung, why in self.climb.ladder.tried()}
        self.assertEqual(tried[TLS], "pin")
        self.assertNotEqual(self.climb.ladder.state, ladder.CARRYING)

    def test_without_a_pin_nobody_is_trusted(self):
        self.censor.udp_ports = []
        self.censor.tcp_ports = [443]
        self.world.pin = bytes(32)
        self.climb.carriers.tls_pin = None
        self.assertIsNone(self.first_page(15_000))
        self.assertIsNone(self.path.told_s)  # no handshake was begun

    def test_what_is_secret_is_wiped_with_the_document(self):
        carriers = self.climb.carriers
        probe_key, path = carriers.probe_key, carriers.path
        self.assertTrue(any(probe_key) and any(path) and bytes(probe_key) != KEY)
        self.lead.close()
        self.assertEqual((any(probe_key), any(path)), (False, False))
        self.assertIsNone(self.device.probe_key)


class DamageTest(_Hostile):
    def test_a_memory_that_is_cut_or_damaged_anywhere_costs_itself_and_nothing_else(self):
        self.settle()
        path = self.lead._store._path
        with open(path, "rb") as file:
            good = file.read()
        damaged = [good[:length] for length in range(0, len(good), 7)] + [good + b"\0"]
        for at in range(0, len(good), 5):
            damaged.append(good[:at] + bytes((good[at] ^ 0x10,)) + good[at + 1 :])
        for data in damaged:
            with open(path, "wb") as file:
                file.write(data)
            self.lines.clear()
            store = NetworkStore(path, self.world.network.random.fill, self.control)
            self.assertEqual((len(store._networks), len(self.lines)), (0, 1))
        self.boot()
        self.assertTrue(self.first_page() is not None, self.lines)
        self.run_for(3_000)
        self.assertEqual(len(NetworkStore(path, None, self.control)._networks), 1)

    def test_a_power_cut_while_it_is_written_leaves_the_old_memory(self):
        self.settle()
        path = self.lead._store._path
        replace, network_store.replace = network_store.replace, _half_replaced
        try:
            self.lead._store._networks.use(b"\1\2")
            self.lead._store._write()
        finally:
            network_store.replace = replace
        self.assertEqual(len(NetworkStore(path, None, self.control)._networks), 1)


def _half_replaced(path, data):
    """The power goes before the new file has the old one's name."""
    with open(path + ".new", "wb") as file:
        file.write(data)


if __name__ == "__main__":
    unittest.main()
