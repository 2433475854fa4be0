import unittest
from hashlib import sha256

from _wg import PrivateKey
from box.console import Console
from box.identity import Identity
from box.lockout_store import LockoutStore
from box.log_ring import LogRing
from box.state_store import StateStore
from box.verbs import Verbs
from tests.support.flash import Folder
from tests.support.randomness import Random

from ut1 import frame, payload
from ut1.errors import NoAnswerError, RefusedError
from ut1.host import Exchange, Numbers
from ut1.payload import CHUNK_LEN_MAX
from wg.keytext import public_to_base64

PRIVATE = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="
PRESHARED = "FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE="
BOX = b"[Box]\nName = attic\n"
TUNNEL = (
    b"[Interface]\nAddress = 10.0.0.2/32\n[Peer]\nEndpoint = 192.0.2.1:51820\n"
    b"PublicKey = TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=\nAllowedIPs = 0.0.0.0/0\n"
    b"PresharedKey = FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE=\n"
)


RANDOM = Random(5)


class Box:
    """A box's console with a host at the other end of the line."""

    def __init__(self, path, random=RANDOM.fill, now_ms=61_005):
        self.now_ms = now_ms
        self.log = LogRing(lambda: self.now_ms)
        self.store = StateStore(path)
        self.lockout = LockoutStore(path + "-lockout/file", lambda: self.now_ms, self.log)
        self.verbs = Verbs(
            Identity("0.1", "virt_rv32", b"\x02\x00\x00\x00\x00\x01"),
            self.store,
            random,
            lambda: {"box": {"state": "blank"}},
            self.log,
            lockout=self.lockout,
        )
        self.input = bytearray()
        self.output = bytearray()
        self.all_output = bytearray()
        self.resets = 0
        self.console = Console(self.read, self.write, self.verbs, self.reset)
        self.numbers = Numbers(1)
        self.is_cut = False
        self.requests = 0

    def read(self, buffer):
        count = min(len(buffer), len(self.input))
        buffer[:count] = self.input[:count]
        self.input = self.input[count:]
        return count

    def write(self, data):
        count = min(len(data), 100)  # a line that does not take everything at once
        self.output.extend(data[:count])
        return count

    def reset(self):
        self.resets += 1

    def ask(self, verb, arguments=None, data=None):
        exchange = Exchange(self.numbers, verb, arguments, data)
        now_ms = 0
        while not exchange.is_done:
            out = bytes(exchange.send(now_ms))
            self.requests += bool(out)
            if not self.is_cut:
                self.input.extend(out)
                while self.input:
                    self.console.receive()
                exchange.receive(bytes(self.output))
                self.all_output.extend(self.output)
                self.output = bytearray()
            now_ms += exchange.wait_ms(now_ms)
        return exchange.result()

    def put(self, name, content, stop_before=None):
        count = max(1, -(-len(content) // CHUNK_LEN_MAX))
        for i in range(count if stop_before is None else stop_before):
            chunk = content[i * CHUNK_LEN_MAX : (i + 1) * CHUNK_LEN_MAX]
            self.ask("put", {"k": name, "i": i, "n": count}, chunk)

    def provision(self):
        self.put("box", BOX)
        self.put("tunnel", TUNNEL)
        public = self.ask("keygen")["public"]
        self.ask("commit", {"digest": self.ask("check")["digest"]})
        return public


class ConsoleTest(unittest.TestCase):
    def setUp(self):
        folder = Folder()
        self.addCleanup(folder.close)
        self.path = folder.path + "/state"
        self.box = Box(self.path)

    def assert_refused(self, code, *arguments):
        with self.assertRaises(RefusedError) as caught:
            self.box.ask(*arguments)
        self.assertEqual(caught.exception.code, code)
        self.assertTrue(caught.exception.why and caught.exception.mend)
        return caught.exception

    # --- getting to know each other ---

    def test_a_blank_box_says_who_it_is(self):
        hello = self.box.ask("hello", {"proto": [1, 1]})
        self.assertEqual(
            hello,
            {
                "proto": [1, 1],
                "fw": "0.1",
                "board": "virt_rv32",
                "mac": "02:00:00:00:00:01",
                "name": None,
                "state": "blank",
                "verified": "no",
                "wifi": False,
            },
        )
        # A host asks again and again while a box starts: the parts of answers must go together.
        self.assertEqual(self.box.ask("hello", {"proto": [1, 1]}), hello)

    def test_a_greeting_fits_into_one_line(self):
        self.box.verbs._identity.board = "waveshare_esp32_s3_eth"
        self.box.provision()
        self.box.put("box", BOX)
        self.box.requests = 0
        hello = self.box.ask("hello")
        hello["verified"] = "changed"
        self.assertEqual(self.box.requests, 1)
        self.assertTrue(len(payload.text(hello)) <= frame.PAYLOAD_LEN_MAX)

    def test_a_verb_that_there_is_not_is_refused(self):
        self.assert_refused("op", "dance")

    def test_the_state_follows_what_happens(self):
        def state():
            return self.box.ask("hello")["state"]

        self.assertEqual(state(), "blank")
        self.box.put("box", BOX)
        self.assertEqual(state(), "partial")
        self.box.provision()
        self.assertEqual(state(), "ready")
        stored = self.box.store.load()
        self.box.verbs.live_digest = stored.digest()
        self.assertEqual(state(), "live")
        self.box.put("box", BOX.replace(b"attic", b"cellar"))
        self.assertEqual(state(), "partial")
        self.assertEqual(self.box.ask("hello")["name"], "attic")

    # --- being given something ---

    def test_a_box_is_provisioned_with_a_key_of_its_own(self):
        public = self.box.provision()
        stored = StateStore(self.path).load()
        self.assertEqual((bytes(stored.box), bytes(stored.tunnel)), (BOX, TUNNEL))
        self.assertEqual(public_to_base64(stored.public_key()), public)
        self.assertEqual(self.box.ask("check")["public"], public)

    def test_a_key_is_made_once_for_each_request(self):
        first, second = self.box.ask("keygen"), self.box.ask("keygen")
        self.assertNotEqual(first, second)
        self.assertEqual(self.box.ask("check")["public"], second["public"])

    def test_a_box_without_randomness_makes_no_key_and_says_so(self):
        def broken(buffer):
            raise OSError(19)

        for random in (None, broken):
            self.box = Box(self.path, random)
            refusal = self.assert_refused("state", "keygen")
            self.assertIn("random", refusal.why)
            self.assertEqual(self.box.ask("check")["key"], {"set": False})

    def test_a_key_can_be_given(self):
        self.box.put("key", PRIVATE.encode())
        public = public_to_base64(PrivateKey(PRIVATE.encode()).public())
        self.assertEqual(self.box.ask("check")["public"], public)

    def test_what_is_no_key_is_refused(self):
        for text in (b"", b"A" * 43 + b"=", PRIVATE[:-1].encode(), b"x" * 44):
            with self.assertRaises(RefusedError):
                self.box.put("key", text)
        self.assertEqual(self.box.ask("hello")["state"], "blank")

    def test_check_says_all_that_is_missing_or_wrong_with_its_line(self):
        self.assertEqual(self.box.ask("check")["missing"], ["box", "tunnel", "key"])
        self.box.put("tunnel", b"[Interface]\nMTU = 9\nTable = off\n")
        check = self.box.ask("check")
        lines = [(each["k"], each["line"], each["what"]) for each in check["problems"]]
        self.assertIn(("tunnel", 2, "MTU"), lines)
        self.assertIn(("tunnel", 3, "Table"), lines)
        self.assertTrue(all(each["why"] and each["mend"] for each in check["problems"]))

    def test_a_thousand_problems_are_cut_to_what_the_line_carries(self):
        self.box.put("tunnel", b"x\n" * 1000)
        check = self.box.ask("check")
        self.assertEqual((len(check["problems"]), check["more"]), (8, 993))

    def test_check_gives_the_digest_of_each_document(self):
        self.box.put("tunnel", TUNNEL)
        hexadecimal = "".join(["%02x" % byte for byte in sha256(TUNNEL).digest()])
        self.assertEqual(self.box.ask("check")["documents"], {"tunnel": hexadecimal})

    def test_no_digest_lets_a_password_be_guessed_away_from_the_box(self):
        secret = BOX + b"[WiFi]\nSSID = Lobby\nPassword = 12345678\n"
        self.box.put("box", secret)
        self.box.put("tunnel", TUNNEL)
        self.box.ask("keygen")
        self.box.ask("commit", {"digest": self.box.ask("check")["digest"]})
        check = self.box.ask("check")
        told = (check["documents"]["box"], check["digest"])
        state = StateStore(self.path).load()
        guessable = (sha256(secret).digest(), state.digest())
        for one, other in zip(told, guessable):
            self.assertNotEqual(one, "".join(["%02x" % byte for byte in other]))
        # Sameness is told, but not over a restart.
        self.box.put("box", BOX + b"[Keep]\nWhat = WiFi\n")
        kept = self.box.ask("check")
        self.box.put("box", BOX + b"[Keep]\nWhat = WiFi, LAN\n")
        again = self.box.ask("check")
        self.assertEqual(kept["documents"]["box"], again["documents"]["box"])
        restarted = Box(self.path).ask("check")
        self.assertEqual(restarted["documents"]["tunnel"], check["documents"]["tunnel"])
        self.assertNotEqual(restarted["documents"]["box"], told[0])
        self.assertNotEqual(restarted["digest"], told[1])

    def test_chunks_that_do_not_follow_each_other_are_refused(self):
        content = bytes(300)
        self.box.put("tunnel", content, stop_before=2)
        for i, n in ((3, 4), (1, 4), (2, 5), (4, 4), (-1, 4)):
            with self.assertRaises(RefusedError):
                self.box.ask("put", {"k": "tunnel", "i": i, "n": n}, b"x")
        self.assert_refused("state", "put", {"k": "box", "i": 2, "n": 4}, b"x")
        self.assert_refused("value", "put", {"k": "box", "i": 0}, b"x")
        self.assert_refused("value", "put", {"k": "box", "i": 0, "n": 1})
        self.assert_refused("key", "put", {"k": "other", "i": 0, "n": 1}, b"x")

    def test_a_document_that_does_not_fit_is_refused_at_its_first_chunk_or_its_last(self):
        self.assert_refused("full", "put", {"k": "tunnel", "i": 0, "n": 49}, b"x")
        self.assert_refused("full", "put", {"k": "box", "i": 0, "n": 9999999}, b"x")
        with self.assertRaises(RefusedError) as caught:
            self.box.put("tunnel", b"#" * 4097)
        self.assertEqual(caught.exception.code, "full")
        self.box.put("tunnel", b"#" * 4096)

    # --- committing ---

    def test_nothing_is_in_force_before_the_commit(self):
        self.box.put("box", BOX)
        self.box.put("tunnel", TUNNEL)
        self.box.ask("keygen")
        self.box.ask("check")
        self.assertTrue(StateStore(self.path).load().is_blank)

    def test_a_commit_needs_the_digest_of_what_was_given(self):
        self.box.put("box", BOX)
        self.box.put("tunnel", TUNNEL)
        self.box.ask("keygen")
        stale = self.box.ask("check")["digest"]
        self.box.ask("keygen")
        for digest in (stale, "", None, stale[:-1], 5):
            self.assert_refused("value", "commit", {"digest": digest})
        self.assert_refused("value", "commit")
        self.assertTrue(StateStore(self.path).load().is_blank)

    def test_a_wipe_forgets_the_settings_before_it_erases_the_flash(self):
        self.box.provision()
        seen = []
        self.box.verbs._erase = lambda: seen.append(StateStore(self.path).load().is_blank)
        self.box.ask("wipe", {"confirm": "attic"})
        self.assertEqual(seen, [True])

    def test_a_commit_tells_the_time(self):
        self.box.provision()
        told = []
        self.box.verbs.on_time = told.append
        digest = self.box.ask("check")["digest"]
        for time in (None, "now", -1, 0, 1 << 40, [1], 1_790_000_000):
            self.box.ask("commit", {"digest": digest, "time": time})
        self.assertEqual(told, [1_790_000_000])

    def test_a_commit_of_what_is_not_whole_is_refused(self):
        self.box.put("box", BOX)
        self.assert_refused("state", "commit", {"digest": self.box.ask("check")["digest"]})
        self.assertTrue(StateStore(self.path).load().is_blank)

    def test_a_box_can_do_without_a_tunnel_for_now_if_all_else_is_whole(self):
        self.box.put("box", BOX)
        check = self.box.ask("check")
        arguments = {"digest": check["digest"], "without": "tunnel"}
        self.assert_refused("state", "commit", arguments)
        self.box.ask("keygen")
        check = self.box.ask("check")
        self.assertEqual(check["missing"], ["tunnel"])
        for without in (None, "box", "key", ["tunnel"]):
            arguments = {"digest": check["digest"], "without": without}
            self.assert_refused("state", "commit", arguments)
        arguments = {"digest": check["digest"], "without": "tunnel"}
        self.assertEqual(self.box.ask("commit", arguments), {"state": "ready"})
        self.assertEqual(self.box.ask("hello")["name"], "attic")
        self.box.put("tunnel", TUNNEL)
        self.box.ask("commit", {"digest": self.box.ask("check")["digest"]})
        self.assertEqual(StateStore(self.path).load().tunnel, TUNNEL)

    def test_a_board_without_wifi_notes_what_it_keeps_and_does_not_use(self):
        self.box.put("box", BOX + b"[WiFi]\nSSID = Hotel\nPassword = correct horse\n")
        check = self.box.ask("check")
        (note,) = check["notes"]
        self.assertEqual((note["k"], note["line"], note["what"]), ("box", 4, "Wi-Fi"))
        self.assertEqual(check["problems"], [])

    def test_one_document_is_replaced_and_the_others_stay(self):
        public = self.box.provision()
        called = []
        self.box.verbs.on_commit = lambda: called.append(1)
        self.box.put("box", BOX.replace(b"attic", b"cellar"))
        self.box.ask("commit", {"digest": self.box.ask("check")["digest"]})
        self.assertEqual(self.box.ask("hello")["name"], "cellar")
        self.assertEqual(self.box.ask("check")["public"], public)
        self.assertEqual(called, [1])

    def test_a_document_that_keeps_the_rest_never_needs_to_be_told_a_password(self):
        lan = b"\n[LAN]\nSSID = x\nPassword = battery staple\n"
        self.box.put("box", BOX + lan)
        self.box.put("tunnel", TUNNEL)
        self.box.ask("keygen")
        before = self.box.ask("check")
        self.box.ask("commit", {"digest": before["digest"]})
        self.box.put("box", BOX + b"\n[Keep]\nWhat = LAN\n")
        self.assertEqual(self.box.ask("check")["digest"], before["digest"])
        self.box.put("box", BOX.replace(b"attic", b"cellar") + b"\n[Keep]\nWhat = LAN\n")
        self.box.ask("commit", {"digest": self.box.ask("check")["digest"]})
        stored = self.box.store.load().box
        self.assertEqual(bytes(stored), BOX.replace(b"attic", b"cellar") + lan)

    def test_what_is_dropped_is_as_if_it_had_never_been_given(self):
        public = self.box.provision()
        before = self.box.ask("check")
        self.box.put("key", PRIVATE.encode())
        self.box.put("box", b"[Box]\nName = cellar\n")
        found = self.box.ask("check")
        self.assertNotEqual(found["public"], public)
        self.assertEqual(found["key"], {"set": True, "given": True})
        self.box.put("tunnel", TUNNEL, stop_before=1)
        for item in ("key", "box", "tunnel"):
            self.box.ask("drop", {"k": item})
        self.assertEqual(self.box.ask("check"), before)
        self.box.put("key", PRIVATE.encode())
        self.box.ask("keygen")
        self.assertEqual(self.box.ask("check")["key"], {"set": True})
        self.assert_refused("key", "drop", {"k": "nothing"})
        self.assert_refused("key", "drop", {})
        self.assert_refused("state", "put", {"k": "tunnel", "i": 1, "n": 4}, TUNNEL[:CHUNK_LEN_MAX])

    def test_a_key_in_a_tunnels_document_replaces_the_boxs(self):
        self.box.provision()
        text = TUNNEL.replace(b"Address", b"PrivateKey = %s\nAddress" % PRIVATE.encode())
        self.box.put("tunnel", text)
        self.box.ask("commit", {"digest": self.box.ask("check")["digest"]})
        stored = StateStore(self.path).load()
        self.assertEqual(stored.public_key(), PrivateKey(PRIVATE.encode()).public())

    def test_flash_that_cannot_be_written_is_told_and_nothing_changes(self):
        self.box.put("box", BOX)
        self.box.put("tunnel", TUNNEL)
        self.box.ask("keygen")
        digest = self.box.ask("check")["digest"]

        def broken(new):
            raise OSError(5)

        self.box.store.save = broken
        self.assert_refused("state", "commit", {"digest": digest})
        self.assertEqual(self.box.ask("check")["digest"], digest)
        self.assertIn("error", self.box.log.lines()[-1])

    # --- a line that breaks ---

    def test_what_arrived_survives_a_broken_line(self):
        self.box.put("box", BOX)
        self.box.put("tunnel", TUNNEL, stop_before=1)
        self.box.is_cut = True
        with self.assertRaises(NoAnswerError):
            self.box.ask("status")
        self.box.is_cut = False
        self.box.input.extend(b"\x00\xff@ut1 7 put e")
        self.box.numbers = Numbers(500)  # another run of the host
        self.assertEqual(sorted(self.box.ask("check")["documents"]), ["box"])
        self.box.put("tunnel", TUNNEL)
        self.assertEqual(sorted(self.box.ask("check")["documents"]), ["box", "tunnel"])

    def test_a_restart_forgets_what_was_not_committed(self):
        self.box.put("box", BOX)
        self.box = Box(self.path)
        self.assertEqual(self.box.ask("hello")["state"], "blank")

    # --- secrets ---

    def test_no_answer_ever_holds_a_secret(self):
        self.box.put("key", PRIVATE.encode())
        text = TUNNEL.replace(b"Address", b"PrivateKey = %s\nAddress" % PRIVATE.encode())
        self.box.put("tunnel", text)
        self.box.put("box", BOX)
        heard = []
        for verb in ("hello", "check", "status", "log", "more", "get", "key", "tunnel"):
            try:
                heard.append(str(self.box.ask(verb, {"k": "key", "of": 1, "i": 0})))
            except RefusedError as refusal:
                heard.append(str(refusal))
        heard.append(str(self.box.ask("commit", {"digest": self.box.ask("check")["digest"]})))
        heard.append(bytes(self.box.all_output).decode())
        for secret in (PRIVATE, PRESHARED):
            for heard_text in heard:
                self.assertNotIn(secret[:16], heard_text)

    def test_the_buffers_of_the_console_hold_no_secret_afterwards(self):
        self.box.put("key", PRIVATE.encode())
        self.assertEqual(bytes(self.box.console._buffer), bytes(len(self.box.console._buffer)))

    # --- the rest ---

    def test_the_log_is_shown_oldest_first_and_bounded(self):
        for i in range(100):
            self.box.log("info", "line %d \u00e9 %s" % (i, "x" * 200))
        self.box.log("debug", "not this one")
        lines = self.box.ask("log")["lines"]
        self.assertTrue(20 <= len(lines) <= 24, len(lines))
        self.assertTrue(lines[-1].startswith("61.005 info line 99 ? xxx"))
        self.assertLess(max(len(line) for line in lines), 140)

    def test_status_is_what_the_box_gives(self):
        self.assertEqual(self.box.ask("status"), {"box": {"state": "blank"}})

    def test_wiping_needs_the_name_and_leaves_nothing(self):
        self.box.provision()
        for confirm in ("", "cellar", None):
            self.assert_refused("value", "wipe", {"confirm": confirm})
        self.assertEqual(self.box.resets, 0)
        self.box.ask("wipe", {"confirm": "attic"})
        self.assertEqual(self.box.resets, 1)
        self.assertTrue(StateStore(self.path).load().is_blank)

    def test_wiping_also_forgets_what_was_not_committed(self):
        self.box.put("key", PRIVATE.encode())
        self.box.ask("wipe", {"confirm": ""})
        self.assertEqual(self.box.ask("check")["key"], {"set": False})

    def test_a_reboot_happens_after_the_answer(self):
        self.assertEqual(self.box.ask("reboot"), {})
        self.assertEqual(self.box.resets, 1)

    def test_a_line_that_takes_nothing_does_not_stop_the_box(self):
        box = Box(self.path)
        box.console = Console(box.read, lambda data: 0, box.verbs, box.reset)
        box.input.extend(bytes(Exchange(Numbers(1), "hello").send(0)))
        box.console.receive()


if __name__ == "__main__":
    unittest.main()
