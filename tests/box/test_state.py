import os
import unittest

from box import record, state
from box.record import BrokenRecordError
from box.state import State
from box.state_store import StateStore
from tests.support.flash import Flash, Folder, PowerCutError, has_littlefs, mount, unmount
from tests.support.randomness import Random

KEY = bytes(range(32))
OLD = (b"[Box]\nName = old\n", b"[Interface]\n# old\n" * 20, KEY, None)
NEW = (b"[Box]\nName = new\n", b"[Interface]\n# new\n" * 40, bytes(reversed(KEY)), b"\x01" * 70)
BLANK = (None, None, None, None)


def made(parts):
    return State(*[None if part is None else bytearray(part) for part in parts])


def parts_of(a_state):
    items = [a_state.document(name) for name in state.ITEMS]
    return tuple([None if item is None else bytes(item) for item in items])


class RecordTest(unittest.TestCase):
    def test_a_state_is_read_back_whatever_is_missing(self):
        for parts in (OLD, NEW, BLANK, (b"", b"", None, b""), (None, None, KEY, None)):
            self.assertEqual(parts_of(state.decode(made(parts).encode())), parts)

    def test_every_bit_and_every_byte_counts(self):
        data = made(OLD).encode()
        for position in range(len(data)):
            broken = bytearray(data)
            broken[position] ^= 1 << position % 8
            with self.assertRaises(BrokenRecordError):
                state.decode(broken)
        for length in range(len(data)):
            with self.assertRaises(BrokenRecordError):
                state.decode(data[:length])
        with self.assertRaises(BrokenRecordError):
            state.decode(data + b"\x00")

    def test_contents_that_are_sealed_but_make_no_sense_are_broken(self):
        for body in (
            b"\x03",
            b"\x03box",
            b"\x03box\x00",
            b"\x03box\x00\x09abc",
            b"\x03key\x00\x01k",
        ):
            data = bytearray(record.OVERHEAD) + body
            record.seal(data, state.KIND, state.VERSION)
            with self.assertRaises(BrokenRecordError):
                state.decode(data)

    def test_a_later_version_is_told_apart_from_damage(self):
        data = made(OLD).encode()
        record.seal(data, state.KIND, state.VERSION + 1)
        with self.assertRaises(BrokenRecordError) as caught:
            state.decode(data)
        self.assertTrue(caught.exception.is_newer)

    def test_wiping_leaves_no_secret(self):
        whole = made(OLD)
        kept = [whole.document(name) for name in state.ITEMS]
        whole.wipe()
        self.assertTrue(whole.is_blank)
        self.assertTrue(all(bytes(item) == bytes(len(item)) for item in kept if item is not None))

    def test_the_digest_follows_every_item_and_says_nothing_of_the_private_key(self):
        digests = [
            made(parts).digest()
            for parts in (
                OLD,
                NEW,
                OLD[:2] + NEW[2:3],
                OLD[:2] + (None,),
                OLD[:3] + NEW[3:],
            )
        ]
        self.assertEqual(len(set(digests)), 5)
        # What moves from one document to the other changes it, too.
        self.assertNotEqual(made((b"ab", b"c", None)).digest(), made((b"a", b"bc", None)).digest())

    def test_the_digest_is_that_of_the_description(self):
        from hashlib import sha256

        public = made(OLD).public_key()
        text = b"undertow state 1\nbox %d\n" % len(OLD[0]) + OLD[0]
        text += b"tunnel %d\n" % len(OLD[1]) + OLD[1] + b"public 32\n" + public
        self.assertEqual(made(OLD).digest(), sha256(text).digest())
        text += b"pairing 70\n" + NEW[3]
        self.assertEqual(made(OLD[:3] + NEW[3:]).digest(), sha256(text).digest())

    def test_a_state_from_before_there_was_pairing_is_read(self):
        body = b""
        for name, data in ((b"box", OLD[0]), (b"tunnel", OLD[1]), (b"key", OLD[2])):
            body += bytes([len(name)]) + name + len(data).to_bytes(2, "big") + data
        data = bytearray(record.OVERHEAD) + body
        record.seal(data, b"STAT", 1)
        self.assertEqual(parts_of(state.decode(data)), OLD)
        self.assertEqual(made(OLD).encode(), data)

    def test_an_item_of_a_later_firmware_is_passed_over(self):
        data = made(OLD).encode() + b"\x05later\x00\x01x"
        record.seal(data, state.KIND, state.VERSION)
        self.assertEqual(parts_of(state.decode(data)), OLD)


class StoreTest(unittest.TestCase):
    def setUp(self):
        self.folder = Folder()
        self.addCleanup(self.folder.close)
        self.path = self.folder.path + "/state"
        self.store = StateStore(self.path)

    def loaded(self):
        return parts_of(StateStore(self.path).load())

    def write(self, name, data):
        with open(self.path + "/" + name, "wb") as file:
            file.write(data)

    def test_a_box_without_files_is_blank_and_has_no_problem(self):
        self.assertTrue(self.store.load().is_blank)
        self.assertIsNone(self.store.problem)

    def test_what_was_saved_last_is_in_force_and_the_one_before_is_kept(self):
        for parts in (OLD, NEW, OLD):
            self.store.save(made(parts))
            self.assertEqual(self.loaded(), parts)
        self.assertEqual(sorted(os.listdir(self.path)), ["current", "previous"])

    def test_a_damaged_state_falls_back_to_the_one_before_and_says_so(self):
        self.store.save(made(OLD))
        self.store.save(made(NEW))
        data = made(NEW).encode()
        for position in range(0, len(data), 7):
            broken = bytearray(data)
            broken[position] ^= 0x10
            self.write("current", broken)
            self.assertEqual(parts_of(self.store.load()), OLD)
            self.assertIn("before", self.store.problem[1])

    def test_files_of_any_length_and_content_never_stop_a_box(self):
        self.store.save(made(OLD))
        self.store.save(made(NEW))
        for data in (b"", b"x", bytes(47), b"\xff" * 48, bytes(5000), bytes(20000)):
            self.write("current", data)
            self.assertEqual(parts_of(self.store.load()), OLD)
        self.write("previous", b"x")
        self.assertTrue(self.store.load().is_blank)
        self.assertIn("none before", self.store.problem[1])

    def test_a_folder_in_the_place_of_the_file_never_stops_a_box(self):
        self.store.save(made(OLD))
        os.remove(self.path + "/current")
        os.mkdir(self.path + "/current")
        self.assertTrue(self.store.load().is_blank)
        self.assertIsNotNone(self.store.problem)

    def test_a_damaged_state_does_not_displace_the_good_one_before(self):
        self.store.save(made(OLD))
        self.store.save(made(NEW))
        self.write("current", b"damaged")
        third = (b"[Box]\nName = third\n", None, KEY, None)
        self.store.save(made(third))
        self.assertEqual(self.loaded(), third)
        self.write("current", b"damaged")
        self.assertEqual(self.loaded(), OLD)

    def test_a_state_of_a_later_firmware_is_refused_and_kept(self):
        self.store.save(made(OLD))
        self.store.save(made(NEW))
        data = made(NEW).encode()
        record.seal(data, state.KIND, state.VERSION + 1)
        self.write("current", data)
        self.assertEqual(parts_of(self.store.load()), OLD)
        self.assertIn("version", self.store.problem[1])
        self.store.save(made(NEW))
        self.assertEqual(self.loaded(), NEW)
        with open(self.path + "/newer", "rb") as file:
            self.assertEqual(file.read(), data)

    def test_a_save_mends_what_was_wrong(self):
        self.store.save(made(OLD))
        self.write("current", b"damaged")
        self.store.load()
        self.assertIsNotNone(self.store.problem)
        self.store.save(made(NEW))
        self.assertIsNone(self.store.problem)

    def test_erasing_forgets_everything(self):
        self.store.save(made(OLD))
        self.store.save(made(NEW))
        self.store.erase()
        self.assertEqual(os.listdir(self.path), [])
        self.assertTrue(self.store.load().is_blank)
        self.store.erase()

    def test_a_state_for_which_there_is_no_memory_is_told_as_that_and_is_not_given_up(self):
        self.store.save(made(OLD))
        taken, state._taken = state._taken, _without_memory
        try:
            self.assertTrue(self.store.load().is_blank)
            self.assertIn("no memory", self.store.problem[1])
            with self.assertRaises(OSError):
                self.store.save(made(NEW))
        finally:
            state._taken = taken
        self.assertEqual(self.loaded(), OLD)
        self.assertEqual([bytes(each) for each in _copies], [bytes(32)])

    def test_a_state_that_cannot_be_written_leaves_the_old_one(self):
        self.store.save(made(OLD))
        os.mkdir(self.path + "/new")
        with self.assertRaises(OSError):
            self.store.save(made(NEW))
        self.assertEqual(self.loaded(), OLD)


_copies = []


def _without_memory(body, found):
    """As if there was none left after the first of the documents."""
    secret = bytearray(b"k" * 32)
    found["key"] = secret
    _copies[:] = [secret]
    raise MemoryError


@unittest.skipUnless(has_littlefs(), "this interpreter has no LittleFS")
class PowerCutTest(unittest.TestCase):
    """MicroPython's own LittleFS on flash that loses its power at every single change."""

    def prepared(self, *states):
        """Flash that these states were saved to, one after the other."""
        flash = Flash()
        store = StateStore(mount(flash) + "/state")
        for parts in states:
            store.save(made(parts))
        unmount()
        return flash

    def cut_everywhere(self, flash, action, allowed, torn):
        """Cut the power after each change of action(store); what can be there is `allowed`."""
        found = set()
        number = 0
        while True:
            tried = flash.copy()
            tried.cut_after = number
            tried.torn = torn
            store = StateStore(mount(tried) + "/state")
            try:
                action(store)
                ended = True
            except PowerCutError:
                ended = False
            unmount()
            if ended:
                break
            after = tried.copy()
            store = StateStore(mount(after) + "/state")
            parts = parts_of(store.load())
            self.assertIn(parts, allowed, "power cut after change %d" % number)
            self.assertIsNone(store.problem, "power cut after change %d" % number)
            found.add(parts)
            # And the box can be provisioned again.
            store.save(made(NEW))
            self.assertEqual(parts_of(store.load()), NEW)
            unmount()
            number += 1
        self.assertGreater(number, 10)
        return found

    def test_a_commit_leaves_the_old_state_or_the_new_one(self):
        flash = self.prepared(OLD)
        found = set()
        for torn in (0, 5, 16):
            found |= self.cut_everywhere(
                flash, lambda store: store.save(made(NEW)), (OLD, NEW), torn
            )
        self.assertEqual(found, {OLD, NEW})

    def test_a_commit_with_a_history_leaves_the_old_state_or_the_new_one(self):
        flash = self.prepared(NEW, NEW, OLD, NEW, OLD)
        self.cut_everywhere(flash, lambda store: store.save(made(NEW)), (OLD, NEW), 5)

    def test_the_first_commit_leaves_a_blank_box_or_the_new_state(self):
        flash = self.prepared()
        self.cut_everywhere(flash, lambda store: store.save(made(NEW)), (BLANK, NEW), 5)

    def test_erasing_brings_back_no_older_state(self):
        flash = self.prepared(NEW, OLD)
        number = 0
        ended = False
        while not ended:
            tried = flash.copy()
            tried.cut_after = number
            store = StateStore(mount(tried) + "/state")
            try:
                store.erase()
                ended = True
            except PowerCutError:
                pass
            unmount()
            found = parts_of(StateStore(mount(tried.copy()) + "/state").load())
            self.assertIn(found, (OLD, BLANK), "power cut after change %d" % number)
            unmount()
            number += 1
        self.assertEqual(found, BLANK)

    def test_a_wrong_byte_anywhere_in_flash_never_stops_a_box(self):
        flash = self.prepared(OLD, NEW)
        used = [i for i in range(len(flash.content)) if flash.content[i] != 0xFF]
        random = Random(11)
        found = {}
        for _ in range(400):
            broken = flash.copy()
            broken.content[used[random.below(len(used))]] ^= 1 << random.below(8)
            try:
                path = mount(broken)
            except OSError:
                continue  # no file system: box.flash tells it
            store = StateStore(path + "/state")
            parts = parts_of(store.load())
            # Without a problem, too: where its own data is damaged, LittleFS goes back in time.
            self.assertIn(parts, (OLD, NEW, BLANK))
            found[parts] = found.get(parts, 0) + 1
            unmount()
        self.assertGreater(found[NEW], 100)
        self.assertGreater(found[OLD], 10)


if __name__ == "__main__":
    unittest.main()
