// The interfaces of the board, and which of them is which side of the packet path. From the moment one is added, also again after
// it was stopped, it drops everything; as a side it belongs to the packet path (native/lwip).
#ifndef ESP32_INTERFACES_H
#define ESP32_INTERFACES_H

#include <stdbool.h>
#include <stdint.h>

// Start lwIP's task and the packet path, closed; before anything adds an interface. False: no memory.
bool interfaces_init(void);

// "sta": the radio in somebody's network, "ap": its own, "eth": the cable; NULL: none. False: there is no such name, or both are
// the same. In MicroPython's task; an interface may be made later. A new uplink has no address until it is asked to get one.
bool interfaces_set_sides(const char *uplink, const char *lan);
// Whether an interface is up, and leads somewhere. False also: there is no such name.
bool interfaces_have_link(const char *name);
// What became of interfaces since, as far as it has to be done in MicroPython's task, without the lock.
void interfaces_settle(void);

#endif
