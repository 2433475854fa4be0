// with: carrier
// flags: -DCR_TLS_SMALL=1
// As on boards.
#include "carrier_client.h"
