#include "check.h"
#include "wg_allowedips.h"
#include "wg_index.h"

enum { CAPACITY = 64 };

static wg_index_slot_t slots[CAPACITY];

TEST(an_empty_table_has_nothing) {
    wg_index_clear(slots, CAPACITY);
    CHECK(wg_index_find(slots, CAPACITY, 0) == NULL);
    CHECK(wg_index_find(slots, CAPACITY, UINT32_MAX) == NULL);
    wg_index_remove(slots, CAPACITY, 0);
}

TEST(a_hole_in_a_run_that_wraps_hides_nothing) {
    wg_index_clear(slots, CAPACITY);
    // Homes 62, 62, 63, 62, 0, 63: the run goes round the end.
    const uint32_t indices[] = {62, 126, 63, 190, 64, 127};
    for (size_t removed = 0; removed < 6; removed++) {
        for (uint8_t i = 0; i < 6; i++) {
            wg_index_insert(slots, CAPACITY, indices[i], i, i);
        }
        wg_index_remove(slots, CAPACITY, indices[removed]);
        for (size_t i = 0; i < 6; i++) {
            const wg_index_slot_t *slot = wg_index_find(slots, CAPACITY, indices[i]);
            CHECK((slot == NULL) == (i == removed));
            CHECK(slot == NULL || (slot->peer == i && slot->keypair == i && slot->index == indices[i]));
        }
        for (size_t i = 0; i < 6; i++) {
            wg_index_remove(slots, CAPACITY, indices[i]);
        }
    }
    for (size_t i = 0; i < CAPACITY; i++) {
        CHECK_EQ(slots[i].peer, WG_NO_PEER);
    }
}

// Three quarters full, as full as it ever gets; many homes collide.
TEST(the_table_equals_a_plain_list) {
    enum { INDICES = 256, MOST = CAPACITY * 3 / 4 };
    static bool there[INDICES];
    unsigned count = 0;
    uint64_t state = 4;
    wg_index_clear(slots, CAPACITY);
    for (unsigned step = 0; step < 50000; step++) {
        uint32_t index = (uint32_t)(check_random(&state) % INDICES);
        if (there[index]) {
            wg_index_remove(slots, CAPACITY, index);
            there[index] = false;
            count--;
        } else if (count < MOST) {
            wg_index_insert(slots, CAPACITY, index, (uint16_t)(index * 3), (uint8_t)(index % 3));
            there[index] = true;
            count++;
        }
        uint32_t probe = (uint32_t)(check_random(&state) % INDICES);
        const wg_index_slot_t *slot = wg_index_find(slots, CAPACITY, probe);
        CHECK_EQ(slot != NULL, there[probe]);
        CHECK(slot == NULL || slot->peer == probe * 3);
    }
}
