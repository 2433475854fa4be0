// Memory for Mbed TLS, which ESP-IDF has for everybody.
#ifndef TLS_MEMORY_H
#define TLS_MEMORY_H

// In MicroPython's task, once lwIP's task runs, and before anybody uses Mbed TLS.
void tls_memory_init(void);

#endif
