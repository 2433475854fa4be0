"""What `_wg` promises of a pairing's secrets; tests/pairing shows what they are for."""

import unittest

import _wg
from tests.contract import support
from tests.support import vectors

PUBLISHED = vectors.load("pairing/box_pair_1.json")["tests"][0]


def unhex(text):
    return bytes(int(text[i : i + 2], 16) for i in range(0, len(text), 2))


def published(name):
    return unhex(PUBLISHED[name])


def derived(secret):
    """Everything that a secret gives: the code, both confirmations, the preshared key."""
    sas, ours, theirs, psk = bytearray(8), bytearray(16), bytearray(16), bytearray(32)
    secret.sas(sas)
    secret.confirmation(ours, True)
    secret.confirmation(out=theirs, initiator=False)
    secret.preshared_key(psk)
    return [bytes(value) for value in (sas, ours, theirs, psk)]


class Sha256Test(unittest.TestCase):
    wg = _wg

    def test_sha256_gives_published_digests(self):
        for test in vectors.load("nist/sha256.json")["tests"]:
            if test["times"] > 2000:
                continue
            out = bytearray(32)
            self.wg.sha256(out, unhex(test["msg"]) * test["times"])
            self.assertEqual(bytes(out), unhex(test["md"]))

    def test_sha256_refuses_what_is_no_buffer_of_its_length(self):
        support.check_refusals(
            self,
            self.wg.sha256,
            lambda: (bytearray(32), b"data"),
            support.wrong_output(0, 32),
            [(1, "data", TypeError), (1, None, TypeError), (1, support.NoBuffer(), TypeError)],
        )
        memory = memoryview(bytearray(64))
        self.assertIs(support.refusal(self.wg.sha256, (memory[:32], memory[31:40])), ValueError)
        self.assertIsNone(support.refusal(self.wg.sha256, (memory[:32], memory[32:])))


class PairingSecretTest(unittest.TestCase):
    wg = _wg

    def secret(self, name="ephemeral_i"):
        return self.wg.PairingSecret(published(name))

    def agreed(self):
        secret = self.secret()
        theirs = self.secret("ephemeral_r").public()
        self.assertIs(secret.agree(public=theirs, transcript=published("transcript")), True)
        return secret

    def test_both_ends_derive_the_published_values(self):
        ours, theirs = self.secret(), self.secret("ephemeral_r")
        public = ours.public()
        self.assertEqual(public, published("reveal")[2:34])
        self.assertTrue(ours.agree(theirs.public(), published("transcript")))
        self.assertTrue(theirs.agree(public, published("transcript")))
        wanted = [published(name) for name in ("sas", "confirm_i", "confirm_r", "psk")]
        self.assertEqual(derived(ours), wanted)
        self.assertEqual(derived(theirs), wanted)

    def test_a_writable_seed_is_wiped_once_it_was_taken(self):
        seed = bytearray(published("ephemeral_i"))
        self.assertEqual(self.wg.PairingSecret(random=seed).public(), self.secret().public())
        self.assertEqual(seed, bytearray(32))
        short = bytearray(b"\1" * 31)
        self.assertIs(support.refusal(self.wg.PairingSecret, (short,)), ValueError)
        self.assertEqual(short, bytearray(b"\1" * 31))

    def test_nothing_is_derived_before_it_has_agreed(self):
        secret = self.secret()
        for method, arguments in (
            (secret.sas, (bytearray(8),)),
            (secret.confirmation, (bytearray(16), True)),
            (secret.preshared_key, (bytearray(32),)),
        ):
            self.assertIs(support.refusal(method, arguments), ValueError)
            self.assertEqual(bytes(arguments[0]), bytes(len(arguments[0])))

    def test_it_agrees_once_and_its_ephemeral_key_is_gone_then(self):
        secret = self.agreed()
        self.assertIs(support.refusal(secret.public, ()), ValueError)
        before = derived(secret)
        again = (self.secret("ephemeral_r").public(), bytes(32))
        self.assertIs(support.refusal(secret.agree, again), ValueError)
        self.assertEqual(derived(secret), before)

    def test_a_shared_secret_of_zeros_leaves_nothing_to_use(self):
        secret = self.secret()
        self.assertIs(secret.agree(bytes(32), published("transcript")), False)
        self.assert_gone(secret)

    def test_a_wiped_secret_answers_nothing(self):
        for secret in (self.secret(), self.agreed()):
            secret.wipe()
            secret.wipe()
            self.assert_gone(secret)

    def assert_gone(self, secret):
        theirs = self.secret("ephemeral_r").public()
        for method, arguments in (
            (secret.public, ()),
            (secret.agree, (theirs, bytes(32))),
            (secret.sas, (bytearray(8),)),
            (secret.confirmation, (bytearray(16), True)),
            (secret.preshared_key, (bytearray(32),)),
        ):
            self.assertIs(support.refusal(method, arguments), ValueError)

    def test_arguments_of_other_lengths_and_kinds_are_refused(self):
        theirs = self.secret("ephemeral_r").public()
        support.check_refusals(
            self, self.wg.PairingSecret, lambda: (bytes(32),), support.wrong_bytes(0, 32)
        )
        support.check_refusals(
            self,
            lambda *arguments: self.secret().agree(*arguments),
            lambda: (theirs, bytes(32)),
            support.wrong_bytes(0, 32),
            support.wrong_bytes(1, 32),
        )
        secret = self.agreed()
        support.check_refusals(
            self, secret.sas, lambda: (bytearray(8),), support.wrong_output(0, 8)
        )
        support.check_refusals(
            self,
            secret.confirmation,
            lambda: (bytearray(16), True),
            support.wrong_output(0, 16),
            [(1, 1, TypeError), (1, None, TypeError)],
        )
        support.check_refusals(
            self, secret.preshared_key, lambda: (bytearray(32),), support.wrong_output(0, 32)
        )


if __name__ == "__main__":
    unittest.main()
