// The maximum segment size that the two ends of a TCP connection tell each other (RFC 9293, section 3.7.1), kept small enough
// for the tunnel: not every path tells a sender that its packets are too big.
#ifndef RT_MSS_H
#define RT_MSS_H

#include <stddef.h>
#include <stdint.h>

// A TCP header with SYN and header_len bytes of it: an option above most becomes most, and the checksum follows.
void rt_mss_clamp(uint8_t *tcp, size_t header_len, uint16_t most);

#endif
