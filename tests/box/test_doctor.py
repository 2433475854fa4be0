import unittest

from box.doctor import Doctor
from box.doctor_answer import Answer
from box.state import State
from tests.box import abroad
from tests.box.abroad_board import AbroadTestCase
from tests.box.abroad_home import CAFE, HOTEL
from tests.dhcp.client import ip
from tests.support.board import network

from ut1 import doctor_code
from ut1.doctor_words import STEPS


class CodeTest(unittest.TestCase):
    def test_a_code_is_read_back(self):
        for step, reason, hash_ in ((0, 0, b""), (5, 1, b"\xff\xff\x00"), (31, 31, b"\x12\x34")):
            code = doctor_code.encode(step, reason, hash_)
            self.assertEqual(len(code), doctor_code.LENGTH)
            short = int.from_bytes(hash_[:2], "big") >> 1
            self.assertEqual(doctor_code.decode(code), (step, reason, short))

    def test_what_is_misheard_is_noticed(self):
        code = doctor_code.encode(7, 2, b"\xab\xcd")
        for i in range(doctor_code.LENGTH):
            for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ":
                if other != code[i]:
                    self.assertIsNone(doctor_code.decode(code[:i] + other + code[i + 1 :]))
        for broken in ("", code[:5], code + "0", code[:5] + "*"):
            self.assertIsNone(doctor_code.decode(broken))

    def test_it_may_be_said_in_pieces_and_in_small_letters(self):
        code = doctor_code.encode(1, 1, b"\x00\x40")
        said = code[:3].lower() + "-" + code[3:].replace("1", "l").replace("0", "O")
        self.assertEqual(doctor_code.decode(said), (1, 1, 0x20))


class DoctorTest(AbroadTestCase):
    def examine(self, ms=60_000):
        doctor = Doctor(self.board)
        doctor.begin()
        for _ in range(ms // 500):
            if doctor.is_over:
                break
            self.run_for(500)
        self.assertTrue(doctor.is_over)
        return doctor.report()

    def failed(self, told):
        """The step that said no, and its number in the code."""
        last = told["steps"][-1]
        self.assertEqual(last["answer"], "no", told)
        self.assertTrue(all(told["problem"][key] for key in ("what", "why", "mend")), told)
        number = doctor_code.decode(told["code"])[0]
        self.assertEqual(STEPS[number - 1][0], last["step"])
        return last["step"]

    def test_where_all_is_well_every_step_says_so(self):
        self.world.plug(HOTEL)
        self.run_for(5_000)
        told = self.examine()
        self.assertEqual([each["step"] for each in told["steps"]], [step[0] for step in STEPS])
        self.assertFalse(any(each["answer"] == "no" for each in told["steps"]), told)
        self.assertIsNone(told["problem"])
        self.assertEqual(doctor_code.decode(told["code"])[:2], (0, 0))
        facts = {each["step"]: each.get("facts", {}) for each in told["steps"]}
        self.assertEqual(facts["udp"]["closed"], [])
        self.assertTrue(443 in facts["udp"]["open"])

    def test_a_box_without_a_gateway_says_that_first(self):
        self.board.apply(State())
        self.assertEqual(self.failed(self.examine()), "settings")

    def test_a_cable_that_is_not_there_is_told(self):
        self.assertEqual(self.failed(self.examine()), "link")

    def test_a_network_that_gives_no_address_is_told(self):
        self.world.plug(None)
        self.run_for(100)
        self.assertEqual(self.failed(self.examine()), "address")

    def test_a_sign_in_page_is_told_by_the_page_that_comes_instead_of_ours(self):
        self.censor.udp_ports = []
        self.censor.tcp_ports = [80]

        class Portal:
            def __init__(self, stream):
                self.stream = stream

            def receive(self, data):
                head = b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/login\r\n\r\n"
                self.stream.to_client(head)

            def ended(self):
                pass

        self.world.servers[(abroad.HOME_ADDRESS, 80)] = Portal
        self.world.plug(HOTEL)
        self.run_for(1_000)
        self.assertEqual(self.failed(self.examine()), "sign-in")

    def test_a_sign_in_page_is_told_by_dhcp(self):
        self.censor.is_portal = True
        self.world.plug(HOTEL)
        self.run_for(100)
        self.board.router.portal = "https://portal.example.org/"
        self.assertEqual(self.failed(self.examine()), "sign-in")

    def test_an_address_that_is_blocked_is_told_where_the_internet_works(self):
        self.world.servers.pop((abroad.PROXY_ADDRESS, 3128))
        self.censor.blocked.add(abroad.HOME_ADDRESS)
        self.world.servers[(b"\x09\x09\x09\x09", 443)] = _Somebody
        self.world.plug(HOTEL)
        self.run_for(1_000)
        told = self.examine()
        self.assertEqual(self.failed(told), "way out")
        self.assertIn("not to your gateway", told["problem"]["why"])

    def test_a_question_for_which_there_is_no_memory_ends_neither_the_box_nor_the_examination(self):
        self.world.plug(HOTEL)
        self.run_for(5_000)

        def refuse():
            raise MemoryError

        self.board.drops = refuse
        told = self.examine()
        last = told["steps"][-1]
        self.assertEqual((last["step"], last["answer"]), ("leaks", "unknown"))
        self.assertIn("no memory left", last["note"])

    def test_a_search_that_has_just_begun_is_waited_for_before_anything_is_in_the_way(self):
        self.censor.udp_ports = []
        self.world.plug(HOTEL)
        self.run_for(300)
        told = self.examine()
        self.assertIsNone(told["problem"], told)
        notes = {each["step"]: each.get("note") for each in told["steps"]}
        self.assertEqual(notes["way out"], "the tunnel is there")
        self.assertEqual(notes["udp"], "UDP is closed here, so the tunnel goes by TCP")

    def test_what_was_proven_elsewhere_says_nothing_of_a_network_that_freezes(self):
        self.world.servers.pop((abroad.PROXY_ADDRESS, 3128))
        self.world.plug(HOTEL)
        self.run_for(8_000)
        self.world.unplug()
        self.censor.freeze_at = 16_000
        self.world.plug(CAFE)
        self.run_for(1_000)
        told = self.examine()
        self.assertEqual(self.failed(told), "volume")
        self.assertIn("slows it down", told["problem"]["why"])

    def test_a_gateway_is_not_called_blocked_because_the_only_stream_was_in_use(self):
        self.world.servers.pop((abroad.PROXY_ADDRESS, 3128))
        self.censor.blocked.add(abroad.HOME_ADDRESS)
        self.world.servers[(b"\x09\x09\x09\x09", 443)] = _Somebody
        self.world.plug(HOTEL)
        self.run_for(1_000)
        opened = self.board.router.stream_open

        def refuse(address, port):
            if address == abroad.HOME_ADDRESS:
                raise OSError
            return opened(address, port)

        self.board.router.stream_open = refuse
        told = self.examine(90_000)
        answers = {each["step"]: each["answer"] for each in told["steps"]}
        self.assertEqual(answers["way out"], "unknown", told)

    def test_of_an_examination_that_was_stopped_nothing_is_concluded(self):
        self.world.plug(None)
        self.run_for(100)
        doctor = Doctor(self.board)
        doctor.begin()
        doctor.stop()
        told = doctor.report()
        self.assertFalse(told["running"])
        self.assertEqual((told["problem"], told["code"]), (None, None))

    def test_what_is_known_to_who_asks_is_not_told_again(self):
        doctor = Doctor(self.board)
        doctor.begin()
        whole = doctor.report()
        self.assertEqual([each["step"] for each in whole["steps"]], ["settings", "link"])
        self.assertEqual(doctor.report(1)["steps"], whole["steps"][1:])
        self.assertEqual(doctor.report(9)["steps"], [])
        self.assertEqual(doctor.report(9)["code"], whole["code"])

    def test_a_reason_that_no_code_has_a_place_for_is_a_fault_of_ours(self):
        for step, reason in ((1, "hungry"), (2, "no-gateway"), (9, "none")):
            with self.assertRaises(ValueError):
                Answer.no(reason).take_place(step)

    def test_udp_that_is_closed_but_for_one_port_is_told_with_the_port(self):
        self.censor.udp_ports = [443]
        self.world.plug(HOTEL)
        self.run_for(5_000)
        told = self.examine()
        note = [each["note"] for each in told["steps"] if each["step"] == "udp"]
        self.assertEqual(note, ["UDP is closed here except on 443"])
        self.assertIsNone(told["problem"])

    def test_a_network_where_nothing_passes_is_told_as_that(self):
        self.censor.is_dark = True
        self.world.plug(HOTEL)
        self.run_for(1_000)
        self.assertEqual(self.failed(self.examine(90_000)), "udp")

    def test_the_same_place_has_the_same_hash_and_another_box_another(self):
        self.world.plug(HOTEL)
        self.run_for(5_000)
        hash_ = doctor_code.decode(self.examine()["code"])[2]
        self.assertEqual(doctor_code.decode(self.examine()["code"])[2], hash_)
        self.assertTrue(hash_ != 0)
        self.seed = 2
        self.setUp()
        self.world.plug(HOTEL)
        self.run_for(5_000)
        self.assertTrue(doctor_code.decode(self.examine()["code"])[2] != hash_)

    def test_no_report_has_an_address_of_the_gateway_or_a_secret(self):
        self.world.plug(network(ip("192.168.1.50")))
        self.run_for(5_000)
        said = repr(self.examine()["steps"])
        for word in (abroad.HOME, "sesame", "0123456789abcdef", "192.168.1.50"):
            self.assertNotIn(word, said)

    def test_an_examination_that_is_stopped_asks_nothing_more(self):
        self.censor.is_dark = True
        self.world.plug(HOTEL)
        self.run_for(1_000)
        doctor = Doctor(self.board)
        doctor.begin()
        doctor.stop()
        self.assertTrue(doctor.is_over)
        self.run_for(5_000)


class _Somebody:
    def __init__(self, stream):
        pass

    def receive(self, data):
        pass

    def ended(self):
        pass


if __name__ == "__main__":
    unittest.main()
