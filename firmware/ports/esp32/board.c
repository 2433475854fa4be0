#include "board.h"

#include "../virt/cpu.h"
#include "../virt/entropy.h"
#include "../virt/reset.h"
#include "esp_attr.h"
#include "esp_rom_sys.h"
#include "esp_sleep.h"
#include "esp_system.h"
#include "interfaces.h"
#include "nvs_flash.h"
#include "tls_memory.h"

// What ../virt/reset.c keeps over resets: in RTC memory, which start-up does not clear.
RTC_NOINIT_ATTR volatile uint32_t reset_kept[128 / sizeof(uint32_t)];

void cpu_reset(void) {
    esp_restart();
}

void cpu_power_off(int status) {
    (void)status;
    esp_deep_sleep_start(); // nothing wakes it but its reset line
}

static void keep_words(const char *words) {
    for (; *words != '\0'; words++) {
        reset_say((uint8_t)*words);
    }
}

// What the hardware knows of the end of the program before, and the program itself could not note.
static void note_end(void) {
    switch (esp_reset_reason()) {
    case ESP_RST_PANIC:
        reset_note(RESET_CRASH);
        keep_words("undertow: a processor fault; the console has told where");
        break;
    case ESP_RST_TASK_WDT:
        reset_note(RESET_WATCHDOG);
        keep_words("undertow: the watchdog ended a hang of the control loop");
        break;
    case ESP_RST_INT_WDT:
    case ESP_RST_WDT:
        reset_note(RESET_WATCHDOG);
        keep_words("undertow: a watchdog of the chip ended a hang");
        break;
    case ESP_RST_BROWNOUT:
        reset_note(RESET_CRASH);
        keep_words("undertow: the supply broke down (brown-out): take a stronger one");
        break;
    default:
        break;
    }
}

// In place of MicroPython's boardctrl_startup(), which erases the partition, the box's keys with it, whenever NVS finds no free page
// in it or another version's. Here it stays as it is: Python says that it cannot be read, and `wipe` mends it.
static void start_nvs(void) {
    esp_err_t error = nvs_flash_init();
    if (error != ESP_OK) {
        esp_rom_printf("undertow: the settings cannot be read: NVS does not start (0x%x)\n", (unsigned)error);
    }
}

void board_startup(void) {
    note_end();
    reset_init();
    entropy_init();
    start_nvs();
    // The packet path's memory is static, and the interfaces are closed from here on.
    if (!interfaces_init()) {
        esp_rom_printf("undertow: lwIP does not start: no memory\n");
        reset_now(RESET_CRASH);
    }
    tls_memory_init();
}
