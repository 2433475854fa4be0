import unittest

from box.control import Control
from box.port import CLOSED, CONNECTING, TROUBLE, UNVERIFIED, UP
from tests.support.esp32 import load
from tests.support.esp32.ether import Device, Ether
from tests.support.esp32.pins import Machine, Pin

Ether()
Button = load("espressif.button").Button
Indicator = load("espressif.indicator").Indicator

PLAIN = {"kind": "plain", "pin": 4, "is_active_low": False}
COLOURED = {"kind": "ws2812", "pin": 8, "is_active_low": False}
BUTTON = {"pin": 9, "is_active_low": True, "needs_pull": True, "is_on_board": True}


class _Case(unittest.TestCase):
    def setUp(self):
        self.ether = Ether()
        self.machine = self.ether.module_machine = Machine()
        self.control = Control(
            Device(), self.ether, lambda: self.ether.now_ms, lambda level, text: None
        )

    def run_for(self, ms):
        self.ether.run(self.control, ms)


class IndicatorTest(_Case):
    def watch(self, condition, led=PLAIN):
        """The levels of the light in each twentieth of a second, for six seconds."""
        Indicator(led).begin(self.control, lambda: condition)
        seen = []
        for _ in range(120):
            self.run_for(50)
            seen.append(Pin.levels[4])
        return seen

    def test_each_condition_looks_like_no_other(self):
        looks = []
        for condition in (CLOSED, CONNECTING, UP, UNVERIFIED, TROUBLE):
            self.setUp()
            seen = self.watch(condition)
            changes = sum(1 for i in range(1, len(seen)) if seen[i] != seen[i - 1])
            looks.append((sum(seen), changes))
        for i, look in enumerate(looks):
            for other in looks[i + 1 :]:
                self.assertTrue(abs(look[0] - other[0]) > 15 or abs(look[1] - other[1]) > 10)

    def test_up_is_on_without_a_gap(self):
        self.assertEqual(set(self.watch(UP)), {1})

    def test_a_light_that_is_on_at_low_is_off_at_the_start(self):
        Indicator({"kind": "plain", "pin": 4, "is_active_low": True})
        self.assertEqual((Pin.levels[4], Pin.modes[4][0]), (1, Pin.OUT))

    def test_a_change_is_seen_within_three_seconds(self):
        now = [UP]
        Indicator(COLOURED).begin(self.control, lambda: now[0])
        self.run_for(1000)
        self.assertGreater(self.machine.lights[8][0], 0)  # green
        now[0] = TROUBLE
        self.run_for(3000)
        seen = set()
        for _ in range(10):
            self.run_for(50)
            seen.add(self.machine.lights[8])
        self.assertEqual(seen, {b"\x00\x10\x00", b"\x00\x00\x00"})


class ButtonTest(_Case):
    def setUp(self):
        super().setUp()
        Pin.levels[9] = 1
        self.button = Button(BUTTON)
        self.button.begin(self.control)
        self.run_for(200)

    def press(self, ms):
        Pin.levels[9] = 0
        self.run_for(ms)
        Pin.levels[9] = 1
        self.run_for(200)

    def test_it_was_pressed_for_half_a_minute(self):
        self.assertFalse(self.button.was_pressed())
        self.press(200)
        self.assertTrue(self.button.was_pressed())
        self.run_for(29_000)
        self.assertTrue(self.button.was_pressed())
        self.run_for(1000)
        self.assertFalse(self.button.was_pressed())

    def test_it_has_the_pull_that_the_board_lacks(self):
        self.assertEqual(Pin.modes[9], (Pin.IN, Pin.PULL_UP))
        Button({"pin": 34, "is_active_low": True, "needs_pull": False})
        self.assertEqual(Pin.modes[34], (Pin.IN, None))

    def test_a_spike_is_no_press(self):
        for _ in range(50):
            self.press(5)
        self.assertFalse(self.button.was_pressed())

    def test_held_since_the_start_it_is_not_pressed(self):
        Pin.levels[9] = 0
        button = Button(BUTTON)
        held = []
        button.on_hold = lambda: held.append(1)
        button.begin(self.control)
        self.run_for(1000)
        self.assertFalse(button.was_pressed())
        self.run_for(4000)
        self.assertFalse(button.was_pressed())
        self.assertEqual(held, [])
        Pin.levels[9] = 1
        self.run_for(200)
        self.press(200)
        self.assertTrue(button.was_pressed())

    def test_held_for_two_seconds_it_is_told_once_and_was_no_press(self):
        held = []
        self.button.on_hold = lambda: held.append(1)
        self.press(1_500)
        self.assertEqual(held, [])
        self.press(10_000)
        self.assertEqual(held, [1])
        self.assertFalse(self.button.was_pressed())
        self.press(2_500)
        self.assertEqual(held, [1, 1])

    def test_held_down_it_was_pressed_once(self):
        Pin.levels[9] = 0
        self.run_for(31_000)
        self.assertFalse(self.button.was_pressed())


if __name__ == "__main__":
    unittest.main()
