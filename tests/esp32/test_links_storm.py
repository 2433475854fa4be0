"""Whatever happens to cables and networks, and in whatever order: no leak, and no dead end."""

import unittest

from tests.support.esp32.rig import Rig
from tests.support.randomness import Random

OWN = b"own password"
KNOWN = ((b"Home", b"correct horse"), (b"Cafe", b"battery staple"))
STORMS = 40
EVENTS = 60
# From the end of a storm to the uplink that should be: the longest pause, listening, two networks
# with no answer, and an address that does not come from the first.
SETTLES_MS = 60_000 + 45_000


class Storm:
    """A box with a cable, two known networks and clients, and random events around it."""

    def __init__(self, seed, fail_at=None, failure=None):
        """fail_at: the call of a driver that raises `failure`."""
        self.random = Random(seed)
        self.rig = Rig()
        self.ether = self.rig.ether
        self.ether.fail_at = fail_at
        self.ether.failure = failure
        self.medium = "auto"
        self.has_own = True
        self.networks = [self.ether.add(*KNOWN[0]), self.ether.add(*KNOWN[1], channel=11)]
        self.rig.start(networks=KNOWN, own=OWN)

    def event(self):
        ether = self.ether
        which = self.random.below(14)
        one = self.networks[self.random.below(2)]
        if which == 0:
            ether.cable.plug()
        elif which == 1:
            ether.cable.unplug()
        elif which in (2, 3):
            if one in ether.networks:
                ether.remove(one)
            else:
                ether.networks.append(one)
        elif which == 4:
            ether.radio.kick((2, 4, 8, 15, 200)[self.random.below(5)])
        elif which == 5:
            one.refusal = None if one.refusal else (5, 15, 202, 203)[self.random.below(4)]
        elif which == 6:
            one.channel = (1, 6, 11, 13)[self.random.below(4)]
        elif which in (7, 8):
            ether.radio.associate_client(bytes([self.random.below(256)]))
        elif which == 9:
            one.gives_addresses = not one.gives_addresses
        elif which == 10:
            ether.has_memory = not ether.has_memory
        elif which == 11:
            self.rig.links.scan(lambda heard: None)
        elif which == 12:
            self.medium = ("auto", "wifi", "ethernet")[self.random.below(3)]
            self.has_own = self.random.below(3) > 0
            self.apply()
        else:
            ether.radio.has_wpa3 = not ether.radio.has_wpa3

    def apply(self):
        self.rig.apply(networks=KNOWN, medium=self.medium, own=OWN if self.has_own else None)

    def run_a_day_of_it(self):
        """All that links do, and then everything as it was at the start."""
        ether, rig = self.ether, self.rig
        home = self.networks[0]
        rig.run(20_000)
        ether.radio.associate_client(b"1")
        rig.run(5_000)
        ether.remove(home)
        rig.run(40_000)
        self.has_own = False
        self.apply()
        rig.run(5_000)
        self.has_own = True
        self.apply()
        rig.run(15_000)
        ether.cable.plug()
        rig.run(5_000)
        ether.cable.unplug()
        ether.networks.append(home)
        rig.links.scan(lambda heard: None)
        ether.radio.kick(4)
        rig.run(SETTLES_MS)

    def calm(self):
        """The end of it: everything works, some of it is there."""
        ether = self.ether
        ether.has_memory = True
        ether.radio.clients = []
        ether.networks[:] = []
        for one in self.networks:
            one.refusal = None
            one.gives_addresses = True
            if self.random.below(2):
                ether.networks.append(one)
        ether.radio.look()
        if self.random.below(2):
            ether.cable.plug()
        else:
            ether.cable.unplug()

    def right_uplink(self):
        if self.medium != "wifi" and self.ether.cable.is_plugged:
            return "eth"
        if self.medium != "ethernet" and self.ether.networks:
            return "sta"
        return None

    def right_lan(self):
        if self.has_own:
            return "ap"
        return "eth" if self.medium == "wifi" else None


class StormTest(unittest.TestCase):
    def test_after_a_storm_the_right_sides_are_used_and_within_it_never_wrong_ones(self):
        ends = {}
        for seed in range(STORMS):
            storm = Storm(seed)
            for _ in range(EVENTS):
                storm.event()
                storm.rig.run(10 + storm.random.below(6000))
            storm.calm()
            storm.rig.run(SETTLES_MS)
            sides = (storm.rig.uplink, storm.rig.lan)
            self.assertEqual(sides, (storm.right_uplink(), storm.right_lan()), "storm %d" % seed)
            self.assertEqual(storm.ether.violations, [], "storm %d" % seed)
            self.assertEqual(storm.ether.blocked_ms, 0, "storm %d" % seed)
            storm.rig.run(30_000)
            self.assertEqual((storm.rig.uplink, storm.rig.lan), sides, "storm %d" % seed)
            ends[sides[0]] = ends.get(sides[0], 0) + 1
        # Otherwise they would say little.
        self.assertGreater(min(ends.get(side, 0) for side in ("eth", "sta")), 8)

    def test_all_at_once_is_survived_too(self):
        for seed in range(STORMS):
            storm = Storm(1000 + seed)
            for _ in range(EVENTS):
                storm.event()
                storm.rig.run(10 + storm.random.below(200))
            storm.calm()
            storm.rig.run(SETTLES_MS)
            self.assertEqual(
                (storm.rig.uplink, storm.rig.lan),
                (storm.right_uplink(), storm.right_lan()),
                "storm %d" % seed,
            )
            self.assertEqual(storm.ether.violations, [], "storm %d" % seed)

    def test_whichever_call_of_a_driver_fails_the_box_recovers(self):
        failed = 0
        for failure in (OSError("Wifi Internal State Error"), RuntimeError("Wifi 0x0101")):
            number = 0
            while True:
                # Those that ask for clients come every quarter of a second.
                number += 1 if number < 60 else 17
                storm = Storm(0, number, failure)
                storm.run_a_day_of_it()
                if storm.ether.calls < number:
                    break
                failed += 1
                sides = (storm.rig.uplink, storm.rig.lan)
                self.assertEqual(sides, ("sta", "ap"), "call %d" % number)
                self.assertEqual(storm.ether.violations, [], "call %d" % number)
                self.assertFalse(storm.ether.radio.was_open, "call %d" % number)
                # Nobody reads a log of the same line for ever.
                self.assertLess(len(storm.rig.lines), 60, "call %d" % number)
        self.assertGreater(failed, 60)


if __name__ == "__main__":
    unittest.main()
