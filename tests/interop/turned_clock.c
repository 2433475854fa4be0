// A clock that a test can turn while a program runs. Loaded before libc (LD_PRELOAD): adds the seconds in the file that
// TURNED_CLOCK names to what the kernel says. The file: three int64_t, for CLOCK_BOOTTIME and for CLOCK_REALTIME, and at how many
// nanoseconds CLOCK_BOOTTIME stands still before it is turned; 0: it goes on.
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *offsets;

__attribute__((constructor)) static void open_file(void) {
    const char *name = getenv("TURNED_CLOCK");
    int file = name == NULL ? -1 : open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return;
    }
    void *mapped = mmap(NULL, 3 * sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    offsets = mapped == MAP_FAILED ? NULL : mapped;
    close(file);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    long result = syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && offsets != NULL && clock == CLOCK_BOOTTIME) {
        if (offsets[2] != 0) {
            now->tv_sec = offsets[2] / 1000000000;
            now->tv_nsec = offsets[2] % 1000000000;
        }
        now->tv_sec += offsets[0];
    } else if (result == 0 && offsets != NULL && clock == CLOCK_REALTIME) {
        now->tv_sec += offsets[1];
    }
    return (int)result;
}
