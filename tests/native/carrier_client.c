// with: carrier
// As on this machine.
#include "carrier_client.h"
