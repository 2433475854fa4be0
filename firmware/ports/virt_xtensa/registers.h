// Registers of devices, at addresses that are only known at run time.
#ifndef REGISTERS_H
#define REGISTERS_H

#include <stdint.h>

static inline volatile uint8_t *register_8(uintptr_t address) {
    return (volatile uint8_t *)address;
}

static inline volatile uint16_t *register_16(uintptr_t address) {
    return (volatile uint16_t *)address;
}

static inline volatile uint32_t *register_32(uintptr_t address) {
    return (volatile uint32_t *)address;
}

#endif
