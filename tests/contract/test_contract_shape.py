import unittest

import _wg
from tests.contract import support

KEY = bytes(range(32))
SEED = bytes(range(32, 64))
PLAIN_TYPES = (1, 1, 2, 2, 3, 3, 4, 4)
RANGES = (100, 199, 1000, 1999, 2**31, 2**31 + 9, 2**32 - 7, 2**32 - 1)
LENGTHS = (148, 92, 64, 32)


def message_of(kind, length=None, number=None):
    """A message of this kind with a type on the wire and nothing else of sense."""
    length = LENGTHS[kind - 1] if length is None else length
    head = (kind if number is None else number).to_bytes(4, "little")
    return head + bytes(7 * i & 255 for i in range(length - 4))


class ShapeTest(unittest.TestCase):
    wg = _wg

    def shape(self, sizes=(16, 16, 16, 16), types=PLAIN_TYPES, key=KEY, seed=SEED):
        return self.wg.Shape(sizes, types, key, seed)

    def wrapped(self, shape, kind, message):
        datagram = bytearray(b"\xee" * shape.room(kind) + message)
        shape.wrap(kind, datagram)
        return datagram

    def test_data_with_header_protection_is_as_described(self):
        head = bytes.fromhex("04000000ddccbbaa0700000000000000")
        prefix = bytes(range(0x40, 0x50))
        wire = prefix + bytes.fromhex("1d509e570dec8005abfd26f596b7a404") + bytes(range(32))
        datagram = bytearray(wire)
        self.assertEqual(self.shape().open(datagram), (4, 16, 1))
        self.assertEqual(bytes(datagram), prefix + head + bytes(range(32)))

    def test_what_was_wrapped_is_found_again(self):
        for types in (PLAIN_TYPES, RANGES):
            for key in (None, KEY):
                for sizes in ((16, 16, 16, 16), (1132, 33, 500, 64), (12, 13, 14, 15)):
                    ours = self.shape(sizes, types, key)
                    theirs = self.shape(sizes, types, key, bytes(32))
                    for kind in (1, 2, 3, 4):
                        self.check_found(ours, theirs, kind, types)

    def check_found(self, ours, theirs, kind, types):
        # Initiations and responses have the type of the wire already, the others get one.
        number = types[2 * kind - 1] if kind < 3 else kind
        message = message_of(kind, 1452 if kind == 4 else None, number)
        datagram = self.wrapped(ours, kind, message)
        self.assertEqual(len(datagram), ours.room(kind) + len(message))
        self.assertEqual(theirs.open(datagram), (kind, ours.room(kind), 1))
        self.assertEqual(bytes(datagram[ours.room(kind) :]), message)

    def test_types_come_from_all_of_their_range(self):
        shape = self.shape((0, 0, 0, 0), RANGES, None)
        seen = set()
        for _ in range(400):
            seen.add(int.from_bytes(self.wrapped(shape, 4, message_of(4))[:4], "little"))
        self.assertEqual(seen, {2**32 - i for i in range(1, 8)})

    def test_a_type_on_either_side_of_the_range_is_none(self):
        shape = self.shape((0, 0, 0, 0), RANGES, None)
        for number, found in ((99, False), (100, True), (199, True), (200, False)):
            answer = shape.open(bytearray(message_of(1, number=number)))
            self.assertEqual(answer, (1, 0, 1) if found else (-self.wg.ERR_TYPE, 0, 0))

    def test_no_two_datagrams_begin_alike(self):
        for key in (None, KEY):
            shape = self.shape((20, 20, 20, 20), PLAIN_TYPES, key)
            seen = set()
            for i in range(600):
                kind = 1 + i % 4
                seen.add(bytes(self.wrapped(shape, kind, message_of(kind))[:20]))
            self.assertEqual(len(seen), 600)

    def test_all_of_a_handshake_message_is_hidden_and_the_header_of_data(self):
        shape = self.shape()
        for kind in (1, 2, 3):
            message = message_of(kind)
            datagram = self.wrapped(shape, kind, message)
            same = [message[i] == datagram[16 + i] for i in range(len(message))]
            self.assertTrue(sum(same) < 8)
        message = message_of(4, 200)
        self.assertEqual(bytes(self.wrapped(shape, 4, message)[32:]), message[16:])

    def test_another_key_finds_nothing(self):
        ours, theirs = self.shape(), self.shape(key=bytes(32))
        for kind in (1, 2, 3, 4):
            datagram = self.wrapped(ours, kind, message_of(kind))
            before = bytes(datagram)
            self.assertEqual(theirs.open(datagram), (-self.wg.ERR_TYPE, 0, 0))
            self.assertEqual(bytes(datagram), before)

    def test_plain_messages_are_found_beside_shaped_ones(self):
        for shape in (self.shape(), self.shape((0, 0, 0, 0), RANGES, None)):
            for kind in (1, 2, 3, 4):
                datagram = bytearray(message_of(kind))
                self.assertEqual(shape.open(datagram), (kind, 0, 0))
                self.assertEqual(bytes(datagram), message_of(kind))

    def test_where_plain_and_shaped_could_be_confused_all_is_shaped(self):
        # S4 = 0 and H4 = 4: data looks plain, but answers to it must not.
        shape = self.shape((15, 16, 17, 0), PLAIN_TYPES, None)
        self.assertEqual(shape.open(bytearray(message_of(4))), (4, 0, 1))
        self.assertEqual(shape.open(bytearray(message_of(1))), (-self.wg.ERR_TYPE, 0, 0))
        shape = self.shape((0, 0, 0, 0), (1, 9, 10, 19, 20, 29, 30, 39), None)
        self.assertEqual(shape.open(bytearray(message_of(1))), (1, 0, 1))
        # And a shape that is none is plain.
        shape = self.shape((0, 0, 0, 0), PLAIN_TYPES, None)
        for kind in (1, 2, 3, 4):
            self.assertEqual(shape.open(bytearray(message_of(kind))), (kind, 0, 0))
            self.assertEqual(bytes(self.wrapped(shape, kind, message_of(kind))), message_of(kind))

    def test_handshakes_are_looked_for_before_data(self):
        # Data of 148 bytes with a type in H1: as AmneziaWG, which is why ranges and sizes matter.
        types = (0, 2**31, 2**31 + 1, 2**31 + 2, 2**31 + 3, 2**31 + 4, 2**31 + 5, 2**31 + 5)
        shape = self.shape((4, 0, 0, 0), types, None)
        head = (2**31 + 5).to_bytes(4, "little")
        self.assertEqual(shape.open(bytearray(head + bytes(148))), (1, 4, 1))
        self.assertEqual(shape.open(bytearray(head + bytes(147))), (4, 0, 1))
        self.assertEqual(shape.open(bytearray(head + b"\xff" * 148)), (4, 0, 1))

    def test_short_and_strange_datagrams_are_none(self):
        shape = self.shape()
        for length in (0, 1, 4, 12, 31):
            self.assertEqual(shape.open(bytearray(length)), (-self.wg.ERR_SHORT, 0, 0))
        for length in (32, 48, 100, 1500):
            self.assertEqual(shape.open(bytearray(length)), (-self.wg.ERR_TYPE, 0, 0))

    def test_key_and_seed_are_wiped(self):
        key, seed = bytearray(KEY), bytearray(SEED)
        self.shape(key=key, seed=seed)
        self.assertEqual((bytes(key), bytes(seed)), (bytes(32), bytes(32)))
        key, seed = bytearray(KEY), bytearray(SEED)
        arguments = ((0, 0, 0, 0), PLAIN_TYPES, key, seed)
        self.assertIs(support.refusal(self.wg.Shape, arguments), ValueError)
        self.assertEqual((bytes(key), bytes(seed)), (bytes(32), bytes(32)))

    def test_impossible_shapes_are_refused(self):
        good = ((16, 16, 16, 16), RANGES, KEY, SEED)
        sizes = [(0, value, ValueError) for value in self.wrong_sizes()]
        types = [(1, value, ValueError) for value in self.wrong_types()]
        support.check_refusals(
            self,
            self.wg.Shape,
            lambda: good,
            sizes,
            types,
            [
                (0, (16, 16, 16, 2**16), OverflowError),
                (0, (16, 16, 16, -1), OverflowError),
                (0, (16, 16, 16, 1.0), TypeError),
                (0, 16, TypeError),
                (0, None, TypeError),
                (1, [2**32] * 8, OverflowError),
                (1, None, TypeError),
            ],
            [row for row in support.wrong_bytes(2, 32) if row[1] is not None],
            support.wrong_bytes(3, 32),
        )
        self.assertIsNone(support.refusal(self.wg.Shape, ((0, 0, 0, 0), RANGES, None, SEED)))

    def wrong_sizes(self):
        for place, most in enumerate((1132, 1132, 1132, 64)):
            for size in (11, most + 1):
                yield tuple(size if i == place else 16 for i in range(4))
        yield (16, 16, 16)
        yield (16, 16, 16, 16, 16)

    def wrong_types(self):
        for kind, low, high in ((0, 2, 1), (0, 1000, 1000), (0, 0, 2**32 - 1), (3, 150, 160)):
            types = list(RANGES)
            types[2 * kind : 2 * kind + 2] = (low, high)
            yield tuple(types)
        yield RANGES[:7]

    def test_wrong_arguments_are_refused(self):
        shape = self.shape()
        support.check_refusals(
            self,
            shape.room,
            lambda: (1,),
            support.wrong_number(0, 255),
            [(0, 0, ValueError), (0, 5, ValueError)],
        )
        support.check_refusals(
            self,
            shape.wrap,
            lambda: (1, bytearray(164)),
            support.wrong_output(1, 164),
            [(0, 0, ValueError), (0, 2, ValueError), (0, 5, ValueError), (0, 256, OverflowError)],
        )
        support.check_refusals(
            self,
            shape.wrap,
            lambda: (4, bytearray(48)),
            [(1, bytearray(47), ValueError), (1, bytearray(15), ValueError)],
        )
        support.check_refusals(
            self,
            shape.open,
            lambda: (bytearray(48),),
            [(0, bytes(48), TypeError), (0, None, TypeError), (0, "x", TypeError)],
        )

    def test_a_wiped_shape_is_refused(self):
        shape = self.shape()
        shape.wipe()
        shape.wipe()
        for method, arguments in (
            (shape.room, (1,)),
            (shape.wrap, (1, bytearray(164))),
            (shape.open, (bytearray(48),)),
        ):
            self.assertIs(support.refusal(method, arguments), ValueError)


if __name__ == "__main__":
    unittest.main()
