// Every function and class of _wg, with the names of their parameters. Included wherever a table of them is wanted, with the
// macros that it wants defined; the rest are nothing. A constructor stands after its class, and methods after that.
#ifndef CLASS
#define CLASS(class_name)
#endif
#ifndef FUNCTION
#define FUNCTION(name, parameters)
#endif
#ifndef METHOD
#define METHOD(class_name, name, parameters)
#endif
#ifndef CONSTRUCTOR
#define CONSTRUCTOR(class_name, parameters)
#endif

FUNCTION(blake2s, "out data key?")
FUNCTION(hmac, "out key data")
FUNCTION(kdf, "outputs chaining_key data")
FUNCTION(chacha20_xor, "out data key nonce counter")
FUNCTION(poly1305, "out data key")
FUNCTION(aead_seal, "out data ad nonce key")
FUNCTION(aead_open, "out data ad nonce key")
FUNCTION(x25519, "out scalar point")

CLASS(PrivateKey)
CONSTRUCTOR(PrivateKey, "key")
METHOD(PrivateKey, public, "")
#ifdef WG_KEY_EXPORT
METHOD(PrivateKey, export, "out")
#endif
METHOD(PrivateKey, wipe, "")

CLASS(PresharedKey)
CONSTRUCTOR(PresharedKey, "key")
METHOD(PresharedKey, is_zero, "")
#ifdef WG_KEY_EXPORT
METHOD(PresharedKey, export, "out")
#endif
METHOD(PresharedKey, wipe, "")

CLASS(CipherState)
METHOD(CipherState, encrypt, "out plaintext")
METHOD(CipherState, decrypt, "out ciphertext")
METHOD(CipherState, set_nonce, "nonce")
METHOD(CipherState, wipe, "")

CLASS(SymmetricState)
CONSTRUCTOR(SymmetricState, "protocol_name prologue")
METHOD(SymmetricState, copy, "")
METHOD(SymmetricState, mix_hash, "data")
METHOD(SymmetricState, mix_key, "public")
METHOD(SymmetricState, mix_dh, "private public")
METHOD(SymmetricState, mix_psk, "psk")
METHOD(SymmetricState, encrypt_and_hash, "out plaintext")
METHOD(SymmetricState, decrypt_and_hash, "out ciphertext")
METHOD(SymmetricState, hash, "")
METHOD(SymmetricState, split, "")
METHOD(SymmetricState, wipe, "")

CLASS(ReplayWindow)
CONSTRUCTOR(ReplayWindow, "")
METHOD(ReplayWindow, accept, "counter")

CLASS(AllowedIPs)
CONSTRUCTOR(AllowedIPs, "capacity")
METHOD(AllowedIPs, insert, "address prefix_len peer")
METHOD(AllowedIPs, remove, "address prefix_len peer")
METHOD(AllowedIPs, remove_peer, "peer")
METHOD(AllowedIPs, lookup, "address")
METHOD(AllowedIPs, prefixes, "peer")

CLASS(Gate)
CONSTRUCTOR(Gate, "")
METHOD(Gate, set_identity, "public_key")
METHOD(Gate, clear_identity, "")
METHOD(Gate, set_secret, "random now_ms")
METHOD(Gate, wants_secret, "now_ms")
METHOD(Gate, set_loaded, "now_ms")
METHOD(Gate, is_loaded, "now_ms")
METHOD(Gate, check, "message source now_ms reply")
METHOD(Gate, wipe, "")

CLASS(Tunnel)
CONSTRUCTOR(Tunnel, "peers prefixes waiting packet_size mtu")
METHOD(Tunnel, set_mtu, "mtu")
METHOD(Tunnel, add_peer, "")
METHOD(Tunnel, remove_peer, "peer")
METHOD(Tunnel, allow, "peer address prefix_len")
METHOD(Tunnel, disallow, "peer address prefix_len")
METHOD(Tunnel, disallow_all, "peer")
METHOD(Tunnel, allowed, "peer")
METHOD(Tunnel, lookup, "address")
METHOD(Tunnel, set_endpoint, "peer endpoint")
METHOD(Tunnel, endpoint, "peer")
METHOD(Tunnel, has_index, "index")
METHOD(Tunnel, install, "peer send receive is_initiator local_index remote_index now_ms")
METHOD(Tunnel, clear_keypairs, "peer")
METHOD(Tunnel, has_keypair, "peer which")
METHOD(Tunnel, keypair_age, "peer which now_ms")
METHOD(Tunnel, set_send_counter, "peer counter")
METHOD(Tunnel, route, "packet")
METHOD(Tunnel, seal, "peer out packet now_ms")
METHOD(Tunnel, queue, "peer packet")
METHOD(Tunnel, seal_queued, "peer out now_ms")
METHOD(Tunnel, waiting, "peer")
METHOD(Tunnel, drop_queue, "peer")
METHOD(Tunnel, open, "datagram source now_ms")
METHOD(Tunnel, note_sent, "peer length now_ms")
METHOD(Tunnel, note_heard, "peer length now_ms")
METHOD(Tunnel, take_event, "")
METHOD(Tunnel, watch, "peer events")
METHOD(Tunnel, times, "peer")
METHOD(Tunnel, bytes, "peer")
METHOD(Tunnel, drops, "")
METHOD(Tunnel, count_drop, "status")
METHOD(Tunnel, wipe, "")

#undef CLASS
#undef FUNCTION
#undef METHOD
#undef CONSTRUCTOR
