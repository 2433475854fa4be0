"""Each defence of the protocol, switched off in a copy of the package: a named test must notice.

A row is the file, what it does without the defence, the change that does that, and the test. A
change whose old text is not in the file exactly once is an error: the row has to follow the source.
"""

from tests.support import mutant

ROWS = [
    # --- the handshake's cryptography ---
    (
        "noise.py",
        "the response's ephemeral may be of low order: ee",
        "        if not state.mix_dh(ephemeral, remote_ephemeral):\n            return False\n"
        "        # se\n        if not state.mix_dh(self._private, remote_ephemeral):\n"
        "            return False\n",
        "        state.mix_dh(ephemeral, remote_ephemeral)\n"
        "        state.mix_dh(self._private, remote_ephemeral)\n",
        "test_noise.LowOrderTest.test_a_response_with_a_low_order_ephemeral_is_refused",
    ),
    (
        "noise.py",
        "the initiator's static key may be of low order: ss",
        "        if not self._state.mix_dh(self._private, self._remote_public):\n"
        "            return None\n",
        "        self._state.mix_dh(self._private, self._remote_public)\n",
        "test_noise.LowOrderTest.test_an_initiation_from_a_low_order_static_key_is_refused",
    ),
    (
        "noise.py",
        "the initiation's ephemeral may be of low order: es",
        "        if not state.mix_dh(self._private, self._remote_ephemeral):\n"
        "            return None\n",
        "        state.mix_dh(self._private, self._remote_ephemeral)\n",
        "test_noise.LowOrderTest.test_an_initiation_with_a_low_order_ephemeral_is_refused",
    ),
    (
        "noise.py",
        "a zero secret in a response is not noticed",
        "        if not shared:\n            return False\n",
        "",
        "test_noise.LowOrderTest.test_an_initiation_to_a_low_order_ephemeral_gets_no_response",
    ),
    (
        "noise.py",
        "a forged response spoils the handshake",
        "state = self._state.copy()",
        "state = self._state",
        "test_noise.ForgeryTest.test_a_forged_response_leaves_the_initiator_as_it_was",
    ),
    (
        "noise.py",
        "the response's tag is not looked at",
        "        return state.decrypt_and_hash(payload, message[KEY_LEN:])\n",
        "        state.decrypt_and_hash(payload, message[KEY_LEN:])\n        return True\n",
        "test_handshake.PresharedKeyTest.test_another_preshared_key_is_met_with_silence",
    ),
    (
        "noise.py",
        "the tag on the static key is not looked at",
        "        if not state.decrypt_and_hash(static, message[KEY_LEN:STATIC_END]):\n"
        "            return None\n",
        "        state.decrypt_and_hash(static, message[KEY_LEN:STATIC_END])\n",
        "test_noise.ForgeryTest.test_another_prologue_is_another_protocol",
    ),
    (
        "noise.py",
        "the tag on the timestamp is not looked at",
        "        if not self._state.decrypt_and_hash(payload, message[STATIC_END:]):\n"
        "            return None\n",
        "        self._state.decrypt_and_hash(payload, message[STATIC_END:])\n",
        "test_noise.ForgeryTest.test_a_forged_initiation_is_refused",
    ),
    (
        "noise.py",
        "the prologue is another",
        'b"WireGuard v1 zx2c4 Jason@zx2c4.com"',
        'b"WireGuard v2 zx2c4 Jason@zx2c4.com"',
        "test_handshake.SettingsTest.test_handshakes_use_the_prologue_of_wireguard",
    ),
    (
        "peer.py",
        "the preshared key is left out when answering",
        "        psk = self.preshared_key or device.no_psk\n"
        '        if not responder.write(out, b"", device.new_key(), psk):\n',
        '        if not responder.write(out, b"", device.new_key(), device.no_psk):\n',
        "test_handshake.PresharedKeyTest.test_the_same_preshared_key_on_both_sides_connects",
    ),
    (
        "peer.py",
        "one ephemeral key for all tries",
        "device.timestamps.next(), device.new_key())",
        'device.timestamps.next(), __import__("_wg").PrivateKey(b"\\x07" * 32))',
        "test_sessions.RekeyTest.test_each_handshake_has_a_new_ephemeral_key_and_index",
    ),
    # --- replay and floods of initiations ---
    (
        "peer.py",
        "the timestamp is not checked",
        "        if timestamp <= self.timestamp:\n            return False\n",
        "",
        "test_handshake.RefusalTest.test_a_replayed_initiation_is_refused",
    ),
    (
        "peer.py",
        "a timestamp may be used again",
        "if timestamp <= self.timestamp:",
        "if timestamp < self.timestamp:",
        "test_handshake.RefusalTest.test_a_replayed_initiation_is_refused",
    ),
    (
        "peer.py",
        "only the very last timestamp is refused",
        "if timestamp <= self.timestamp:",
        "if timestamp == self.timestamp:",
        "test_handshake.RefusalTest.test_an_older_initiation_than_the_last_is_refused",
    ),
    (
        "peer.py",
        "the timestamp is not kept",
        "        self.timestamp = timestamp\n",
        "",
        "test_handshake.RefusalTest.test_a_replayed_initiation_is_refused",
    ),
    (
        "device.py",
        "questions of a peer that was removed are new again",
        "max(peer.timestamp, peer.question_timestamp)",
        "peer.timestamp",
        "test_probe.SilenceTest"
        ".test_a_recorded_question_stays_old_when_its_peer_is_removed_and_added_again",
    ),
    (
        "device.py",
        "a peer that is added again starts from zero",
        "        self._timestamps[peer.public_key] = "
        "max(peer.timestamp, peer.question_timestamp)\n",
        "",
        "test_handshake.RefusalTest"
        ".test_a_replay_is_refused_after_the_peer_was_removed_and_added_again",
    ),
    (
        "peer.py",
        "a peer's initiations are not limited",
        "now_ms - self._accepted_ms < INITIATION_INTERVAL_MS",
        "now_ms < self._accepted_ms",
        "test_handshake.RefusalTest"
        ".test_initiations_of_a_peer_are_answered_50_times_a_second_at_most",
    ),
    # --- the endpoint ---
    (
        "peer.py",
        "an old initiation moves the endpoint",
        "        if timestamp <= self.timestamp:\n",
        "        device.tunnel.set_endpoint(self.number, source)\n"
        "        if timestamp <= self.timestamp:\n",
        "test_handshake.RefusalTest.test_a_replayed_initiation_does_not_move_the_endpoint",
    ),
    (
        "peer.py",
        "a forged response moves the endpoint",
        "        handshake = self._handshake\n",
        "        device.tunnel.set_endpoint(self.number, source)\n"
        "        handshake = self._handshake\n",
        "test_handshake.RefusalTest.test_a_forged_response_does_not_end_the_handshake",
    ),
    # --- what answers what ---
    (
        "peer.py",
        "a response to an earlier try of the same peer is taken",
        "if handshake is None or index != self._handshake_index:",
        "if handshake is None:",
        "test_handshake.RefusalTest.test_a_response_to_an_earlier_message_of_the_peer_is_refused",
    ),
    (
        "peer.py",
        "a cookie reply counts more than once",
        "        self._signed_mac1 = None\n        self._device.say",
        "        self._device.say",
        "test_cookies.CookieTest.test_a_cookie_reply_counts_once",
    ),
    (
        "memory.py",
        "cookie replies that answer nothing use up those that may pass",
        "        if self._tunnel.expects(kind, message):\n",
        "        if True:\n",
        "test_cookies.CookieTest.test_a_flood_of_cookie_replies_does_not_keep_the_right_one_out",
    ),
    (
        "peer.py",
        "a cookie reply to another message of the same peer is taken",
        "if mac1 is None or index != self._signed_index:",
        "if mac1 is None:",
        "test_cookies.CookieTest.test_a_cookie_reply_to_an_index_that_was_not_signed_last_is_refused",
    ),
    (
        "macs.py",
        "the tag of a cookie reply is not looked at",
        "    if not _wg.aead_open(cookie, view[COOKIE_REPLY_COOKIE:], mac1, nonce, key):\n"
        "        return None\n",
        "    _wg.aead_open(cookie, view[COOKIE_REPLY_COOKIE:], mac1, nonce, key)\n",
        "test_macs.CookieReplyTest.test_a_reply_with_one_bit_changed_is_refused",
    ),
    (
        "peer.py",
        "an old cookie is used",
        "now_ms - self._cookie_ms >= COOKIE_LIFE_MS",
        "now_ms < self._cookie_ms",
        "test_cookies.CookieTest.test_a_cookie_is_forgotten_after_120_s",
    ),
    (
        "device.py",
        "the gate keeps one secret for ever",
        "elif self.gate.wants_secret(now_ms):",
        "elif not self._secret_due_ms:",
        "test_cookies.CookieTest.test_the_gate_gets_a_new_secret_every_two_minutes",
    ),
    # --- the life of keys ---
    (
        "timers.py",
        "old keys are not wiped",
        "            self._tunnel.clear_keypairs(peer.number)\n",
        "",
        "test_sessions.RejectTest.test_keys_are_wiped_540_s_after_the_last_handshake",
    ),
    (
        "device.py",
        "sessions outlive the private key",
        "            self.tunnel.clear_keypairs(peer.number)\n",
        "",
        "test_handshake.SettingsTest.test_a_new_private_key_ends_all_sessions",
    ),
    (
        "device.py",
        "a peer with our own key stays",
        "            self.remove_peer(public_key)\n        for peer",
        "        for peer",
        "test_handshake.SettingsTest.test_a_peer_with_the_key_that_becomes_ours_is_removed",
    ),
    (
        "peer.py",
        "a removed peer keeps its number",
        "        self.number = -1\n",
        "",
        "test_handshake.SettingsTest"
        ".test_a_removed_peer_object_cannot_reach_the_one_that_took_its_number",
    ),
    # --- shapes and races ---
    (
        "memory.py",
        "answers lose the shape of the question",
        "            source = endpoints.with_shape(source, shape)\n",
        "            pass\n",
        "test_shape.ShapeTest.test_packets_go_both_ways_in_any_shape",
    ),
    (
        "device.py",
        "one type for all handshakes",
        'int.from_bytes(random, "little") % (high - low + 1)',
        "0",
        "test_shape.ShapeTest.test_types_are_picked_anew_for_each_handshake",
    ),
    (
        "peer.py",
        "rivals get types that they do not know",
        "if rival != endpoint and device.has_type(message, MESSAGE_INITIATION, rival):",
        "if rival != endpoint:",
        "test_shape.RaceTest.test_a_rival_may_be_plain_if_types_are_the_same_and_only_then",
    ),
    (
        "peer.py",
        "a race that is never over",
        "        self.rivals = []\n        tunnel",
        "        tunnel",
        "test_shape.RaceTest.test_the_way_that_is_answered_wins",
    ),
    (
        "memory.py",
        "decoys of any length, to streams too",
        "if not 0 < len(datagram) <= DECOY_MAX_LEN or endpoints.is_stream(endpoint):",
        "if False:",
        "test_shape.DecoyTest.test_decoys_are_sent_as_they_are_and_to_udp_alone",
    ),
    # --- questions ---
    (
        "probe.py",
        "any mac2 makes a question",
        "    return difference == 0\n",
        "    return True\n",
        "test_probe.SilenceTest.test_another_probe_key_gets_silence",
    ),
    (
        "probe.py",
        "a recorded question is answered again",
        "    if bytes(timestamp) <= newest:\n        return None\n",
        "",
        "test_probe.SilenceTest.test_a_recorded_question_that_is_sent_again_gets_silence",
    ),
    (
        "probe.py",
        "a handshake does not make older questions old",
        "newest = max(peer.timestamp, peer.question_timestamp)",
        "newest = peer.question_timestamp",
        "test_probe.SilenceTest"
        ".test_a_recorded_question_is_old_after_the_next_handshake_of_a_new_gateway",
    ),
    (
        "probe.py",
        "questions as often as a peer likes",
        "if peer.question_ms and now_ms - peer.question_ms < INITIATION_INTERVAL_MS:",
        "if False:",
        "test_probe.SilenceTest.test_a_peer_that_asks_too_often_gets_silence",
    ),
    (
        "probe.py",
        "the prologue of handshakes",
        'PROLOGUE = b"undertow probe 1"',
        "PROLOGUE = noise.PROLOGUE",
        "test_probe.SilenceTest.test_an_initiation_is_no_question_and_a_question_no_initiation",
    ),
    (
        "probe.py",
        "an answer that is not sealed right is taken",
        "return seen if is_right else None",
        "return seen",
        "test_probe.ForgedAnswerTest.test_a_changed_answer_is_none",
    ),
    (
        "probe.py",
        "an answer counts as often as it comes",
        "                self._remove(question)\n                question.found",
        "                question.found",
        "test_probe.ForgedAnswerTest.test_an_answer_counts_once",
    ),
    # --- timers ---
    (
        "timers.py",
        "handshakes without end",
        "if peer.tries >= HANDSHAKE_TRIES and",
        "if peer.tries >= 1000 and",
        "test_sessions.RetryTest.test_it_is_given_up_after_90_s_and_the_queue_is_dropped",
    ),
    (
        "timers.py",
        "handshakes more often than every 5 s",
        "            wait_ms = peer.initiation_sent_ms + peer.retry_ms - now_ms\n",
        "            wait_ms = 0\n",
        "test_sessions.RetryTest.test_a_handshake_is_never_started_more_often_than_every_5_s",
    ),
    (
        "timers.py",
        "retries are not spread",
        "wait_ms = peer.retry_ms + self._device.random_below(JITTER_MS)",
        "wait_ms = peer.retry_ms",
        "test_sessions.RetryTest.test_retries_are_spread_by_chance",
    ),
    (
        "timers.py",
        "a silent peer is not noticed",
        "                self.request_handshake(peer, now_ms)\n\n",
        "\n",
        "test_sessions.UnansweredTest.test_data_without_an_answer_for_15_s_starts_a_handshake",
    ),
    (
        "timers.py",
        "a silent peer is noticed once only",
        "        # While the handshake was under way nobody looked whether data was answered.\n"
        "        self._watch_sent(peer, now_ms)\n",
        "",
        "test_sessions.UnansweredTest.test_that_is_so_again_after_the_handshake",
    ),
    (
        "timers.py",
        "data is not acknowledged",
        "            self._device.path.keepalive(peer.number)\n"
        "            self._tunnel.watch(peer.number, EVENT_RECEIVED)\n",
        "            self._tunnel.watch(peer.number, EVENT_RECEIVED)\n",
        "test_sessions.KeepaliveTest.test_data_without_a_reply_is_acknowledged_after_10_s",
    ),
    (
        "timers.py",
        "packets stay after giving up",
        "        self._tunnel.drop_queue(peer.number)\n",
        "",
        "test_sessions.RetryTest.test_it_is_given_up_after_90_s_and_the_queue_is_dropped",
    ),
    (
        "peer.py",
        "the responder is never told that the keys are there",
        "        if device.path.flush(self.number) == 0:\n"
        "            device.path.keepalive(self.number)\n",
        "        device.path.flush(self.number)\n",
        "test_handshake.HandshakeTest"
        ".test_an_initiator_with_nothing_to_send_confirms_with_a_keepalive",
    ),
    # --- timestamps without a clock ---
    (
        "tai64n.py",
        "timestamps follow the clock only",
        "time = max(now - now % STEP, self._last + STEP)",
        "time = now - now % STEP",
        "test_tai64n.TimestampsTest.test_timestamps_rise_when_the_clock_goes_back",
    ),
    (
        "tai64n.py",
        "the floor is not read",
        "self._floor = 0 if floor is None else decode(floor)",
        "self._floor = 0",
        "test_handshake.RestartTest.test_a_restart_with_a_saved_floor_is_answered",
    ),
    (
        "tai64n.py",
        "the floor is not written",
        "        self._save(encode(floor))\n",
        "",
        "test_tai64n.TimestampsTest.test_the_floor_is_saved_before_anything_above_it_is_handed_out",
    ),
    (
        "tai64n.py",
        "the floor is not written ahead",
        "floor = time + AHEAD",
        "floor = time",
        "test_tai64n.TimestampsTest.test_saves_are_rare",
    ),
    (
        "tai64n.py",
        "the clock is shown to the nanosecond",
        "now - now % STEP",
        "now",
        "test_tai64n.TimestampsTest"
        ".test_timestamps_follow_a_clock_that_is_ahead_and_show_little_of_it",
    ),
]


class TestDefences(mutant.Defences):
    rows = tuple(("wg/" + f, w, o, n, "wg." + t) for f, w, o, n, t in ROWS)
