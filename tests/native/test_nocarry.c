// flags: -DWG_WITHOUT_CARRY
// The arithmetic for CPUs without carries, on this one.
#include "test_poly1305.c"
#include "test_x25519.c"

// After it, because it renames the functions of X25519.
#include "test_aead.c"
#include "test_field.c"
