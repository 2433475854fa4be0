"""Each defence of pairing, switched off in a copy: a named test must notice.

Rows are like those of test_console_defences.py.
"""

from tests.support import mutant

ROWS = [
    (
        "pairing/session.py",
        "what is revealed need not be what was committed to",
        "if not messages.is_same(messages.commitment(self._room, reveal), self._commitment):",
        "if False:",
        "pairing.test_middle_man.MiddleManTest"
        ".test_a_reveal_chosen_after_the_code_was_known_is_refused_each_time",
    ),
    (
        "pairing/session.py",
        "a shared secret of zeros is used",
        "if not self._secret.agree(theirs.ephemeral, transcript):",
        "if not self._secret.agree(theirs.ephemeral, transcript) and False:",
        "pairing.test_session.WeakKeyTest.test_an_answer_with_a_point_of_low_order_is_refused",
    ),
    (
        "pairing/session.py",
        "any confirmation will do",
        "is_right = messages.is_same(wanted, confirmation)",
        "is_right = True",
        "pairing.test_session.ConfirmationTest"
        ".test_a_confirmation_with_any_byte_changed_ends_the_run",
    ),
    (
        "pairing/session.py",
        "our own confirmation sent back will do",
        "self._secret.confirmation(wanted, not self._is_initiator)",
        "self._secret.confirmation(wanted, self._is_initiator)",
        "pairing.test_session.ConfirmationTest.test_our_own_confirmation_sent_back_is_refused",
    ),
    (
        "pairing/session.py",
        "there is a key when only the other end has confirmed",
        "return self._we_confirmed and self._they_confirmed and",
        "return self._they_confirmed and",
        "pairing.test_session.ConfirmationTest.test_there_is_no_key_before_both_have_confirmed",
    ),
    (
        "pairing/session.py",
        "there is a key when only we have confirmed",
        "return self._we_confirmed and self._they_confirmed and",
        "return self._we_confirmed and",
        "pairing.test_session.ConfirmationTest.test_there_is_no_key_before_both_have_confirmed",
    ),
    (
        "pairing/session.py",
        "the key is given out without asking",
        "if not self.is_confirmed:",
        "if False:",
        "pairing.test_session.ConfirmationTest.test_there_is_no_key_before_both_have_confirmed",
    ),
    (
        "pairing/session.py",
        "wrong digits may be tried again",
        "            return True\n        self.wipe()\n        return False",
        "            return True\n        return False",
        "pairing.test_session.CompareTest.test_digits_that_do_not_match_end_the_run",
    ),
    (
        "pairing/session.py",
        "a run goes on after an error",
        '        """The error to raise, with the run over."""\n        self.wipe()\n',
        '        """The error to raise, with the run over."""\n',
        "pairing.test_session.ConfirmationTest"
        ".test_a_confirmation_with_any_byte_changed_ends_the_run",
    ),
    (
        "pairing/session.py",
        "a run goes on after a message that is none",
        "        except PairingError:\n            self.wipe()\n            raise",
        "        except PairingError:\n            raise",
        "pairing.test_messages.RefusedWholeTest"
        ".test_a_malformed_message_ends_the_run_at_either_end",
    ),
    (
        "pairing/session.py",
        "an answer is taken twice",
        "        self._require(_SENT)\n        theirs = self._read_part(message)\n"
        "        self._agree(",
        "        theirs = self._read_part(message)\n        self._agree(",
        "pairing.test_session.OrderTest.test_nothing_works_before_its_time",
    ),
    (
        "pairing/session.py",
        "who leaves after the answer has had no try",
        "        self._is_attempt = True\n        self._state = _SENT\n",
        "        self._state = _SENT\n",
        "pairing.test_session.AttemptTest"
        ".test_a_responder_has_used_up_an_attempt_once_it_has_answered",
    ),
    (
        "pairing/session.py",
        "an end with our own key is taken",
        "if messages.is_same(part.static, self._static_public):",
        "if False:",
        "pairing.test_session.WeakKeyTest.test_an_end_with_our_own_static_key_is_refused",
    ),
    (
        "pairing/messages.py",
        "what follows a part is passed over",
        "if len(fields) != 4:",
        "if len(fields) < 4:",
        "pairing.test_messages.PartTest.test_more_or_fewer_fields_are_refused",
    ),
    (
        "pairing/messages.py",
        "fields may have any length",
        "if len(field) != length:",
        "if False:",
        "pairing.test_messages.PartTest.test_fields_of_other_lengths_are_refused",
    ),
    (
        "pairing/messages.py",
        "a field may end behind the message",
        "if max(start, at) > len(whole):",
        "if False:",
        "pairing.test_messages.PartTest.test_a_part_that_is_cut_off_anywhere_is_refused",
    ),
    (
        "pairing/messages.py",
        "lists are joined without lengths",
        "out += bytes((len(string) >> 8, len(string) & 0xFF)) + bytes(string)",
        "out += bytes(string)",
        "pairing.test_messages.PartTest.test_no_two_lists_are_written_alike",
    ),
    (
        "pairing/messages.py",
        "the room is not part of what is committed to",
        'return _sha256(lengths_and(PROTOCOL, b"commit", room, reveal))',
        'return _sha256(lengths_and(PROTOCOL, b"commit", reveal))',
        "pairing.test_session.TamperTest.test_another_room_is_another_commitment",
    ),
    (
        "pairing/messages.py",
        "the comparison stops at the first difference",
        "        difference |= a[i] ^ b[i]\n",
        "        difference |= a[i] ^ b[i]\n        if difference:\n            return False\n",
        "pairing.test_messages.SameTest.test_all_bytes_are_looked_at_wherever_they_differ",
    ),
    (
        "pairing/frames.py",
        "a body may have any length",
        "is_wrong = not low <= length <= high",
        "is_wrong = False",
        "pairing.test_frames.ReaderTest"
        ".test_a_length_that_the_type_cannot_have_is_refused_before_the_body",
    ),
    (
        "pairing/frames.py",
        "a reader goes on after garbage",
        "        if self._is_broken:\n            raise _garbage()\n",
        "",
        "pairing.test_frames.ReaderTest.test_a_reader_that_met_garbage_takes_nothing_more",
    ),
    (
        "pairing/info.py",
        "a value can bring a line of its own",
        'if any("\\n" in line for line in lines):',
        "if False:",
        "pairing.test_info.WriteTest.test_nothing_is_written_that_would_not_be_read",
    ),
    (
        "pairing/info.py",
        "a line can hold what a terminal obeys",
        "if byte != 0x0A and not 0x20 <= byte <= 0x7E:",
        "if False:",
        "pairing.test_info.ReadTest.test_what_is_not_plain_text_is_refused_in_any_line",
    ),
    (
        "pairing/lockout.py",
        "a restart ends the wait",
        "        if kept[2]:\n            lockout._start(now_ms)\n",
        "",
        "pairing.test_lockout.LockoutTest.test_a_restart_begins_a_wait_anew_in_full",
    ),
    (
        "pairing/lockout.py",
        "the wait does not grow",
        "seconds = SHORT_S if self.failures < LONG_FROM else LONG_S",
        "seconds = SHORT_S",
        "pairing.test_lockout.LockoutTest"
        ".test_the_first_two_failures_lock_for_a_minute_and_the_third_for_ten",
    ),
    (
        "pairing/words.py",
        "both places have the same words",
        "words = _ODD if place & 1 else _EVEN",
        "words = _EVEN",
        "pairing.test_words.WordsTest.test_a_swap_of_two_neighbours_is_noticed",
    ),
]


class TestDefences(mutant.Defences):
    rows = ROWS
