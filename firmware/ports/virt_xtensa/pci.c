#include "pci.h"

#include "registers.h"

// Where the machine puts the bus (QEMU, hw/xtensa/virt.c).
#define PORTS 0xf0000000u         // I/O ports
#define CONFIGURATION 0xf0100000u // PCI Express ECAM
#define MEMORY 0xf4000000u

#define FIRST_PORT 0x1000u // below lie the ports of old PCs

enum { COMMAND = 0x04, COMMAND_PORTS = 1, COMMAND_MEMORY = 2, COMMAND_MASTER = 4 };
enum { HEADER_TYPE = 0x0e, HEADER_DEVICE = 0 };
enum { BARS = 0x10, BAR_COUNT = 6, BAR_IS_PORTS = 1, BAR_IS_64 = 4, BAR_MEMORY_FLAGS = 15, BAR_PORTS_FLAGS = 3 };

static uint32_t next_port = FIRST_PORT;
static uint32_t next_memory = MEMORY;

uintptr_t pci_config(unsigned slot) {
    return CONFIGURATION + (slot << 15);
}

static bool is_present(unsigned slot) {
    return *register_16(pci_config(slot) + PCI_VENDOR) != 0xffff;
}

// The next free place for a range whose size is a power of two, at a multiple of that.
static uint32_t take(uint32_t *next, uint32_t size) {
    uint32_t place = (*next + size - 1) & ~(size - 1);
    *next = place + size;
    return place;
}

// Place one range; returns how many BARs it takes.
static unsigned place(uintptr_t config, unsigned bar) {
    volatile uint32_t *registers = register_32(config + BARS);
    // A BAR keeps only those bits that are not below its size.
    registers[bar] = 0xffffffff;
    uint32_t kept = registers[bar];
    if (kept & BAR_IS_PORTS) {
        // The ports' upper half may be fixed at 0.
        registers[bar] = take(&next_port, -(kept & ~(uint32_t)BAR_PORTS_FLAGS) & 0xffff);
        return 1;
    }
    uint32_t size = -(kept & ~(uint32_t)BAR_MEMORY_FLAGS);
    registers[bar] = size ? take(&next_memory, size) : 0;
    if (kept & BAR_IS_64) {
        registers[bar + 1] = 0;
        return 2;
    }
    return 1;
}

void pci_init(void) {
    for (unsigned slot = 0; slot < PCI_SLOTS; slot++) {
        uintptr_t config = pci_config(slot);
        if (!is_present(slot) || (*register_8(config + HEADER_TYPE) & 0x7f) != HEADER_DEVICE) {
            continue;
        }
        for (unsigned bar = 0; bar < BAR_COUNT;) {
            bar += place(config, bar);
        }
        *register_16(config + COMMAND) |= COMMAND_PORTS | COMMAND_MEMORY | COMMAND_MASTER;
    }
}

uintptr_t pci_range(unsigned slot, unsigned bar) {
    uint32_t address = bar < BAR_COUNT ? register_32(pci_config(slot) + BARS)[bar] : 0;
    if (address & BAR_IS_PORTS) {
        return PORTS + (address & ~(uint32_t)BAR_PORTS_FLAGS);
    }
    return address & ~(uint32_t)BAR_MEMORY_FLAGS;
}

int pci_find(uint16_t vendor, uint16_t device) {
    for (unsigned slot = 0; slot < PCI_SLOTS; slot++) {
        uintptr_t config = pci_config(slot);
        if (*register_16(config + PCI_VENDOR) == vendor && *register_16(config + PCI_DEVICE) == device) {
            return (int)slot;
        }
    }
    return -1;
}
