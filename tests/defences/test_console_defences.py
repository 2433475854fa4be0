"""Each defence of console and store, switched off in a copy: a named test must notice.

Rows are like those of test_protocol_defences.py, with the package before the file and the folder of
tests before the test.
"""

from tests.support import mutant

ROWS = [
    # --- the line ---
    (
        "ut1/device.py",
        "a repeated request is executed again",
        'if key != self._answered or request.word == "hello":',
        "if True:",
        "ut1.test_device.SessionTest"
        ".test_a_repeated_request_is_answered_without_being_executed_again",
    ),
    (
        "ut1/device.py",
        "the number alone makes a repetition",
        "key = (request.seq, request.check)",
        "key = (request.seq, 0)",
        "ut1.test_device.SessionTest.test_another_request_with_the_same_number_is_executed",
    ),
    (
        "ut1/device.py",
        "hello is answered from memory",
        ' or request.word == "hello":',
        ":",
        "ut1.test_device.SessionTest.test_hello_is_never_answered_from_memory",
    ),
    (
        "ut1/device.py",
        "answers are taken for requests",
        "if request is not None and request.word not in _ANSWERS:",
        "if request is not None:",
        "ut1.test_device.SessionTest.test_answers_are_never_answered",
    ),
    (
        "ut1/device.py",
        "versions are not compared",
        '_check_versions(arguments.get("proto"))',
        "pass",
        "ut1.test_device.VersionTest"
        ".test_versions_that_do_not_meet_are_refused_by_naming_the_update",
    ),
    (
        "ut1/device.py",
        "parts of an answer are given out for another",
        "if not self._long or of != self._long_seq:",
        "if not self._long:",
        "ut1.test_device.PartsTest.test_parts_of_another_answer_are_gone",
    ),
    (
        "ut1/device.py",
        "answers have no bound",
        "if len(text) > ANSWER_LEN_MAX:",
        "if False:",
        "ut1.test_device.PartsTest.test_an_answer_beyond_all_bounds_is_a_refusal",
    ),
    (
        "ut1/frame.py",
        "the checksum is not looked at",
        'if bytes(line[after_payload + 1 : end]) != ("%08x" % check).encode():',
        "if False:",
        "ut1.test_frame.DecodeTest.test_a_changed_byte_is_noticed_wherever_it_is",
    ),
    (
        "ut1/frame.py",
        "the checksum leaves out number and verb",
        "check = crc32(line[: after_payload + 1])",
        "check = crc32(line[after_word + 1 : after_payload + 1])",
        "ut1.test_frame.EncodeTest.test_what_is_encoded_is_decoded",
    ),
    (
        "ut1/lines.py",
        "a line has no longest length",
        "if length > len(self._line):",
        "if False:",
        "ut1.test_frame.LinesTest.test_an_endless_line_is_dropped_and_the_next_one_read",
    ),
    (
        "ut1/lines.py",
        "a frame is lost behind noise on its line",
        "                self._wipe()\n                position = again\n",
        "                pass\n",
        "ut1.test_frame.LinesTest.test_noise_before_a_frame_on_its_line_does_no_harm",
    ),
    (
        "ut1/lines.py",
        "lines are not wiped",
        "            self._line[i] = 0\n",
        "            pass\n",
        "ut1.test_device.SessionTest.test_no_byte_of_a_request_stays_in_the_session",
    ),
    (
        "ut1/base64.py",
        "one value has several texts",
        "        if text[i]:\n            return -1\n",
        "        pass\n",
        "ut1.test_frame.Base64Test.test_each_value_has_one_text",
    ),
    (
        "ut1/host.py",
        "a request stays in memory",
        "            self._request[i] = 0\n",
        "            pass\n",
        "ut1.test_host.ExchangeTest.test_the_request_is_wiped_once_it_is_answered",
    ),
    (
        "ut1/host.py",
        "any answer will do",
        "answer.seq == self._seq and ",
        "",
        "ut1.test_host.ExchangeTest.test_boot_messages_echoes_and_late_answers_are_ignored",
    ),
    (
        "box/console.py",
        "the bytes of the line are not wiped",
        "wipe(memoryview(self._buffer)[:count])",
        "pass",
        "box.test_console.ConsoleTest.test_the_buffers_of_the_console_hold_no_secret_afterwards",
    ),
    # --- the verbs ---
    (
        "box/draft.py",
        "a commit needs no digest",
        "if digest != self._told_digest(BOX, state.digest()):",
        "if False:",
        "box.test_console.ConsoleTest.test_a_commit_needs_the_digest_of_what_was_given",
    ),
    (
        "box/draft.py",
        "digests let passwords be guessed",
        "salted = sha256(self._salt)",
        "salted = sha256()",
        "box.test_console.ConsoleTest.test_no_digest_lets_a_password_be_guessed_away_from_the_box",
    ),
    (
        "box/draft.py",
        "a commit takes what is not whole",
        "if not found.is_good and not (without == TUNNEL and found.is_good_without(TUNNEL)):",
        "if False:",
        "box.test_console.ConsoleTest.test_a_commit_of_what_is_not_whole_is_refused",
    ),
    (
        "box/verbs.py",
        "what was put is in force at once",
        "return self._draft.staging.put(arguments, data)",
        "answer = self._draft.staging.put(arguments, data)\n"
        "            self._store.save(self._draft.staging.state)\n"
        "            return answer",
        "box.test_console.ConsoleTest.test_nothing_is_in_force_before_the_commit",
    ),
    (
        "box/verbs.py",
        "a key is made without randomness",
        "            if self._fill_random is None:\n                raise OSError\n"
        "            self._fill_random(key)\n",
        "            if self._fill_random is not None:\n                self._fill_random(key)\n",
        "box.test_console.ConsoleTest.test_a_box_without_randomness_makes_no_key_and_says_so",
    ),
    (
        "box/verbs.py",
        "anybody may wipe",
        'if self.state() != "blank" and confirm != (name or ""):',
        "if False:",
        "box.test_console.ConsoleTest.test_wiping_needs_the_name_and_leaves_nothing",
    ),
    (
        "box/draft.py",
        "a private key can be read back",
        'answer["key"] = {"set": state.key is not None}',
        'answer["was"] = (self.staging.state.tunnel or b"").decode()',
        "box.test_console.ConsoleTest.test_no_answer_ever_holds_a_secret",
    ),
    (
        "box/staging.py",
        "chunks may come in any order",
        "elif (name, count, index) != (self._name, self._count, self._next):",
        "elif False:",
        "box.test_console.ConsoleTest.test_chunks_that_do_not_follow_each_other_are_refused",
    ),
    (
        "box/judgement.py",
        "two keys are not compared",
        "if of_document is not None and of_document.public() != state.public_key():",
        "if False:",
        "box.test_documents.JudgementTest.test_two_different_new_keys_are_refused",
    ),
    (
        "box/draft.py",
        "a box may do without anything",
        "without == TUNNEL and found.is_good_without(TUNNEL)",
        "without and found.is_good_without(found.missing[0])",
        "box.test_console.ConsoleTest"
        ".test_a_box_can_do_without_a_tunnel_for_now_if_all_else_is_whole",
    ),
    # --- Wi-Fi ---
    (
        "box/box_document.py",
        "a password that is refused stays in memory",
        "if not is_taken:",
        "if False:",
        "box.test_documents.WifiTest.test_a_refused_document_leaves_no_password_behind",
    ),
    (
        "box/box_settings.py",
        "the settings' passwords are not wiped",
        "            wipe(self.password)\n",
        "            pass\n",
        "box.test_documents.WifiTest.test_wiping_leaves_no_password",
    ),
    (
        "wg/config_quoted.py",
        "half a password is taken for the whole",
        "if end < len(view) and view[end] == _COMMENT and end > start:",
        "if False:",
        "box.test_documents.WifiTest"
        ".test_each_wrong_line_is_told_with_its_number_and_without_its_secret",
    ),
    (
        "box/improv.py",
        "a network is stored whether it lets the box in or not",
        "self._keep(network) if is_in else rpc.UNABLE_TO_CONNECT",
        "self._keep(network)",
        "box.test_improv.JoinTest.test_a_network_that_does_not_let_the_box_in_is_not_stored",
    ),
    (
        "box/improv.py",
        "a board without Wi-Fi tries to join",
        "if network is None or not self._links.has_wifi:",
        "if network is None:",
        "box.test_improv.WithoutRadioTest"
        ".test_a_board_without_wifi_cannot_connect_and_stores_nothing",
    ),
    (
        "box/improv.py",
        "the password that was tried stays in memory",
        "        finally:\n            network.wipe()\n",
        "        finally:\n            pass\n",
        "box.test_improv.JoinTest.test_no_password_is_said_or_stays_in_memory",
    ),
    (
        "improv/packets.py",
        "a checksum is not looked at",
        "return kept[_TYPE] if check == kept[length - 1] else BROKEN",
        "return kept[_TYPE] if check >= 0 else BROKEN",
        "improv.test_packets.PacketTest.test_a_wrong_checksum_breaks_a_packet_and_loses_nothing",
    ),
    (
        "improv/packets.py",
        "a packet that was cut off swallows what comes",
        "return BROKEN\n        if length <",
        "pass\n        if length <",
        "improv.test_packets.PacketTest.test_eight_newlines_end_a_packet_that_was_cut_off",
    ),
    (
        "improv/packets.py",
        "what was kept is not wiped",
        "        _wipe(self._kept, self._length)\n",
        "        pass\n",
        "improv.test_packets.PacketTest.test_pieces_are_wiped_once_the_next_is_asked_for",
    ),
    # --- pairing ---
    (
        "box/pair_run.py",
        "any digits will do",
        "if not session.matches(digits):",
        "if False:",
        "box.test_pairing.MismatchTest.test_wrong_digits_end_the_run_and_lock_for_a_minute",
    ),
    (
        "box/pair_run.py",
        "a failure is not counted",
        "            self._lockout.failed()\n",
        "            pass\n",
        "box.test_pairing.MismatchTest.test_wrong_digits_end_the_run_and_lock_for_a_minute",
    ),
    (
        "box/pair_run.py",
        "a code that is shown does not count yet",
        "            self._lockout.shown()\n",
        "            pass\n",
        "box.test_pairing.RestartTest.test_a_power_cut_while_the_code_is_shown_counts",
    ),
    (
        "box/pair_run.py",
        "a run takes as long as one likes",
        "self._lockout.now_ms() >= self._ends_ms",
        "False",
        "box.test_pairing.MismatchTest.test_a_run_is_over_after_ten_minutes",
    ),
    (
        "box/pair.py",
        "a locked box pairs",
        "        if locked_s:\n",
        "        if False:\n",
        "box.test_pairing.MismatchTest.test_from_the_third_failure_on_it_is_ten_minutes",
    ),
    (
        "box/pair.py",
        "nobody needs to stand at the box",
        "if self._is_asked_for is not None and not self._is_asked_for():",
        "if False:",
        "box.test_pairing.PairingTest.test_where_there_is_a_button_it_must_have_been_pressed",
    ),
    (
        "box/pair.py",
        "another key than the one that was paired is taken",
        "        if not is_same:\n",
        "        if False:\n",
        "box.test_pairing.PairingTest"
        ".test_a_key_that_came_meanwhile_is_not_taken_for_the_one_that_was_paired",
    ),
    (
        "box/lockout_store.py",
        "a restart forgets the failures",
        "            if exists(self._path):\n",
        "            if False:\n",
        "box.test_pairing.RestartTest.test_wrong_digits_end_the_run_and_lock_for_a_minute",
    ),
    (
        "box/verbs.py",
        "a wipe opens the lock",
        "self._lockout.keep()",
        "pass",
        "box.test_pairing.RestartTest.test_a_wipe_of_the_whole_flash_wins_no_try_either",
    ),
    (
        "box/lockout_store.py",
        "damage opens the lock",
        "            self._lockout.fail(now_ms)\n        self._is_pending",
        "            pass\n        self._is_pending",
        "box.test_pairing.RestartTest.test_damage_helps_nobody_to_another_try",
    ),
    (
        "box/trust.py",
        "only the first peer is looked at",
        "peers != [trust.gateway]",
        "peers[0] != trust.gateway",
        "box.test_pairing.ContinuityTest.test_a_second_peer_whose_key_nobody_compared_is_told",
    ),
    (
        "box/trust.py",
        "the box's own key may change",
        "self.own_changed = own != trust.own",
        "self.own_changed = False",
        "box.test_pairing.ContinuityTest.test_another_key_of_the_box_is_told",
    ),
    (
        "box/staging.py",
        "whom the box trusts can be put",
        "ANSWER: 1536}",
        'ANSWER: 1536, "pairing": 200}',
        "box.test_pairing.PairingTest.test_nobody_can_put_whom_the_box_trusts",
    ),
    (
        "box/state.py",
        "whom the box trusts is not in the digest",
        "            digest.update(self.pairing)\n",
        "            pass\n",
        "box.test_state.RecordTest.test_the_digest_is_that_of_the_description",
    ),
    (
        "box/connection.py",
        "a preshared key is wiped with its document",
        "            settings.preshared_key = None\n",
        "",
        "box.test_board.StartTest.test_a_preshared_key_outlives_the_document_that_it_came_in",
    ),
    # --- the store ---
    (
        "box/record.py",
        "the checksum of a record is not looked at",
        "if bytes(view[_HASH:_BODY]) != _hash(view):",
        "if False:",
        "box.test_state.RecordTest.test_every_bit_and_every_byte_counts",
    ),
    (
        "box/state_store.py",
        "there is no fallback",
        "previous, why_previous, _ = self._read(PREVIOUS)",
        "previous, why_previous, _ = self._read(NEW)",
        "box.test_state.StoreTest.test_a_damaged_state_falls_back_to_the_one_before_and_says_so",
    ),
    (
        "box/state_store.py",
        "a damaged state displaces the good one",
        "keep = None\n",
        "keep = PREVIOUS if why else None\n",
        "box.test_state.StoreTest.test_a_damaged_state_does_not_displace_the_good_one_before",
    ),
    (
        "box/state_store.py",
        "a state of a later firmware is overwritten",
        "elif is_newer:",
        "elif False:",
        "box.test_state.StoreTest.test_a_state_of_a_later_firmware_is_refused_and_kept",
    ),
    (
        "box/state_store.py",
        "a state for which there is no memory is given up",
        "if why is not None and why.endswith(_NO_MEMORY):",
        "if False:",
        "box.test_state.StoreTest"
        ".test_a_state_for_which_there_is_no_memory_is_told_as_that_and_is_not_given_up",
    ),
    (
        "box/state.py",
        "what was copied of a state stays in memory when there is no room for more",
        "            wipe(each)\n        raise",
        "            pass\n        raise",
        "box.test_state.StoreTest"
        ".test_a_state_for_which_there_is_no_memory_is_told_as_that_and_is_not_given_up",
    ),
    (
        "box/file_slots.py",
        "erasing forgets the previous state",
        "TO_ERASE = (NEW, NEWER, PREVIOUS, CURRENT)",
        "TO_ERASE = (NEW, NEWER, CURRENT)",
        "box.test_state.StoreTest.test_erasing_forgets_everything",
    ),
    (
        "box/state.py",
        "documents can be shifted into each other without changing the digest",
        'digest.update(("%s %d\\n" % (name, len(text))).encode())',
        "pass",
        "box.test_state.RecordTest"
        ".test_the_digest_follows_every_item_and_says_nothing_of_the_private_key",
    ),
]


class TestDefences(mutant.Defences):
    rows = ROWS
