"""The words of the code: no two of all 512 can be taken for one another."""

import unittest

from tests.support.pairing_ends import IS_CPYTHON

from pairing.code import Code, read_digits
from pairing.words import WORDS, word

# Spellings that stand for one sound, in the order in which they are looked for.
SPELLINGS = (
    ("tch", "C"),
    ("sch", "SK"),
    ("ough", "A"),
    ("igh", "A"),
    ("ph", "F"),
    ("sh", "C"),
    ("ch", "C"),
    ("th", "T"),
    ("ck", "K"),
    ("dge", "C"),
    ("kn", "N"),
    ("wr", "R"),
    ("gn", "N"),
    ("mb", "N"),
    ("qu", "KW"),
    ("x", "KS"),
    ("gh", "K"),
    ("wh", "W"),
    ("tio", "CA"),
    ("sio", "CA"),
)
# Single letters; what a bad line makes alike has one sound: voiced and unvoiced, m and n.
LETTERS = {"b": "P", "p": "P", "d": "T", "t": "T", "k": "K", "q": "K", "f": "F", "v": "F"}
LETTERS.update({"s": "S", "z": "S", "m": "N", "n": "N", "j": "C", "h": "", "w": "W"})
LETTERS.update({"l": "L", "r": "R"})


def sounds(text):
    """What is heard of a word at the worst: its consonants, and whether it begins with a vowel."""
    for spelling, sound in SPELLINGS:
        text = text.replace(spelling, sound)
    heard = ""
    for at in range(len(text)):
        sound = sound_at(text, at)
        if sound and not heard.endswith(sound):
            heard += sound
    return heard[0] + heard[1:].replace("A", "")


def sound_at(text, at):
    letter = text[at]
    if "A" <= letter <= "Z":
        return letter
    if letter == "y" and at == 0:
        return "W"
    if letter in "aeiouy":
        return "A"
    if letter in "cg":
        is_soft = at + 1 < len(text) and text[at + 1] in "eiy"
        return {"c": "KS", "g": "KC"}[letter][is_soft]
    return LETTERS[letter]


def distance(a, b):
    """How many letters have to be put in, left out or changed (Levenshtein)."""
    row = list(range(len(b) + 1))
    for i in range(len(a)):
        before, row[0] = row[0], i + 1
        for j in range(len(b)):
            changed = before + (a[i] != b[j])
            before = row[j + 1]
            row[j + 1] = min(changed, row[j] + 1, before + 1)
    return row[-1]


ALL = [word(place, byte) for place in (0, 1) for byte in range(WORDS)]


class RuleTest(unittest.TestCase):
    def test_the_rule_finds_what_sounds_alike(self):
        for a, b in (
            ("pair", "bear"),
            ("night", "knight"),
            ("write", "right"),
            ("phase", "face"),
            ("cellar", "seller"),
            ("metal", "medal"),
            ("mail", "nail"),
            ("chest", "jest"),
            ("symbol", "cymbal"),
            ("which", "witch"),
            ("goat", "coat"),
        ):
            self.assertEqual(sounds(a), sounds(b), (a, b))
        self.assertNotEqual(sounds("tiger"), sounds("table"))

    def test_the_distance_counts_letters(self):
        for a, b, letters in (("kitten", "sitting", 3), ("", "abc", 3), ("same", "same", 0)):
            self.assertEqual(distance(a, b), letters)


class WordsTest(unittest.TestCase):
    def test_there_are_256_in_each_list_and_none_twice(self):
        self.assertEqual(len(ALL), 512)
        self.assertEqual(len(set(ALL)), 512)
        for text in ALL:
            self.assertTrue(3 <= len(text) <= 8, text)
            self.assertTrue(all("a" <= letter <= "z" for letter in text), text)

    def test_a_swap_of_two_neighbours_is_noticed(self):
        even, odd = set(ALL[:256]), set(ALL[256:])
        self.assertEqual(even & odd, set())
        words = Code(bytes(range(8))).words
        self.assertEqual([text in even for text in words], [True, False, True, False])

    def test_no_two_words_sound_alike(self):
        heard = {}
        for text in ALL:
            self.assertNotIn(sounds(text), heard, (text, heard.get(sounds(text))))
            heard[sounds(text)] = text

    def test_each_word_is_known_by_its_first_four_letters(self):
        self.assertEqual(len({text[:4] for text in ALL}), 512)

    @unittest.skipUnless(IS_CPYTHON, "131,000 pairs of the same text: once is enough")
    def test_two_words_differ_in_three_letters_at_least(self):
        for at, a in enumerate(ALL):
            for b in ALL[:at]:
                if abs(len(a) - len(b)) < 3:
                    self.assertGreater(distance(a, b), 2, (a, b))

    def test_the_published_words_stand_where_they_are_expected(self):
        self.assertEqual(ALL[0], "acorn")
        self.assertEqual(ALL[255], "zone")
        self.assertEqual(ALL[256], "balloon")
        self.assertEqual(ALL[511], "zucchini")
        self.assertEqual([word(0, 141), word(1, 174)], ["lilac", "spinach"])
        self.assertEqual([word(2, 94), word(3, 86)], ["glass", "leopard"])


class DigitsTest(unittest.TestCase):
    def test_six_digits_are_read_however_they_are_grouped(self):
        for text in ("370855", "370 855", "37-08-55", " 3 7 0 8 5 5\r\n"):
            self.assertEqual(read_digits(text), "370855")

    def test_all_else_is_asked_for_again(self):
        for text in ("", "37085", "3708555", "37085x", "+370855", "370.855", "lilac"):
            self.assertIsNone(read_digits(text))


if __name__ == "__main__":
    unittest.main()
