import unittest

from box.state import State
from box.trust import Verification
from tests.box.abroad_board import AbroadTestCase, problem, status, tunnel_state
from tests.box.abroad_home import HOTEL, KEY, SECRET_PATH

from wg.keytext import public_to_base64

UNPAIRED = Verification(None, None, None).as_members(0)


class BoardTest(AbroadTestCase):
    def carrier(self):
        return status(self.board, "live", UNPAIRED)["tunnel"]["carrier"]

    def test_the_status_says_which_way_carries_and_what_came_of_others(self):
        self.censor.udp_ports = []
        self.world.plug(HOTEL)
        self.run_for(20_000)
        self.assertEqual(tunnel_state(self.board), "up")
        told = self.carrier()
        self.assertTrue(told["way"].startswith("web page on port 443"), told)
        self.assertTrue(told["proven"])
        self.assertIsNone(told["searching_s"])
        self.assertTrue(any(each["result"] == "silent" for each in told["tried"]), told)
        self.assertIsNone(problem(self.board))

    def test_when_nothing_works_it_says_what_and_never_a_secret(self):
        self.censor.is_dark = True
        self.world.plug(HOTEL)
        self.run_for(10_000)
        self.assertEqual(tunnel_state(self.board), "connecting")
        self.run_for(30_000)
        found = problem(self.board)
        self.assertTrue(found is not None and "none of" in found[1], found)
        self.assertTrue(self.carrier()["searching_s"] >= 30)
        said = repr(status(self.board, "live", UNPAIRED)) + repr(self.lines)
        for secret in ("sesame", SECRET_PATH, public_to_base64(KEY)):
            self.assertNotIn(secret, said)

    def test_the_box_document_s_proxy_is_used_with_its_password(self):
        self.censor.only_proxy = True
        self.world.plug(HOTEL)
        self.run_for(20_000)
        self.assertEqual(tunnel_state(self.board), "up")
        self.assertTrue(any(b"YW5uYTpzZXNhbWUgIzE=" in head for head in self.proxied))

    def test_a_proxy_that_wants_a_sign_in_is_told_as_that(self):
        self.proxy = lambda proxy, head: (
            b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n\r\n",
            None,
        )
        self.censor.only_proxy = True
        self.world.plug(HOTEL)
        self.run_for(40_000)
        self.assertEqual(problem(self.board)[0], "the proxy")

    def test_a_cable_that_is_pulled_and_plugged_in_elsewhere_leads_home_again(self):
        self.world.plug(HOTEL)
        self.run_for(5_000)
        self.assertEqual(tunnel_state(self.board), "up")
        self.world.unplug()
        self.run_for(60_000)
        self.assertEqual(tunnel_state(self.board), "waiting")
        self.world.plug(HOTEL)
        self.run_for(2_000)
        self.assertEqual(tunnel_state(self.board), "up")

    def test_new_settings_leave_nothing_of_the_old(self):
        self.world.plug(HOTEL)
        self.run_for(5_000)
        carriers = self.board.connection.lead.climb.carriers
        self.board.apply(State())
        self.assertEqual(bytes(carriers.path), bytes(len(SECRET_PATH)))
        self.assertEqual(bytes(carriers.proxy.password), bytes(9))
        self.assertIsNone(self.board.connection.lead)
        self.assertIsNone(self.board.device.probe_key)


if __name__ == "__main__":
    unittest.main()
