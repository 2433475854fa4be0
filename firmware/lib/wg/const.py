"""Message types, lengths, offsets and times of WireGuard (paper 5.4 and 6.1)."""

MESSAGE_INITIATION = 1
MESSAGE_RESPONSE = 2
MESSAGE_COOKIE = 3
MESSAGE_TRANSPORT = 4

KEY_LEN = 32
TAG_LEN = 16
MAC_LEN = 16
TIMESTAMP_LEN = 12

# Handshake initiation: type, sender index, Noise message (e, s, timestamp), mac1, mac2.
INITIATION_LEN = 148
INITIATION_SENDER = 4
INITIATION_NOISE = 8
INITIATION_NOISE_END = 116

# Handshake response: type, sender index, receiver index, Noise message (e, empty), mac1, mac2.
RESPONSE_LEN = 92
RESPONSE_SENDER = 4
RESPONSE_RECEIVER = 8
RESPONSE_NOISE = 12
RESPONSE_NOISE_END = 60

# Cookie reply: type, receiver index, nonce, sealed cookie.
COOKIE_REPLY_LEN = 64
COOKIE_REPLY_RECEIVER = 4
COOKIE_REPLY_NONCE = 8
COOKIE_REPLY_COOKIE = 32

# What a message is by its length, when it is none of data.
KINDS_BY_LENGTH = {
    INITIATION_LEN: MESSAGE_INITIATION,
    RESPONSE_LEN: MESSAGE_RESPONSE,
    COOKIE_REPLY_LEN: MESSAGE_COOKIE,
}

PADDING = 16

# The longest datagram that is sent before a handshake for others to look at.
DECOY_MAX_LEN = 1280

# Times in milliseconds (paper 6.1).
REJECT_AFTER_TIME_MS = 180_000
REKEY_ATTEMPT_TIME_MS = 90_000
REKEY_TIMEOUT_MS = 5_000
KEEPALIVE_TIMEOUT_MS = 10_000
COOKIE_LIFE_MS = 120_000
SECRET_LIFE_MS = 120_000
# Chance that is added to a retry, so that two peers do not go on colliding.
JITTER_MS = 334
# How often a handshake is tried in REKEY_ATTEMPT_TIME.
HANDSHAKE_TRIES = REKEY_ATTEMPT_TIME_MS // REKEY_TIMEOUT_MS
# The longest persistent keepalive that a user may set.
KEEPALIVE_MAX_S = 65_535
# Data sent and nothing heard for so long: the peer has lost its keys, or is gone.
NEW_HANDSHAKE_MS = KEEPALIVE_TIMEOUT_MS + REKEY_TIMEOUT_MS
# Keys without a successor are wiped after this.
WIPE_AFTER_MS = 3 * REJECT_AFTER_TIME_MS
# One initiation of a peer is accepted in this time (50 a second).
INITIATION_INTERVAL_MS = 20
# Two handshakes over a network that has just changed are so far apart.
REACH_AGAIN_MS = 150
# A peer that moved is not told of again in the log for so long.
MOVED_QUIET_MS = 5_000
