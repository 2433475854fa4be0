#include "lock.h"

#include "lwip/tcpip.h"
#include "lwip/timeouts.h"
#include "modlock.h"

#if !LWIP_TCPIP_CORE_LOCKING || LWIP_TCPIP_CORE_LOCKING_INPUT
#error "lwIP's lock has to be one, and frames must not be dealt with in drivers' tasks: see sdkconfig.common"
#endif

static struct tcpip_callback_msg *nudge;
static u32_t next_ms; // until lwIP's first timer, when the lock was taken

static void look_at_the_timers(void *unused) {
    (void)unused; // lwIP's task does so after each message
}

bool lock_init(void) {
    nudge = tcpip_callbackmsg_new(look_at_the_timers, NULL);
    return nudge != NULL;
}

void port_lock(void) {
    LOCK_TCPIP_CORE();
    next_ms = sys_timeouts_sleeptime();
}

void port_unlock(void) {
    // lwIP's task sleeps until the timer that was the first when it went to sleep. An earlier one would be late.
    bool is_sooner = sys_timeouts_sleeptime() < next_ms;
    UNLOCK_TCPIP_CORE();
    if (is_sooner) {
        (void)tcpip_callbackmsg_trycallback(nudge); // no room: then it does not sleep
    }
}
