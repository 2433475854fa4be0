// What the stubs of _wg begin with, and its numbers. Included with CONSTANT defined.

/// """The C core of Undertow: cryptography and the packet path. The same module on MicroPython and CPython.
///
/// Buffers are anything with the buffer protocol, but no text; an output must be writable and of the exact length, and may
/// share memory with an input only where it is said. ValueError: a wrong length, an overlap, a number that means nothing
/// here. TypeError: a wrong type, an output that cannot be written. OverflowError: a number that is negative or too big;
/// nothing is truncated or wrapped. Times are milliseconds of a clock that never goes back and never says 0, less than
/// 2^62. Indices are unsigned 32 bits, counters 64 bits. Secrets go in and never come out; objects that hold them are wiped
/// when they are freed, and by wipe(), after which everything else is a ValueError.
/// """
///
/// from typing import Optional
///
/// from _typeshed import ReadableBuffer, WriteableBuffer

/// # What became of a packet (core/wg_status.h); drop counters stand in this order.
CONSTANT(OK, WG_OK)
CONSTANT(ERR_SHORT, WG_ERR_SHORT)
CONSTANT(ERR_TYPE, WG_ERR_TYPE)
CONSTANT(ERR_INDEX, WG_ERR_INDEX)
CONSTANT(ERR_TAG, WG_ERR_TAG)
CONSTANT(ERR_REPLAY, WG_ERR_REPLAY)
CONSTANT(ERR_EXPIRED, WG_ERR_EXPIRED)
CONSTANT(ERR_NO_KEY, WG_ERR_NO_KEY)
CONSTANT(ERR_NO_ENDPOINT, WG_ERR_NO_ENDPOINT)
CONSTANT(ERR_ROUTE, WG_ERR_ROUTE)
CONSTANT(ERR_SOURCE, WG_ERR_SOURCE)
CONSTANT(ERR_INNER, WG_ERR_INNER)
CONSTANT(ERR_MAC1, WG_ERR_MAC1)
CONSTANT(ERR_COOKIE, WG_ERR_COOKIE)
CONSTANT(ERR_RATE, WG_ERR_RATE)
CONSTANT(ERR_HANDSHAKE, WG_ERR_HANDSHAKE)
CONSTANT(ERR_SPACE, WG_ERR_SPACE)
CONSTANT(STATUS_COUNT, WG_STATUS_COUNT)

/// # Events of a peer (core/wg_tunnel.h).
CONSTANT(EVENT_HANDSHAKE, WG_EVENT_HANDSHAKE)
CONSTANT(EVENT_REKEY, WG_EVENT_REKEY)
CONSTANT(EVENT_SENT, WG_EVENT_SENT)
CONSTANT(EVENT_RECEIVED, WG_EVENT_RECEIVED)
CONSTANT(EVENT_CONFIRMED, WG_EVENT_CONFIRMED)
CONSTANT(EVENT_ENDPOINT, WG_EVENT_ENDPOINT)
CONSTANT(EVENT_ALL, WG_EVENT_ALL)

/// # Which of a peer's keypairs.
CONSTANT(CURRENT, WG_KEYPAIR_CURRENT)
CONSTANT(PREVIOUS, WG_KEYPAIR_PREVIOUS)
CONSTANT(NEXT, WG_KEYPAIR_NEXT)

CONSTANT(OVERHEAD, WG_TRANSPORT_OVERHEAD) // bytes that sealing adds, without padding
#undef CONSTANT
