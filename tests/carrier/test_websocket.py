"""The opening of a WebSocket, at both ends, and what is no such thing."""

import unittest

from tests.carrier import websocket_server
from tests.carrier.websocket_server import REQUEST_LEN_MAX, read_request
from tests.support.randomness import Random

from carrier import websocket
from carrier.browser import Browser
from carrier.errors import MALFORMED, NOT_OURS, PORTAL, CarrierError
from carrier.http import (
    RESPONSE_LEN_MAX,
    HeadReader,
    read_response,
)

PATH = b"/0123456789abcdef0123456789abcdef"
NONCE = bytes(range(16))
KEY = "AAECAwQFBgcICQoLDA0ODw=="


def ask(seed=1, is_secured=True, name="home.example.org", port=443):
    upgrade = websocket.Upgrade(Browser(bytes((seed,)) * 32), NONCE)
    raw = bytes(upgrade.request(name, port, bytearray(PATH), is_secured))
    return upgrade, raw


def good_answer():
    return websocket_server.answer(read_request(ask()[1][:-4]))


def refusal(answer, is_secured=True):
    upgrade, _ = ask(is_secured=is_secured)
    try:
        upgrade.feed(answer)
    except CarrierError as error:
        return error
    return None


def changed(raw, old, new):
    assert old in raw, old
    return raw.replace(old, new)


class OpeningTest(unittest.TestCase):
    def test_the_answer_to_the_key_of_the_rfc_is_the_rfcs(self):
        self.assertEqual(
            websocket.accept_of("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        )

    def test_both_ends_come_together_whatever_browser_it_is(self):
        for seed in range(30):
            upgrade, raw = ask(seed)
            request = read_request(raw[:-4])
            self.assertTrue(websocket_server.wants_upgrade(request, PATH))
            answer = websocket_server.answer(request, [("Server", "nginx")]) + b"\x82\x01x"
            for i in range(len(answer)):
                self.assertFalse(upgrade.is_done and i < len(answer) - 3)
                upgrade.feed(answer[i : i + 1])
            self.assertTrue(upgrade.is_done)
            self.assertEqual(upgrade.rest, b"\x82\x01x")

    def test_a_path_for_the_clear_is_made_of_the_secret_one_and_of_chance(self):
        """Computed with Python's hmac: who reads it learns neither the secret path nor the next."""
        made = websocket.once_path(bytearray(PATH), bytes(range(6)))
        self.assertEqual(bytes(made), b"/00010203040548f3b7848a2f455ca2ce")
        request = read_request(b"GET %s HTTP/1.1" % bytes(made))
        self.assertTrue(websocket_server.is_at(request, PATH, False))
        self.assertFalse(websocket_server.is_at(request, PATH, True))
        self.assertFalse(websocket_server.is_at(request, PATH[:-1] + b"0", False))

    def test_the_host_has_its_port_only_where_it_is_not_the_usual_one(self):
        for port, is_secured, wanted in (
            (443, True, "home.example.org"),
            (8443, True, "home.example.org:8443"),
            (80, False, "home.example.org"),
            (443, False, "home.example.org:443"),
        ):
            request = read_request(ask(3, is_secured, port=port)[1][:-4])
            self.assertEqual(request.header("host"), wanted)
            scheme = "https://" if is_secured else "http://"
            self.assertEqual(request.header("origin"), scheme + wanted)

    def test_what_is_missing_or_wrong_in_a_request_makes_it_one_for_the_site(self):
        raw = ask(0)[1]
        for old, new in (
            (PATH, PATH[:-1] + b"0"),
            (PATH, PATH + b"0"),
            (PATH, b"/"),
            (b"GET", b"POST"),
            (b"HTTP/1.1", b"HTTP/1.0"),
            (b"\r\nHost: ", b"\r\nHast: "),
            (b"\r\nUpgrade: websocket", b"\r\nUpgrade: h2c"),
            (b"Upgrade\r\n", b"close\r\n"),
            (b"Version: 13", b"Version: 8"),
            (KEY.encode(), b"AAECAwQFBgcICQoLDA0O"),
            (KEY.encode(), b"AAECAwQFBgcICQoLDA0OD"),
            (KEY.encode(), b""),
        ):
            request = read_request(changed(raw, old, new)[:-4])
            self.assertFalse(websocket_server.wants_upgrade(request, PATH), new)
        twice = raw[:-2] + b"Sec-WebSocket-Key: " + KEY.encode() + b"\r\n\r\n"
        self.assertFalse(websocket_server.wants_upgrade(read_request(twice[:-4]), PATH))

    def test_an_answer_that_was_not_asked_for_is_refused(self):
        good = good_answer()
        self.assertEqual(refusal(good), None)
        for old, new in (
            (b"Accept: ", b"Accept: x"),
            (b"Upgrade: websocket", b"Upgrade: h2c"),
            (b"Connection: upgrade", b"Connection: close"),
            (b"\r\n\r\n", b"\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"),
            (b"\r\n\r\n", b"\r\nSec-WebSocket-Protocol: chat\r\n\r\n"),
            (b"HTTP/1.1 101", b"HTTP/2 101"),
            (b"HTTP/1.1 101", b"SSH-2.0-OpenSSH"),
        ):
            self.assertEqual(refusal(changed(good, old, new)).code, MALFORMED, new)

    def test_a_page_in_the_clear_is_a_sign_in_and_behind_the_pin_another_path(self):
        for status, is_secured, code in (
            (302, False, PORTAL),
            (200, False, PORTAL),
            (511, False, PORTAL),
            (404, False, NOT_OURS),
            (200, True, NOT_OURS),
            (302, True, NOT_OURS),
            (404, True, NOT_OURS),
        ):
            answer = b"HTTP/1.1 %d Whatever\r\nContent-Type: text/html\r\n\r\n<html>" % status
            error = refusal(answer, is_secured)
            self.assertEqual(error.code, code)
            self.assertTrue(str(status) in str(error) and "html" not in str(error))

    def test_an_answer_without_an_end_is_not_read_for_ever(self):
        upgrade, _ = ask()
        with self.assertRaises(CarrierError):
            for _ in range(RESPONSE_LEN_MAX // 64 + 2):
                upgrade.feed(b"X-Filler: " + b"a" * 52 + b"\r\n")


class HeadTest(unittest.TestCase):
    def test_a_head_is_whole_wherever_it_is_cut(self):
        raw = b"GET / HTTP/1.1\r\nHost: a\r\n\r\nrest\r\n\r\n"
        for cut in range(len(raw)):
            reader = HeadReader(REQUEST_LEN_MAX)
            reader.feed(raw[:cut])
            reader.feed(raw[cut:])
            self.assertEqual(reader.head, b"GET / HTTP/1.1\r\nHost: a")
            self.assertEqual(reader.rest, b"rest\r\n\r\n")

    def test_a_head_may_have_just_its_most_bytes(self):
        for more, is_taken in ((0, True), (1, False)):
            reader = HeadReader(100)
            reader.feed(b"a" * (100 + more) + b"\r\n\r\n")
            self.assertEqual(
                (reader.head is not None, reader.is_too_long), (is_taken, not is_taken)
            )

    def test_what_is_no_request_is_none(self):
        for head in (
            b"",
            b"GET /",
            b"GET  / HTTP/1.1",
            b"GET / HTTP/1.1 ",
            b"GET / HTTP/2.0",
            b"GET / http/1.1",
            b"G T / HTTP/1.1",
            b"GET /\x00 HTTP/1.1",
            b"GET /\xff HTTP/1.1",
            b"GET / HTTP/1.1\r\nHost a",
            b"GET / HTTP/1.1\r\n: a",
            b"GET / HTTP/1.1\r\nHost : a",
            b"GET / HTTP/1.1\r\nA: a\r\n b",
            b"GET / HTTP/1.1\nHost: a",
            b"GET / HTTP/1.1\r\nHost: a\rb",
            b"GET / HTTP/1.1\r\nHost: a\x00",
            b"GET / HTTP/1.1" + b"\r\nA: b" * 65,
        ):
            self.assertEqual(read_request(head), None, head)
        self.assertTrue(read_request(b"GET / HTTP/1.1" + b"\r\nA: b" * 64) is not None)

    def test_what_is_no_response_is_none(self):
        for head in (
            b"",
            b"HTTP/1.1",
            b"HTTP/1.1 99",
            b"HTTP/1.1 099 x",
            b"HTTP/1.1 2000 x",
            b"HTTP/1.1 200 a\nb",
        ):
            self.assertEqual(read_response(head), None, head)
        for head in (b"HTTP/1.1 200", b"HTTP/1.0 200 OK fine"):
            self.assertEqual(read_response(head).status, 200)

    def test_noise_is_never_more_than_refused(self):
        random = Random(11)
        pieces = (b"GET ", b"HTTP/1.1 ", b"\r\n", b"101 ", b": ", b"Host", b"\x00\xff", b"\n", b" ")
        for _ in range(300):
            raw = b"".join([pieces[random.below(len(pieces))] for _ in range(random.below(14))])
            reader = HeadReader(64)
            reader.feed(raw)
            head = raw if reader.head is None else reader.head
            read_request(head)
            read_response(head)
            error = refusal(raw + b"\r\n\r\n")
            self.assertTrue(error is None or error.code in (MALFORMED, NOT_OURS))


if __name__ == "__main__":
    unittest.main()
