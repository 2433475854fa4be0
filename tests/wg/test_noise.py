import unittest
from binascii import a2b_base64

from _wg import PresharedKey, PrivateKey
from tests.support import raw_noise, vectors
from tests.support.randomness import Random
from tests.support.raw_noise import shared_secret

from wg import noise

NAME = "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s"
VECTORS = "noise/cacophony_IK_25519_ChaChaPoly_BLAKE2s.json"
CONSTANTS = "wireguard/constants.json"


def cacophony():
    for vector in vectors.load(VECTORS)["vectors"]:
        if vector["protocol_name"] == NAME:
            return vector
    raise KeyError(NAME)


def private_key(digits):
    return PrivateKey(bytes.fromhex(digits))


class Sides:
    """An initiator and a responder from fixed random numbers, with WireGuard's prologue."""

    def __init__(self, seed=1):
        self.random = Random(seed)
        self.initiator_raw = self.raw()
        self.responder_raw = self.raw()
        self.ephemeral_raw = self.raw()
        self.initiator_private = PrivateKey(bytes(self.initiator_raw))
        self.responder_private = PrivateKey(bytes(self.responder_raw))
        self.initiator_public = self.initiator_private.public()
        self.responder_public = self.responder_private.public()
        self.initiator = noise.Initiator(
            self.initiator_private, self.initiator_public, self.responder_public
        )
        self.responder = noise.Responder(self.responder_private, self.responder_public)
        self.psk = PresharedKey(bytes(32))

    def raw(self):
        raw = bytearray(32)
        self.random.fill(raw)
        return bytes(raw)

    def key(self):
        return PrivateKey(self.raw())

    def initiation(self, payload=b"twelve bytes"):
        message = bytearray(noise.INITIATION_OVERHEAD + len(payload))
        ephemeral = PrivateKey(self.ephemeral_raw)
        self.initiator.write(memoryview(message), payload, ephemeral)
        return memoryview(message)

    def response(self, message, psk=None):
        self.responder.read_static(message)
        self.responder.read_payload(message)
        response = bytearray(noise.RESPONSE_OVERHEAD)
        self.responder.write(memoryview(response), b"", self.key(), psk or self.psk)
        return memoryview(response)


class VectorTest(unittest.TestCase):
    def setUp(self):
        self.vector = cacophony()
        self.messages = [
            (bytes.fromhex(message["payload"]), bytes.fromhex(message["ciphertext"]))
            for message in self.vector["messages"]
        ]

    def psk(self):
        return PresharedKey(bytes.fromhex(self.vector["init_psks"][0]))

    def initiator(self):
        private = private_key(self.vector["init_static"])
        return noise.Initiator(
            private,
            private.public(),
            bytes.fromhex(self.vector["init_remote_static"]),
            bytes.fromhex(self.vector["init_prologue"]),
        )

    def responder(self):
        private = private_key(self.vector["resp_static"])
        prologue = bytes.fromhex(self.vector["resp_prologue"])
        return noise.Responder(private, private.public(), prologue)

    def shake_hands(self):
        """Both sides after a handshake in which every message was what the vector says."""
        initiator = self.initiator()
        responder = self.responder()
        payload, expected = self.messages[0]
        message = bytearray(len(expected))
        ephemeral = private_key(self.vector["init_ephemeral"])
        self.assertTrue(initiator.write(memoryview(message), payload, ephemeral))
        self.assertEqual(bytes(message), expected)
        view = memoryview(message)
        static = private_key(self.vector["init_static"]).public()
        self.assertEqual(responder.read_static(view), static)
        self.assertEqual(responder.read_payload(view), payload)
        payload, expected = self.messages[1]
        message = bytearray(len(expected))
        ephemeral = private_key(self.vector["resp_ephemeral"])
        self.assertTrue(responder.write(memoryview(message), payload, ephemeral, self.psk()))
        self.assertEqual(bytes(message), expected)
        self.assertEqual(initiator.read(memoryview(message), self.psk()), payload)
        return initiator, responder

    def test_handshake_messages_are_those_of_the_vector(self):
        self.shake_hands()

    def test_both_sides_end_with_the_hash_of_the_vector(self):
        expected = bytes.fromhex(self.vector["handshake_hash"])
        for side in self.shake_hands():
            self.assertEqual(side.hash(), expected)

    def test_transport_messages_are_those_of_the_vector(self):
        initiator, responder = self.shake_hands()
        initiator_send, initiator_receive = initiator.split()
        responder_send, responder_receive = responder.split()
        directions = ((initiator_send, responder_receive), (responder_send, initiator_receive))
        for position, (payload, expected) in enumerate(self.messages[2:]):
            send, receive = directions[position % 2]
            sealed = bytearray(len(payload) + 16)
            send.encrypt(sealed, payload)
            self.assertEqual(bytes(sealed), expected)
            opened = bytearray(len(payload))
            self.assertTrue(receive.decrypt(opened, sealed))
            self.assertEqual(bytes(opened), payload)


class ForgeryTest(unittest.TestCase):
    def test_a_forged_response_leaves_the_initiator_as_it_was(self):
        sides = Sides()
        response = sides.response(sides.initiation())
        for position in range(0, len(response), 7):
            forged = bytearray(response)
            forged[position] ^= 1
            self.assertIsNone(sides.initiator.read(memoryview(forged), sides.psk))
        self.assertEqual(sides.initiator.read(response, sides.psk), b"")
        self.assertEqual(sides.initiator.hash(), sides.responder.hash())

    def test_a_forged_initiation_is_refused(self):
        sides = Sides()
        message = bytes(sides.initiation())
        for position in range(0, len(message), 9):
            forged = bytearray(message)
            forged[position] ^= 1
            forged = memoryview(forged)
            responder = noise.Responder(sides.responder_private, sides.responder_public)
            static = responder.read_static(forged)
            if static is not None:
                self.assertIsNone(responder.read_payload(forged))

    def test_messages_that_are_too_short_are_refused(self):
        sides = Sides()
        message = sides.initiation()
        short = message[: noise.INITIATION_OVERHEAD - 1]
        self.assertIsNone(sides.responder.read_static(short))
        self.assertIsNone(sides.initiator.read(short[: noise.RESPONSE_OVERHEAD - 1], sides.psk))

    def test_a_response_under_another_preshared_key_is_refused(self):
        sides = Sides()
        response = sides.response(sides.initiation(), PresharedKey(b"\x07" * 32))
        self.assertIsNone(sides.initiator.read(response, sides.psk))
        self.assertEqual(sides.initiator.read(response, PresharedKey(b"\x07" * 32)), b"")

    def test_a_response_counts_once(self):
        sides = Sides()
        response = sides.response(sides.initiation())
        self.assertEqual(sides.initiator.read(response, sides.psk), b"")
        self.assertIsNone(sides.initiator.read(response, sides.psk))

    def test_another_prologue_is_another_protocol(self):
        sides = Sides()
        message = sides.initiation()
        responder = noise.Responder(sides.responder_private, sides.responder_public, b"WireGuard")
        self.assertIsNone(responder.read_static(message))


class LowOrderTest(unittest.TestCase):
    """Whoever sends such a point knows the shared secret, without any private key (paper 5.4)."""

    def setUp(self):
        points = vectors.load(CONSTANTS)["low_order_points_b64"]
        self.points = [a2b_base64(point) for point in points]

    def crafted_response(self, sides, point, skip_zero):
        """What a responder answers who uses this point for its ephemeral key."""
        message = sides.initiation()
        return raw_noise.response(
            message,
            shared_secret(sides.ephemeral_raw, sides.responder_public),
            shared_secret(sides.initiator_raw, sides.responder_public),
            point,
            shared_secret(sides.ephemeral_raw, point),
            shared_secret(sides.initiator_raw, point),
            sides.responder_public,
            skip_zero,
        )

    def crafted_initiation(self, sides, ephemeral, static, skip_zero):
        """A first message with these public keys."""
        return raw_noise.initiation(
            sides.responder_public,
            ephemeral,
            static,
            shared_secret(sides.responder_raw, ephemeral),
            shared_secret(sides.responder_raw, static),
            b"twelve bytes",
            skip_zero,
        )

    def test_the_crafted_messages_are_right_with_sound_keys(self):
        sides = Sides()
        response = self.crafted_response(sides, sides.key().public(), False)
        self.assertEqual(sides.initiator.read(memoryview(response), sides.psk), b"")
        static = sides.initiator_public
        message = memoryview(self.crafted_initiation(sides, sides.key().public(), static, False))
        self.assertEqual(sides.responder.read_static(message), static)
        self.assertEqual(sides.responder.read_payload(message), b"twelve bytes")

    def test_a_response_with_a_low_order_ephemeral_is_refused(self):
        for point in self.points:
            for skip_zero in (False, True):
                with self.subTest(point.hex()):
                    sides = Sides()
                    response = self.crafted_response(sides, point, skip_zero)
                    self.assertIsNone(sides.initiator.read(memoryview(response), sides.psk))

    def test_an_initiation_with_a_low_order_ephemeral_is_refused(self):
        for point in self.points:
            with self.subTest(point.hex()):
                sides = Sides()
                message = self.crafted_initiation(sides, point, sides.initiator_public, False)
                self.assertIsNone(sides.responder.read_static(memoryview(message)))

    def test_an_initiation_from_a_low_order_static_key_is_refused(self):
        for point in self.points:
            for skip_zero in (False, True):
                with self.subTest(point.hex()):
                    sides = Sides()
                    ephemeral = sides.key().public()
                    message = self.crafted_initiation(sides, ephemeral, point, skip_zero)
                    message = memoryview(message)
                    self.assertEqual(sides.responder.read_static(message), point)
                    self.assertIsNone(sides.responder.read_payload(message))

    def test_nothing_is_sent_to_a_low_order_static_key(self):
        for point in self.points:
            with self.subTest(point.hex()):
                sides = Sides()
                initiator = noise.Initiator(sides.initiator_private, sides.initiator_public, point)
                message = bytearray(noise.INITIATION_OVERHEAD)
                self.assertFalse(initiator.write(memoryview(message), b"", sides.key()))

    def test_an_initiation_to_a_low_order_ephemeral_gets_no_response(self):
        # read_static() has refused it already; the shared secret is tested again all the same.
        for point in self.points:
            with self.subTest(point.hex()):
                sides = Sides()
                message = sides.initiation()
                sides.responder.read_static(message)
                sides.responder.read_payload(message)
                sides.responder._remote_ephemeral = point
                response = memoryview(bytearray(noise.RESPONSE_OVERHEAD))
                self.assertFalse(sides.responder.write(response, b"", sides.key(), sides.psk))


if __name__ == "__main__":
    unittest.main()
