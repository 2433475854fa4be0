// What memory.c has of the C library.
#ifndef STRING_H
#define STRING_H

#include <stddef.h>

void *memmove(void *to, const void *from, size_t len);
void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memset(void *to, int value, size_t len);
int memcmp(const void *a, const void *b, size_t len);
int strncmp(const char *a, const char *b, size_t len);
size_t strlen(const char *text);

#endif
