// Runs one fuzz target over the files named on the command line: how the normal tests replay a corpus without a fuzzer.

#include "fuzz_input.h"

int main(int argc, char **argv) {
    static uint8_t data[1 << 20];
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        if (file == NULL) {
            perror(argv[i]);
            return 1;
        }
        size_t len = fread(data, 1, sizeof data, file);
        fclose(file);
        // An exact copy on the heap, so that the sanitizer sees a read past its end.
        uint8_t *copy = malloc(len > 0 ? len : 1);
        memcpy(copy, data, len);
        LLVMFuzzerTestOneInput(copy, len);
        free(copy);
    }
    printf("%d inputs replayed\n", argc - 1);
    return 0;
}
