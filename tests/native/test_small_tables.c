// flags: -DWG_REPLAY_BITS=2048 -DWG_GATE_SOURCES=64
// The tables as a board has them, on this machine.
#include "test_gate.c"
#include "test_replay.c"
