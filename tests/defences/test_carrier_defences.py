"""Each defence of the carriers, switched off in a copy: a named test must notice.

Rows are like those of test_console_defences.py.
"""

from tests.support import mutant

ROWS = [
    (
        "carrier/http.py",
        "a head without an end is kept for ever",
        "        self.is_too_long = len(self._kept) > self._len_max",
        "        self.is_too_long = False",
        "carrier.test_websocket.HeadTest.test_a_head_may_have_just_its_most_bytes",
    ),
    (
        "carrier/http.py",
        "headers have any name",
        "if not colon or not _is_token(name):",
        "if not colon:",
        "carrier.test_websocket.HeadTest.test_what_is_no_request_is_none",
    ),
    (
        "carrier/websocket.py",
        "any accept value is the answer to our key",
        'and response.header("sec-websocket-accept") == accept_of(self._key)',
        "",
        "carrier.test_websocket.OpeningTest.test_an_answer_that_was_not_asked_for_is_refused",
    ),
    (
        "box/climb_streams.py",
        "the secret path is said where everybody can read it",
        "        if not is_secured:  # who",
        "        if False:  # who",
        "box.test_port_check.PortCheckTest.test_open_ports_of_all_kinds_are_told_in_one_report",
    ),
    (
        "box/climb.py",
        "a port that is looked at has the stream that the search needs",
        "            self._stop_port_check()\n            self._streams.open",
        "            self._streams.open",
        "box.test_port_check.PortCheckTest.test_the_search_has_its_stream_when_the_way_dies",
    ),
    (
        "box/climb.py",
        "a box opens a stream for its gateway beside the one that carries",
        "        if self._streams.has_any():",
        "        if False:",
        "box.test_port_check.PortCheckTest.test_a_box_that_came_by_a_stream_opens_no_other",
    ),
    (
        "carrier/framing.py",
        "masks are not looked at",
        "or is_masked != (self._framing == WEBSOCKET_SERVER)",
        "",
        "carrier.test_framing.FramingTest.test_what_the_framing_does_not_allow_breaks_it",
    ),
    (
        "carrier/framing.py",
        "datagrams have any length",
        "if opcode == _BINARY and length > self._longest:",
        "if False:",
        "carrier.test_framing.FramingTest.test_what_the_framing_does_not_allow_breaks_it",
    ),
    (
        "carrier/socks5.py",
        "a login is sent that nobody gave",
        "if method == _LOGIN and self._user:",
        "if method == _LOGIN:",
        "carrier.test_proxies.SocksTest.test_each_refusal_is_explained",
    ),
    (
        "carrier/proxy.py",
        "a page is taken for a way through the proxy",
        "and not is_page:",
        ":",
        "carrier.test_proxies.ConnectTest.test_each_refusal_is_explained",
    ),
    (
        "carrier/inside.py",
        "a gateway has as many ports asked as it likes",
        "or len(body) // length > PORTS_MAX",
        "",
        "carrier.test_memory.InsideTest.test_lists_are_bounded_at_both_ends",
    ),
    (
        "carrier/networks.py",
        "damaged memory is believed",
        'kept[-4:] != crc32(kept[:-4]).to_bytes(4, "big") or',
        "",
        "carrier.test_memory.NetworksTest.test_every_damage_is_noticed",
    ),
    (
        "carrier/networks.py",
        "names of networks are hashed without the salt",
        'hmac_sha256(salt, b"router" + bytes(mac))',
        'hmac_sha256(bytes(16), b"router" + bytes(mac))',
        "carrier.test_memory.NetworksTest.test_another_box_makes_something_else_of_a_router",
    ),
    (
        "carrier/proof.py",
        "answers to another proof count",
        "or message.token != self._token",
        "",
        "carrier.test_proof.ProofTest.test_answers_of_others_and_repeated_ones_count_nothing",
    ),
    (
        "carrier/proof.py",
        "a short answer counts as a long one",
        "if len(message.body) + inside.HEAD_LEN + HEADERS_LEN == echo.size:",
        "if True:",
        "carrier.test_proof.ProofTest.test_answers_of_others_and_repeated_ones_count_nothing",
    ),
    (
        "carrier/proof.py",
        "one answer counts again and again",
        "self._echoes = [each for each in self._echoes if each is not echo]",
        "pass",
        "carrier.test_proof.ProofTest.test_answers_of_others_and_repeated_ones_count_nothing",
    ),
    (
        "carrier/ladder.py",
        "what froze is chosen again",
        "            self._standing.freeze(i, now_ms, self.state == CARRYING)\n",
        "            pass\n",
        "carrier.test_ladder.FirstSearchTest"
        ".test_every_network_of_the_table_is_found_within_twelve_seconds",
    ),
    (
        "carrier/standing.py",
        "streams are opened without a wait",
        "self.ready_ms[i] = now_ms + self.jittered(1000 * wait_s)",
        "pass",
        "carrier.test_ladder.LossTest.test_there_is_no_storm_of_connections",
    ),
    (
        "carrier/standing.py",
        "a stream that is cut off at once is opened at once",
        "if now_ms - self.began_ms[i] >= STEADY_MS:",
        "if True:",
        "carrier.test_ladder.LossTest"
        ".test_a_connection_that_is_reset_again_and_again_is_not_stormed",
    ),
    (
        "carrier/search.py",
        "what froze is given up",
        "        if self._standing.is_frozen[i]:\n            return self._with_frozen()",
        "        if self._standing.is_frozen[i]:\n            return False",
        "carrier.test_ladder.SecondTimeTest"
        ".test_what_froze_here_before_is_not_chosen_again_while_others_work",
    ),
    (
        "carrier/quic_decoy.py",
        "the first byte of an Initial is not protected",
        "head[0] ^= mask[0] & 0x0F",
        "pass",
        "carrier.test_decoys.QuicTest.test_a_name_of_ones_own_is_asked_for",
    ),
    (
        "carrier/decoys.py",
        "all boxes ask for one domain",
        'domains[browser.below("decoy domain", len(domains))]',
        "domains[0]",
        "carrier.test_decoys.DnsTest.test_boxes_have_domains_of_their_own_and_keep_them",
    ),
    (
        "wg/shape_lint.py",
        "two handshake messages have one length",
        "            if total == shape.sizes[k] + MESSAGE_LENS[k]:",
        "            if False:",
        "wg.test_config_carriers.ShapeTest.test_each_rule_names_its_keywords",
    ),
    (
        "wg/config_reader.py",
        "AmneziaWG's other keywords are taken for slips",
        "if find(name, UNSUPPORTED) is not None:",
        "if False:",
        "wg.test_config_carriers.ShapeTest"
        ".test_what_amneziawg_has_and_we_have_not_is_refused_by_its_name",
    ),
    (
        "wg/config_carriers.py",
        "TLS goes without a pin",
        "if carriers.tls and carriers.tls_pin is None:",
        "if False:",
        "wg.test_config_carriers.CarriersTest.test_what_is_missing_beside_others_is_told",
    ),
    (
        "wg/config_carriers.py",
        "a password in the address of a proxy is shown",
        'if "@" in rest:',
        "if False:",
        "wg.test_config_carriers.CarriersTest.test_secrets_are_in_no_error",
    ),
    (
        "carrier/standing.py",
        "a network that comes and goes has streams opened at once",
        "range(count):\n            if self._opens[i] >= OPENS:",
        "range(count):\n            if False:",
        "carrier.test_ladder.LossTest"
        ".test_streams_of_a_network_that_comes_and_goes_are_opened_ever_more_rarely",
    ),
    (
        "carrier/standing.py",
        "what freezes again and again is tried as often",
        "(FROZEN_MS << doubled)",
        "FROZEN_MS",
        "carrier.test_ladder.LossTest"
        ".test_what_freezes_again_and_again_is_left_alone_for_longer_each_time",
    ),
    (
        "carrier/standing.py",
        "a port that is closed costs all of UDP",
        "if has_carried:",
        "if False:",
        "box.test_climb_hostile.FreezeTest"
        ".test_a_port_that_is_closed_is_left_for_another_and_not_for_a_stream",
    ),
    (
        "carrier/ladder.py",
        "a silent web server has as long as TLS",
        "if rung.kind != TLS and not rung.is_proxied:",
        "if False:",
        "carrier.test_ladder.FirstSearchTest"
        ".test_a_web_server_that_takes_a_connection_and_says_nothing_costs_three_seconds",
    ),
    (
        "carrier/proof.py",
        "as much is sent at once whatever is lost",
        "        if size <= self.size or not self.size:",
        "        if not self.size:\n            return\n        if size <= self.size:",
        "box.test_climb_hostile.FreezeTest.test_police_that_lets_little_pass_at_once_is_no_silence",
    ),
    (
        "carrier/standing.py",
        "streams that the box itself has in use are held against the network",
        "        if why == BUSY:",
        "        if False:",
        "carrier.test_ladder.LossTest.test_a_box_whose_streams_are_in_use_holds_it_against_nobody",
    ),
    (
        "box/climb_streams.py",
        "a name for homes is said to strangers",
        'HOMES = ".home.arpa"',
        'HOMES = ".nowhere"',
        "box.test_climb.NetworksTest.test_a_name_that_is_for_homes_alone_is_not_said_on_the_way",
    ),
    (
        "box/climb_streams.py",
        "a stream without an address has the loop spin",
        "stream.is_new for stream",
        "stream.number < 0 for stream",
        "box.test_climb_hostile.NamesTest"
        ".test_a_name_that_is_not_answered_neither_stops_nor_fills_the_loop",
    ),
    (
        "box/control.py",
        "what was planned before is kept beside what is planned now",
        "        if who is not None:",
        "        if False:",
        "box.test_climb_hostile.LoadTest"
        ".test_a_stream_that_wakes_the_box_a_thousand_times_takes_no_memory",
    ),
    (
        "box/network_store.py",
        "flash is written with every news",
        "        if self._writes:",
        "        if True:",
        "box.test_climb_hostile.LoadTest"
        ".test_flash_is_not_worn_out_by_a_network_that_freezes_one_way_after_the_other",
    ),
    (
        "box/places.py",
        "questions for a name line up",
        "if not self._has_name[number] or self._is_asking[number]:",
        "if not self._has_name[number]:",
        "box.test_climb_hostile.NamesTest"
        ".test_networks_that_come_and_go_do_not_line_up_questions_for_a_name",
    ),
    (
        "box/race.py",
        "keys that still count go out before any decoy",
        "            self._send_decoys(self._peer, own)",
        "            pass",
        "box.test_climb_hostile.FlowsTest.test_on_another_network_a_decoy_goes_before_all_else",
    ),
    (
        "box/climb.py",
        "clients speak first on another network",
        'self.peer.set_endpoint(b"")',
        "pass",
        "box.test_climb_hostile.FlowsTest.test_on_another_network_a_decoy_goes_before_all_else",
    ),
    (
        "box/race.py",
        "a stream of bare frames begins with whatever there is",
        ", bool(ahead))",
        ")",
        "box.test_climb_hostile.FlowsTest"
        ".test_a_stream_of_bare_frames_begins_with_an_initiation_on_each_network",
    ),
    (
        "box/way.py",
        "a gateway that lost its keys is taken for a way that froze",
        "            if not has_lost_keys:\n                return",
        "            return",
        "box.test_climb_hostile.FreezeTest"
        ".test_a_gateway_that_was_started_anew_is_no_way_that_froze",
    ),
    (
        "box/way.py",
        "a network that is silent itself is a way that froze",
        "        self._freeze.begin(self._control.now_ms())",
        "        pass",
        "box.test_climb.MovesTest.test_a_network_that_is_silent_itself_is_no_reason_to_leave_a_way",
    ),
    (
        "box/carriers.py",
        "secrets outlive their document",
        "                wipe(secret)",
        "                pass",
        "box.test_climb_hostile.SecretsTest.test_what_is_secret_is_wiped_with_the_document",
    ),
    (
        "box/climb_streams.py",
        "a document without a pin trusts whoever answers",
        'raise _EndedError("pin")',
        "pin = bytes(32)",
        "box.test_climb_hostile.SecretsTest.test_without_a_pin_nobody_is_trusted",
    ),
    (
        "box/climb_streams.py",
        "a clock that was never set judges certificates",
        "if now_s < BELIEVED_FROM_S:",
        "if False:",
        "box.test_climb.NetworksTest"
        ".test_certificates_are_judged_by_a_clock_that_was_set_and_by_no_other",
    ),
    (
        "wg/settings.py",
        "secrets of carriers stay",
        "            self.carriers.wipe()",
        "            pass",
        "wg.test_config_carriers.CarriersTest.test_secrets_are_wiped_and_in_no_text",
    ),
    (
        "box/sign_in.py",
        "of several clients any may sign in",
        "    if len(macs) > 1:",
        "    if False:",
        "box.test_sign_in.SignInTest.test_of_several_clients_one_has_to_be_named",
    ),
    (
        "box/sign_in.py",
        "the window is opened beside the tunnel",
        "        if self._is_up():\n            raise",
        "        if False:\n            raise",
        "box.test_sign_in.SignInTest.test_with_a_tunnel_there_is_no_window",
    ),
    (
        "box/sign_in.py",
        "the window stays open beside the tunnel",
        "            if self.is_wanted or self._client is not None or self.is_open():",
        "            if False:",
        "box.test_sign_in.SignInTest.test_it_closes_when_the_tunnel_is_up",
    ),
    (
        "box/sign_in_search.py",
        "pages at any port are let through",
        "        if port not in (HTTP, HTTPS):",
        "        if False:",
        "box.test_sign_in.SignInTest.test_a_page_at_another_port_is_told",
    ),
    (
        "box/sign_in_search.py",
        "names are anything that a stranger writes",
        "or not is_name or",
        "or",
        "box.test_sign_in.SignInTest.test_addresses_of_pages_are_read_strictly",
    ),
    (
        "box/sign_in_search.py",
        "a page may be at the box itself, or at the gateway",
        "not _can_be_asked(address) or address == self._gateway_is_at",
        "False",
        "box.test_sign_in.SignInTest.test_where_no_page_can_be_is_not_let_through",
    ),
    (
        "box/sign_in_search.py",
        "every web server is a sign-in page",
        "self._leads_within() or (yield from self._is_everywhere())",
        "True",
        "box.test_doctor.DoctorTest"
        ".test_a_foreign_web_server_at_the_gateways_address_is_no_sign_in_page",
    ),
    (
        "box/sign_in.py",
        "a search while the window is open is broken off again and again",
        "6_000, 30_000)",
        "6_000, 6_000)",
        "box.test_sign_in.SignInTest"
        ".test_while_the_window_is_open_a_search_has_time_to_come_to_its_end_now_and_then",
    ),
    (
        "box/questions.py",
        "a port that is silent once is closed",
        "WAITS_MS = (1_200, 800, 1_000)",
        "WAITS_MS = (1_200,)",
        "box.test_doctor.DoctorTest.test_a_port_is_not_called_closed_because_a_question_was_lost",
    ),
    (
        "box/doctor_way.py",
        "the port that users are on is asked by WireGuard's own messages",
        "if own is None or own.port != port]",
        "]",
        "box.test_doctor.DoctorTest.test_a_network_that_recognises_wireguard_is_told_by_its_ports",
    ),
    (
        "box/doctor_way.py",
        "places are counted on that another network has not",
        "Dial(board, climb, addresses[0], port)",
        "Dial(board, climb, climb.places.addresses(0)[0], port)",
        "box.test_doctor.DoctorTest.test_another_network_in_the_middle_of_it_is_no_accident",
    ),
    (
        "carrier/http.py",
        "what stands before an answer is taken for it",
        "or response.status // 100 != 1 or",
        "or True or",
        "carrier.test_proxies.ConnectTest.test_an_answer_may_have_others_in_front_of_it",
    ),
    (
        "carrier/socks5.py",
        "a proxy may answer what it was not asked",
        "if self._step != _REPLY and len(self._kept) > 2:",
        "if False:",
        "carrier.test_proxies.SocksTest.test_each_refusal_is_explained",
    ),
]


class TestDefences(mutant.Defences):
    rows = ROWS
