"""Through proxies, and what is said where they do not let us."""

import unittest
from binascii import b2a_base64

from tests.carrier.websocket_server import read_request
from tests.support.randomness import Random

from carrier.browser import Browser
from carrier.errors import (
    MALFORMED,
    PORTAL,
    PROXY_LOGIN,
    PROXY_REFUSED,
    PROXY_UNREACHED,
    CarrierError,
)
from carrier.http import RESPONSE_LEN_MAX
from carrier.proxy import Connect
from carrier.socks5 import Socks5

PASSWORD = b"p\xc3\xa4ss:word"


def connect(answer, user="", password=None):
    conversation = Connect(Browser(bytes(32)))
    conversation.request("home.example.org", 443, user, password)
    conversation.feed(answer)
    return conversation


def said(function, *arguments):
    try:
        function(*arguments)
    except CarrierError as error:
        return error
    return None


class ConnectTest(unittest.TestCase):
    def test_a_request_asks_for_the_place_and_nothing_else(self):
        for seed in range(12):
            raw = Connect(Browser(bytes((seed,)) * 32)).request("home.example.org", 443)
            self.assertEqual(bytes(raw[-4:]), b"\r\n\r\n")
            request = read_request(bytes(raw[:-4]))
            self.assertEqual((request.method, request.target), ("CONNECT", "home.example.org:443"))
            self.assertEqual(request.header("host"), "home.example.org:443")
            self.assertEqual(request.header("proxy-authorization"), None)

    def test_user_and_password_go_as_basic(self):
        for length in range(1, 12):
            password = bytearray(PASSWORD[:length])
            raw = Connect(Browser(bytes(32))).request("a.example", 443, "anna", password)
            wanted = b2a_base64(b"anna:" + PASSWORD[:length]).strip().decode()
            request = read_request(bytes(raw[:-4]))
            self.assertEqual(request.header("proxy-authorization"), "Basic " + wanted)
            self.assertEqual(bytes(password), PASSWORD[:length])

    def test_what_comes_behind_the_answer_is_not_lost(self):
        for answer in (b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.0 200\r\nVia: x\r\n\r\n"):
            conversation = connect(answer + b"\x16\x03")
            self.assertTrue(conversation.is_done)
            self.assertEqual(conversation.rest, b"\x16\x03")
        self.assertFalse(connect(b"HTTP/1.1 200 OK\r\n").is_done)

    def test_each_refusal_is_explained(self):
        page = b"Content-Type: text/html\r\n"
        for status, headers, code in (
            (407, b"Proxy-Authenticate: Basic realm=x\r\n", PROXY_LOGIN),
            (403, page, PROXY_REFUSED),
            (405, b"", PROXY_REFUSED),
            (502, page, PROXY_UNREACHED),
            (503, b"", PROXY_UNREACHED),
            (504, b"", PROXY_UNREACHED),
            (302, b"Location: http://signin.example/\r\n", PORTAL),
            (200, page, PORTAL),
            (511, b"", PORTAL),
        ):
            error = said(connect, b"HTTP/1.1 %d Word\r\n%s\r\n" % (status, headers))
            self.assertEqual(error.code, code)
            self.assertFalse("signin" in str(error) or "Word" in str(error))

    def test_a_login_that_is_refused_is_told_from_one_that_is_wanted(self):
        basic = b"HTTP/1.1 407 X\r\nProxy-Authenticate: Basic realm=x\r\n\r\n"
        other = b"HTTP/1.1 407 X\r\nProxy-Authenticate: NTLM\r\n\r\n"
        wanted = said(connect, basic)
        refused = said(connect, basic, "anna", bytearray(PASSWORD))
        foreign = said(connect, other, "anna", bytearray(PASSWORD))
        self.assertEqual(len({wanted.why, refused.why, foreign.why}), 3)
        for error in (wanted, refused, foreign):
            self.assertFalse("anna" in str(error) or "ss:word" in str(error))

    def test_an_answer_may_have_others_in_front_of_it(self):
        first = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        whole = first + b"HTTP/1.1 200 OK\r\n\r\nrest"
        for size in (1, 7, len(whole)):
            conversation = Connect(Browser(bytes(32)))
            conversation.request("home.example.org", 443)
            for at in range(0, len(whole), size):
                if not conversation.is_done:
                    conversation.feed(whole[at : at + size])
                    done_at = at + size
            self.assertTrue(conversation.is_done)
            self.assertEqual(conversation.rest + whole[done_at:], b"rest")
        self.assertEqual(said(connect, first + b"HTTP/1.1 403 No\r\n\r\n").code, PROXY_REFUSED)
        # And with nothing but such behind them, each is as short as any.
        conversation = Connect(Browser(bytes(32)))
        for _ in range(1000):
            conversation.feed(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.assertFalse(conversation.is_done)

    def test_what_is_no_proxy_is_told(self):
        self.assertEqual(said(connect, b"SSH-2.0-x\r\n\r\n").code, MALFORMED)
        self.assertEqual(said(connect, b"x" * (RESPONSE_LEN_MAX + 1)).code, MALFORMED)


def socks(answers, user="", password=None, host="home.example.org"):
    """(conversation, all that it wrote)."""
    conversation = Socks5()
    written = bytes(conversation.request(host, 443, user, password))
    for answer in answers:
        written += bytes(conversation.feed(answer))
    return conversation, written


DONE = b"\x05\x00\x00\x01\x0a\x00\x00\x01\x1f\x90"


class SocksTest(unittest.TestCase):
    def test_names_and_addresses_are_asked_for(self):
        conversation, written = socks([b"\x05\x00", DONE + b"\x16"])
        name = b"home.example.org"
        asked = b"\x05\x01\x00\x03" + bytes((len(name),)) + name + b"\x01\xbb"
        self.assertEqual(written, b"\x05\x01\x00" + asked)
        self.assertTrue(conversation.is_done)
        self.assertEqual(conversation.rest, b"\x16")
        _, written = socks([b"\x05\x00"], host="192.0.2.7")
        self.assertEqual(written[3:], b"\x05\x01\x00\x01\xc0\x00\x02\x07\x01\xbb")

    def test_user_and_password_are_given_when_they_are_asked_for(self):
        conversation, written = socks([b"\x05\x02", b"\x01\x00", DONE], "anna", bytearray(PASSWORD))
        login = b"\x01\x04anna" + bytes((len(PASSWORD),)) + PASSWORD
        self.assertTrue(written.startswith(b"\x05\x02\x00\x02" + login + b"\x05\x01\x00"))
        self.assertTrue(conversation.is_done)
        # Not to a proxy that does not ask.
        _, written = socks([b"\x05\x00"], "anna", bytearray(PASSWORD))
        self.assertFalse(PASSWORD in written)

    def test_answers_may_come_in_pieces(self):
        for answer in (DONE, b"\x05\x00\x00\x03\x03abc\x00\x50", b"\x05\x00\x00\x04" + bytes(18)):
            whole = b"\x05\x00" + answer + b"rest"
            conversation, written = socks([whole[i : i + 1] for i in range(len(whole))])
            self.assertTrue(conversation.is_done)
            self.assertEqual(conversation.rest, b"rest")
            self.assertEqual(written[:6], b"\x05\x01\x00\x05\x01\x00")

    def test_each_refusal_is_explained(self):
        for answers, user, code in (
            ([b"\x05\xff"], "", PROXY_LOGIN),
            ([b"\x05\xff"], "anna", PROXY_LOGIN),
            ([b"\x05\x02"], "", PROXY_LOGIN),
            ([b"\x05\x02", b"\x01\x01"], "anna", PROXY_LOGIN),
            ([b"\x05\x00", b"\x05\x02\x00\x01\x00"], "", PROXY_REFUSED),
            ([b"\x05\x00", b"\x05\x05\x00\x01\x00"], "", PROXY_UNREACHED),
            ([b"\x05\x00", b"\x05\x00\x01\x01\x00"], "", MALFORMED),
            ([b"\x05\x00", b"\x05\x00\x00\x02\x00"], "", MALFORMED),
            ([b"\x05\x00", b"\x04\x00\x00\x01\x00"], "", MALFORMED),
            ([b"HTTP/1.1 400"], "", MALFORMED),
            ([b"\x05\x01"], "", MALFORMED),
            # Whoever answers what he was not asked yet listens to nothing.
            ([b"\x05\x00" + DONE], "", MALFORMED),
            ([b"\x05\x02", b"\x01\x00" + DONE], "anna", MALFORMED),
            ([b"\x05\x02\x01\x00"], "anna", MALFORMED),
            ([b"\x05\x02", b"\x05\x00"], "anna", MALFORMED),
        ):
            password = bytearray(PASSWORD) if user else None
            error = said(socks, answers, user, password)
            self.assertEqual(error.code, code, answers)
            self.assertFalse("anna" in str(error))

    def test_noise_ends_it_or_leaves_it_waiting(self):
        random = Random(4)
        for _ in range(300):
            raw = bytearray(random.below(40))
            random.fill(raw)
            error = said(socks, [b"\x05\x00", bytes(raw)])
            self.assertTrue(
                error is None or error.code in (MALFORMED, PROXY_REFUSED, PROXY_UNREACHED)
            )


if __name__ == "__main__":
    unittest.main()
