import unittest
from binascii import a2b_base64

from _wg import PresharedKey, PrivateKey
from tests.support import vectors
from tests.support.randomness import Random

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
        self.initiator_private = self.key()
        self.responder_private = self.key()
        self.initiator_public = self.initiator_private.public()
        self.responder_public = self.responder_private.public()
        self.initiator = noise.Initiator(
            self.initiator_private, self.initiator_public, self.responder_public
        )
        self.responder = noise.Responder(self.responder_private, self.responder_public)
        self.psk = PresharedKey(bytes(32))

    def key(self):
        raw = bytearray(32)
        self.random.fill(raw)
        return PrivateKey(raw)

    def initiation(self, payload=b"twelve bytes"):
        message = bytearray(noise.INITIATION_OVERHEAD + len(payload))
        self.initiator.write(memoryview(message), payload, self.key())
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
    def setUp(self):
        points = vectors.load(CONSTANTS)["low_order_points_b64"]
        self.points = [a2b_base64(point) for point in points]

    def test_there_are_points_to_test_with(self):
        self.assertTrue(len(self.points) >= 5)

    def test_a_response_with_a_low_order_ephemeral_is_refused(self):
        for point in self.points:
            with self.subTest(point.hex()):
                sides = Sides()
                response = sides.response(sides.initiation())
                forged = bytearray(response)
                forged[:32] = point
                self.assertIsNone(sides.initiator.read(memoryview(forged), sides.psk))
                self.assertEqual(sides.initiator.read(response, sides.psk), b"")

    def test_an_initiation_with_a_low_order_ephemeral_is_refused(self):
        for point in self.points:
            with self.subTest(point.hex()):
                sides = Sides()
                message = sides.initiation()
                message[:32] = point
                self.assertIsNone(sides.responder.read_static(message))

    def test_nothing_is_sent_to_a_low_order_static_key(self):
        for point in self.points:
            with self.subTest(point.hex()):
                sides = Sides()
                initiator = noise.Initiator(sides.initiator_private, sides.initiator_public, point)
                message = bytearray(noise.INITIATION_OVERHEAD)
                self.assertFalse(initiator.write(memoryview(message), b"", sides.key()))

    def test_an_initiation_from_a_low_order_static_key_is_refused(self):
        # A liar who knows the responder can send any static key; "ss" must not become zero.
        for point in self.points:
            with self.subTest(point.hex()):
                sides = Sides()
                message = bytearray(noise.INITIATION_OVERHEAD)
                liar = noise.Initiator(sides.initiator_private, point, sides.responder_public)
                self.assertTrue(liar.write(memoryview(message), b"", sides.key()))
                self.assertEqual(sides.responder.read_static(memoryview(message)), point)
                self.assertIsNone(sides.responder.read_payload(memoryview(message)))


if __name__ == "__main__":
    unittest.main()
