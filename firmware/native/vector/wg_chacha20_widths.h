// Everything of wg_chacha20_lanes.h in each width that this machine may have: 4 lanes everywhere, 8 and 16 on x86-64.
// No guard: it is included once in each file that wants them.
#define LANES 4
#define NAME(x) x##_4
#define TARGET
#include "wg_chacha20_lanes.h"
#undef LANES
#undef NAME
#undef TARGET

#if defined(__x86_64__)

#define LANES 8
#define NAME(x) x##_8
#define TARGET __attribute__((target("avx2")))
#include "wg_chacha20_lanes.h"
#undef LANES
#undef NAME
#undef TARGET

#define LANES 16
#define NAME(x) x##_16
#define TARGET __attribute__((target("avx512f")))
#include "wg_chacha20_lanes.h"
#undef LANES
#undef NAME
#undef TARGET

#endif
