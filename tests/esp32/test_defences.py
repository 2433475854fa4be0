"""Every precaution of the port's Python, taken away once: a test must show it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from undertow import paths

MODULES = paths.PORTS / "esp32" / "modules"

# Of which file the tests are in which.
TESTS = {"nvs_slots": "test_nvs", "indicator": "test_indicator", "button": "test_indicator"}
# File, what is done, what of the text, by what it is replaced, and the test that must fail.
ROWS = [
    (
        "nvs_slots",
        "the index has one key",
        'INDEXES = ("index0", "index1")',
        'INDEXES = ("index0", "index0")',
        "PowerCutTest.test_a_commit_leaves_the_old_state_or_the_new_one",
    ),
    (
        "nvs_slots",
        "the older index counts",
        "                youngest = value\n",
        "                pass\n",
        "NvsTest.test_what_was_saved_last_is_in_force_and_the_one_before_is_kept",
    ),
    (
        "nvs_slots",
        "a new state is written over the one in force",
        "        taken = list(roles.values())\n        self._new = 0\n",
        "        taken = []\n        self._new = 0\n",
        "PowerCutTest.test_a_commit_leaves_the_old_state_or_the_new_one",
    ),
    (
        "nvs_slots",
        "the state in force is erased first",
        "            if number != current:\n",
        "            if number == current:\n",
        "PowerCutTest.test_erasing_brings_back_no_older_state",
    ),
    (
        "nvs_slots",
        "the state in force is given up for room",
        "to_give_up = [name for name in spare if name in roles]",
        "to_give_up = [name for name in (CURRENT, PREVIOUS) if name in roles]",
        "NvsTest.test_the_one_in_force_is_never_given_up",
    ),
    (
        "nvs_slots",
        "what was read stays in memory",
        "                wipe(buffer)\n",
        "                pass\n",
        "NvsTest.test_what_is_read_is_wiped",
    ),
    (
        "station",
        "our own network is open until it has its settings",
        "            _board.close_access_point()\n",
        "            pass\n",
        "OwnNetworkTest.test_it_is_never_open_not_even_before_it_has_its_settings",
    ),
    (
        "station",
        "modes are switched while the radio is on",
        "        self._was_started = True\n",
        "",
        "StartTest.test_a_radio_that_refuses_a_setting_is_started_again_as_it_is",
    ),
    (
        "station",
        "the driver tries again for ever",
        "wlan.config(reconnects=0)",
        "pass",
        "JoiningTest.test_an_attempt_that_fails_is_one_attempt",
    ),
    (
        "station",
        "the radio saves power",
        "wlan.config(pm=network.WLAN.PM_NONE)",
        "pass",
        "StartTest.test_the_radio_saves_no_power_and_sends_with_less_than_all_of_it",
    ),
    (
        "station",
        "the radio sends with all its power",
        "wlan.config(txpower=POWER_DBM)",
        "pass",
        "StartTest.test_the_radio_saves_no_power_and_sends_with_less_than_all_of_it",
    ),
    (
        "station",
        "the last reason is taken for the next one's",
        "(reason == self._reason_before and not has_ended)",
        "False",
        "JoiningTest.test_an_old_reason_is_not_taken_for_that_of_the_next_attempt",
    ),
    (
        "station",
        "isconnected() is believed",
        "        return _board.link(NAME)",
        "        return self._wlan is not None and self._wlan.isconnected()",
        "JoiningTest.test_a_box_without_a_tunnel_stays_in_a_network_without_addresses",
    ),
    (
        "station",
        "an error without a name is not caught",
        "ERRORS = (OSError, RuntimeError)",
        "ERRORS = (OSError,)",
        "JoiningTest.test_a_driver_without_memory_is_told_and_asked_again",
    ),
    (
        "cable",
        "LAN.isconnected() is believed",
        "self.is_there and _board.link(NAME)",
        "self.is_there and self._lan is not None and self._lan.isconnected()",
        "CableTest.test_a_client_of_ours_that_gets_an_address_does_not_pull_the_cable",
    ),
    (
        "cable",
        "LAN.status() is believed",
        "self.is_there and _board.link(NAME)",
        "self.is_there and self._lan is not None and self._lan.status() in (3, 5)",
        "CableTest.test_a_client_of_ours_that_gets_an_address_is_no_cable",
    ),
    (
        "access_point",
        "one that got no password stays on",
        "    except Exception:\n        wlan.active(False)\n",
        "    except Exception:\n",
        "OwnNetworkTest.test_one_that_cannot_be_protected_is_switched_off_and_told",
    ),
    (
        "access_point",
        "clients are served before the password is set",
        "        self.is_on = False\n        self._is_clean = False",
        "        self.is_on = password is not None\n        self._is_clean = False",
        "OwnNetworkTest.test_it_is_protected_and_called_after_the_hardware",
    ),
    (
        "access_point",
        "only WPA3 will do",
        "        except ERRORS:\n            # Not",
        "        except KeyError:\n            # Not",
        "OwnNetworkTest.test_where_the_driver_has_no_wpa3_it_has_wpa2",
    ),
    (
        "access_point",
        "settings that come meanwhile are forgotten",
        "if not is_as_wanted:",
        "if False:",
        "OwnNetworkTest.test_settings_that_change_while_the_radio_starts_are_taken_too",
    ),
    (
        "access_point",
        "the former password stays in memory",
        "            wipe(self._password)\n",
        "            pass\n",
        "JoiningTest.test_passwords_are_wiped_when_the_settings_go",
    ),
    (
        "air",
        "an open network of the same name will do",
        "return security not in (OPEN, OWE, WEP) and security not in ENTERPRISE",
        "return True",
        "JoiningTest.test_an_open_network_of_the_same_name_is_not_joined",
    ),
    (
        "air",
        "any of a network's access points will do",
        "best = max(fitting, key=lambda told: told[3])",
        "best = fitting[0]",
        "JoiningTest.test_of_one_network_the_strongest_access_point_is_joined",
    ),
    (
        "joining",
        "it tries at the same pace for ever",
        "min(max(2 * self._pause_ms, first), longest)",
        "first",
        "JoiningTest.test_what_is_tried_in_vain_is_tried_ever_more_rarely",
    ),
    (
        "joining",
        "it listens as often while there are clients",
        "        if self.is_serving:\n",
        "        if False:\n",
        "ScanTest.test_without_an_uplink_clients_are_disturbed_a_twentieth_of_the_time",
    ),
    (
        "joining",
        "the uplink is left before it is denied",
        "            self.on_leaving()\n",
        "            pass\n",
        "CableTest.test_pulling_the_cable_leads_to_wifi_and_plugging_it_in_leads_back",
    ),
    (
        "joining",
        "one that was only tried is joined again, without its password",
        "target if target and target.network in self._networks else None",
        "target",
        "TryTest.test_one_that_was_only_tried_is_not_joined_again_without_its_password",
    ),
    (
        "joining",
        "a network without addresses is kept",
        "lasted_ms >= ADDRESS_MAX_MS and self._lacks_address()",
        "False",
        "JoiningTest.test_a_network_without_addresses_is_left_for_another_one",
    ),
    (
        "joining",
        "an attempt begins while the radio listens",
        "if self._worker.is_busy or not self._station.is_on:",
        "if not self._station.is_on:",
        "TryTest.test_an_attempt_waits_until_the_radio_has_listened",
    ),
    (
        "access_point",
        "what cannot be switched off is tried again at once",
        '            self._retry_ms = now_ms + AGAIN_MS\n            self._log("warning"',
        '            self._log("warning"',
        "OwnNetworkTest.test_what_cannot_be_switched_off_is_tried_again_now_and_then",
    ),
    (
        "links",
        "a radio that does not answer is nobody's affair",
        ">= RADIO_STUCK_MS",
        "< 0",
        "StartTest.test_a_radio_that_never_starts_stops_nothing_and_a_cable_works_beside_it",
    ),
    (
        "links",
        "the radio is started by the control loop itself",
        "self._worker.start(self._station.start, self._radio_has_started)",
        "self._radio_has_started(self._station.start(), None)",
        "StartTest.test_a_radio_that_never_starts_stops_nothing_and_a_cable_works_beside_it",
    ),
    (
        "button",
        "a spike is a press",
        "if self._looks[0] == self._looks[1] != self._is_down:",
        "if self._looks[1] != self._is_down:",
        "ButtonTest.test_a_spike_is_no_press",
    ),
    (
        "button",
        "held at the start is a press",
        "        self._is_down = True\n        self._pressed",
        "        self._is_down = False\n        self._pressed",
        "ButtonTest.test_held_since_the_start_it_is_not_pressed",
    ),
    (
        "button",
        "a press counts for ever",
        "return control.now_ms() - self._pressed_ms < PRESSED_MS",
        "return True",
        "ButtonTest.test_it_was_pressed_for_half_a_minute",
    ),
    (
        "indicator",
        "a light that shines at low shines from the start",
        "int(is_on != self._is_active_low)",
        "int(is_on)",
        "IndicatorTest.test_a_light_that_is_on_at_low_is_off_at_the_start",
    ),
    (
        "worker",
        "the thread has the stack that threads usually have",
        "            _thread.stack_size(STACK_LEN)\n",
        "",
        "StartTest.test_a_known_network_becomes_the_uplink",
    ),
    (
        "worker",
        "what a thread raised ends it",
        "        except Exception as error:\n            self._finish(None, error)",
        "        except KeyError as error:\n            self._finish(None, error)",
        "StartTest.test_a_radio_without_memory_is_told_and_tried_again",
    ),
    (
        "links",
        "every DHCP server is told what it is",
        '        network.hostname("")\n',
        "",
        "CableTest.test_no_dhcp_server_is_told_what_it_is",
    ),
    (
        "links",
        "nobody hears of another uplink",
        "                self.on_uplink()\n",
        "                pass\n",
        "test_box.BoxTest.test_a_static_address_is_given_to_each_uplink",
    ),
    (
        "links",
        "it begins before its settings",
        'self._medium = ""  # none',
        "self._medium = AUTO  # none",
        "StartTest.test_before_its_settings_no_interface_is_a_side",
    ),
    (
        "links",
        "every flicker of the cable counts",
        "return now_ms - self._link_since_ms >= CABLE_STEADY_MS",
        "return True",
        "CableTest.test_a_cable_that_flickers_does_not_take_a_wifi_that_works_away",
    ),
    (
        "hearing",
        "clients are disturbed for whoever is curious",
        "may_disturb = not self._joining.is_serving or not has_uplink",
        "may_disturb = True",
        "ScanTest.test_clients_are_not_disturbed_while_the_uplink_works",
    ),
    (
        "hearing",
        "it listens while it joins, and takes silence for an empty air",
        "is_quiet = self._joining.phase not in (joining.LISTENING, joining.JOINING)",
        "is_quiet = True",
        "ScanTest.test_whoever_asks_while_the_radio_is_busy_gets_an_answer",
    ),
    (
        "links",
        "the former network serves until the new one is there",
        "            self._deny(self.sides[0], None)\n",
        "            pass\n",
        "OwnNetworkTest.test_nobody_is_served_from_the_moment_of_other_settings",
    ),
    (
        "links",
        "one uplink follows the other at once",
        "before[0] if before[0] == sides[0] else None,",
        "sides[0],",
        "CableTest.test_even_when_both_are_there_one_uplink_never_follows_the_other_at_once",
    ),
    (
        "links",
        "the own network begins on a channel of its own",
        "return self._station.channel() or wanted or air.quiet_channel(self._joining.heard)",
        "return air.quiet_channel([])",
        "OwnNetworkTest.test_clients_stay_while_the_uplink_is_joined_because_it_began_on_its_channel",
    ),
    (
        "links",
        "the socket is the LAN though it may be the uplink",
        "if self._medium == WIFI and self._cable.is_there",
        "if self._cable.is_there",
        "CableTest.test_the_socket_is_never_both_sides",
    ),
]


@pytest.mark.parametrize(
    ("name", "old", "new", "test"),
    [pytest.param(name, old, new, t, id=what) for name, what, old, new, t in ROWS],
)
def test_a_scenario_shows_it(tmp_path: Path, name: str, old: str, new: str, test: str) -> None:
    shutil.copytree(MODULES / "espressif", tmp_path / "espressif")
    source = tmp_path / "espressif" / f"{name}.py"
    text = source.read_text()
    assert text.count(old) == 1, f"not exactly once, the row has to follow: {old}"
    source.write_text(text.replace(old, new))
    where = TESTS.get(name, "test_links")
    if test.startswith("test_box."):
        where, test = test.split(".", 1)
    search = [tmp_path, paths.ROOT / "host", paths.FIRMWARE / "lib", paths.FIRMWARE, paths.ROOT]
    result = subprocess.run(
        [sys.executable, "-m", "unittest", f"tests.esp32.{where}.{test}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, search))},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Ran 1 test" in result.stderr, result.stderr
    assert result.returncode == 1, f"{test} passed all the same"
    for broken in ("_FailedTest", "SyntaxError", "NameError", "IndentationError"):
        assert broken not in result.stderr, result.stderr
