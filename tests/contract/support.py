"""What the contract's tests have in common. Runs on MicroPython, too."""

NAME = b"Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s"
TOO_BIG = 2**64


class NoBuffer:
    """An object that lends no memory."""


def refusal(function, arguments, named=None):
    """The kind of exception that a call raises, or None."""
    try:
        function(*arguments, **(named or {}))
    except Exception as error:
        return type(error)
    return None


def joined(*parts):
    """One list of several lists or tuples."""
    return [item for part in parts for item in part]


def check_refusals(test, function, good, *refusals):
    """Each refusal is (position, value, exception): the value in its place must raise that.

    refusals: lists of them. good: called for fresh arguments each time; with those alone the call
    must work.
    """
    for position, value, expected in joined(*refusals):
        arguments = list(good())
        arguments[position] = value
        with test.subTest(position=position, value=str(value)[:40]):
            test.assertIs(refusal(function, arguments), expected)
    test.assertIsNone(refusal(function, good()))
    for length in range(len(good())):
        test.assertIs(refusal(function, good()[:length]), TypeError)
    test.assertIs(refusal(function, joined(list(good()), [b""])), TypeError)


def wrong_bytes(position, length):
    """What an argument of that many bytes must refuse."""
    return [
        (position, bytes(length - 1), ValueError),
        (position, bytes(length + 1), ValueError),
        (position, b"", ValueError),
        (position, "x" * length, TypeError),
        (position, None, TypeError),
        (position, length, TypeError),
        (position, NoBuffer(), TypeError),
    ]


def wrong_output(position, length):
    """What an output of that many bytes must refuse."""
    return [
        (position, bytearray(length - 1), ValueError),
        (position, bytearray(length + 1), ValueError),
        (position, bytes(length), TypeError),
        (position, memoryview(bytes(length)), TypeError),
        (position, None, TypeError),
        (position, NoBuffer(), TypeError),
    ]


def wrong_number(position, highest):
    """What a number from 0 to highest must refuse."""
    return [
        (position, -1, OverflowError),
        (position, -(2**63), OverflowError),
        (position, -TOO_BIG, OverflowError),
        (position, highest + 1, OverflowError),
        (position, TOO_BIG, OverflowError),
        (position, TOO_BIG + 7, OverflowError),
        (position, 2**200, OverflowError),
        (position, 1.0, TypeError),
        (position, "1", TypeError),
        (position, None, TypeError),
        (position, True, TypeError),
    ]


def wrong_time(position):
    """What a time must refuse."""
    return joined(wrong_number(position, 2**62 - 1), [(position, 0, ValueError)])


def hidden(text):
    """Bytes of a public ephemeral key or the like, made of a name."""
    return (text.encode() * 32)[:32]


def split(wg, name="a"):
    """Two CipherStates, the same for the same name."""
    state = wg.SymmetricState(NAME, b"")
    state.mix_key(hidden(name))
    return state.split()


def ipv4(source, destination, payload=b""):
    """An IPv4 packet as the packet path sees one."""
    length = 20 + len(payload)
    header = bytes([0x45, 0, length >> 8, length & 255]) + bytes(8)
    return header + bytes(source) + bytes(destination) + payload


def ipv6(source, destination, payload=b""):
    length = len(payload)
    header = bytes([0x60, 0, 0, 0, length >> 8, length & 255, 59, 64])
    return header + bytes(source) + bytes(destination) + payload


def endpoint(last, port=51820):
    """192.0.2.last"""
    return bytes([4, port >> 8, port & 255, 0, 0, 0, 0, 192, 0, 2, last])
