import unittest

from box import doctor_way
from box.doctor import Doctor
from box.doctor_answer import Answer
from box.doctor_stream import Dial
from box.identity import Identity
from box.sign_in_search import NOBODY
from box.state import State
from box.state_store import StateStore
from box.verbs import Verbs
from tests.box import abroad
from tests.box.abroad_board import AbroadTestCase
from tests.box.abroad_home import CAFE, HOTEL
from tests.dhcp.client import ip
from tests.support.board import network

from carrier import inside
from ut1 import doctor_code
from ut1.doctor_words import STEPS
from ut1.errors import RefusedError

QUESTION_LEN = 148 + 16  # an initiation, and what its shape puts in front


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

    def verbs(self):
        identity = Identity("0.0.0-test", "memory", b"\x02\x75\x74\x00\x01\x00")
        verbs = Verbs(identity, StateStore(self.folder), None, dict, self.log)
        verbs.make_doctor = lambda: Doctor(self.board)
        return verbs

    def leave_web_alone(self):
        """Nothing passes but TCP to port 80."""
        self.censor.udp_ports = []
        self.censor.tcp_ports = [80]
        self.world.servers.pop((abroad.PROXY_ADDRESS, 3128))

    def facts(self, told):
        return {each["step"]: each.get("facts", {}) for each in told["steps"]}

    def note(self, told, step):
        (found,) = [each.get("note", "") for each in told["steps"] if each["step"] == step]
        return found

    def answer(self, told, step):
        (found,) = [each["answer"] for each in told["steps"] if each["step"] == step]
        return found

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
        self.leave_web_alone()

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
        (leaks,) = [each for each in told["steps"] if each["step"] == "leaks"]
        self.assertEqual(leaks["answer"], "unknown")
        self.assertIn("no memory left", leaks["note"])
        self.assertEqual(told["steps"][-1]["step"], STEPS[-1][0])

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

    def test_a_port_is_not_called_closed_because_a_question_was_lost(self):
        self.world.plug(HOTEL)
        self.run_for(5_000)
        lost = {}

        def loses(source, target, data):
            if len(data) == QUESTION_LEN and lost.get(target, 0) < 2:
                lost[target] = lost.get(target, 0) + 1
                return True
            return self.censor.datagram(source, target, data)

        self.world.network.filter = loses
        facts = self.facts(self.examine())
        self.assertEqual((len(lost), facts["udp"]["closed"]), (len(abroad.UDP_PORTS), []))

    def test_a_search_that_ends_meanwhile_costs_no_answer(self):
        self.world.plug(HOTEL)
        self.run_for(5_000)
        climb = self.board.connection.lead.climb
        found = []
        climb.race.questions.check_ports(
            abroad.HOME_ADDRESS, [(443, True), (53, True)], found.extend
        )
        climb.race.questions.clear()
        self.run_for(3_500)
        self.assertEqual(found, [(443, True, inside.ANSWERED), (53, True, inside.ANSWERED)])

    def test_a_network_that_recognises_wireguard_is_told_by_its_ports(self):
        self.world.plug(HOTEL)
        self.run_for(5_000)
        self.assertNotIn("recognises", self.note(self.examine(), "shape"))
        self.censor.without_types = True
        del self.censor.seen[:]
        told = self.examine()
        self.assertIn("this network recognises WireGuard", self.note(told, "shape"))
        self.assertEqual(self.facts(told)["shape"], {"recognised": True, "ports_compared": 3})
        # Whoever recognises it may close that port: not the one that users are on.
        own = self.board.connection.lead.climb.way.rung.port
        plain = [port for kind, port, data in self.censor.seen if data[:4] == b"\x01\0\0\0"]
        self.assertTrue(plain and own not in plain, plain)

    def test_a_port_that_has_never_carried_is_no_sign_of_anything(self):
        self.censor.udp_ports = []
        self.world.plug(HOTEL)
        self.run_for(8_000)
        self.assertIn("nothing by UDP", self.note(self.examine(), "shape"))

    def test_one_packet_lost_inside_is_no_silence(self):
        self.world.plug(HOTEL)
        self.run_for(5_000)
        service = self.board.connection.lead.climb.inside
        asked = []

        def lose_first(message):
            asked.append(message)
            return [] if len(asked) <= 3 else self.serve_inside(message)

        self.gateway.inside_server = lose_first
        told = self.examine()
        self.assertIsNone(told["problem"], told)
        self.assertTrue(service.heard_ms and len(asked) > 3)

    def test_a_service_that_is_dead_is_not_a_tunnel_that_is_deaf(self):
        self.gateway.inside_server = lambda message: []
        self.world.plug(HOTEL)
        for _ in range(60):
            self.board.router.client_sends(b"q" * 400)
            self.run_for(250)
        told = self.examine()
        self.assertIsNone(told["problem"], told)
        self.assertIn("service inside is silent", self.note(told, "inside"))
        self.gateway.path.send_packet = lambda packet: None
        self.world.unplug()

    def test_another_network_in_the_middle_of_it_is_no_accident(self):
        self.apply_named()
        self.censor.is_dark = True
        self.world.names["home.example.org"] = abroad.HOME_ADDRESS
        self.world.plug(HOTEL)
        self.run_for(1_000)
        steps = doctor_way.way_out(self.board)
        self.assertIsNone(next(steps))  # it waits for the search
        self.world.names.clear()  # on the next network the name leads nowhere
        self.world.unplug()
        self.world.plug(CAFE)
        answer = None
        for answer in steps:
            if answer is not None:
                break
            self.run_for(100)
        self.assertEqual(answer.verdict, "unknown")

    def test_a_foreign_web_server_at_the_gateways_address_is_no_sign_in_page(self):
        self.leave_web_alone()
        for answer in (b"200 OK", b"301 Moved\r\nLocation: https://blog.example/"):
            self.world.servers[(abroad.HOME_ADDRESS, 80)] = _says(answer)
            self.world.plug(HOTEL)
            self.run_for(15_000)
            told = self.examine(90_000)
            self.assertIn("another web server", self.note(told, "sign-in"))
            self.assertFalse(self.board.sign_in.is_wanted)
            self.world.unplug()

    def test_a_page_that_comes_from_where_nobody_is_is_this_networks(self):
        self.leave_web_alone()
        for address in (abroad.HOME_ADDRESS, NOBODY):
            self.world.servers[(address, 80)] = _says(
                b"302 Found\r\nLocation: https://wifi.example/"
            )
        self.world.plug(HOTEL)
        self.run_for(1_000)
        self.assertEqual(self.failed(self.examine()), "sign-in")
        # But not from a proxy that says that nobody is there.
        self.world.servers[(NOBODY, 80)] = _says(b"503 Service Unavailable")
        self.assertIn("another web server", self.note(self.examine(90_000), "sign-in"))

    def test_who_has_signed_in_is_not_told_to_sign_in_whatever_dhcp_says(self):
        self.leave_web_alone()
        self.world.servers[(abroad.HOME_ADDRESS, 80)] = _says(b"204 No Content")
        self.world.plug(HOTEL)
        self.run_for(100)
        self.board.router.portal = "https://portal.example.org/"
        told = self.examine(90_000)
        self.assertEqual(self.answer(told, "sign-in"), "yes")
        self.run_for(80_000)
        self.assertFalse(self.board.sign_in.is_wanted)

    def test_an_answer_may_have_others_in_front_of_it(self):
        self.leave_web_alone()
        first = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        self.world.servers[(abroad.HOME_ADDRESS, 80)] = _says(b"204 No Content", first)
        self.world.plug(HOTEL)
        self.run_for(100)
        self.assertEqual(self.answer(self.examine(90_000), "sign-in"), "yes")

    def test_whoever_talks_without_an_end_is_not_listened_to_for_ever(self):
        self.world.plug(HOTEL)
        self.run_for(100)
        self.world.servers[(abroad.OTHER_ADDRESS, 80)] = _Somebody
        router = self.board.router
        reads = []

        def talk(number, buffer):
            buffer[:] = b"x" * len(buffer)
            reads.append(number)
            return len(buffer)

        router.stream_read = talk
        dial = Dial(self.board, None, abroad.OTHER_ADDRESS, 80)
        for _ in dial.fetch("a.example"):
            self.run_for(100)
            self.assertTrue(len(reads) < 20)  # and between two reads, others have their turn
        self.assertEqual((dial.is_there, dial.status), (True, 0))

    def test_a_long_address_is_asked_for_in_pieces(self):
        self.world.plug(HOTEL)
        self.run_for(100)
        self.world.servers[(abroad.OTHER_ADDRESS, 80)] = _says(b"204 No Content", ends=b"\r\n\r\n")
        router = self.board.router
        write = router.stream_write
        router.stream_write = lambda number, data: write(number, bytes(data[:100]))
        dial = Dial(self.board, None, abroad.OTHER_ADDRESS, 80)
        for _ in dial.fetch("a.example", "/" + "a" * 1500):
            self.run_for(100)
        self.assertEqual(dial.status, 204)

    def test_what_the_tunnel_has_carried_is_told(self):
        self.world.plug(HOTEL)
        self.run_for(5_000)
        before = self.facts(self.examine())["speed"]["kbit_s"]  # of the proof
        self.assertTrue(before > 0)
        for _ in range(8):
            for _ in range(100):
                self.board.router.client_sends(b"q" * 1300)
            self.run_for(50)
        told = self.examine()
        kbit_s = self.facts(told)["speed"]["kbit_s"]
        self.assertTrue(kbit_s > before)
        # 100 times 1300 bytes in 50 ms; nothing else has come that fast.
        self.assertTrue(10_000 < kbit_s < 24_000, kbit_s)
        self.assertIn(
            "%d.%d Mbit/s" % (kbit_s // 1000, kbit_s % 1000 // 100), self.note(told, "speed")
        )

    def test_a_packet_that_leaves_without_the_tunnel_is_the_worst_of_all(self):
        self.world.plug(HOTEL)
        self.run_for(5_000)
        self.assertIn("and died", self.note(self.examine(), "leaks"))
        self.board.router.leak = -1
        self.assertEqual(self.answer(self.examine(), "leaks"), "unknown")
        self.board.router.leak = 1
        told = self.examine()
        self.assertEqual(self.failed(told), "leaks")
        self.assertIn("do not use it any more", told["problem"]["mend"])

    def test_of_one_way_that_is_closed_the_network_is_not_acquitted(self):
        self.apply_plain()
        self.censor.udp_ports = []
        self.world.plug(HOTEL)
        self.run_for(100)
        told = self.examine(90_000)
        self.assertEqual(self.failed(told), "handshake")
        self.assertIn("may close its port", told["problem"]["why"])
        self.censor.udp_ports = None
        self.world.unplug()
        self.world.plug(HOTEL)
        doctor = Doctor(self.board)
        doctor.begin()
        self.run_for(20_000)
        self.assertIsNone(doctor.report()["problem"], doctor.report())

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

    def test_an_examination_that_nobody_asks_for_any_more_gives_its_memory_back(self):
        self.world.plug(HOTEL)
        self.run_for(5_000)
        verbs = self.verbs()
        for _ in range(2):
            verbs.handle("doctor", {"op": "begin"}, None)
            for _ in range(10):
                self.run_for(20_000)
                verbs.handle("doctor", {"op": "look"}, None)
            self.run_for(121_000)
            with self.assertRaises(RefusedError):
                verbs.handle("doctor", {"op": "look"}, None)
        # One that was stopped is kept by nothing: on a board, what it has loaded is 8 KB.
        verbs.handle("doctor", {"op": "begin"}, None)
        verbs.handle("doctor", {"op": "stop"}, None)
        self.run_for(200)
        due = [
            getattr(action, "__self__", None)
            for entry in self.board.control._due
            for action in entry
        ]
        self.assertFalse(any(isinstance(one, Doctor) for one in due))

    def test_an_examination_that_is_stopped_asks_nothing_more(self):
        self.censor.is_dark = True
        self.world.plug(HOTEL)
        self.run_for(1_000)
        doctor = Doctor(self.board)
        doctor.begin()
        doctor.stop()
        self.assertTrue(doctor.is_over)
        self.run_for(5_000)


def _says(status, first=b"", ends=b"GET"):
    """A web server that says the same to everybody, once it has heard this."""
    head = first + b"HTTP/1.1 " + status + b"\r\n\r\n"

    class Server:
        def __init__(self, stream):
            self.stream = stream
            self.heard = b""

        def receive(self, data):
            self.heard += data
            if ends in self.heard:
                self.stream.to_client(head)

        def ended(self):
            pass

    return Server


class _Somebody:
    def __init__(self, stream):
        pass

    def receive(self, data):
        pass

    def ended(self):
        pass


if __name__ == "__main__":
    unittest.main()
