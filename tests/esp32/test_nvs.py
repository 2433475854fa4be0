import unittest

from box import record, state
from box.state import State
from box.state_store import StateStore
from tests.support.esp32 import load
from tests.support.esp32.ether import Ether
from tests.support.esp32.store import PowerCutError, Store

Ether()
nvs_slots = load("espressif.nvs_slots")

KEY = bytes(range(32))
BLANK = (None, None, None)
OLD = (b"[Box]\nName = old\n", b"[Interface]\n# old\n" * 20, KEY)
NEW = (b"[Box]\nName = new\n", b"[Interface]\n# new\n" * 40, bytes(reversed(KEY)))
LARGE = (b"[Box]\nName = large\n" + b"#" * 1000, b"[Interface]\n" + b"#" * 4000, KEY)


def made(parts):
    return State(*[None if part is None else bytearray(part) for part in parts])


def parts_of(a_state):
    items = [a_state.document(name) for name in ("box", "tunnel", "key")]
    return tuple([None if item is None else bytes(item) for item in items])


class _Case(unittest.TestCase):
    def setUp(self):
        self.ether = Ether()
        self.start(Store())

    def start(self, flash):
        """A chip with this flash starts."""
        self.flash = self.ether.module_esp32 = flash
        self.store = StateStore(slots=nvs_slots.NvsSlots())

    def loaded(self):
        self.start(self.flash.copy())
        return parts_of(self.store.load())

    def key(self, name):
        """Where the slot with this role lies."""
        number = nvs_slots.NvsSlots()._index()[1][name]
        return ("undertow", "slot%d" % number)


class NvsTest(_Case):
    def test_a_box_with_nothing_in_flash_is_blank_and_has_no_problem(self):
        self.assertTrue(self.store.load().is_blank)
        self.assertIsNone(self.store.problem)

    def test_what_was_saved_last_is_in_force_and_the_one_before_is_kept(self):
        for parts in (OLD, NEW, LARGE, OLD, NEW):
            self.store.save(made(parts))
            self.assertEqual(self.loaded(), parts)
        slots = [value for value in self.flash.values.values() if not isinstance(value, int)]
        self.assertEqual(len(slots), 2)

    def test_generations_go_round(self):
        for number in range(70):
            slots = nvs_slots.NvsSlots()
            slots._point(65_500 + number & 0xFFFF, {"current": 1 + number % 4})
            self.assertEqual(nvs_slots.NvsSlots()._index()[1], {"current": 1 + number % 4})

    def test_a_damaged_state_falls_back_to_the_one_before_and_says_so(self):
        self.store.save(made(OLD))
        self.store.save(made(NEW))
        where = self.key("current")
        self.flash.values[where] = self.flash.values[where][:-1] + b"\x55"
        self.assertEqual(parts_of(self.store.load()), OLD)
        self.assertIn("before", self.store.problem[1])
        third = (b"[Box]\nName = third\n", None, KEY)
        self.store.save(made(third))
        self.flash.values[self.key("current")] = b"damaged"
        self.assertEqual(self.loaded(), OLD)  # which a damaged one never displaced

    def test_a_state_of_a_later_firmware_is_refused_and_kept(self):
        self.store.save(made(OLD))
        self.store.save(made(NEW))
        data = made(NEW).encode()
        record.seal(data, state.KIND, state.VERSION + 1)
        self.flash.values[self.key("current")] = bytes(data)
        self.assertEqual(self.loaded(), OLD)
        self.store.save(made(NEW))
        self.assertEqual(self.loaded(), NEW)
        self.assertEqual(self.flash.values[self.key("newer")], bytes(data))

    def test_anything_in_flash_never_stops_a_box(self):
        self.store.save(made(OLD))
        for value in (b"", b"x", bytes(48), b"\xff" * 5000, bytes(40_000), 7):
            for key in list(self.flash.values):
                flash = self.flash.copy()
                flash.values[key] = value
                self.ether.module_esp32 = flash
                StateStore(slots=nvs_slots.NvsSlots()).load()
        for index in (-1, 0x7FFFFFFF, 0o777, 0o5):
            self.flash.values[("undertow", "index0")] = index
            self.start(self.flash)
            self.store.load()

    def test_without_nvs_the_box_says_so_and_saves_nothing(self):
        self.flash.works = False
        self.assertTrue(self.store.load().is_blank)
        self.assertIn("NOT_INITIALIZED", self.store.problem[1])
        with self.assertRaises(OSError):
            self.store.save(made(NEW))

    def test_where_there_is_no_room_for_three_the_one_before_is_given_up(self):
        room = 2 * len(made(LARGE).encode()) + 500
        self.start(Store(room))
        for _ in range(4):
            self.store.save(made(LARGE))
            self.assertEqual(self.loaded(), LARGE)

    def test_the_one_in_force_is_never_given_up(self):
        self.start(Store(len(made(LARGE).encode()) + 1000))
        self.store.save(made(LARGE))
        with self.assertRaises(OSError):
            self.store.save(made(LARGE))
        self.assertEqual(self.loaded(), LARGE)
        # Also when it is the one before, because the last one is damaged.
        self.start(Store(2 * len(made(LARGE).encode()) + 300))
        self.store.save(made(LARGE))
        self.store.save(made(LARGE))
        where = self.key("current")
        self.flash.values[where] = b"?" * len(self.flash.values[where])
        self.store.save(made(LARGE))
        self.assertEqual(self.loaded(), LARGE)

    def test_erasing_forgets_everything_and_the_partition_leaves_nothing(self):
        self.store.save(made(OLD))
        self.store.save(made(NEW))
        self.store.erase()
        self.assertEqual(self.flash.values, {})
        self.assertTrue(any(KEY in trace for trace in self.flash.traces))
        fed = []
        nvs_slots.erase_partition(lambda: fed.append(1))
        self.assertEqual((self.flash.traces, len(fed)), ([], 16))
        self.store.erase()

    def test_what_is_read_is_wiped(self):
        self.store.save(made(LARGE))
        self.store.load().wipe()
        self.assertGreater(len(self.flash.buffers), 2)
        for buffer in self.flash.buffers:
            self.assertEqual(bytes(buffer), bytes(len(buffer)))

    def test_keys_and_values_are_such_as_nvs_has(self):
        self.store.save(made(LARGE))
        for namespace, key in self.flash.values:
            self.assertTrue(len(namespace) <= 15 and len(key) <= 15)


class PowerCutTest(_Case):
    """The power goes at every single write, and takes the key that is written with it, or not."""

    def prepared(self, forgets, *states):
        self.start(Store(forgets=forgets))
        for parts in states:
            self.store.save(made(parts))
        return self.flash

    def cut_everywhere(self, flash, action, allowed):
        found = set()
        number = 0
        while True:
            self.start(flash.copy())
            self.flash.cut_after = number
            try:
                action(self.store)
                break
            except PowerCutError:
                pass
            parts = self.loaded()
            self.assertIn(parts, allowed, "power cut after write %d" % number)
            self.assertIsNone(self.store.problem, "power cut after write %d" % number)
            found.add(parts)
            # And the box can be provisioned again.
            self.store.save(made(NEW))
            self.assertEqual(self.loaded(), NEW)
            number += 1
        self.assertGreater(number, 2)
        return found

    def test_a_commit_leaves_the_old_state_or_the_new_one(self):
        for forgets in (False, True):
            for history in ((OLD,), (NEW, OLD), (NEW, NEW, OLD), (NEW, OLD, NEW, OLD)):
                flash = self.prepared(forgets, *history)
                found = self.cut_everywhere(
                    flash, lambda store: store.save(made(LARGE)), (OLD, LARGE)
                )
                self.assertEqual(found - {LARGE}, {OLD})

    def test_the_first_commit_leaves_a_blank_box_or_the_new_state(self):
        for forgets in (False, True):
            flash = self.prepared(forgets)
            self.cut_everywhere(flash, lambda store: store.save(made(NEW)), (BLANK, NEW))

    def test_a_commit_that_gives_the_one_before_up_leaves_the_old_state_or_the_new_one(self):
        for forgets in (False, True):
            flash = self.prepared(forgets, LARGE, LARGE)
            flash.room = 2 * len(made(LARGE).encode()) + 500
            self.cut_everywhere(flash, lambda store: store.save(made(NEW)), (LARGE, NEW))

    def test_erasing_brings_back_no_older_state(self):
        for forgets in (False, True):
            flash = self.prepared(forgets, NEW, OLD)
            found = self.cut_everywhere(flash, lambda store: store.erase(), (OLD, BLANK))
            self.assertEqual(found, {OLD, BLANK})


if __name__ == "__main__":
    unittest.main()
