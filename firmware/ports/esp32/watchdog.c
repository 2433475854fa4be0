// ESP-IDF's task watchdog for the control loop. It panics, and the box resets; what is known of it afterwards is in board.c.
#include "../virt/watchdog.h"

#include <stddef.h>

#include "esp_task_wdt.h"

static esp_task_wdt_user_handle_t user;

void watchdog_start(uint32_t timeout_ms) {
    if (timeout_ms == 0) {
        if (user != NULL && esp_task_wdt_delete_user(user) == ESP_OK) {
            user = NULL;
        }
        return;
    }
    const esp_task_wdt_config_t config = {.timeout_ms = timeout_ms, .idle_core_mask = 0, .trigger_panic = true};
    if (esp_task_wdt_reconfigure(&config) == ESP_OK && user == NULL) {
        (void)esp_task_wdt_add_user("undertow", &user);
    }
    watchdog_feed();
}

void watchdog_feed(void) {
    if (user != NULL) {
        (void)esp_task_wdt_reset_user(user);
    }
}
