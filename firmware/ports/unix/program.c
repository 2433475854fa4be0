// The program's own main(): `undertow-unix ARGUMENTS` runs the frozen device program, never a prompt and never a file
// of the folder it is started in. `undertow-unix --micropython ...` is plain MicroPython, for the tests.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// MicroPython's main() and ours; the linker's --wrap swaps them (mpconfigvariant.mk).
int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);

// A box with 300 peers keeps about 2 MB of objects; what is not used costs no memory.
#define HEAP_SIZE "heapsize=16M"

// Modules come from the program itself only: the folder it is started in may belong to anyone.
static const char start[] = "import sys\n"
                            "sys.path[:] = ['.frozen']\n"
                            "import main\n"
                            "sys.exit(main.main(sys.argv[1:]))\n";

int __wrap_main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "--micropython") == 0) {
        argv[1] = argv[0];
        return __real_main(argc - 1, argv + 1);
    }

    // These would open a prompt, or bring in modules from elsewhere.
    unsetenv("MICROPYINSPECT");
    unsetenv("MICROPYPATH");

    const char *fixed[] = {argv[0], "-X", HEAP_SIZE, "-c", start};
    const int fixed_count = sizeof(fixed) / sizeof(fixed[0]);
    const int given_count = argc > 1 ? argc - 1 : 0;
    char **arguments = calloc((size_t)(fixed_count + given_count) + 1, sizeof(char *));
    if (arguments == NULL) {
        fputs("undertow-unix: no memory\n", stderr);
        return 1;
    }
    memcpy(arguments, fixed, sizeof(fixed));
    if (given_count > 0) {
        memcpy(arguments + fixed_count, argv + 1, (size_t)given_count * sizeof(char *));
    }
    const int status = __real_main(fixed_count + given_count, arguments);
    free(arguments);
    return status;
}
