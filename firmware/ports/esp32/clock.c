// The packet path's clocks (native/lwip/lwpath_port.h).
#include "esp_timer.h"
#include "lwpath_port.h"

uint64_t port_now_ms(void) {
    return (uint64_t)esp_timer_get_time() / 1000 + 1;
}

bool port_wall_clock(uint64_t *seconds, uint32_t *nanoseconds) {
    (void)seconds, (void)nanoseconds;
    return false; // these boards have none
}
