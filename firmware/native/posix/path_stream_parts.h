// What a stream of the path is made of, for the files path_stream*.c alone.
#ifndef PATH_STREAM_PARTS_H
#define PATH_STREAM_PARTS_H

#include "path.h"

#define PATH_STREAM_SLOTS (PATH_STREAM_QUEUE + 1) // those that wait, and the one that is written

struct path_stream {
    path_t *path;
    int fd; // -1: closed, because it has ended
    unsigned place, number;
    uint32_t events;        // that epoll watches for
    cr_stream_state_t told; // the state that Python was last woken for
    bool told_readable;
    bool is_proven;
    uint8_t buffer_at; // which of the two the decoder puts datagrams together in
    wg_endpoint_t source;
    uint16_t free_count;
    uint16_t free_slots[PATH_STREAM_SLOTS]; // the one that was used last comes first: it is in the cache
    cr_stream_t core;
    cr_item_t items[PATH_STREAM_QUEUE];
    uint8_t buffers[2][PATH_STREAM_SLOT];
    uint8_t slots[PATH_STREAM_SLOTS][PATH_STREAM_SLOT];
};

extern const cr_hooks_t path_stream_hooks;

// Why a connection ended, by errno.
cr_end_t path_stream_why(int error);

#endif
