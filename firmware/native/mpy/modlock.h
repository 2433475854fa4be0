// The lock around what MicroPython's task shares with the task that runs lwIP: the packet path, tunnels and gates. Ports where
// one task does everything have none, and nothing is compiled for it.
//
// Whoever holds it calls C alone: nothing that allocates, raises or waits. Collecting garbage takes long, an exception would leave
// the lock behind, and lwIP's task never waits for Python.
#ifndef MODLOCK_H
#define MODLOCK_H

#ifndef WG_LOCK
#define WG_LOCK 0
#endif

#if WG_LOCK
// The port's; not recursive, and never called in lwIP's own task, which holds it already.
void port_lock(void);
void port_unlock(void);
#else
static inline void port_lock(void) {
}
static inline void port_unlock(void) {
}
#endif

#endif
