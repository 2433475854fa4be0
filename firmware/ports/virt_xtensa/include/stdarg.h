// Variadic functions as the windowed ABI has them. clang 22 begins them wrongly (its pointer to the registers is that of the
// first variadic argument, although the index counts the named ones) and steps wrongly from registers to the stack.
#ifndef STDARG_H
#define STDARG_H

#define STDARG_REGISTERS 24 // bytes of arguments in registers
#define STDARG_STACK 32     // the index of the first one on the stack

typedef __builtin_va_list va_list;
typedef va_list __gnuc_va_list;

// What a va_list of this compiler is.
struct stdarg_list {
    char *stack;     // STDARG_STACK bytes before the arguments there
    char *registers; // where the prologue put them
    int index;       // bytes already taken, from the first named one on
};

static inline __attribute__((always_inline)) void stdarg_begin(void *list) {
    struct stdarg_list *arguments = (struct stdarg_list *)list;
    arguments->registers -= arguments->index;
}

static inline __attribute__((always_inline)) void *stdarg_next(void *list, int size, int alignment) {
    struct stdarg_list *arguments = (struct stdarg_list *)list;
    int at = arguments->index;
    size = (size + 3) & ~3;
    if (alignment > 4) {
        at = (at + 7) & ~7;
    }
    // No argument lies half in registers and half on the stack.
    if (at <= STDARG_REGISTERS && at + size > STDARG_REGISTERS) {
        at = STDARG_STACK;
    }
    arguments->index = at + size;
    return (at + size <= STDARG_REGISTERS ? arguments->registers : arguments->stack) + at;
}

#define va_start(list, last) (__builtin_va_start(list, last), stdarg_begin(&(list)))
#define va_arg(list, type) (*(type *)stdarg_next(&(list), sizeof(type), _Alignof(type)))
#define va_copy(to, from) __builtin_va_copy(to, from)
#define va_end(list) __builtin_va_end(list)

#endif
