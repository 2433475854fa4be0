"""A DHCP server for one small network, without I/O (RFC 2131, 2132): the codec, leases, answers."""
