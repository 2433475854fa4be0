#include "idf.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bootloader_random.h"
#include "esp_mac.h"
#include "esp_partition.h"
#include "esp_random.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "lwip/dhcp.h"
#include "lwip/etharp.h"
#include "lwip/tcpip.h"
#include "netif/ethernet.h"

#define MUST(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            printf("%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);                                           \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

typedef enum { UNASKED, STARTED, STOPPED } dhcp_state_t;

struct esp_netif_obj {
    const char *key, *name;
    uint8_t mac;
    bool has_server;
    struct netif netif;
    bool is_added;         // with lwIP's lock
    dhcp_state_t dhcp;     // with lwIP's lock
    pthread_rwlock_t gate; // of the driver: held while it receives
    bool is_running;
    atomic_bool is_full;
    pthread_mutex_t mutex; // of what was sent
    frame_t *sent;
    unsigned sent_count, sent_taken;
};

#define INTERFACE(key_, name_, mac_, has_server_)                                                                      \
    {.key = key_,                                                                                                      \
     .name = name_,                                                                                                    \
     .mac = mac_,                                                                                                      \
     .has_server = has_server_,                                                                                        \
     .gate = PTHREAD_RWLOCK_INITIALIZER,                                                                               \
     .mutex = PTHREAD_MUTEX_INITIALIZER}
esp_netif_t idf_station = INTERFACE("WIFI_STA_DEF", "st", 1, false);
esp_netif_t idf_access_point = INTERFACE("WIFI_AP_DEF", "ap", 2, true);
esp_netif_t idf_cable = INTERFACE("ETH_DEF", "en", 3, false);
static esp_netif_t *const all[] = {&idf_station, &idf_access_point, &idf_cable};

atomic_int idf_lent;
atomic_uint idf_messages, idf_wakes;
bool idf_generator_is_stuck;
static bool are_made;

// --- lwIP's lock ---

static _Atomic(bool) has_task;

void street_task_is_alive(void) {
    atomic_fetch_add(&idf_messages, 1);
}

void street_mark_task(void) {
    has_task = true;
}

void street_check_lock(void) {
    // A mutex that can be taken is held by nobody.
    if (has_task && pthread_mutex_trylock((pthread_mutex_t *)lock_tcpip_core) == 0) {
        printf("lwIP is called without its lock\n");
        abort();
    }
}

// --- clocks, numbers ---

int64_t esp_timer_get_time(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void esp_fill_random(void *buf, size_t len) {
    if (idf_generator_is_stuck) {
        memset(buf, 0x5a, len);
        return;
    }
    static atomic_uint_fast64_t state = 9;
    for (size_t i = 0; i < len; i++) {
        ((uint8_t *)buf)[i] = (uint8_t)(atomic_fetch_add(&state, 0x9e3779b97f4a7c15u) >> 56);
    }
}

uint32_t esp_random(void) {
    uint32_t number;
    esp_fill_random(&number, sizeof number);
    return number;
}

void bootloader_random_enable(void) {
}

void bootloader_random_disable(void) {
}

esp_err_t esp_read_mac(uint8_t *mac, esp_mac_type_t type) {
    memset(mac, (int)type, 6);
    return ESP_OK;
}

// --- notifications: one task waits ---

static pthread_mutex_t notify_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t notify_cond = PTHREAD_COND_INITIALIZER;
static uint32_t notified;

TaskHandle_t xTaskGetCurrentTaskHandle(void) {
    return (TaskHandle_t)&notified;
}

BaseType_t xTaskGenericNotify(TaskHandle_t task, UBaseType_t index, uint32_t value, eNotifyAction action,
                              uint32_t *previous) {
    MUST(task == (TaskHandle_t)&notified && index == 0 && value == 0 && action == eIncrement && previous == NULL);
    atomic_fetch_add(&idf_wakes, 1);
    pthread_mutex_lock(&notify_mutex);
    notified++;
    pthread_cond_signal(&notify_cond);
    pthread_mutex_unlock(&notify_mutex);
    return pdTRUE;
}

uint32_t ulTaskGenericNotifyTake(UBaseType_t index, BaseType_t clear_on_exit, TickType_t ticks) {
    struct timespec until;
    MUST(index == 0 && clear_on_exit == pdTRUE);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (long)ticks * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&notify_mutex);
    int error = 0;
    while (notified == 0 && error == 0) {
        error = pthread_cond_timedwait(&notify_cond, &notify_mutex, &until);
    }
    uint32_t count = notified;
    notified = 0;
    pthread_mutex_unlock(&notify_mutex);
    return count;
}

// --- drivers ---

static err_t transmit(struct netif *netif, struct pbuf *frame) {
    esp_netif_t *interface = netif->state;
    if (atomic_load(&interface->is_full)) {
        return ERR_MEM;
    }
    pthread_mutex_lock(&interface->mutex);
    frame_t *copy = &interface->sent[interface->sent_count++ % SENT_MAX];
    MUST(frame->tot_len <= FRAME_MAX);
    copy->len = pbuf_copy_partial(frame, copy->bytes, frame->tot_len, 0);
    pthread_mutex_unlock(&interface->mutex);
    return ERR_OK;
}

typedef struct {
    struct pbuf_custom pbuf; // first
    uint8_t *bytes;
} lent_t;

static void give_back(struct pbuf *pbuf) {
    lent_t *lent = (lent_t *)(void *)pbuf;
    free(lent->bytes);
    free(lent);
    atomic_fetch_sub(&idf_lent, 1);
}

void idf_receive(esp_netif_t *interface, const frame_t *frame) {
    pthread_rwlock_rdlock(&interface->gate);
    if (interface->is_running) {
        lent_t *lent = calloc(1, sizeof *lent);
        lent->bytes = malloc(frame->len);
        memcpy(lent->bytes, frame->bytes, frame->len);
        lent->pbuf.custom_free_function = give_back;
        atomic_fetch_add(&idf_lent, 1);
        struct pbuf *pbuf =
            pbuf_alloced_custom(PBUF_RAW, (u16_t)frame->len, PBUF_REF, &lent->pbuf, lent->bytes, (u16_t)frame->len);
        if (interface->netif.input(pbuf, &interface->netif) != ERR_OK) {
            pbuf_free(pbuf);
        }
    }
    pthread_rwlock_unlock(&interface->gate);
}

static void set_running(esp_netif_t *interface, bool is_running) {
    pthread_rwlock_wrlock(&interface->gate);
    interface->is_running = is_running;
    pthread_rwlock_unlock(&interface->gate);
}

bool idf_take_sent(esp_netif_t *interface, frame_t *frame) {
    pthread_mutex_lock(&interface->mutex);
    if (interface->sent_count - interface->sent_taken > SENT_MAX) {
        interface->sent_taken = interface->sent_count - SENT_MAX;
    }
    bool is_there = interface->sent_taken < interface->sent_count;
    if (is_there) {
        *frame = interface->sent[interface->sent_taken++ % SENT_MAX];
    }
    pthread_mutex_unlock(&interface->mutex);
    return is_there;
}

unsigned idf_sent(esp_netif_t *interface) {
    pthread_mutex_lock(&interface->mutex);
    unsigned count = interface->sent_count;
    pthread_mutex_unlock(&interface->mutex);
    return count;
}

void idf_set_full(esp_netif_t *interface, bool is_full) {
    atomic_store(&interface->is_full, is_full);
}

// --- esp_netif ---

static err_t init(struct netif *netif) {
    esp_netif_t *interface = netif->state;
    const uint8_t mac[6] = {2, 0, 0, 0, 1, interface->mac};
    memcpy(netif->name, interface->name, 2);
    netif->linkoutput = transmit;
    netif->output = etharp_output;
    netif->output_ip6 = NULL;
    netif->mtu = 1500;
    netif->hwaddr_len = 6;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
    memcpy(netif->hwaddr, mac, 6);
    return ERR_OK;
}

void idf_make_interfaces(void) {
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        all[i]->sent = calloc(SENT_MAX, sizeof(frame_t));
    }
    are_made = true;
}

void idf_start(esp_netif_t *interface) {
    ip4_addr_t own, mask, gateway;
    IP4_ADDR(&own, 192, 168, 4, 1);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    ip4_addr_copy(gateway, own);
    LOCK_TCPIP_CORE();
    MUST(netif_add(&interface->netif, interface->has_server ? &own : NULL, interface->has_server ? &mask : NULL,
                   interface->has_server ? &gateway : NULL, interface, init, tcpip_input) != NULL);
    interface->is_added = true;
    if (interface->has_server) {
        netif_set_up(&interface->netif);
        netif_set_link_up(&interface->netif);
    }
    UNLOCK_TCPIP_CORE();
    set_running(interface, true);
}

void idf_stop_held(esp_netif_t *interface) {
    set_running(interface, false);
    if (!interface->has_server) {
        dhcp_release_and_stop(&interface->netif);
        dhcp_cleanup(&interface->netif);
        interface->dhcp = UNASKED;
    }
    netif_set_down(&interface->netif);
    netif_remove(&interface->netif);
    interface->is_added = false;
}

void idf_stop(esp_netif_t *interface) {
    set_running(interface, false);
    LOCK_TCPIP_CORE();
    idf_stop_held(interface);
    UNLOCK_TCPIP_CORE();
}

void idf_connected(esp_netif_t *interface) {
    LOCK_TCPIP_CORE();
    netif_set_up(&interface->netif);
    netif_set_link_up(&interface->netif);
    if (!interface->has_server && interface->dhcp == UNASKED) {
        (void)dhcp_start(&interface->netif);
        interface->dhcp = STARTED;
    }
    UNLOCK_TCPIP_CORE();
}

void idf_disconnected(esp_netif_t *interface) {
    LOCK_TCPIP_CORE();
    netif_set_addr(&interface->netif, NULL, NULL, NULL);
    netif_set_link_down(&interface->netif);
    netif_set_down(&interface->netif);
    UNLOCK_TCPIP_CORE();
}

bool idf_is_added(esp_netif_t *interface) {
    LOCK_TCPIP_CORE();
    bool is_added = interface->is_added;
    UNLOCK_TCPIP_CORE();
    return is_added;
}

static void started(void *done) {
    sys_sem_signal(done);
}

esp_err_t esp_netif_init(void) {
    static bool is_running;
    if (!is_running) {
        sys_sem_t done;
        sys_sem_new(&done, 0);
        tcpip_init(started, &done);
        sys_sem_wait(&done);
        sys_sem_free(&done);
        is_running = true;
    }
    return ESP_OK;
}

esp_netif_t *esp_netif_get_handle_from_ifkey(const char *if_key) {
    for (size_t i = 0; are_made && i < sizeof all / sizeof all[0]; i++) {
        if (strcmp(all[i]->key, if_key) == 0) {
            return all[i];
        }
    }
    return NULL;
}

void *esp_netif_get_netif_impl(esp_netif_t *interface) {
    return &interface->netif;
}

esp_err_t esp_netif_set_default_netif(esp_netif_t *interface) {
    LOCK_TCPIP_CORE();
    if (interface->is_added) {
        netif_set_default(&interface->netif);
    }
    UNLOCK_TCPIP_CORE();
    return ESP_OK;
}

esp_err_t esp_netif_dhcpc_stop(esp_netif_t *interface) {
    LOCK_TCPIP_CORE();
    if (interface->dhcp == STARTED && interface->is_added) {
        dhcp_release_and_stop(&interface->netif);
    }
    interface->dhcp = STOPPED;
    UNLOCK_TCPIP_CORE();
    return ESP_OK;
}

esp_err_t esp_netif_dhcps_stop(esp_netif_t *interface) {
    MUST(interface->has_server);
    return ESP_OK;
}

// --- the radio, which takes settings of an interface only in a mode that has it, and keeps them ---

wifi_mode_t idf_wifi_mode = WIFI_MODE_STA;
wifi_config_t idf_wifi_config = {.ap = {.ssid = "ESP_001234", .ssid_len = 10, .channel = 1, .max_connection = 4}};
bool idf_wifi_refuses;

esp_err_t esp_wifi_get_mode(wifi_mode_t *mode) {
    *mode = idf_wifi_mode;
    return ESP_OK;
}

esp_err_t esp_wifi_set_mode(wifi_mode_t mode) {
    idf_wifi_mode = mode;
    return ESP_OK;
}

esp_err_t esp_wifi_get_config(wifi_interface_t interface, wifi_config_t *conf) {
    MUST(interface == WIFI_IF_AP);
    *conf = idf_wifi_config;
    return ESP_OK;
}

esp_err_t esp_wifi_set_config(wifi_interface_t interface, wifi_config_t *conf) {
    MUST(interface == WIFI_IF_AP);
    if (idf_wifi_refuses || (idf_wifi_mode & WIFI_MODE_AP) == 0) {
        return 0x3006; // ESP_ERR_WIFI_MODE
    }
    idf_wifi_config = *conf;
    return ESP_OK;
}

// --- flash: only an erasure sets bits ---

uint8_t idf_flash[4][4096];
bool idf_flash_fails;
static const esp_partition_t disk = {.size = sizeof idf_flash};

const esp_partition_t *esp_partition_find_first(esp_partition_type_t type, esp_partition_subtype_t subtype,
                                                const char *label) {
    MUST(type == ESP_PARTITION_TYPE_DATA && subtype == ESP_PARTITION_SUBTYPE_ANY && strcmp(label, "vfs") == 0);
    return &disk;
}

static bool is_inside(const esp_partition_t *partition, size_t place, size_t len) {
    return partition == &disk && place <= sizeof idf_flash && len <= sizeof idf_flash - place;
}

esp_err_t esp_partition_read(const esp_partition_t *partition, size_t src_offset, void *dst, size_t size) {
    MUST(is_inside(partition, src_offset, size));
    memcpy(dst, (uint8_t *)idf_flash + src_offset, size);
    return idf_flash_fails ? -1 : ESP_OK;
}

esp_err_t esp_partition_write(const esp_partition_t *partition, size_t dst_offset, const void *src, size_t size) {
    MUST(is_inside(partition, dst_offset, size));
    uint8_t *place = (uint8_t *)idf_flash + dst_offset;
    for (size_t i = 0; i < size; i++) {
        place[i] &= ((const uint8_t *)src)[i];
    }
    return idf_flash_fails ? -1 : ESP_OK;
}

esp_err_t esp_partition_erase_range(const esp_partition_t *partition, size_t offset, size_t size) {
    MUST(is_inside(partition, offset, size) && offset % 4096 == 0 && size % 4096 == 0);
    memset((uint8_t *)idf_flash + offset, 0xff, size);
    return idf_flash_fails ? -1 : ESP_OK;
}
