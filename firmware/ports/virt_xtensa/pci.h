// The PCI bus of QEMU's Xtensa `virt` machine: one bus, devices in the order of its slots. There is no BIOS: the ranges that
// the devices ask for (BARs) are placed here.
#ifndef PCI_H
#define PCI_H

#include <stdbool.h>
#include <stdint.h>

enum { PCI_VENDOR_INTEL = 0x8086, PCI_VENDOR_QUMRANET = 0x1af4, PCI_VENDOR_QEMU = 0x1b36 };
enum { PCI_VENDOR = 0x00, PCI_DEVICE = 0x02, PCI_SUBSYSTEM = 0x2e, PCI_CAPABILITIES = 0x34 }; // configuration space

#define PCI_SLOTS 32

// Place the ranges of all devices and switch the devices on.
void pci_init(void);
// A device's configuration space: registers of 8, 16 and 32 bits.
uintptr_t pci_config(unsigned slot);
// Where the processor finds a range of a device; 0: the device has no such range.
uintptr_t pci_range(unsigned slot, unsigned bar);
// The slot of the first device of this vendor and kind, -1: there is none.
int pci_find(uint16_t vendor, uint16_t device);

#endif
