"""Each defence of the carriers' C, switched off in a copy of its source: a test must notice.

Rows as in test_defences.py; for TLS the test is a server that must not be believed, or what must
not be left behind.
"""

import pytest
from tests.native.test_carrier_tls import CHAINS, NOW_S, connect, ended
from tests.support import native_mutant
from tests.support.tls_ends import context_of, issue, serving

from undertow import native_tests, paths

FRAME, QUEUE, STREAM = "cr_frame.c", "cr_queue.c", "cr_stream.c"
CLIENT, SECURE, ARENA = "cr_client.c", "cr_secure.c", "cr_arena.c"
FRAMES, STREAMS = "test_carrier_frame.c:", "test_carrier_stream.c:"
LIES, BLOCKS = "test_carrier_tls.c:", "test_carrier_arena.c:"

ROWS = [
    (
        FRAME,
        "masks not looked at",
        [("if (masked != (decoder->framing == CR_FRAMING_WEBSOCKET_SERVER)) {", "if (false) {")],
        FRAMES + "what_no_datagram_is_ends_the_stream",
    ),
    (
        FRAME,
        "nothing masked",
        [("        apply_mask(datagram, len, mask);\n", "")],
        FRAMES + "a_masked_message_is_that_of_the_rfc",
    ),
    (
        FRAME,
        "fragments and text taken",
        [
            (
                "if (!known || (first & (FINAL | RESERVED)) != FINAL) {",
                "if (!known && first == 0) {",
            )
        ],
        FRAMES + "what_no_datagram_is_ends_the_stream",
    ),
    (
        FRAME,
        "datagrams of any length",
        [
            (
                "return is_control(decoder) || decoder->payload_len <= decoder->room;",
                "return true;",
            )
        ],
        FRAMES + "what_no_datagram_is_ends_the_stream",
    ),
    (
        FRAME,
        "datagrams after the end",
        [("        decoder->end = CR_END_CLOSED;\n", "")],
        FRAMES + "after_the_end_nothing_counts",
    ),
    (
        QUEUE,
        "a frame cut off in its middle",
        [("if (oldest->sent == 0) {", "if (true) {")],
        FRAMES + "a_full_queue_gives_its_oldest_that_was_not_begun",
    ),
    (
        STREAM,
        "a mask used twice",
        [("    stream->masks_used += 4;\n", "")],
        STREAMS + "no_mask_comes_twice",
    ),
    (
        STREAM,
        "answers inside of frames",
        [("(first == NULL || first->sent == 0)", "(first == NULL || first->len != 0)")],
        STREAMS + "a_ping_is_answered_between_frames_and_heard",
    ),
    (
        STREAM,
        "frames kept at the end",
        [
            (
                "        stream->hooks->release(stream->context, "
                "cr_queue_take(&stream->queue).owner);\n    }\n    stream->control_len",
                "        (void)cr_queue_take(&stream->queue);\n    }\n    stream->control_len",
            )
        ],
        STREAMS + "an_end_says_why_and_gives_everything_back",
    ),
    (
        STREAM,
        "frames sent while frames are sent",
        [("    if (stream->is_flushing) {", "    if (false) {")],
        STREAMS + "who_gets_a_frame_back_may_send_the_next_one_at_once",
    ),
    (
        STREAM,
        "an answer in place of one that was begun",
        [("if (stream->control_sent == 0) {", "if (true) {")],
        STREAMS + "an_answer_that_was_begun_is_finished",
    ),
    (
        STREAM,
        "answers after all that waits",
        [("stream->control_len > 0 || *len", "*len")],
        STREAMS + "an_answer_waits_for_one_frame_and_not_for_all",
    ),
    (
        STREAM,
        "handshakes where packets are",
        [
            (
                "(stream->state == CR_STREAM_CARRYING || stream->state == CR_STREAM_OPEN) && f",
                "stream->state != CR_STREAM_ENDED && f",
            )
        ],
        LIES + "what_is_left_of_a_handshake_is_not_sent_where_packets_are",
    ),
    (
        CLIENT,
        "a handshake that whoever sends nothings can hold",
        [("    client->may_take -= ", "    client->may_take -= 0 * ")],
        LIES + "what_means_nothing_holds_no_handshake",
    ),
    (
        CLIENT,
        "an end by padding alone",
        [("while (result == 0 && client->cut == CR_END_NONE)", "while (false)")],
        LIES + "empty_records_say_nothing",
    ),
    (
        CLIENT,
        "no word at the end",
        [("        (void)mbedtls_ssl_close_notify(&client->ssl);\n", "")],
        LIES + "a_connection_ends_with_a_word_and_five_pins_are_none",
    ),
    (
        SECURE,
        "more pins than there is room for",
        [(" || pin_count > CR_PINS_MAX", "")],
        LIES + "a_connection_ends_with_a_word_and_five_pins_are_none",
    ),
    (
        ARENA,
        "lengths that wrap around",
        [("count > arena.len / size", "false")],
        BLOCKS + "what_is_more_than_there_is_is_refused",
    ),
]

VERIFY = "cr_verify.c"
# What is believed without the defence: the chain that is shown, of CHAINS.
BELIEVED = [
    (VERIFY, "any key", "    bool found = false;", "    bool found = true;", "another key"),
    (
        VERIFY,
        "a chain without a pinned key",
        "note(verify, CR_END_PIN);",
        "",
        "another key",
    ),
    (
        VERIFY,
        "any name",
        "    flags &= ~times;",
        "    flags &= ~(times | MBEDTLS_X509_BADCERT_CN_MISMATCH);",
        "a pinned issuer, another name",
    ),
    (
        VERIFY,
        "certificates that are over",
        " && verify->now_s <= seconds(&certificate->valid_to)",
        "",
        "a pinned issuer, over",
    ),
    (
        VERIFY,
        "certificates of the future",
        "seconds(&certificate->valid_from) <= verify->now_s && ",
        "",
        "a pinned issuer, not yet",
    ),
    (
        VERIFY,
        "any signature",
        "    flags &= ~times;",
        "    flags &= ~(times | MBEDTLS_X509_BADCERT_NOT_TRUSTED);",
        "a pinned issuer that signed something else",
    ),
]


def client_without(file, old, new):
    """The client of test_carrier_tls.py with something else in a file of carrier/tls."""
    text = (paths.TLS / file).read_text()
    assert text.count(old) == 1, f"{file} no longer has this once: {old}"
    source = native_tests.FOLDER / "carrier_client.c"
    return native_tests.build(source, {file: text.replace(old, new)})


@pytest.mark.parametrize(
    ("file", "_without", "changes", "test"), ROWS, ids=map(native_mutant.row_id, ROWS)
)
def test_a_test_notices(file, _without, changes, test):
    native_mutant.check(file, changes, test)


@pytest.mark.parametrize(
    ("file", "old", "new", "chain"),
    [pytest.param(file, old, new, chain, id=what) for file, what, old, new, chain in BELIEVED],
)
def test_a_server_that_is_not_the_gateway_shows(tmp_path, file, old, new, chain):
    shown, pinned, expected = CHAINS[chain]
    assert expected != "here"
    with serving(context_of(shown, tmp_path)) as server:
        client = client_without(file, old, new)
        assert ended(connect(client, server.port, pinned.pin, now_s=NOW_S, message=b"x")) == "here"


def test_it_shows_when_freed_memory_is_not_wiped(tmp_path):
    client = client_without(ARENA, "wg_wipe(memory, block->len - sizeof(block_t));", "")
    with (
        serving(context_of(issue(), tmp_path)) as server,
        pytest.raises(AssertionError, match="False"),
    ):
        connect(client, server.port, issue().pin)


def test_it_shows_when_a_handshake_begins_without_a_pin(tmp_path):
    client = client_without("cr_secure.c", "pin_count == 0 || ", "")
    with serving(context_of(issue(), tmp_path)) as server:
        assert ended(connect(client, server.port, "")) == "pin"
    assert "name" in server.seen


def test_it_shows_when_a_cut_passes_for_an_end_in_order(tmp_path):
    client = client_without(
        "cr_client.c", "client->cut = CR_END_RESET;", "client->cut = CR_END_CLOSED;"
    )
    with serving(context_of(issue(), tmp_path), "cut") as server:
        assert ended(connect(client, server.port, issue().pin, message=b"xy")) == "closed"
