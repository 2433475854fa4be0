"""A megabyte of noise, and lines that hypothesis thinks of, at the console of a box."""

import random
import unittest

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.box.test_console import BOX, TUNNEL, Box
from tests.support.flash import Folder

from ut1 import frame, payload
from ut1.device import Session
from ut1.errors import RefusedError
from ut1.host import Exchange, Numbers

MEGABYTE = 1 << 20

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


def spoiled(frames: list[bytes], dice: random.Random, length: int) -> bytes:
    """Noise with cut frames, doubled bytes, flipped bits, lone marks and control characters."""
    out = bytearray()
    while len(out) < length:
        whole = bytearray(dice.choice(frames))
        match dice.randrange(8):
            case 0:
                out += whole[: dice.randrange(len(whole) - 1)]
            case 1:
                out += whole[1 + dice.randrange(len(whole) - 1) :]
            case 2:
                at = dice.randrange(len(whole) - 1)
                out += whole[: at + 1] + whole[at:]
            case 3:
                whole[dice.randrange(len(whole) - 1)] ^= 1 << dice.randrange(8)
                out += whole
            case 4:
                out += dice.choice(
                    [b"@", b"@ut1 ", b"\n", b"\r\n", b"\x03", b"\x04", b"\x01", b"\0"]
                )
            case _:
                out += dice.randbytes(dice.randrange(400))
    # By chance pieces fit together again.
    for whole in frames:
        out = out.replace(whole[1:-1], b"")
    return bytes(out)


class NoiseTest(unittest.TestCase):
    def test_a_box_that_is_provisioned_through_a_megabyte_of_noise_is_provisioned(self) -> None:
        folder = Folder()
        self.addCleanup(folder.close)
        dice = random.Random(1)
        box = Box(folder.path + "/state")
        frames = [
            bytes(Exchange(Numbers(number), verb, arguments).send(0)[8:])
            for number, (verb, arguments) in enumerate(
                (
                    ("wipe", {"confirm": ""}),
                    ("reboot", None),
                    ("keygen", None),
                    ("commit", {"digest": 64 * "0"}),
                )
            )
        ]
        made_noise = 0

        def noise() -> None:
            nonlocal made_noise
            piece = spoiled(frames, dice, 1 << 15)
            made_noise += len(piece)
            box.input.extend(piece)
            while box.input:
                box.console.receive()
            box.output = bytearray()

        def put(name: str, content: bytes) -> None:
            for i in range(0, len(content), payload.CHUNK_LEN_MAX):
                noise()
                chunk = content[i : i + payload.CHUNK_LEN_MAX]
                count = -(-len(content) // payload.CHUNK_LEN_MAX)
                box.ask("put", {"k": name, "i": i // payload.CHUNK_LEN_MAX, "n": count}, chunk)

        put("box", BOX)
        put("tunnel", TUNNEL)
        while made_noise < MEGABYTE - (1 << 15):
            noise()
            self.assertEqual(box.ask("hello")["state"], "partial")
        public = box.ask("keygen")["public"]
        noise()
        check = box.ask("check")
        self.assertEqual((check["public"], check["missing"]), (public, []))
        box.ask("commit", {"digest": check["digest"]})
        self.assertEqual(box.ask("hello")["state"], "ready")
        self.assertGreaterEqual(made_noise, MEGABYTE)
        self.assertEqual(box.resets, 0)


class PropertyTest(unittest.TestCase):
    @given(st.binary(max_size=2000))
    def test_no_bytes_ever_stop_a_session(self, data: bytes) -> None:
        Session(lambda verb, arguments, data: {}).receive(data + b"\n")

    @given(st.integers(1, frame.SEQ_MAX), st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.binary())
    def test_a_frame_with_any_payload_never_stops_a_session(
        self, seq: int, word: str, data: bytes
    ) -> None:
        line = bytes(frame.encode(seq, word, data[: frame.PAYLOAD_LEN_MAX]))
        out = Session(lambda verb, arguments, data: {}).receive(line)
        self.assertEqual(bool(out), word not in ("ok", "error"))

    @settings(max_examples=50)
    @given(ANYTHING)
    def test_arguments_of_any_kind_are_refused_in_words_or_answered(self, value: object) -> None:
        folder = Folder()
        self.addCleanup(folder.close)
        box = Box(folder.path + "/state")
        verbs = ("hello", "put", "check", "commit", "wipe", "log", "more", "keygen")
        for verb in verbs:
            for name in ("k", "i", "n", "digest", "confirm", "proto", "of"):
                try:
                    exchange = Exchange(Numbers(1), verb, {name: value})
                except ValueError:
                    return  # longer than a line
                exchange.close()
                try:
                    box.ask(verb, {name: value})
                except RefusedError as refusal:
                    self.assertTrue(refusal.why and refusal.mend)

    @settings(max_examples=50)
    @given(st.binary(max_size=4096), st.integers(0, 1 << 30))
    def test_any_document_arrives_as_it_was_sent(self, content: bytes, first: int) -> None:
        folder = Folder()
        self.addCleanup(folder.close)
        box = Box(folder.path + "/state")
        box.numbers = Numbers(first)
        box.put("tunnel", content)
        self.assertEqual(bytes(box.verbs._draft.staging.state.tunnel), content)


if __name__ == "__main__":
    unittest.main()
