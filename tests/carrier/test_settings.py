"""From a document to its rungs."""

import unittest

from carrier import settings
from carrier.rung import TCP, TLS, UDP, WS, Rung
from wg import config
from wg.carrier_settings import DECOY_DNS, DECOY_NONE, DECOY_OWN, DECOY_QUIC

PUBLIC = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
KEY = "FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE="
SHAPE = "S1=16\nS2=16\nS3=16\nS4=16\nHeaderProtectionKey=%s\n" % KEY
PATH = "Path = /0123456789abcdef0123456789abcdef\n"
TLS_LINES = "TLS = 443\nTLSName = a.example\nTLSPin = %s\n%s" % (PUBLIC, PATH)


def document(shape="", carriers="", endpoint="Endpoint = h.example.org:1234\n"):
    text = "[Interface]\n%s[Peer]\nPublicKey = %s\n%s%s" % (shape, PUBLIC, endpoint, carriers)
    return config.parse(text.encode(), key_required=False)


def rungs(shape="", carriers="", has_proxy=False):
    return settings.rungs(document(shape, carriers), has_proxy)


class RungsTest(unittest.TestCase):
    def test_a_plain_document_has_its_endpoint_and_nothing_to_climb(self):
        self.assertEqual(rungs(), [Rung(UDP, 1234)])
        self.assertTrue(settings.is_plain(document()))
        self.assertEqual(settings.rungs(document(endpoint="")), [])

    def test_a_shape_alone_shapes_the_endpoint(self):
        self.assertEqual(rungs(SHAPE), [Rung(UDP, 1234, True)])
        self.assertFalse(settings.is_plain(document(SHAPE)))
        junk = "Jc = 3\nJmin = 10\nJmax = 50\n"
        self.assertEqual(rungs(junk), [Rung(UDP, 1234, False, DECOY_OWN)])
        self.assertEqual(rungs(SHAPE + junk), [Rung(UDP, 1234, True, DECOY_OWN)])

    def test_udp_comes_first_by_shape_and_decoy_then_streams_by_kind(self):
        carriers = "[Carriers]\nUDP = 443, 53\nShapes = shaped, plain\nDecoys = dns, quic\n"
        carriers += "TCP = 80\nWS = 80\n" + TLS_LINES
        self.assertEqual(
            rungs(SHAPE, carriers),
            [
                Rung(UDP, 443, True, DECOY_DNS),
                Rung(UDP, 53, True, DECOY_DNS),
                Rung(UDP, 443, True, DECOY_QUIC),
                Rung(UDP, 53, True, DECOY_QUIC),
                Rung(UDP, 443, False, DECOY_DNS),
                Rung(UDP, 53, False, DECOY_DNS),
                Rung(UDP, 443, False, DECOY_QUIC),
                Rung(UDP, 53, False, DECOY_QUIC),
                Rung(TLS, 443, True),
                Rung(WS, 80, True),
                Rung(TCP, 80, True),
            ],
        )

    def test_a_proxy_of_this_network_comes_before_the_same_without(self):
        found = rungs("", "[Carriers]\nUDP = 443\nTCP = 80\n" + TLS_LINES, True)
        self.assertEqual(
            found[1:],
            [
                Rung(TLS, 443, False, DECOY_NONE, True),
                Rung(TLS, 443),
                Rung(TCP, 80, False, DECOY_NONE, True),
                Rung(TCP, 80),
            ],
        )

    def test_another_address_comes_before_the_third_decoy(self):
        lines = (
            "[Carriers]\nUDP = 443\nDecoys = dns, quic, none\nAddress = 192.0.2.9, h.example.org\n"
        )
        found = rungs("", lines + TLS_LINES)
        self.assertEqual(
            [(rung.decoy, rung.place) for rung in found if rung.kind == UDP],
            [("dns", 0), ("dns", 1), ("quic", 0), ("quic", 1), ("none", 0), ("none", 1)],
        )
        self.assertEqual([rung.place for rung in found if rung.kind == TLS], [0, 1])
        self.assertEqual(settings.addresses(document("", lines)), ["h.example.org", "192.0.2.9"])

    def test_there_are_never_more_than_a_board_keeps(self):
        lines = "[Carriers]\nUDP = 1,2,3,4,5,6,7,8\nShapes = shaped, plain\n"
        lines += "Decoys = dns, quic, own, none\nTCP = 1,2,3,4\nWS = 1,2,3,4\n"
        lines += "Address = 192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4\n" + TLS_LINES
        found = rungs(SHAPE, lines, True)
        self.assertTrue(len(found) <= settings.RUNGS_MAX)
        self.assertEqual(len({rung.id() for rung in found}), len(found))
        # All ports, and some stream by each way.
        self.assertEqual({rung.port for rung in found if rung.kind == UDP}, set(range(1, 9)))
        self.assertEqual({rung.kind for rung in found}, {UDP, TCP, WS, TLS})


if __name__ == "__main__":
    unittest.main()
