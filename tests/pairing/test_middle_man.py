"""One who sits in between and has keys of his own: what he wins with the commitment, and without.

The code is shortened to 8 bits, so that chance can be counted, and he tries 10,000 times. That is
on CPython; in MicroPython, where an attempt's eight X25519 can take long, there are 256 attempts at
a code of 3 bits.
"""

import unittest

from tests.support.pairing_ends import (
    IS_CPYTHON,
    MiddleMan,
    TrustingResponder,
    confirmed,
    ends,
    psk_of,
)

from pairing.errors import COMMITMENT
from pairing.session import Responder

SIZE = 256 if IS_CPYTHON else 8
ATTEMPTS = 10000 if IS_CPYTHON else 256
LIES = 30 if IS_CPYTHON else 6
# He finds a reveal that suits him with a chance of 1 - (1 - 1/SIZE)^(12 SIZE), more than 0.99999.
TRIES = 12 * SIZE


def attempt(seed, responder=Responder, tries=0):
    """(what came of it, who was in between, the two ends)."""
    pair = ends(seed, responder)
    man = MiddleMan(seed)
    return man.attack(*pair, size=SIZE, tries=tries), man, pair


class MiddleManTest(unittest.TestCase):
    def test_he_wins_as_often_as_chance_and_never_more(self):
        wins = 0
        for number in range(ATTEMPTS):
            outcome, _, _ = attempt("attempt %d" % number)
            self.assertIn(outcome, (True, False))
            wins += outcome
        # Binomial: five standard deviations around the mean leave out less than one in a million.
        mean = ATTEMPTS / SIZE
        deviation = (mean * (1 - 1 / SIZE)) ** 0.5
        self.assertLess(wins, mean + 5 * deviation)
        self.assertGreater(wins, mean - 5 * deviation)

    def test_a_reveal_chosen_after_the_code_was_known_is_refused_each_time(self):
        for number in range(LIES):
            outcome, _, (_, responder) = attempt("lie %d" % number, tries=TRIES)
            self.assertEqual(outcome, COMMITMENT)
            self.assertTrue(responder.is_over)

    def test_without_the_commitment_he_wins_each_time(self):
        for number in range(LIES):
            outcome, man, pair = attempt("lie %d" % number, TrustingResponder, TRIES)
            self.assertIs(outcome, True)
            # And that is all he needs: both persons confirm, and he has the keys of both.
            confirmed(pair[0], man.to_initiator)
            confirmed(man.to_responder, pair[1])
            self.assertEqual(psk_of(pair[0]), psk_of(man.to_initiator))
            self.assertEqual(psk_of(pair[1]), psk_of(man.to_responder))

    def test_if_his_codes_differ_no_confirmation_passes_from_end_to_end(self):
        outcome, _, (initiator, responder) = attempt("attempt 0")
        self.assertIs(outcome, False)
        self.assertNotEqual(initiator.confirm(), responder.confirm())
        self.assertNotEqual(initiator.code.words, responder.code.words)


if __name__ == "__main__":
    unittest.main()
