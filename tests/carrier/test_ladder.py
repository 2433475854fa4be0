"""A ladder finds what works, soon, whatever the others do; in simulated time."""

import unittest

from tests.support.randomness import Random

from carrier import ladder as ladders
from carrier.ladder import ASK, CARRY, CLOSE, OPEN, PROVE, RACE, Ladder
from carrier.rung import TCP, TLS, UDP, WS, Rung
from carrier.standing import BUSY, FROZEN_MS, PROVEN, SILENT, UNANSWERED, Standing
from wg.carrier_settings import DECOY_DNS, DECOY_NONE, DECOY_QUIC

# What a rung does on a network.
DEAD = "dead"  # nothing comes back
WORKS = "works"
FREEZES = "freezes"  # it answers, and the proof gets no further than 16 KiB
REFUSED = "refused"  # a stream is refused at once
MUTE = "mute"  # a stream is opened, and the tunnel does not answer by it
HANGS = "hangs"  # TCP connects, and what is above it hangs

PROOF_MS = 700
STALL_MS = 1900  # as proof.py needs it

UDP_PORTS = (443, 53, 123, 500, 4500, 51820, 40123)


def usual(has_proxy=False, has_other_address=False):
    """The rungs of a gateway with everything on."""
    rungs = []
    for port in UDP_PORTS:
        rungs.append(Rung(UDP, port, True, DECOY_DNS))
    if has_other_address:
        rungs += [Rung(UDP, port, True, DECOY_DNS, False, 1) for port in UDP_PORTS[:4]]
    for shaped, decoy in ((True, DECOY_QUIC), (True, DECOY_NONE), (False, DECOY_DNS)):
        rungs += [Rung(UDP, port, shaped, decoy) for port in UDP_PORTS[:4]]
    for kind, port in ((TLS, 443), (WS, 80), (TCP, 80)):
        if has_proxy:
            rungs.append(Rung(kind, port, True, DECOY_NONE, True))
        rungs.append(Rung(kind, port, True))
    return rungs


class Network:
    """Drives a ladder as a box does. does: a function of a rung; delay_ms: there and back."""

    def __init__(self, rungs, does, seed=1, delay_ms=60, **others):
        random = Random(seed)
        self.does = does
        self.delay_ms = delay_ms
        self.now_ms = 0
        self.due = []  # (when, what is told, rung, arguments)
        self.race = 0  # the latest: an answer to an initiation of before is worth nothing
        self.opens = []  # (when, rung)
        self.carried = []  # (when, rung)
        self.asked = []
        self.waits = 0  # how often there was nothing to do but to wait
        self.ladder = Ladder(rungs, lambda n: fill(random, n), 0, **others)

    def run(self, until_ms, is_done=None):
        """Go on until the time, or until something is carried."""
        while self.now_ms < until_ms:
            wait_ms, actions = self.ladder.next(self.now_ms)
            for action, rungs in actions:
                self.act(action, rungs)
            if is_done is not None and is_done():
                return True
            if actions:
                continue
            self.waits += 1
            step_ms = min([self.now_ms + wait_ms, until_ms] + [entry[0] for entry in self.due])
            self.now_ms = max(self.now_ms, step_ms)
            for entry in sorted(self.due, key=lambda entry: entry[0]):
                if entry[0] <= self.now_ms:
                    self.due.remove(entry)
                    entry[1](entry[2], *entry[3])
        return False

    def find(self, until_ms=120000):
        """Until something carries; when, or None."""
        count = len(self.carried)
        if self.run(until_ms, lambda: len(self.carried) > count):
            return self.now_ms
        return None

    def later(self, ms, what, rung, *arguments):
        self.due.append((self.now_ms + ms, what, rung, arguments))

    def act(self, action, rungs):
        ladder = self.ladder
        if action == OPEN:
            self.opens.append((self.now_ms, rungs[0]))
            does = self.does(rungs[0])
            if does == REFUSED:
                self.later(self.delay_ms, self.tell_failed, rungs[0], "refused")
            elif does != DEAD:
                self.later(self.delay_ms, self.tell, rungs[0], ladder.reached)
                if does != HANGS:
                    self.later(4 * self.delay_ms, self.tell, rungs[0], ladder.opened)
        elif action == RACE:
            self.race += 1
            for rung in rungs:
                if self.does(rung) in (WORKS, FREEZES):
                    # What goes through a stream is not quite as quick.
                    late_ms = 15 if rung.is_stream else 0
                    self.later(self.delay_ms + late_ms, self.answer, rung, self.race)
        elif action == PROVE:
            if self.does(rungs[0]) == WORKS:
                self.later(PROOF_MS, self.tell, rungs[0], ladder.proven)
            else:
                self.later(STALL_MS, self.tell, rungs[0], ladder.frozen)
        elif action == CARRY:
            self.carried.append((self.now_ms, rungs[0]))
        elif action == CLOSE:
            self.due = [e for e in self.due if e[2] != rungs[0] or e[1] == self.answer]
        elif action == ASK:
            self.asked.append((self.now_ms, rungs))
            for rung in rungs:
                if self.does(rung) in (WORKS, FREEZES):
                    self.later(self.delay_ms, self.tell, rung, ladder.found)

    def tell(self, rung, method):
        method(rung, self.now_ms)

    def tell_failed(self, rung, why):
        self.ladder.failed(rung, why, self.now_ms)

    def answer(self, rung, race):
        if race == self.race:
            self.race += 1  # one answer makes the keys, the others are late
            self.ladder.answered(rung, self.now_ms)


def fill(random, count):
    out = bytearray(count)
    random.fill(out)
    return bytes(out)


def only(*conditions):
    """Works where all conditions do, and is dead elsewhere."""
    return lambda rung: WORKS if all(condition(rung) for condition in conditions) else DEAD


def is_udp(rung):
    return rung.kind == UDP


# The networks of the table: what a rung does there.
PROFILES = {
    "open": only(),
    "port blocked": lambda rung: DEAD if rung.port in (51820, 443) and is_udp(rung) else WORKS,
    "UDP blocked": lambda rung: DEAD if is_udp(rung) else WORKS,
    "only TCP 80 and 443": lambda rung: DEAD if is_udp(rung) else WORKS,
    "only TCP 80": lambda rung: WORKS if not is_udp(rung) and rung.port == 80 else DEAD,
    "only UDP 443": lambda rung: WORKS if is_udp(rung) and rung.port == 443 else DEAD,
    "types dropped": lambda rung: WORKS if rung.is_shaped else DEAD,
    "entropy": lambda rung: WORKS if rung.kind in (TLS, WS) else DEAD,
    "only by proxy": lambda rung: WORKS if rung.is_proxied and rung.port == 443 else DEAD,
    "UDP freezes": lambda rung: FREEZES if is_udp(rung) else WORKS,
    "UDP and TCP without TLS freeze": lambda rung: WORKS if rung.kind == TLS else FREEZES,
    "this address freezes": lambda rung: WORKS if rung.place else FREEZES,
    "only after a QUIC decoy": lambda rung: WORKS if rung.decoy == DECOY_QUIC else DEAD,
}


class FirstSearchTest(unittest.TestCase):
    def test_a_stream_that_somebody_takes_is_told_from_one_to_where_nobody_is(self):
        network = Network(usual(), lambda rung: HANGS if rung.kind == TLS else DEAD)
        network.run(20_000)
        came = {rung.kind: why for rung, why in network.ladder.tried() if rung.is_stream}
        self.assertEqual((came[TLS], came[TCP]), (UNANSWERED, SILENT))

    def test_every_network_of_the_table_is_found_within_twelve_seconds(self):
        for name, does in PROFILES.items():
            for has_proxy in (False, True):
                if name == "only by proxy" and not has_proxy:
                    continue
                for has_probe in (False, True):
                    rungs = usual(has_proxy, name == "this address freezes")
                    network = Network(rungs, does, has_probe=has_probe)
                    found = network.find()
                    what = "%s, proxy %s, probe %s: %s" % (name, has_proxy, has_probe, found)
                    self.assertTrue(found is not None and found <= 12000, what)

    def test_every_single_rung_is_found_whatever_the_others_do(self):
        random = Random(7)
        rungs = usual(True, True)
        for i, good in enumerate(rungs):
            others = DEAD if i % 3 == 0 else None
            network = Network(rungs, behaviours(rungs, random, i, others), seed=i + 1)
            found = network.find(300000)
            self.assertTrue(found is not None, "%s, others %s" % (good.words(), others))
            self.assertEqual(network.carried[-1][1], good)

    def test_far_networks_are_found_too(self):
        for delay_ms in (300, 900, 1500, 2500, 4000):
            network = Network(usual(), only(is_udp), delay_ms=delay_ms)
            self.assertTrue(network.find() is not None, delay_ms)

    def test_a_network_that_comes_late_is_found_soon_after(self):
        for start_ms in (20000, 300000, 3000000):
            for kind in (UDP, TLS):
                holder = []
                wanted = kind

                def does(rung, holder=holder, start_ms=start_ms, wanted=wanted):
                    return WORKS if holder[0].now_ms >= start_ms and rung.kind == wanted else DEAD

                network = Network(usual(), does)
                holder.append(network)
                found = network.find(start_ms + 200000)
                self.assertTrue(found is not None and found < start_ms + 90000, (kind, found))

    def test_two_udp_rungs_are_raced_and_no_more(self):
        network = Network(usual(), only(lambda rung: False))
        races = []
        act = network.act
        network.act = lambda action, rungs: (
            races.append(rungs) if action == RACE else None,
            act(action, rungs),
        )
        network.run(8000)
        self.assertEqual([len(rungs) for rungs in races[:2]], [2, 2])
        self.assertTrue(all(len([r for r in rungs if is_udp(r)]) <= 2 for rungs in races))
        self.assertTrue(all(len({r.is_shaped for r in rungs}) == 1 for rungs in races))

    def test_who_loses_a_race_is_not_told_as_silent(self):
        network = Network(usual(), only())
        self.assertTrue(network.find() is not None)
        self.assertEqual([why for _, why in network.ladder.tried()], [PROVEN])
        network = Network(usual(), only(lambda rung: rung.port not in (443, 53)))
        self.assertTrue(network.find() is not None)
        silent = [rung.port for rung, why in network.ladder.tried() if why == SILENT]
        self.assertEqual(sorted(silent), [53, 443])

    def test_nothing_is_raced_while_a_rung_is_being_proven(self):
        network = Network(usual(True, True), PROFILES["this address freezes"])
        act = network.act

        def checked(action, rungs):
            if action in (RACE, OPEN):
                self.assertEqual(network.ladder.state, ladders.SEARCHING)
            act(action, rungs)

        network.act = checked
        network.find()

    def test_one_initiation_is_never_for_two_shapes(self):
        plain = [Rung(rung.kind, rung.port, False, rung.decoy) for rung in usual()[:4]]
        network = Network(plain + [Rung(TLS, 443, True)], lambda rung: MUTE)
        races = []
        act = network.act
        network.act = lambda action, rungs: (
            races.append(rungs) if action == RACE else None,
            act(action, rungs),
        )
        network.run(60000)
        self.assertTrue(any(rungs[0].is_stream for rungs in races))
        self.assertTrue(any(not rungs[0].is_stream for rungs in races[8:]))
        self.assertTrue(all(len({rung.is_shaped for rung in rungs}) == 1 for rungs in races))

    def test_streams_start_only_when_udp_had_its_time(self):
        network = Network(usual(), only(lambda rung: False))
        network.run(10000)
        self.assertTrue(min(when for when, _ in network.opens) >= 3000)

    def test_a_web_server_that_takes_a_connection_and_says_nothing_costs_three_seconds(self):
        does = {TLS: DEAD, WS: HANGS, TCP: WORKS, UDP: DEAD}
        network = Network(usual(), lambda rung: does[rung.kind])
        found = network.find()
        # 3 of UDP, 3.5 of TLS that nobody takes, 3 of the web server's, and the proof.
        self.assertTrue(found is not None and found <= 11_000, found)
        # And behind a proxy that is not there each stream is tried once before one is again.
        works = Rung(TCP, 80, True)
        network = Network(usual(True), lambda rung: WORKS if rung == works else DEAD)
        found = network.find()
        self.assertTrue(found is not None and found <= 22_000, found)
        # Where a trip takes a second, an answer has longer.
        network = Network(usual(), lambda rung: WORKS if rung.kind == WS else DEAD, delay_ms=1100)
        self.assertTrue(network.find() is not None)
        opens = [rung.kind for _, rung in network.opens]
        self.assertEqual(opens.count(WS), 1)


class SecondTimeTest(unittest.TestCase):
    def test_what_worked_last_is_found_within_three_seconds(self):
        for name, does in PROFILES.items():
            first = Network(usual(True, True), does)
            self.assertTrue(first.find() is not None, name)
            rung = first.carried[-1][1]
            network = Network(usual(True, True), does, seed=2, remembered=rung.id())
            found = network.find()
            self.assertTrue(found is not None and found <= 3000, (name, found))
            self.assertEqual(network.carried[-1][1], rung)

    def test_what_worked_last_and_does_no_more_costs_two_seconds(self):
        rungs = usual()
        does = only(lambda rung: rung.port == 53)
        network = Network(rungs, does, remembered=rungs[3].id())
        found = network.find()
        self.assertTrue(2000 <= found <= 3500, found)

    def test_what_froze_here_before_is_not_chosen_again_while_others_work(self):
        rungs = usual()
        bad = [rungs[0].id(), rungs[1].id()]
        network = Network(rungs, only(), bad=bad)
        network.find()
        self.assertTrue(network.carried[0][1].id() not in bad)
        network = Network(rungs, lambda rung: WORKS if rung.id() in bad else DEAD, bad=bad)
        self.assertTrue(network.find(60000) is not None)


class LossTest(unittest.TestCase):
    def test_a_frozen_rung_is_left_and_not_chosen_again_while_others_work(self):
        for does in (only(), PROFILES["UDP blocked"]):
            network = Network(usual(), does)
            network.find()
            frozen = []
            for _ in range(3):
                rung = network.carried[-1][1]
                frozen.append(rung)
                network.ladder.frozen(rung, network.now_ms)
                began = network.now_ms
                found = network.find(began + 120000)
                self.assertTrue(found is not None)
                if len(frozen) == 1:
                    # Streams have no time to wait then.
                    self.assertTrue(found - began <= 2500, found - began)
                if len(frozen) < 3:
                    self.assertFalse(network.carried[-1][1] in frozen)

    def test_what_freezes_again_and_again_is_left_alone_for_longer_each_time(self):
        standing = Standing(usual(), lambda n: bytes(n), [])
        pauses = []
        now_ms = 0
        for _ in range(7):
            standing.freeze(0, now_ms, False)
            until_ms = standing.frozen_until_ms[0]
            standing.thaw(until_ms - 1)
            self.assertTrue(standing.is_frozen[0])
            standing.thaw(until_ms)
            self.assertFalse(standing.is_frozen[0])
            pauses.append((until_ms - now_ms) // FROZEN_MS)
            now_ms = until_ms
        self.assertEqual(pauses, [1, 2, 4, 8, 16, 16, 16])

    def test_streams_of_a_network_that_comes_and_goes_are_opened_ever_more_rarely(self):
        rungs = [Rung(TLS, 443, True)]
        network = Network(rungs, only(), remembered=rungs[0].id())
        for _ in range(300):
            network.run(network.now_ms + 2_000)
            network.ladder.restart(network.now_ms, rungs[0].id())
        gaps = [
            network.opens[k + 1][0] - network.opens[k][0] for k in range(len(network.opens) - 1)
        ]
        self.assertTrue(max(gaps[:2]) <= 2_000 and min(gaps[5:]) >= 45_000, gaps)
        network.ladder.move_on()
        began, count = network.now_ms, len(network.opens)
        network.run(began + 100)
        self.assertEqual(len(network.opens), count + 1)

    def test_a_blackout_of_thirty_seconds_is_over_soon_after_it(self):
        for kind in (UDP, TLS):
            state = {"dark": False}

            def does(rung, state=state, kind=kind):
                return WORKS if rung.kind == kind and not state["dark"] else DEAD

            network = Network(usual(), does)
            network.find()
            network.run(network.now_ms + 120000)
            began = network.now_ms
            state["dark"] = True
            rung = network.carried[-1][1]
            if kind == UDP:
                network.ladder.frozen(rung, network.now_ms)
            else:
                network.ladder.ended(rung, "reset", network.now_ms)
            network.run(began + 30000)
            state["dark"] = False
            found = network.find(began + 120000)
            self.assertTrue(found is not None and found - began <= 50000, (kind, found - began))

    def test_what_worked_before_is_in_every_race_of_a_later_round(self):
        rungs = usual()
        home = rungs[6]
        network = Network(rungs, lambda rung: DEAD, remembered=home.id())
        races = []
        act = network.act
        network.act = lambda action, rungs: (
            races.append((network.now_ms, rungs)) if action == RACE else None,
            act(action, rungs),
        )
        network.run(120000)
        late = [raced for when, raced in races if when > 40000 and raced[-1].is_shaped]
        self.assertTrue(len(late) > 5)
        self.assertTrue(all(home in raced for raced in late), late)

    def test_a_steady_stream_that_ends_is_opened_again_at_once(self):
        network = Network(usual(), PROFILES["UDP blocked"])
        network.find()
        network.run(network.now_ms + 61000)
        began = network.now_ms
        network.ladder.ended(network.carried[-1][1], "reset", began)
        found = network.find(began + 60000)
        self.assertTrue(found - began <= 1500, found - began)

    def test_there_is_no_storm_of_connections(self):
        for does in (
            lambda rung: DEAD,
            lambda rung: REFUSED,
            lambda rung: MUTE,
            lambda rung: HANGS,
        ):
            network = Network(usual(True), does)
            network.run(1800000)
            by_rung = {}
            for when, rung in network.opens:
                by_rung.setdefault(rung.id(), []).append(when)
            for times in by_rung.values():
                gaps = [times[k + 1] - times[k] for k in range(len(times) - 1)]
                self.assertTrue(min(gaps) >= 3750, min(gaps))
                self.assertTrue(min(gaps[3:]) >= 45000, gaps[3:6])
                self.assertTrue(max(gaps) <= 200000, max(gaps))  # and none is given up

    def test_a_box_whose_streams_are_in_use_holds_it_against_nobody(self):
        network = Network([Rung(TLS, 443, True)], lambda rung: REFUSED)
        network.run(1_000)
        network.does = only()
        network.tell_failed = lambda rung, why: network.ladder.failed(rung, BUSY, network.now_ms)
        state = {"busy": True}
        network.does = lambda rung: REFUSED if state["busy"] else WORKS
        network.run(30_000)
        self.assertEqual([why for _, why in network.ladder.tried()], ["refused"])
        self.assertTrue(len(network.opens) < 40)
        state["busy"] = False
        self.assertTrue(network.find(32_500) is not None)

    def test_a_connection_that_is_reset_again_and_again_is_not_stormed(self):
        network = Network([Rung(TLS, 443, True)], only())
        for _ in range(200):
            if network.find(3600000) is None:
                break
            network.ladder.ended(network.carried[-1][1], "reset", network.now_ms + 200)
            network.now_ms += 200
        gaps = [
            network.opens[k + 1][0] - network.opens[k][0] for k in range(len(network.opens) - 1)
        ]
        self.assertTrue(len(gaps) > 100 and min(gaps) >= 3750, min(gaps))

    def test_the_ladder_never_gives_up_and_never_spins(self):
        for rungs in (usual(True, True), usual()[:1], [Rung(TLS, 443)], []):
            network = Network(rungs, lambda rung: DEAD)
            network.run(1800000)
            self.assertTrue(network.waits < 2000, network.waits)
            if rungs:
                network.does = only()
                self.assertTrue(network.find(network.now_ms + 120000) is not None)


class BetterTest(unittest.TestCase):
    def opened_late(self, has_probe):
        """A network that lets UDP pass an hour later, and what happens there."""
        state = {"udp": False}

        def does(rung):
            return WORKS if not is_udp(rung) or state["udp"] else DEAD

        network = Network(usual(), does, has_probe=has_probe)
        network.find()
        self.assertEqual(network.carried[-1][1].kind, TLS)
        network.asked = []
        network.run(3600000)
        state["udp"] = True
        return network

    def test_better_rungs_are_asked_rarely_and_by_and_by_taken(self):
        for has_probe in (True, False):
            network = self.opened_late(has_probe)
            self.assertTrue(len(network.asked) <= 3, network.asked)
            self.assertTrue(network.find(3 * 3600000) is not None)
            self.assertEqual(network.carried[-1][1].kind, UDP)

    def test_a_better_rung_that_freezes_leaves_the_old_one_carrying(self):
        network = self.opened_late(True)
        network.does = lambda rung: FREEZES if is_udp(rung) else WORKS
        races = []
        act = network.act
        network.act = lambda action, rungs: (
            races.append((action, rungs)),
            act(action, rungs),
        )
        network.run(network.now_ms + 3600000)
        self.assertEqual(network.ladder.state, ladders.CARRYING)
        self.assertEqual(network.ladder.rung.kind, TLS)
        kinds = [action for action, _ in races]
        self.assertTrue(PROVE in kinds and OPEN not in kinds and CLOSE not in kinds)
        # The tunnel's endpoint was there, and goes back.
        self.assertEqual(races[-1][0], RACE)
        self.assertEqual(races[-1][1][0].kind, TLS)

    def test_a_better_rung_that_answers_probes_only_leaves_the_tunnel_where_it_was(self):
        network = self.opened_late(True)
        network.does = lambda rung: DEAD if is_udp(rung) else WORKS
        rung = network.ladder.rung
        network.ladder.found(Rung(UDP, 443, True, DECOY_DNS), network.now_ms)
        races = []
        act = network.act
        network.act = lambda action, rungs: (
            races.append((action, rungs)),
            act(action, rungs),
        )
        network.run(network.now_ms + 10000)
        self.assertEqual([action for action, _ in races], [RACE, RACE])
        self.assertEqual(races[1][1], [rung])
        self.assertEqual(network.ladder.state, ladders.CARRYING)

    def test_without_a_probe_packets_stay_on_the_old_rung_until_a_better_one_answers(self):
        network = self.opened_late(False)
        network.does = lambda rung: DEAD if is_udp(rung) else WORKS
        races = []
        act = network.act
        network.act = lambda action, rungs: (
            races.append(rungs) if action == RACE else None,
            act(action, rungs),
        )
        network.run(network.now_ms + 3 * 3600000)
        self.assertTrue(len(races) >= 3)
        self.assertTrue(all(rungs[0].kind == TLS for rungs in races))

    def test_udp_asks_for_nothing_better(self):
        network = Network(usual(), only(), has_probe=True)
        network.find()
        network.asked = []
        network.run(4 * 3600000)
        self.assertEqual(network.asked, [])


class StatusTest(unittest.TestCase):
    def test_what_was_tried_is_told_with_its_reason(self):
        network = Network(usual(), lambda rung: REFUSED if rung.kind == TLS else DEAD)
        network.run(9000)
        tried = {rung.id(): why for rung, why in network.ladder.tried()}
        self.assertEqual(tried[Rung(TLS, 443, True).id()], "refused")
        self.assertEqual(tried[Rung(UDP, 443, True, DECOY_DNS).id()], "silent")
        self.assertEqual(len(Ladder(usual(), lambda n: bytes(n), 0).tried()), 0)


def behaviours(rungs, random, good, others):
    choices = [DEAD, FREEZES, REFUSED, MUTE, HANGS]
    table = {}
    for i, rung in enumerate(rungs):
        table[rung.id()] = others or choices[random.below(len(choices))]
        if i == good:
            table[rung.id()] = WORKS
    return lambda rung: table[rung.id()]


if __name__ == "__main__":
    unittest.main()
