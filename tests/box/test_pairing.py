"""A box that is paired over its console with a gateway, which is the library's own responder."""

import os
import unittest
from binascii import a2b_base64, unhexlify

from box import trust, tunnel_text
from box.state_store import StateStore
from tests.box.test_console import BOX, TUNNEL, Box
from tests.support.flash import Folder
from tests.support.randomness import Random

from pairing.info import Info
from pairing.session import Initiator, Responder
from ut1.errors import RefusedError
from wg.keytext import public_from_base64, public_to_base64

ROOM = "4711"
GATEWAY_KEY = bytes(range(64, 96))
RANDOM = Random(9)


def gateway_info(address="10.66.0.7/32", endpoints=("vpn.example.com:51820",)):
    info = Info("home")
    info.endpoints = list(endpoints)
    info.address = address
    info.dns = "10.66.0.1"
    info.mtu = 1400
    info.keepalive = 25
    return info.encode()


def hexadecimal(data):
    return "".join(["%02x" % byte for byte in data])


class _Case(unittest.TestCase):
    def setUp(self):
        folder = Folder()
        self.addCleanup(folder.close)
        self.path = folder.path + "/state"
        self.box = Box(self.path)
        self.box.put("box", BOX)
        self.public = self.box.ask("keygen")["public"]

    def restart(self, now_ms=5):
        """The power was away: what is in memory is gone, and the clock begins anew."""
        self.box = Box(self.path, now_ms=now_ms)

    def ask(self, operation, **arguments):
        arguments["op"] = operation
        return self.box.ask("pair", arguments)

    def refused(self, code, operation, **arguments):
        with self.assertRaises(RefusedError) as caught:
            self.ask(operation, **arguments)
        self.assertEqual(caught.exception.code, code, str(caught.exception))
        self.assertTrue(caught.exception.why and caught.exception.mend)
        return caught.exception.why

    def gateway(self, key=GATEWAY_KEY, info=None):
        return Responder(ROOM, key, info or gateway_info(), RANDOM.fill)

    def show(self, gateway=None):
        """Go on until both ends show a code: (the gateway's end, what the box said)."""
        gateway = gateway or self.gateway()
        commit = self.ask("begin", room=ROOM)["commit"]
        self.box.put("answer", gateway.receive_commitment(unhexlify(commit)))
        told = self.ask("answer")
        gateway.receive_reveal(a2b_base64(told["reveal"]))
        return gateway, told

    def pair(self, gateway=None):
        gateway, _ = self.show(gateway)
        confirmation = self.ask("confirm", digits=gateway.code.digits)["confirmation"]
        gateway.accept(unhexlify(confirmation))
        self.ask("finish", confirmation=hexadecimal(gateway.confirm()))
        return gateway

    def commit(self):
        return self.box.ask("commit", {"digest": self.box.ask("check")["digest"]})

    def verified(self):
        return self.box.ask("hello")["verified"]

    def verification(self):
        return self.box.verbs.verification()


class PairingTest(_Case):
    def test_both_ends_show_the_same_code(self):
        gateway, told = self.show()
        self.assertEqual(told["digits"], gateway.code.digits)
        self.assertEqual(tuple(told["words"]), gateway.code.words)
        self.assertEqual(told["peer"], {"name": "home", "public": public_to_base64(GATEWAY_KEY)})
        self.assertEqual(public_to_base64(gateway.their_public), self.public)
        info = Info.decode(gateway.their_info)
        self.assertEqual((info.name, info.board, info.firmware), ("attic", "virt_rv32", "0.1"))

    def test_a_paired_box_has_a_tunnel_with_the_preshared_key_that_both_have(self):
        gateway = self.pair()
        key = bytearray(32)
        gateway.preshared_key(key)
        self.assertEqual(self.box.ask("check")["missing"], [])
        self.assertEqual(self.verified(), "no")  # it is not in force yet
        self.commit()
        stored = StateStore(self.path).load()
        text = bytes(stored.tunnel).decode()
        self.assertIn("PresharedKey = %s\n" % public_to_base64(bytes(key)), text)
        self.assertIn("PublicKey = %s\n" % public_to_base64(GATEWAY_KEY), text)
        for line in (
            "Address = 10.66.0.7/32",
            "DNS = 10.66.0.1",
            "MTU = 1400",
            "AllowedIPs = 0.0.0.0/0",
            "Endpoint = vpn.example.com:51820",
            "PersistentKeepalive = 25",
        ):
            self.assertIn(line + "\n", text)
        self.assertEqual(self.verified(), "yes")
        self.restart()
        self.assertEqual(self.verified(), "yes")
        self.assertEqual(
            self.verification(),
            {
                "state": "yes",
                "gateway": "home",
                "peer": public_to_base64(GATEWAY_KEY),
                "own_changed": False,
                "peer_changed": False,
                "locked_s": 0,
            },
        )

    def test_nothing_is_there_to_commit_before_both_have_confirmed(self):
        def missing():
            return self.box.ask("check")["missing"]

        gateway, _ = self.show()
        self.assertEqual(missing(), ["tunnel"])
        self.refused("state", "finish", confirmation=hexadecimal(gateway.confirm()))
        self.assertEqual(missing(), ["tunnel"])
        self.ask("confirm", digits=gateway.code.digits)
        self.assertEqual(missing(), ["tunnel"])
        self.ask("finish", confirmation=hexadecimal(gateway.confirm()))
        self.assertEqual(missing(), [])
        self.restart()
        self.assertTrue(StateStore(self.path).load().is_blank)

    def test_steps_out_of_turn_are_refused_and_change_nothing(self):
        for operation in ("answer", "confirm", "finish", "mismatch", "dance", None):
            self.refused("state", operation)
        self.ask("begin", room=ROOM)
        for operation in ("answer", "confirm", "finish", "mismatch"):
            self.refused("state", operation)
        self.refused("value", "dance")
        gateway, _ = self.show()
        self.refused("state", "answer")
        self.box.put("answer", self.gateway().receive_commitment(bytes(32)))
        self.refused("state", "answer")
        self.ask("confirm", digits=gateway.code.digits)

    def test_what_is_mistyped_is_asked_for_again(self):
        for room in (None, 4711, "", "47110", "471", "47 1", "abcd"):
            self.refused("value", "begin", room=room)
        gateway, _ = self.show()
        for digits in (None, 370855, "", "12345", "1234567", "12345a"):
            self.refused("value", "confirm", digits=digits)
        confirmation = gateway.code.grouped.replace(" ", " - ")
        self.ask("confirm", digits=confirmation)
        for confirmation in (None, 7, "", "00", "zz" * 16, "00" * 17):
            self.refused("value", "finish", confirmation=confirmation)
        self.ask("finish", confirmation=hexadecimal(gateway.confirm()))

    def test_an_answer_that_is_none_ends_the_run_and_is_no_failure(self):
        self.ask("begin", room=ROOM)
        self.box.put("answer", b"\x00" * 90)
        self.refused("value", "answer")
        self.refused("state", "answer")
        self.assertEqual(self.verification()["locked_s"], 0)

    def test_a_box_needs_a_key_and_randomness(self):
        self.box = Box(self.path)
        self.assertIn("no private key", self.refused("state", "begin", room=ROOM))
        self.box = Box(self.path, random=None)
        self.refused("state", "begin", room=ROOM)

        def broken(buffer):
            raise OSError(19)

        self.box = Box(self.path, random=broken)
        self.box.put("key", public_to_base64(b"\x07" * 32).encode())
        self.assertIn("random", self.refused("state", "begin", room=ROOM))

    def test_where_there_is_a_button_it_must_have_been_pressed(self):
        self.box.verbs.is_asked_for = lambda: False
        self.assertIn("button", self.refused("state", "begin", room=ROOM))
        self.box.verbs.is_asked_for = lambda: True
        self.pair()

    def test_settings_of_a_gateway_that_make_no_tunnel_are_refused(self):
        for info in (gateway_info(address=""), gateway_info(endpoints=())):
            gateway, _ = self.show(self.gateway(info=info))
            self.ask("confirm", digits=gateway.code.digits)
            why = self.refused("value", "finish", confirmation=hexadecimal(gateway.confirm()))
            self.assertIn("make no tunnel", why)
            self.assertEqual(self.box.ask("check")["missing"], ["tunnel"])
            # Both have confirmed: that is no sign of somebody in between.
            self.assertEqual(self.verification()["locked_s"], 0)

    def test_a_key_that_came_meanwhile_is_not_taken_for_the_one_that_was_paired(self):
        gateway, _ = self.show()
        self.ask("confirm", digits=gateway.code.digits)
        self.box.ask("keygen")
        why = self.refused("state", "finish", confirmation=hexadecimal(gateway.confirm()))
        self.assertIn("key has changed", why)
        self.assertEqual(self.box.ask("check")["missing"], ["tunnel"])

    def test_what_was_staged_before_is_kept_when_a_pairing_fails_late(self):
        self.box.put("tunnel", TUNNEL)
        gateway, _ = self.show(self.gateway(info=gateway_info(address="")))
        self.ask("confirm", digits=gateway.code.digits)
        self.refused("value", "finish", confirmation=hexadecimal(gateway.confirm()))
        self.assertEqual(bytes(self.box.verbs._draft.staging.state.tunnel), TUNNEL)

    def test_taking_back_the_tunnel_takes_back_whom_it_is_with(self):
        self.pair()
        self.box.ask("drop", {"k": "tunnel"})
        self.assertEqual(self.box.ask("check")["missing"], ["tunnel"])
        self.assertIsNone(self.box.verbs._draft.staging.state.pairing)

    def test_nobody_can_put_whom_the_box_trusts(self):
        with self.assertRaises(RefusedError) as caught:
            self.box.put("pairing", bytes(trust.Trust(GATEWAY_KEY, bytes(32), "x").encode()))
        self.assertEqual(caught.exception.code, "key")

    def test_the_preshared_key_never_leaves_the_box(self):
        gateway = self.pair()
        self.commit()
        key = bytearray(32)
        gateway.preshared_key(key)
        self.box.ask("check")
        self.box.ask("log")
        said = bytes(self.box.all_output)
        self.assertNotIn(public_to_base64(bytes(key)).encode(), said)
        self.assertNotIn(hexadecimal(key).encode(), said)


class MismatchTest(_Case):
    """Each of these ways to fail counts; none can be repeated before its time."""

    def wrong(self, gateway):
        digits = gateway.code.digits
        return ("1" if digits[0] != "1" else "2") + digits[1:]

    def fail(self):
        gateway, _ = self.show()
        why = self.refused("value", "confirm", digits=self.wrong(gateway))
        self.assertIn("someone may be in between", why)

    def locked_s(self):
        return self.verification()["locked_s"]

    def assert_locked(self, seconds):
        self.assertEqual(self.locked_s(), seconds)
        why = self.refused("busy", "begin", room=ROOM)
        self.assertIn("%d s" % seconds, why)
        self.box.now_ms += 1000 * seconds - 1
        self.refused("busy", "begin", room=ROOM)
        self.box.now_ms += 1
        self.assertEqual(self.locked_s(), 0)

    def test_wrong_digits_end_the_run_and_lock_for_a_minute(self):
        self.fail()
        self.refused("state", "confirm", digits="123456")
        self.assert_locked(60)
        self.pair()

    def test_from_the_third_failure_on_it_is_ten_minutes(self):
        for seconds in (60, 60, 600, 600):
            self.fail()
            self.assert_locked(seconds)

    def test_a_pairing_that_worked_forgets_the_failures(self):
        for _ in range(2):
            self.fail()
            self.assert_locked(60)
        self.pair()
        self.fail()
        self.assert_locked(60)

    def test_a_person_who_says_no_locks_the_box(self):
        self.show()
        self.assertEqual(self.ask("mismatch"), {"locked_s": 60})
        self.assert_locked(60)

    def test_giving_up_counts_once_a_code_was_shown(self):
        self.assertEqual(self.ask("cancel"), {"locked_s": 0})
        self.ask("begin", room=ROOM)
        self.assertEqual(self.ask("cancel"), {"locked_s": 0})
        self.show()
        self.assertEqual(self.ask("cancel"), {"locked_s": 60})
        self.assert_locked(60)

    def test_beginning_anew_over_a_code_counts(self):
        self.show()
        self.refused("busy", "begin", room=ROOM)
        self.assert_locked(60)

    def test_beginning_anew_before_a_code_does_not(self):
        first = self.ask("begin", room=ROOM)["commit"]
        self.assertNotEqual(self.ask("begin", room=ROOM)["commit"], first)
        self.pair()

    def test_a_wrong_confirmation_ends_the_run_and_locks(self):
        gateway, _ = self.show()
        self.ask("confirm", digits=gateway.code.digits)
        self.refused("value", "finish", confirmation="00" * 16)
        self.assertEqual(self.box.ask("check")["missing"], ["tunnel"])
        self.refused("state", "finish", confirmation=hexadecimal(gateway.confirm()))
        self.assert_locked(60)

    def test_who_is_in_between_shows_another_code(self):
        """He runs a pairing with each end, and passes on what people say."""
        gateway = self.gateway()
        to_box = self.gateway(key=bytes(range(1, 33)))
        to_gateway = Initiator(ROOM, bytes(range(2, 34)), gateway_info(), RANDOM.fill)
        self.show(to_box)
        answer = gateway.receive_commitment(to_gateway.commitment())
        gateway.receive_reveal(to_gateway.receive_answer(answer))
        self.assertNotEqual(to_box.code.digits, gateway.code.digits)
        why = self.refused("value", "confirm", digits=gateway.code.digits)
        self.assertIn("in between", why)
        self.assert_locked(60)

    def test_a_run_is_over_after_ten_minutes(self):
        gateway, _ = self.show()
        self.box.now_ms += 600_000
        self.refused("state", "confirm", digits=gateway.code.digits)
        self.assert_locked(60)
        self.ask("begin", room=ROOM)
        self.box.now_ms += 600_000
        self.refused("state", "answer")
        self.assertEqual(self.locked_s(), 0)

    def test_a_run_that_nobody_ends_is_told_by_the_status(self):
        self.show()
        self.assertEqual(self.locked_s(), 0)
        self.box.now_ms += 600_000
        self.assertEqual(self.locked_s(), 60)


class RestartTest(MismatchTest):
    """The same failures, and a power cut after each: nothing is gained by it."""

    def assert_locked(self, seconds):
        self.assertEqual(self.locked_s(), seconds)
        self.box.now_ms += 1000 * seconds - 7000
        self.assertEqual(self.locked_s(), 7)
        self.restart()
        self.assertEqual(self.locked_s(), seconds)  # in full
        self.box.put("box", BOX)
        self.public = self.box.ask("keygen")["public"]
        super().assert_locked(seconds)
        self.restart()
        self.assertEqual(self.locked_s(), 0)
        self.box.put("box", BOX)
        self.public = self.box.ask("keygen")["public"]

    def test_a_power_cut_while_the_code_is_shown_counts(self):
        self.show()
        self.restart()
        self.assert_locked(60)

    def test_a_power_cut_before_a_code_does_not(self):
        self.ask("begin", room=ROOM)
        self.restart()
        self.assertEqual(self.locked_s(), 0)

    def test_a_power_cut_after_both_have_confirmed_does_not(self):
        self.pair()
        self.restart()
        self.assertEqual(self.locked_s(), 0)

    def test_a_wipe_wins_no_try(self):
        self.show()
        self.box.ask("wipe", {"confirm": ""})
        self.assertEqual(self.locked_s(), 60)
        self.assert_locked(60)

    def test_a_wipe_of_the_whole_flash_wins_no_try_either(self):
        for seconds in (60, 60, 600):
            self.fail()
            self.restart()
            path = self.path + "-lockout/file"
            self.box.verbs._erase = lambda path=path: os.remove(path)
            self.box.ask("wipe", {"confirm": ""})
            self.restart()
            self.assert_locked(seconds)

    def test_damage_helps_nobody_to_another_try(self):
        self.fail()
        path = self.path + "-lockout/file"
        with open(path, "rb") as file:
            whole = file.read()
        for data in (b"", b"x" * 100, whole[:-1], whole[:-1] + b"\x00"):
            with open(path, "wb") as file:
                file.write(data)
            self.restart()
            self.assertEqual(self.locked_s(), 60)

    def test_a_code_that_could_not_be_counted_is_not_shown(self):
        gateway = self.gateway()
        commit = self.ask("begin", room=ROOM)["commit"]
        self.box.put("answer", gateway.receive_commitment(unhexlify(commit)))

        def broken(kept):
            raise OSError(28)

        self.box.lockout._write = broken
        self.assertIn("flash", self.refused("state", "answer"))
        self.refused("state", "confirm", digits="123456")

    def test_the_end_of_a_wait_is_noted_when_it_comes(self):
        planned = []
        self.box.lockout.watch(lambda ms, action: planned.append((ms, action)))
        self.assertEqual(planned, [])
        self.fail()
        ((ms, action),) = planned
        self.assertEqual(ms, 60_000)
        self.box.now_ms += ms
        action()
        self.restart()
        self.assertEqual(self.locked_s(), 0)

    def test_a_wait_that_began_before_the_start_is_noted_too(self):
        self.fail()
        self.restart()
        planned = []
        self.box.lockout.watch(lambda ms, action: planned.append(ms))
        self.assertEqual(planned, [60_000])


class ContinuityTest(_Case):
    """Two people have compared a code once: it holds as long as both keys do."""

    def setUp(self):
        super().setUp()
        self.pair()
        self.commit()

    def tunnel(self, *keys):
        text = TUNNEL[: TUNNEL.index(b"[Peer]")]
        for number, key in enumerate(keys):
            text += (
                b"[Peer]\nEndpoint = 192.0.2.1:51820\nPublicKey = %s\n"
                % public_to_base64(key).encode()
            )
            text += b"AllowedIPs = 0.0.0.0/%d\n" % number
        return text

    def assert_changed(self, own, peer):
        told = self.verification()
        self.assertEqual(
            (told["state"], told["own_changed"], told["peer_changed"]), ("changed", own, peer)
        )
        self.assertEqual(self.verified(), "changed")
        self.restart()
        self.assertEqual(self.verified(), "changed")

    def test_another_name_or_endpoint_changes_nothing(self):
        self.box.put("box", BOX.replace(b"attic", b"cellar"))
        self.box.put("tunnel", self.tunnel(GATEWAY_KEY))
        self.commit()
        self.assertEqual(self.verified(), "yes")

    def test_another_gateway_is_told(self):
        self.box.put("tunnel", self.tunnel(bytes(range(32))))
        self.assertEqual(self.verified(), "yes")  # it is in force only after the commit
        self.commit()
        self.assert_changed(False, True)

    def test_a_second_peer_whose_key_nobody_compared_is_told(self):
        self.box.put("tunnel", self.tunnel(GATEWAY_KEY, bytes(range(32))))
        self.commit()
        self.assert_changed(False, True)

    def test_another_key_of_the_box_is_told(self):
        self.box.ask("keygen")
        self.commit()
        self.assert_changed(True, False)

    def test_the_keys_that_were_compared_are_verified_again(self):
        self.box.put("tunnel", self.tunnel(bytes(range(32))))
        self.commit()
        self.box.put("tunnel", self.tunnel(GATEWAY_KEY))
        self.commit()
        self.assertEqual(self.verified(), "yes")

    def test_pairing_anew_replaces_whom_the_box_trusts(self):
        self.pair(self.gateway(key=bytes(range(7, 39))))
        self.commit()
        self.assertEqual(self.verified(), "yes")
        self.assertEqual(self.verification()["peer"], public_to_base64(bytes(range(7, 39))))

    def test_a_wipe_forgets_whom_the_box_trusts(self):
        self.box.ask("wipe", {"confirm": "attic"})
        self.assertEqual(self.verified(), "no")
        self.assertIsNone(self.verification()["gateway"])

    def test_a_box_that_was_given_a_file_is_not_verified(self):
        self.box.ask("wipe", {"confirm": "attic"})
        self.box.provision()
        self.assertEqual(self.verified(), "no")

    def test_it_is_said_in_words(self):
        def words():
            return self.box.verbs.committed().verification.words()

        self.assertEqual(words(), "verified with home")
        self.box.put("tunnel", self.tunnel(bytes(range(32))))
        self.commit()
        self.assertEqual(words(), "NOT VERIFIED ANY MORE, the key of home has changed")
        self.box.ask("keygen")
        self.commit()
        self.assertEqual(words(), "NOT VERIFIED ANY MORE, its own key has changed")
        self.box.ask("wipe", {"confirm": "attic"})
        self.assertEqual(words(), "not verified")


class TrustTest(unittest.TestCase):
    def test_a_record_is_read_back(self):
        made = trust.Trust(GATEWAY_KEY, bytes(32), "my home")
        found = trust.decode(made.encode())
        self.assertEqual(
            (found.gateway, found.own, found.name), (GATEWAY_KEY, bytes(32), "my home")
        )

    def test_a_record_of_another_form_is_none(self):
        whole = trust.Trust(GATEWAY_KEY, bytes(32), "").encode()
        for data in (None, b"", whole[:-1], b"\x02" + whole[1:]):
            self.assertIsNone(trust.decode(data))


class TunnelTextTest(unittest.TestCase):
    def test_a_gateway_that_says_little_gets_everything_sent(self):
        info = Info("home")
        info.address = "10.0.0.2/32"
        info.endpoints = ["192.0.2.1:1", "192.0.2.2:2"]
        text = bytes(tunnel_text.compose(info, GATEWAY_KEY, bytearray(range(32)))).decode()
        self.assertEqual(
            text,
            "[Interface]\nAddress = 10.0.0.2/32\n\n[Peer]\nPublicKey = %s\nPresharedKey = %s\n"
            "AllowedIPs = 0.0.0.0/0\nEndpoint = 192.0.2.1:1\n# Endpoint = 192.0.2.2:2\n"
            % (public_to_base64(GATEWAY_KEY), public_to_base64(bytes(range(32)))),
        )
        key = text.split("PresharedKey = ")[1].split("\n")[0]
        self.assertEqual(public_from_base64(key.encode()), bytes(range(32)))

    def test_shape_and_carriers_of_the_gateway_stand_in_their_sections(self):
        info = Info("home")
        info.shape = [("S1", "16"), ("HeaderProtectionKey", "a2V5")]
        info.carriers = [("UDP", "443, 53"), ("Path", "/0123")]
        text = bytes(tunnel_text.compose(info, GATEWAY_KEY, bytearray(32))).decode()
        head, _, tail = text.partition("\n[Carriers]\n")
        self.assertEqual(head, "[Interface]\nS1 = 16\nHeaderProtectionKey = a2V5\n")
        self.assertTrue(tail.startswith("UDP = 443, 53\nPath = /0123\n\n[Peer]\n"), tail)


if __name__ == "__main__":
    unittest.main()
