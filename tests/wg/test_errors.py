import unittest

from wg.errors import ConfigError, WgError


class ConfigErrorTest(unittest.TestCase):
    def test_an_error_says_what_why_and_how_to_mend_it(self):
        error = ConfigError("MTU '70000'", "it is too large", "Write 1280 to 65535.")
        self.assertEqual(str(error), "MTU '70000': it is too large. Write 1280 to 65535.")

    def test_an_error_names_the_file_and_the_line_when_they_are_known(self):
        error = ConfigError("x", "y", "Z.", "box.conf", 3)
        self.assertEqual(str(error), "box.conf:3: x: y. Z.")
        self.assertEqual(str(ConfigError("x", "y", "Z.", "box.conf")), "box.conf: x: y. Z.")

    def test_the_place_can_be_added_by_the_layer_that_knows_it(self):
        error = ConfigError("x", "y", "Z.")
        self.assertTrue(error.at("box.conf", 7) is error)
        self.assertEqual(str(error), "box.conf:7: x: y. Z.")

    def test_one_except_catches_every_error_of_the_package(self):
        with self.assertRaises(WgError):
            raise ConfigError("x", "y", "Z.")


if __name__ == "__main__":
    unittest.main()
