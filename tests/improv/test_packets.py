import unittest

from tests.support.randomness import Random

from improv.packets import BROKEN, ERROR, OTHER, RESULT, RPC, Reader, build

# As clients send them: "what is your state", "join MyWirelessAP" (improv-wifi.com/serial).
STATE_REQUEST = b"IMPROV\x01\x03\x02\x02\x00\xe5"
JOIN_DATA = b"\x01\x1e\x0cMyWirelessAP\x10mysecurepassword"


def packet(kind, data):
    return build(kind, data)[1:-1]


def read(stream, cuts=()):
    """What a reader makes of a stream in pieces: (the rest, the packets with their kinds)."""
    reader = Reader()
    rest = b""
    packets = []
    before = 0
    for cut in list(cuts) + [len(stream)]:
        for kind, data, length in reader.feed(bytearray(stream[before:cut])):
            if kind == OTHER:
                rest += bytes(data[:length])
            else:
                packets.append((kind, bytes(data[:length])))
        before = cut
    return rest, packets


class PacketTest(unittest.TestCase):
    def test_a_packet_is_built_as_the_description_has_it(self):
        self.assertEqual(packet(RPC, b"\x02\x00"), STATE_REQUEST)
        self.assertEqual(build(ERROR, b"\x02"), b"\nIMPROV\x01\x02\x01\x02" + b"\xe3" + b"\n")
        self.assertEqual(len(packet(RESULT, bytes(255))), 9 + 255 + 1)
        with self.assertRaises(ValueError):
            build(RESULT, bytes(256))

    def test_a_packet_is_read_whatever_is_around_it(self):
        self.assertEqual(read(STATE_REQUEST), (b"", [(RPC, b"\x02\x00")]))
        stream = b"boot\r\n" + packet(RPC, JOIN_DATA) + b"\nmore" + STATE_REQUEST
        self.assertEqual(read(stream), (b"boot\r\n\nmore", [(RPC, JOIN_DATA), (RPC, b"\x02\x00")]))

    def test_a_packet_may_come_in_pieces(self):
        stream = b"I" + packet(RPC, JOIN_DATA) + b"IM" + packet(RPC, b"\x03\x00") + b"x"
        whole = read(stream)
        self.assertEqual(whole, (b"IIMx", [(RPC, JOIN_DATA), (RPC, b"\x03\x00")]))
        for size in (1, 2, 3, 5, 7, 11):
            self.assertEqual(read(stream, range(size, len(stream), size)), whole)

    def test_a_packet_within_a_line_leaves_the_line_whole(self):
        line = b"@ut1 7 hello e30= 00000000\n"
        for at in range(len(line)):
            stream = line[:at] + STATE_REQUEST + line[at:]
            self.assertEqual(read(stream), (line, [(RPC, b"\x02\x00")]))

    def test_a_wrong_checksum_breaks_a_packet_and_loses_nothing(self):
        for position in range(6, len(STATE_REQUEST)):
            broken = bytearray(STATE_REQUEST)
            broken[position] ^= 0x40
            rest, packets = read(bytes(broken) + b"\n" * 8 + b"x")
            self.assertEqual(rest, bytes(broken) + b"\n" * 8 + b"x")
            self.assertTrue(all(kind == BROKEN for kind, _ in packets), position)
        # The checksum itself.
        self.assertEqual(read(STATE_REQUEST[:-1] + b"\x00")[1], [(BROKEN, b"")])

    def test_a_packet_that_was_cut_off_does_not_swallow_the_next_one(self):
        for length in range(7, 12):
            cut = STATE_REQUEST[:length]
            rest, packets = read(cut + 40 * (STATE_REQUEST + b"\n"))
            self.assertIn((RPC, b"\x02\x00"), packets)
            self.assertEqual(rest.replace(b"\n", b""), cut)

    def test_eight_newlines_end_a_packet_that_was_cut_off(self):
        line = b"\n\n\n\n\n\n\n\n@ut1 7 hello e30= 00000000\n"
        for cut in (b"IMPROV\x01\x03\xff", b"IMPROV\x01\x03\xff" + b"x" * 100):
            rest, packets = read(cut + line)
            self.assertEqual(rest, cut + line)
            self.assertEqual(packets, [(BROKEN, b"")])

    def test_the_beginning_of_a_packet_waits_for_the_rest(self):
        for length in range(1, 12):
            self.assertEqual(read(b"abc" + STATE_REQUEST[:length]), (b"abc", []))

    def test_nothing_is_copied_where_there_is_no_packet(self):
        data = bytearray(b"@ut1 8 put SU1QUk9W e30= 00000000\n")
        ((kind, piece, length),) = list(Reader().feed(data, 10))
        self.assertTrue(piece is data)
        self.assertEqual((kind, length), (OTHER, 10))

    def test_pieces_are_wiped_once_the_next_is_asked_for(self):
        reader = Reader()
        seen = []
        for _, data, _ in reader.feed(b"a secret" + packet(RPC, JOIN_DATA) + b"IMPROV\x01\x09 x"):
            seen.append(data)
        self.assertTrue(len(seen) >= 3)
        copies = [data for data in seen if isinstance(data, bytearray)]
        self.assertTrue(len(copies) >= 2)
        for data in copies[:2]:
            self.assertEqual(bytes(data), bytes(len(data)))
        self.assertEqual(bytes(reader._kept), bytes(len(reader._kept)))

    def test_any_stream_is_taken_apart_the_same_in_whatever_pieces_it_comes(self):
        random = Random(3)
        parts = [
            STATE_REQUEST,
            packet(RPC, JOIN_DATA),
            packet(RESULT, bytes(range(255))),
            b"@ut1 7 hello e30= 00000000\n",
            b"\n" * 8,
            b"IMPROV",
            b"IMPROV\x01\x03\x05",
            STATE_REQUEST[:-1] + b"\x00",
            b"I",
            b"IMPROIMPROV\x01",
        ]
        for _ in range(60):
            stream = b""
            for _ in range(random.below(12)):
                stream += parts[random.below(len(parts))]
                noise = bytearray(random.below(9))
                random.fill(noise)
                stream += bytes(noise)
            whole = read(stream)
            cuts = sorted([random.below(len(stream) + 1) for _ in range(random.below(20))])
            self.assertEqual(read(stream, cuts), whole)

    def test_what_has_no_packet_in_it_passes_byte_by_byte(self):
        random = Random(4)
        for _ in range(100):
            noise = bytearray(random.below(600))
            random.fill(noise)
            stream = bytes(noise).replace(b"IMPROV\x01", b"") + b"."
            self.assertEqual(read(stream), (stream, []))


if __name__ == "__main__":
    unittest.main()
