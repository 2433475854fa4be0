// Where a stream stands, and why it ended. Python has the same numbers in _carrier, and the words for them.
#ifndef CR_END_H
#define CR_END_H

typedef enum {
    CR_STREAM_CONNECTING = 1, // the connection is being made
    CR_STREAM_OPEN,           // bytes may be read and written
    CR_STREAM_SECURING,       // the TLS handshake runs
    CR_STREAM_CARRYING,       // datagrams in frames, both ways
    CR_STREAM_ENDED,          // for good; see cr_end_t
} cr_stream_state_t;

typedef enum {
    CR_END_NONE = 0,    // it has not ended
    CR_END_HERE,        // we closed it
    CR_END_REFUSED,     // nobody listens there
    CR_END_UNREACHABLE, // no way there: the network said so, or there is no route
    CR_END_TIMEOUT,     // no answer from the other end's TCP
    CR_END_RESET,       // the connection was cut off
    CR_END_CLOSED,      // the other end closed it in order
    CR_END_ALERT,       // TLS: the other end refused the handshake
    CR_END_TLS,         // TLS: what came is not TLS, or not authentic, or offers nothing that we have
    CR_END_CERTIFICATE, // TLS: the chain up to the pinned key is broken, or its certificates are not made for this
    CR_END_NAME,        // TLS: the certificate, of a pinned issuer, is for another name
    CR_END_EXPIRED,     // TLS: it, or one above it, is not valid at this time
    CR_END_PIN,         // TLS: no certificate that was shown has a pinned key
    CR_END_PROTOCOL,    // frames: not what this framing allows
    CR_END_MEMORY,      // no memory left for TLS
    CR_END_COUNT
} cr_end_t;

#endif
