import unittest

from tests.support.esp32.ether import HangError
from tests.support.esp32.rig import Rig

HOME = (b"Home", b"correct horse")
CAFE = (b"Cafe", b"battery staple")
OWN = b"own password"


class _Case(unittest.TestCase):
    has_cable = True

    def setUp(self):
        self.rig = Rig(self.has_cable)
        self.ether = self.rig.ether

    def tearDown(self):
        self.assertEqual(self.ether.violations, [])

    def add(self, network=HOME, **more):
        return self.ether.add(network[0], network[1], **more)

    def join(self, *networks, **more):
        self.rig.start(networks=networks or (HOME,), **more)
        return self.rig.run_until(lambda: self.rig.uplink == "sta")

    def why(self):
        found = self.rig.links.problem()
        return None if found is None else found[1]


class StartTest(_Case):
    def test_before_its_settings_no_interface_is_a_side(self):
        self.add()
        self.ether.cable.plug()
        self.rig.links.start(self.rig.control)
        self.rig.run(30_000)
        self.assertEqual(self.ether.sides.history, [(1, None, None)])
        self.assertEqual(self.ether.radio.attempts, 0)

    def test_a_known_network_becomes_the_uplink(self):
        self.add()
        self.assertLess(self.join(own=OWN), 10_000)
        self.rig.run(2000)
        self.assertEqual((self.rig.uplink, self.rig.lan), ("sta", "ap"))
        self.assertEqual(self.rig.links.status()["medium"], "wifi")
        self.assertEqual(self.rig.links.status()["wifi"]["ssid"], "Home")

    def test_the_radio_saves_no_power_and_sends_with_less_than_all_of_it(self):
        self.rig.start()
        self.rig.run(3000)
        self.assertEqual((self.ether.radio.pm, self.ether.radio.power), (0, 15))

    def test_without_a_known_network_nothing_is_joined_and_it_says_so(self):
        self.add()
        self.rig.start()
        self.rig.run(60_000)
        self.assertEqual((self.rig.uplink, self.ether.radio.attempts), (None, 0))
        self.assertIn("no Wi-Fi network is known", self.why())

    def test_a_radio_that_never_starts_stops_nothing_and_a_cable_works_beside_it(self):
        self.ether.radio.starts = False
        self.ether.cable.plug()
        try:
            self.rig.start(networks=(HOME,), own=OWN)
            self.rig.run(30_000)
            self.rig.run(5_000)
        except HangError:
            self.fail("the control loop hangs")
        self.assertEqual((self.rig.uplink, self.rig.lan), ("eth", None))
        self.assertIn("does not answer", self.why())

    def test_a_radio_that_refuses_a_setting_is_started_again_as_it_is(self):
        self.add()
        self.ether.fail_at = self.ether.calls + 4  # WLAN(), active(), and the first config()
        self.rig.start(networks=(HOME,), own=OWN)
        self.rig.run(30_000)
        self.assertEqual((self.rig.uplink, self.rig.lan), ("sta", "ap"))
        self.assertEqual(self.ether.radio._reconnects_max, 1)

    def test_a_radio_without_memory_is_told_and_tried_again(self):
        self.add()
        self.ether.has_memory = False
        self.rig.start(networks=(HOME,), own=OWN)
        self.rig.run(5000)
        self.assertIn("0x0101", self.why())
        self.ether.has_memory = True
        self.rig.run_until(lambda: (self.rig.uplink, self.rig.lan) == ("sta", "ap"), 40_000)

    def test_no_room_for_a_thread_is_told_and_tried_again(self):
        self.add()
        self.ether.module_thread.has_room = False
        self.rig.start(networks=(HOME,))
        self.rig.run(5000)
        self.assertIn("radio does not start", self.why())
        self.ether.module_thread.has_room = True
        self.rig.run_until(lambda: self.rig.uplink == "sta", 40_000)

    def test_nothing_holds_the_control_loop_up(self):
        self.add()
        self.join(own=OWN)
        self.rig.apply(networks=(CAFE,), own=b"another password")
        self.rig.run(60_000)
        self.assertEqual(self.ether.blocked_ms, 0)


class CableTest(_Case):
    def test_the_cable_is_the_uplink_while_it_has_a_link(self):
        self.add()
        self.ether.cable.plug()
        self.rig.start(networks=(HOME,), own=OWN)
        self.rig.run(30_000)
        self.assertEqual((self.rig.uplink, self.rig.lan), ("eth", "ap"))

    def test_who_gives_addresses_is_told_of_each_new_uplink(self):
        told = []
        self.rig.links.on_uplink = lambda: told.append(self.rig.uplink)
        self.test_pulling_the_cable_leads_to_wifi_and_plugging_it_in_leads_back()
        self.assertEqual(told, ["eth", "sta", "eth"])

    def test_the_own_network_keeps_its_name_whatever_the_uplink_is(self):
        self.ether.cable.plug()
        self.rig.start(own=OWN)
        self.rig.run(10_000)
        before = list(self.ether.sides.history)
        self.rig.apply(own=OWN)
        self.rig.run(5000)
        self.assertEqual(self.ether.sides.history, before)

    def test_pulling_the_cable_leads_to_wifi_and_plugging_it_in_leads_back(self):
        self.add()
        self.ether.cable.plug()
        self.rig.start(networks=(HOME,), own=OWN)
        self.rig.run(10_000)
        self.ether.cable.unplug()
        self.assertLess(self.rig.run_until(lambda: self.rig.uplink == "sta"), 8000)
        self.ether.cable.plug()
        self.assertLess(self.rig.run_until(lambda: self.rig.uplink == "eth"), 5000)
        self.assertFalse(self.ether.radio.is_associated)

    def test_no_dhcp_server_is_told_what_it_is(self):
        self.test_pulling_the_cable_leads_to_wifi_and_plugging_it_in_leads_back()
        self.assertEqual(self.ether.cable.names, ["", ""])

    def test_between_two_uplinks_there_is_none(self):
        self.test_pulling_the_cable_leads_to_wifi_and_plugging_it_in_leads_back()
        uplinks = [uplink for _, uplink, _ in self.ether.sides.history]
        changes = [u for i, u in enumerate(uplinks) if i == 0 or u != uplinks[i - 1]]
        self.assertEqual(changes, [None, "eth", None, "sta", None, "eth"])

    def test_even_when_both_are_there_one_uplink_never_follows_the_other_at_once(self):
        self.add()
        self.ether.cable.plug()
        self.join(medium="wifi", own=OWN)
        self.rig.run(3000)
        for uses_cable in (True, False, True):
            self.rig.links._settle(uses_cable)
        uplinks = [uplink for _, uplink, _ in self.ether.sides.history[-6:]]
        self.assertEqual(uplinks, [None, "eth", None, "sta", None, "eth"])

    def test_the_socket_is_never_both_sides(self):
        self.rig.start(networks=(HOME,))
        self.ether.cable.plug()
        self.rig.run(10_000)
        self.assertEqual((self.rig.uplink, self.rig.lan), ("eth", None))

    def test_a_cable_that_flickers_does_not_take_a_wifi_that_works_away(self):
        self.add()
        self.join()
        for _ in range(10):
            self.ether.cable.plug()
            self.rig.run(2500)
            self.ether.cable.unplug()
            self.rig.run(500)
        self.assertEqual(self.rig.uplink, "sta")
        self.assertEqual([u for _, u, _ in self.ether.sides.history if u == "eth"], [])

    def test_a_client_of_ours_that_gets_an_address_is_no_cable(self):
        self.add()
        self.join(own=OWN)
        self.rig.run(5000)
        self.ether.radio.associate_client(b"client")
        lan = self.ether.cable.LAN(phy_type=1, phy_addr=0)
        self.assertEqual(lan.status(), 3)  # ETH_CONNECTED, it says
        self.rig.run(5000)
        self.assertFalse(any(uplink == "eth" for _, uplink, _ in self.ether.sides.history))

    def test_a_client_of_ours_that_gets_an_address_does_not_pull_the_cable(self):
        self.ether.cable.plug()
        self.rig.start(own=OWN)
        self.rig.run(10_000)
        lan = self.ether.cable.LAN(phy_type=1, phy_addr=0)
        self.assertTrue(lan.isconnected())
        self.ether.radio.associate_client(b"client")
        self.assertFalse(lan.isconnected())
        self.rig.run(5000)
        self.assertEqual((self.rig.uplink, self.rig.lan), ("eth", "ap"))

    def test_ethernet_alone_never_joins_a_network(self):
        self.add()
        self.rig.start(networks=(HOME,), medium="ethernet", own=OWN)
        self.rig.run(60_000)
        self.assertEqual((self.rig.uplink, self.ether.radio.attempts), (None, 0))
        self.assertEqual(self.why(), None)  # "there is no link" is said by the box

    def test_wifi_alone_never_uses_the_cable_as_uplink_and_makes_it_the_lan(self):
        self.add()
        self.ether.cable.plug()
        self.join(medium="wifi")
        self.rig.run(5000)
        self.assertEqual((self.rig.uplink, self.rig.lan), ("sta", "eth"))
        self.rig.apply(networks=(HOME,), medium="wifi", own=OWN)
        self.rig.run(5000)
        self.assertEqual((self.rig.uplink, self.rig.lan), ("sta", "ap"))

    def test_a_socket_that_does_not_start_is_told_and_wifi_works(self):
        self.ether.cable.starts = False
        self.add()
        self.join()
        self.rig.apply(networks=(HOME,), medium="ethernet")
        self.assertIn("Ethernet does not start", self.why())

    def test_there_is_one_lan_made_of_the_boards_description(self):
        self.rig.start()
        self.rig.apply(medium="wifi")
        made = self.ether.cable.made_with
        self.assertEqual(self.ether.cable.calls, 1)
        self.assertEqual((made["phy_type"], made["phy_addr"], made["ref_clk_mode"]), (1, 0, 3))
        pins = {name: pin.number for name, pin in made.items() if hasattr(pin, "number")}
        self.assertEqual(pins, {"mdc": 23, "mdio": 18, "ref_clk": 17, "power": 12})


class JoiningTest(_Case):
    has_cable = False

    def test_a_driver_without_memory_is_told_and_asked_again(self):
        self.add()
        self.rig.start()
        self.rig.run(3000)
        self.ether.has_memory = False
        self.rig.apply(networks=(HOME,))
        self.rig.run(5000)
        self.assertIn("0x0101", self.why())
        self.ether.has_memory = True
        self.rig.run_until(lambda: self.rig.uplink == "sta", 40_000)

    def test_the_first_of_the_known_networks_is_preferred_and_the_other_one_taken_without_it(self):
        home = self.add(signal=-80)
        self.add(CAFE, signal=-40)
        self.join(HOME, CAFE)
        self.assertIs(self.ether.radio.joined, home)
        self.ether.remove(home)
        self.rig.run_until(lambda: not self.ether.radio.is_associated)
        self.rig.run_until(lambda: self.rig.uplink == "sta", 20_000)
        self.assertEqual(self.ether.radio.joined.ssid, b"Cafe")

    def test_of_one_network_the_strongest_access_point_is_joined(self):
        self.add(signal=-80)
        near = self.add(signal=-45, channel=11)
        self.add(signal=-70, channel=1)
        self.join()
        self.assertIs(self.ether.radio.joined, near)

    def test_a_network_that_vanishes_and_returns_is_joined_again(self):
        home = self.add()
        self.join()
        self.rig.run(60_000)
        self.ether.remove(home)
        self.rig.run_until(lambda: self.rig.uplink is None, 8000)
        self.rig.run(90_000)
        self.ether.networks.append(home)
        self.assertLess(self.rig.run_until(lambda: self.rig.uplink == "sta"), 36_000)

    def test_a_network_that_throws_us_out_is_joined_again_at_once(self):
        self.add()
        self.join()
        self.rig.run(60_000)
        self.ether.radio.kick(2)
        self.assertLess(self.rig.run_until(lambda: self.rig.uplink is None), 1000)
        self.assertLess(self.rig.run_until(lambda: self.rig.uplink == "sta"), 4000)

    def test_a_wrong_password_is_told_in_words_whatever_reason_the_radio_gives(self):
        for reason in (15, 202, 204, 205):
            self.setUp()
            self.add().reason_of_wrong_password = reason
            self.rig.start(networks=((b"Home", b"wrong password"),))
            self.rig.run(20_000)
            self.assertEqual(self.why(), "it refuses the password")
            self.assertIn("'Home'", self.rig.links.problem()[0])
            self.assertIn("capitals", self.rig.links.problem()[2])

    def test_a_network_that_is_not_there_is_told_in_words(self):
        self.add(CAFE)
        self.rig.start(networks=(HOME,))
        self.rig.run(20_000)
        self.assertEqual(self.why(), "it is not found")

    def test_an_old_reason_is_not_taken_for_that_of_the_next_attempt(self):
        home = self.add()
        home.refusal = 202
        self.rig.start(networks=(HOME,))
        self.rig.run_until(lambda: self.why() == "it refuses the password")
        home.refusal = None
        # Its next attempt must be waited for, though status() says 202 all the while.
        attempts = self.ether.radio.attempts
        self.rig.run_until(lambda: self.ether.radio.attempts > attempts)
        self.assertEqual(self.ether.cable.LAN and self.rig.uplink, None)
        self.rig.run(3000)
        self.assertEqual((self.rig.uplink, self.ether.radio.attempts), ("sta", attempts + 1))

    def test_an_open_network_of_the_same_name_is_not_joined(self):
        self.ether.add(b"Home", None, signal=-20)
        self.rig.start(networks=(HOME,))
        self.rig.run(30_000)
        self.assertEqual(self.ether.radio.attempts, 0)
        self.assertIn("somebody else's", self.why())
        self.add(signal=-80)
        self.rig.run_until(lambda: self.rig.uplink == "sta")
        self.assertEqual(self.ether.radio.joined.password, HOME[1])

    def test_a_network_that_wants_a_password_when_none_is_known_is_told(self):
        self.add()
        self.rig.start(networks=((b"Home", None),))
        self.rig.run(20_000)
        self.assertIn("wants a password", self.why())

    def test_an_open_network_is_joined_without_a_password(self):
        self.ether.add(b"Hotel", None)
        self.join((b"Hotel", None))

    def test_a_network_that_hides_its_name_is_joined(self):
        self.add().is_hidden = True
        self.join()

    def test_a_network_without_addresses_is_left_for_another_one(self):
        self.add().gives_addresses = False
        self.add(CAFE)
        self.join(HOME, CAFE)
        self.rig.run_until(
            lambda: self.ether.radio.joined is not None and self.ether.radio.joined.ssid == b"Cafe",
            60_000,
        )
        self.assertEqual(self.rig.links._joining.failures[b"Home"], "it gives no address")

    def test_a_box_without_a_tunnel_stays_in_a_network_without_addresses(self):
        self.add().gives_addresses = False
        self.join(carries=False)
        self.rig.run(120_000)
        self.assertEqual(self.ether.radio.attempts, 1)

    def test_what_is_tried_in_vain_is_tried_ever_more_rarely(self):
        self.add().refusal = 5
        self.rig.start(networks=(HOME,))
        self.rig.run(60_000)
        first = self.ether.radio.attempts
        self.rig.run(600_000)
        self.assertLess(first, 8)
        self.assertLess(self.ether.radio.attempts - first, 20)

    def test_an_attempt_that_fails_is_one_attempt(self):
        self.add().refusal = 5
        self.rig.start(networks=(HOME,))
        self.rig.run_until(lambda: self.why() is not None)
        self.assertEqual(self.ether.radio.attempts, 1)

    def test_settings_that_are_the_same_disturb_nothing(self):
        self.add()
        self.join(own=OWN)
        self.rig.run(5000)
        before = list(self.ether.sides.history)
        self.rig.apply(networks=(HOME,), own=OWN)
        self.rig.run(5000)
        self.assertEqual(self.ether.sides.history, before)
        self.assertEqual(self.ether.radio.attempts, 1)

    def test_another_network_in_the_settings_is_joined_in_place_of_the_former(self):
        self.add()
        self.add(CAFE)
        self.join()
        self.rig.apply(networks=(CAFE,))
        self.assertEqual(self.rig.uplink, None)
        self.rig.run_until(lambda: self.rig.uplink == "sta")
        self.assertEqual(self.ether.radio.joined.ssid, b"Cafe")

    def test_passwords_are_wiped_when_the_settings_go(self):
        self.add()
        self.join(own=OWN)
        networks = self.rig.links._networks
        kept = [networks[0].password, self.rig.links._access_point._password]
        self.rig.apply()
        self.assertEqual([bytes(each) for each in kept], [bytes(13), bytes(12)])


class OwnNetworkTest(_Case):
    def test_without_a_password_there_is_no_network_of_our_own(self):
        self.rig.start()
        self.rig.run(30_000)
        self.assertEqual((self.ether.radio.own, self.rig.lan), (None, None))

    def test_it_is_protected_and_called_after_the_hardware(self):
        self.rig.start(own=OWN)
        self.rig.run(5000)
        own = self.ether.radio.own
        self.assertEqual((own["ssid"], own["key"], own["security"]), (b"undertow-1234", OWN, 7))
        self.assertEqual(self.rig.lan, "ap")

    def test_it_is_never_open_not_even_before_it_has_its_settings(self):
        self.rig.start(own=OWN)
        self.rig.run(5000)
        for own in (None, b"a new password"):
            self.rig.apply(own=own)
            self.rig.run(5000)
        self.assertEqual(self.rig.lan, "ap")
        self.assertFalse(self.ether.radio.was_open)

    def test_what_cannot_be_switched_off_is_tried_again_now_and_then(self):
        self.rig.start(own=OWN)
        self.rig.run(5000)
        self.ether.radio.switches_off = False
        self.rig.lines.clear()
        self.rig.apply(own=None)
        self.rig.run(60_000)
        self.assertEqual(self.rig.lan, None)
        self.assertIn("cannot be switched off", self.rig.lines[0][1])
        self.assertLess(len(self.rig.lines), 10)
        self.ether.radio.switches_off = True
        self.rig.run(15_000)
        self.assertEqual(self.ether.radio.own, None)

    def test_where_the_driver_has_no_wpa3_it_has_wpa2(self):
        self.ether.radio.has_wpa3 = False
        self.rig.start(own=OWN, ssid=b"Mine")
        self.rig.run(5000)
        self.assertEqual(
            (self.ether.radio.own["ssid"], self.ether.radio.own["security"]), (b"Mine", 3)
        )

    def test_one_that_cannot_be_protected_is_switched_off_and_told(self):
        self.ether.radio.takes_config = False
        self.rig.start(own=OWN)
        self.rig.run(5000)
        self.assertEqual((self.ether.radio.own, self.rig.lan), (None, None))
        self.assertIn("0x0101", self.rig.links.status()["own"]["why"])
        self.ether.radio.takes_config = True
        self.rig.run_until(lambda: self.rig.lan == "ap", 20_000)

    def test_it_begins_on_the_channel_of_the_uplink(self):
        self.add(channel=11)
        self.join(own=OWN)
        self.rig.run_until(lambda: self.rig.lan == "ap")
        self.ether.radio.associate_client(b"client")
        self.rig.run(60_000)
        self.assertEqual(self.ether.radio.own["channel"], 11)
        self.assertEqual(self.ether.radio.clients, [b"client"])

    def test_clients_stay_while_the_uplink_is_joined_because_it_began_on_its_channel(self):
        self.add(channel=11)
        self.rig.start(networks=(HOME,), own=OWN)
        lost = []
        self.rig.run_until(lambda: self.rig.lan == "ap")
        self.ether.radio.associate_client(b"client")
        self.rig.run(30_000)
        self.assertEqual(
            (self.rig.uplink, self.ether.radio.clients, lost), ("sta", [b"client"], [])
        )

    def test_it_follows_an_uplink_on_another_channel_and_serves_on(self):
        home = self.add(channel=1)
        self.join(own=OWN)
        self.rig.run(60_000)
        home.channel = 9
        self.ether.radio.kick(2)
        self.rig.run_until(lambda: self.rig.uplink is None)
        self.rig.run_until(lambda: self.rig.uplink == "sta")
        self.assertEqual(self.ether.radio.own["channel"], 9)
        self.assertEqual(self.rig.lan, "ap")

    def test_without_an_uplink_it_takes_a_quiet_channel(self):
        self.ether.add(b"a", b"12345678", channel=1, signal=-40)
        self.ether.add(b"b", b"12345678", channel=6, signal=-80)
        self.ether.add(b"c", b"12345678", channel=11, signal=-60)
        self.rig.start(own=OWN)
        self.rig.run(5000)
        self.assertEqual(self.ether.radio.own["channel"], 6)

    def test_other_settings_deny_its_clients_until_they_are_in_place(self):
        self.rig.start(own=OWN)
        self.rig.run(5000)
        self.rig.apply(own=b"a new password")
        self.assertEqual(self.rig.lan, None)
        self.rig.run(2000)
        self.assertEqual((self.rig.lan, self.ether.radio.own["key"]), ("ap", b"a new password"))
        self.rig.apply()
        self.assertEqual(self.rig.lan, None)
        self.rig.run(2000)
        self.assertEqual(self.ether.radio.own, None)

    def test_nobody_is_served_from_the_moment_of_other_settings(self):
        self.rig.start(own=OWN)
        self.rig.run(5000)
        self.ether.radio.on_start = lambda: self.assertEqual(self.rig.lan, None)
        self.rig.apply(own=b"a new password")
        self.rig.run(2000)
        self.assertEqual(self.rig.lan, "ap")

    def test_settings_that_change_while_the_radio_starts_are_taken_too(self):
        self.rig.start(own=OWN)
        self.rig.run_until(
            lambda: self.rig.links._worker.is_busy and self.ether.radio.own is not None
        )
        self.rig.apply(own=b"a new password")
        self.rig.run(5000)
        self.assertEqual((self.rig.lan, self.ether.radio.own["key"]), ("ap", b"a new password"))


class ScanTest(_Case):
    has_cable = False

    def setUp(self):
        super().setUp()
        self.heard = []

    def scan(self):
        self.rig.links.scan(self.heard.append)
        self.rig.run_until(lambda: self.heard, 8000)
        return self.heard.pop()

    def test_each_name_is_told_once_the_strongest_first(self):
        self.add(signal=-70)
        self.add(signal=-60, channel=1)
        self.ether.add(b"Hotel", None, signal=-50)
        self.ether.add(b"hidden", None, signal=-10).is_hidden = True
        self.rig.start()
        self.assertEqual(self.scan(), [(b"Hotel", -50, False), (b"Home", -60, True)])

    def test_clients_are_not_disturbed_while_the_uplink_works(self):
        self.add()
        self.join(own=OWN)
        self.rig.run(5000)
        self.ether.radio.associate_client(b"client")
        self.ether.add(b"New", None)
        self.rig.run(1000)
        away_ms = self.ether.radio.away_ms
        self.assertEqual(self.scan(), [(b"Home", -50, True)])  # as it was heard before
        self.rig.run(60_000)
        self.assertEqual(self.ether.radio.away_ms, away_ms)

    def test_without_an_uplink_clients_are_disturbed_a_twentieth_of_the_time(self):
        self.add(CAFE)
        self.rig.start(networks=(HOME,), own=OWN)
        self.rig.run_until(lambda: self.rig.lan == "ap")
        self.ether.radio.associate_client(b"client")
        away_ms = self.ether.radio.away_ms
        self.rig.run(600_000)
        self.assertLess(self.ether.radio.away_ms - away_ms, 600_000 // 20)

    def test_a_network_that_is_lost_does_not_starve_clients(self):
        home = self.add()
        self.join(own=OWN)
        self.rig.run(30_000)
        self.ether.radio.associate_client(b"client")
        away_ms = self.ether.radio.away_ms
        self.ether.remove(home)
        self.rig.run(300_000)
        self.assertLess(self.ether.radio.away_ms - away_ms, 60_000)

    def test_whoever_asks_while_the_radio_is_busy_gets_an_answer(self):
        self.add().refusal = 5
        self.rig.start(networks=(HOME,))
        for wait_ms in range(0, 20_000, 700):
            self.rig.run(wait_ms % 1900 + 50)
            self.assertEqual(self.scan(), [(b"Home", -50, True)])


class TryTest(_Case):
    """links.connect(): somebody types a network in and waits to know."""

    has_cable = False

    def attempt(self, network):
        from tests.support.esp32.rig import made

        told = []
        wanted = made(networks=(network,)).networks[0]
        self.rig.links.connect(wanted, told.append)
        self.rig.run_until(lambda: told, 40_000)
        wanted.wipe()
        return told[0]

    def test_a_network_that_lets_us_in_stays_joined(self):
        self.add()
        self.rig.start()
        self.assertTrue(self.attempt(HOME))
        self.rig.run(30_000)
        self.assertEqual(self.rig.uplink, "sta")

    def test_it_stays_joined_beside_a_cable_where_nobody_asks_for_an_address(self):
        self.setUp_with_cable()
        self.add().gives_addresses = False
        self.ether.cable.plug()
        self.rig.start()
        self.rig.run(5000)
        self.assertTrue(self.attempt(HOME))
        self.rig.run(60_000)
        self.assertEqual((self.rig.uplink, self.ether.radio.is_associated), ("eth", True))

    def setUp_with_cable(self):  # noqa: N802
        self.has_cable = True
        self.setUp()

    def test_after_one_that_does_not_the_settings_are_back(self):
        self.add()
        self.add(CAFE)
        self.join()
        self.assertFalse(self.attempt((b"Cafe", b"wrong password")))
        self.rig.run_until(lambda: self.rig.uplink == "sta")
        self.assertEqual(self.ether.radio.joined.ssid, b"Home")

    def test_one_that_was_only_tried_is_not_joined_again_without_its_password(self):
        self.add()
        self.rig.start()
        self.assertTrue(self.attempt(HOME))
        self.rig.run(30_000)
        self.ether.networks.clear()
        self.ether.add(b"Home", None)
        self.ether.radio.look()
        self.rig.run(60_000)
        self.assertEqual(self.ether.radio.attempts, 1)

    def test_an_attempt_waits_until_the_radio_has_listened(self):
        from tests.support.esp32.rig import made

        self.add()
        self.rig.start()
        self.rig.run(3000)
        self.rig.links.scan(lambda heard: None)
        self.rig.run(300)
        told = []
        self.rig.links.connect(made(networks=(HOME,)).networks[0], told.append)
        self.rig.run_until(lambda: told)
        self.assertEqual(told, [True])

    def test_new_settings_end_an_attempt(self):
        from tests.support.esp32.rig import made

        self.add()
        self.rig.start()
        self.rig.run(5000)
        told = []
        self.rig.links.connect(made(networks=((b"far", None),)).networks[0], told.append)
        self.rig.run(500)
        self.rig.apply(networks=(HOME,))
        self.assertEqual(told, [False])
        self.rig.run_until(lambda: self.rig.uplink == "sta")


if __name__ == "__main__":
    unittest.main()
