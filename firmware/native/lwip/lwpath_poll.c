// The loop of a board without an operating system: packets, lwIP's timers, sleep.
#include "lwip/timeouts.h"
#include "lwpath.h"
#include "lwpath_path.h"
#include "lwpath_port.h"

#if NO_SYS

// How long there is nothing to do at most.
static uint32_t time_to_sleep(int32_t timeout_ms, uint64_t passed_ms) {
    uint32_t timers_ms = sys_timeouts_sleeptime();
    if (timeout_ms < 0) {
        return timers_ms;
    }
    uint32_t left_ms = (uint32_t)((uint64_t)timeout_ms - passed_ms);
    return left_ms < timers_ms ? left_ms : timers_ms;
}

unsigned lwpath_poll(int32_t timeout_ms) {
    lwpath_take_time();
    uint64_t begun_ms = lwpath.now_ms;
    for (;;) {
        // The time is taken once for each turn: asking the machine is dear beside a small packet.
        port_network_poll();
        sys_check_timeouts();
        lwpath_flush_rest();
        bool is_working = lwpath_stream_work();
        unsigned reasons = lwpath_reasons();
        uint64_t passed_ms = lwpath.now_ms - begun_ms;
        if (reasons != 0 || (timeout_ms >= 0 && passed_ms >= (uint64_t)timeout_ms)) {
            return reasons;
        }
        if (!is_working) {
            port_wait(time_to_sleep(timeout_ms, passed_ms));
        }
        lwpath_take_time();
    }
}

#endif
