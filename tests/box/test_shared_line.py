"""One line, two protocols and noise: neither of the two disturbs the other."""

import unittest

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.box.test_improv import Radio, _Case

from improv.packets import RPC, Reader, build
from ut1 import frame, payload
from ut1.device import Session

REQUEST = bytes(frame.encode(7, "hello", payload.build({})))
STATE_REQUEST = build(RPC, b"\x02\x00").strip(b"\n")
PREAMBLE = b"\n" * 8

# Whatever a line may carry, with the beginnings and the ends of both protocols in it.
NOISE = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from(
            [
                *(REQUEST[:n] for n in (1, 5, 9, len(REQUEST) - 1)),
                *(STATE_REQUEST[:n] for n in range(1, len(STATE_REQUEST))),
                b"IMPROV\x01\x03\xff",
                b"IMPROV\x01\x03\x0a\x01\x08\x03abc",
                STATE_REQUEST[:-1] + b"\x00",
                b"@ut1 1 reboot",
                b"\n",
                PREAMBLE,
            ]
        ),
    ),
    max_size=8,
).map(b"".join)


def whole(noise: bytes) -> bytes:
    """Noise that happens to be neither a request nor a packet."""
    return noise.replace(REQUEST, b"").replace(STATE_REQUEST, b"")


class Line:
    """A box's two ends of the line without what they lead to."""

    def __init__(self) -> None:
        self.verbs: list[str] = []
        self.packets: list[bytes] = []
        self.session = Session(self.handle)
        self.reader = Reader()

    def handle(self, verb: str, arguments: object, data: memoryview | None) -> dict[str, object]:
        self.verbs.append(verb)
        return {}

    def take(self, stream: bytes, cuts: list[int] | None = None) -> None:
        before = 0
        for cut in [*sorted(cut % (len(stream) + 1) for cut in cuts or []), len(stream)]:
            for kind, data, length in self.reader.feed(bytearray(stream[before:cut])):
                if kind == 0:
                    self.session.receive(data, length)
                elif kind > 0:
                    self.packets.append(bytes(data))
            before = cut


class SharedLineTest(unittest.TestCase):
    @settings(max_examples=300)
    @given(NOISE, st.lists(st.integers(0, 4096), max_size=6))
    def test_a_request_of_ut1_gets_through_whatever_was_before_it(
        self, noise: bytes, cuts: list[int]
    ) -> None:
        line = Line()
        line.take(whole(noise) + PREAMBLE + REQUEST + PREAMBLE + REQUEST, cuts)
        self.assertIn("hello", line.verbs)

    @settings(max_examples=300)
    @given(NOISE, st.lists(st.integers(0, 4096), max_size=6))
    def test_a_packet_of_improv_gets_through_whatever_was_before_it(
        self, noise: bytes, cuts: list[int]
    ) -> None:
        line = Line()
        # As clients do: again and again until there is an answer.
        line.take(whole(noise) + 40 * (STATE_REQUEST + b"\n"), cuts)
        self.assertIn(b"\x02\x00", line.packets)

    @settings(max_examples=200)
    @given(st.integers(0, len(REQUEST) - 1), st.lists(st.integers(0, 4096), max_size=6))
    def test_a_packet_in_the_middle_of_a_request_harms_neither(
        self, at: int, cuts: list[int]
    ) -> None:
        line = Line()
        line.take(REQUEST[:at] + STATE_REQUEST + REQUEST[at:], cuts)
        self.assertEqual((line.verbs, line.packets), (["hello"], [b"\x02\x00"]))

    @settings(max_examples=200)
    @given(st.binary(max_size=200))
    def test_what_a_packet_holds_is_never_taken_for_a_request(self, data: bytes) -> None:
        line = Line()
        line.take(build(RPC, (data + REQUEST)[-250:]))
        self.assertEqual(line.verbs, [])
        self.assertEqual(len(line.packets), 1)

    @settings(max_examples=200)
    @given(st.binary(max_size=600))
    def test_without_packets_ut1_hears_every_byte(self, data: bytes) -> None:
        stream = data.replace(b"IMPROV\x01", b"") + b"."
        heard = bytearray()
        for kind, piece, length in Reader().feed(stream):
            self.assertEqual(kind, 0)
            heard += bytes(piece[:length])
        self.assertEqual(bytes(heard), stream)


class BoxTest(_Case):
    links = Radio

    def test_a_box_is_asked_by_both_in_turn(self) -> None:
        self.box.provision()
        for _ in range(3):
            self.assertEqual(self.box.ask("hello")["name"], "attic")
            self.box.output = bytearray()
            self.assertEqual(len(self.call(2)), 2)
        answers = self.send(PREAMBLE + REQUEST[:9] + STATE_REQUEST + REQUEST[9:])
        self.assertEqual(len(answers), 2)

    def heard(self) -> list[tuple[int, bytes]]:
        """Packets only: between them are answers of ut1."""
        found = [
            (kind, bytes(data))
            for kind, data, _ in Reader().feed(bytes(self.box.output))
            if kind > 0
        ]
        self.box.output = bytearray()
        return found


if __name__ == "__main__":
    unittest.main()
