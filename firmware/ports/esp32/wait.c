// Waiting in MicroPython's task, while lwIP's and the drivers' carry packets.
#include "wait.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "interfaces.h"
#include "lwpath.h"
#include "lwpath_port.h"
#include "modlock.h"

// Neither console driver tells that bytes have come. At 115200 baud so much takes 230 bytes, of the 2048 that it keeps.
#define CONSOLE_MS 20

static _Atomic(TaskHandle_t) waiting; // MicroPython's

void wait_init(void) {
    waiting = xTaskGetCurrentTaskHandle();
}

void port_wake(void) {
    TaskHandle_t task = waiting;
    if (task != NULL) {
        xTaskNotifyGive(task);
    }
}

static unsigned look(void) {
    interfaces_settle();
    port_lock();
    unsigned reasons = lwpath_reasons();
    port_unlock();
    return reasons;
}

unsigned lwpath_poll(int32_t timeout_ms) {
    const uint64_t begun_ms = port_now_ms();
    if (waiting == NULL) {
        wait_init();
    }
    for (;;) {
        // A TLS handshake: here there is the stack for it, and nobody waits.
        const bool is_working = lwpath_stream_work();
        const unsigned reasons = look();
        const uint64_t passed_ms = port_now_ms() - begun_ms;
        if (reasons != 0 || (timeout_ms >= 0 && passed_ms >= (uint64_t)timeout_ms)) {
            return reasons;
        }
        if (is_working) {
            continue;
        }
        const uint64_t left_ms = timeout_ms < 0 ? CONSOLE_MS : (uint64_t)timeout_ms - passed_ms;
        // What wakes between the look and here is not lost: the notification stays until it is taken.
        (void)ulTaskNotifyTake(pdTRUE, pdMS_TO_TICKS(left_ms < CONSOLE_MS ? left_ms : CONSOLE_MS) + 1);
    }
}
