// Erasing secrets and comparing them in constant time.
#ifndef WG_WIPE_H
#define WG_WIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Overwrite len bytes with zeros in a way that the compiler may not leave out.
void wg_wipe(void *data, size_t len);

// Whether two strings of len bytes are the same, in time that depends on len alone.
bool wg_equal(const uint8_t *a, const uint8_t *b, size_t len);

// Whether len bytes are all zero, in time that depends on len alone.
bool wg_is_zero(const uint8_t *data, size_t len);

#endif
