// Memory for Mbed TLS (CONFIG_MBEDTLS_CUSTOM_MEM_ALLOC). Our streams are worked in MicroPython's task and in lwIP's, and what is asked
// for there is the arena's (native/carrier/tls/cr_arena.h). Others, such as the radio's supplicant, have ESP-IDF's heap as before.
#include "tls_memory.h"

#include "cr_arena.h"
#include "esp_heap_caps.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "lwip/tcpip.h"
#include "mbedtls/platform.h"

static TaskHandle_t ours[2];
// Between these two: what MicroPython's task asks of the radio may want memory while lwIP's has a record.
static portMUX_TYPE turn = portMUX_INITIALIZER_UNLOCKED;

static void *take(size_t count, size_t size) {
    const TaskHandle_t task = xTaskGetCurrentTaskHandle();
    if (task != ours[0] && task != ours[1]) {
        return heap_caps_calloc(count, size, MALLOC_CAP_INTERNAL | MALLOC_CAP_8BIT);
    }
    portENTER_CRITICAL(&turn);
    void *memory = cr_arena_calloc(count, size);
    portEXIT_CRITICAL(&turn);
    return memory;
}

static void give(void *memory) {
    if (!cr_arena_has(memory)) {
        heap_caps_free(memory);
        return;
    }
    portENTER_CRITICAL(&turn);
    cr_arena_free(memory);
    portEXIT_CRITICAL(&turn);
}

static void note_task(void *unused) {
    (void)unused;
    ours[1] = xTaskGetCurrentTaskHandle();
}

void tls_memory_init(void) {
    ours[0] = xTaskGetCurrentTaskHandle();
    (void)mbedtls_platform_set_calloc_free(take, give);
    (void)tcpip_callback(note_task, NULL);
}
