// The two interfaces, from power-on.
#ifndef NETWORK_H
#define NETWORK_H

#include <stdbool.h>
#include <stdint.h>

// Start lwIP and add the interfaces with the packet path's input functions (lwpath_port.h). An interface without its device is
// left out.
void network_init(void);
// For whoever waits outside the packet path's own loop: frames and lwIP's timers go on.
void network_serve(void);
// Python ends, and starts anew: whatever the packet path had of it is gone. Everything is dropped until it is set up again.
void network_deny(void);
// The address of the uplink (0) or the LAN (1). False: the machine has no such interface.
bool network_mac(unsigned which, uint8_t mac[6]);

#endif
