// The ICMP messages that a router sends itself (RFC 792, 1191, 1812): so many a second and no more, because those who cause
// them may have forged who gets them.
#ifndef RT_ICMP_H
#define RT_ICMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// An error with all that it quotes (RFC 1812, 4.3.2.3).
#define RT_ANSWER_MAX 576

enum {
    RT_ICMP_ECHO_REPLY = 0,
    RT_ICMP_UNREACHABLE = 3,
    RT_ICMP_ECHO = 8,
    RT_ICMP_TIME_EXCEEDED = 11,
    RT_ICMP_PARAMETER = 12,
    RT_ICMP_CODE_TTL = 0,    // of time exceeded
    RT_ICMP_CODE_TOO_BIG = 4 // of unreachable
};

#define RT_ICMP_LIMITERS 16
#define RT_ICMP_BURST 10
#define RT_ICMP_INTERVAL_MS 50 // between messages to one group of addresses, when its burst is used up

typedef struct {
    uint64_t full_at_ms[2][RT_ICMP_LIMITERS]; // for each side; when the bucket of these addresses is full again
} rt_icmp_t;

enum { RT_SIDE_LAN = 0, RT_SIDE_TUNNEL = 1 };

// Whether an error to this address may be sent now; if so it is counted as sent. Clients of one side do not take from each
// other, as far as the last digits of their addresses differ.
bool rt_icmp_may_send(rt_icmp_t *icmp, unsigned side, uint32_t address, uint64_t now_ms);

// Whether a packet may be answered by an error at all (RFC 1122, 3.2.2): its source is one host, it is no fragment but the
// first, and no ICMP error itself. packet: whole, without options.
bool rt_icmp_may_answer(const uint8_t *packet, size_t len);

// Write an error about a packet into out; its length. mtu: for RT_ICMP_CODE_TOO_BIG, else 0.
size_t rt_icmp_write(uint8_t out[RT_ANSWER_MAX], uint32_t source, const uint8_t *packet, size_t len, uint8_t type,
                     uint8_t code, uint16_t mtu);

// Turn a whole echo request into its reply in place (RFC 792), from the address that was asked.
void rt_icmp_echo(uint8_t *packet);

#endif
