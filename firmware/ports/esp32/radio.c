// An access point has no settings of ours until network.WLAN.config(), which wants it to be on: until then it would be an open
// network. But the driver keeps the settings of an interface while that is off. So it gets some before the radio is started: hidden,
// WPA2, and a password that nobody knows.
#include "radio.h"

#include <string.h>

#include "esp_wifi.h"
#include "lwpath_port.h"
#include "wg_wipe.h"

enum { PASSWORD_LEN = 32 };

static bool make_password(uint8_t *password) {
    if (!port_fill_random(password, PASSWORD_LEN)) {
        return false;
    }
    for (unsigned i = 0; i < PASSWORD_LEN; i++) {
        password[i] = (uint8_t)('a' + password[i] % 16);
    }
    return true;
}

static bool set_closed(void) {
    wifi_config_t config;
    bool is_set = esp_wifi_get_config(WIFI_IF_AP, &config) == ESP_OK;
    if (is_set) {
        memset(config.ap.password, 0, sizeof config.ap.password);
        config.ap.authmode = WIFI_AUTH_WPA2_PSK;
        config.ap.ssid_hidden = 1;
        config.ap.max_connection = 1;
        is_set = make_password(config.ap.password) && esp_wifi_set_config(WIFI_IF_AP, &config) == ESP_OK;
    }
    wg_wipe(&config, sizeof config);
    return is_set;
}

bool radio_close_access_point(void) {
    wifi_mode_t mode;
    if (esp_wifi_get_mode(&mode) != ESP_OK || esp_wifi_set_mode(WIFI_MODE_AP) != ESP_OK) {
        return false;
    }
    bool is_closed = set_closed();
    return esp_wifi_set_mode(mode) == ESP_OK && is_closed;
}
