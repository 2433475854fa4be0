"""The gateway's TCP ports as a box sees them when the gateway asks, and that it costs no way."""

import unittest

from tests.box import abroad
from tests.box.abroad_home import TLS_NAME, upgrade
from tests.box.test_climb import _Case

from carrier import inside, ladder
from carrier.rung import UDP


class _Silent:
    """Takes a connection. ends: how it ends when something is said; answer: what it says then."""

    def __init__(self, stream, has_tls=True, ends=None, answer=None):
        self.stream, self.has_tls, self.ends, self.answer = stream, has_tls, ends, answer

    def secure(self, name):
        return self.has_tls and name == TLS_NAME

    def receive(self, data):
        if self.ends is not None:
            self.stream.end(self.ends)
        elif self.answer is not None:
            self.stream.to_client(self.answer)

    def ended(self):
        pass


PORTS = [(443, inside.BY_TLS), (80, inside.BY_WS)]


class PortCheckTest(_Case):
    def check(self, ports, ms=20_000):
        """What the box says; None: nothing in that time."""
        told = []
        self.climb.inside.on_check(ports, told.append)
        self.run_for(ms)
        self.assertTrue(len(told) <= 1)
        return told[0] if told else None

    def serve(self, port, **how):
        self.world.servers[(abroad.HOME_ADDRESS, port)] = lambda s: _Silent(s, **how)

    def arrive(self):
        self.assertTrue(self.first_page() is not None)
        self.run_for(5_000)
        self.assertEqual(self.kind(), UDP)

    def test_open_ports_of_all_kinds_are_told_in_one_report(self):
        self.arrive()
        found = self.check([(443, inside.SHAPED), (443, inside.PLAIN)] + PORTS)
        self.assertEqual(
            found, [(443, 1, 2), (443, 0, 2), (443, inside.BY_TLS, 2), (80, inside.BY_WS, 2)]
        )
        self.assertEqual(self.climb.ladder.state, ladder.CARRYING)
        self.assertEqual(len(self.path.streams), 0)

    def test_each_thing_in_the_way_has_its_own_result(self):
        self.arrive()
        page = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        for how, tls, ws in (
            ({"ends": abroad.RESET}, inside.CUT, inside.CUT),
            ({}, inside.CUT, inside.CUT),
            ({"answer": page}, inside.NO_UPGRADE, inside.NO_UPGRADE),
            ({"has_tls": False, "answer": page}, inside.WRONG_TLS, inside.NO_UPGRADE),
        ):
            self.serve(443, **how)
            self.serve(80, **how)
            found = self.check(PORTS)
            self.assertEqual([result for _, _, result in found], [tls, ws], how)
            self.assertEqual(len(self.path.streams), 0)
        self.world.servers.clear()
        self.assertEqual([row[2] for row in self.check(PORTS)], [inside.REFUSED] * 2)
        self.censor.tcp_ports = [443]
        self.assertEqual([row[2] for row in self.check(PORTS)], [inside.REFUSED, inside.SILENT])
        self.assertEqual(self.climb.ladder.state, ladder.CARRYING)

    def test_a_box_that_came_by_a_stream_opens_no_other(self):
        self.censor.udp_ports = []
        self.assertTrue(self.first_page() is not None)
        self.run_for(10_000)
        self.path.STREAMS = 4  # and be it that there were others
        before = len([seen for seen in self.censor.seen if seen[0] == "tcp"])
        found = self.check(PORTS)
        self.assertEqual([row[2] for row in found], [inside.BUSY] * 2)
        self.assertEqual(len([seen for seen in self.censor.seen if seen[0] == "tcp"]), before)
        self.assertTrue(self.client.page(2_000, 1_000) is not None)

    def test_the_search_comes_first(self):
        """The way dies while a port that says nothing is looked at: its stream is given up."""
        self.arrive()
        self.serve(443)
        told = []
        self.climb.inside.on_check(PORTS, told.append)
        self.run_for(3_000)
        self.assertEqual(len(self.path.streams), 1)
        self.world.servers[(abroad.HOME_ADDRESS, 443)] = lambda s: abroad.WebServer(
            self.gateway, s, True, upgrade
        )
        self.censor.udp_ports = []
        self.climb.begin(None)
        self.assertEqual([row[2] for row in told[0]], [inside.BUSY] * 2)
        self.assertTrue(self.client.page(15_000) is not None, self.lines)

    def test_the_search_has_its_stream_when_the_way_dies(self):
        self.arrive()
        self.serve(443)
        self.serve(80)
        self.censor.udp_ports = []
        told = []
        self.climb.inside.on_check(PORTS, told.append)
        self.client.page(20_000, 500)  # somebody is there, so that it is noticed
        self.assertTrue(inside.BUSY in [row[2] for row in told[0]], told)

    def test_without_a_websocket_in_its_file_it_says_so(self):
        self.arrive()
        self.climb.carriers.path = None
        found = self.check([(443, inside.BY_TLS), (80, inside.BY_WS)])
        self.assertEqual([row[2] for row in found], [inside.NOT_ASKED] * 2)


if __name__ == "__main__":
    unittest.main()
