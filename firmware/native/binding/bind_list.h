// Every function and class of _wg, with the names of their parameters: lists that take the name of a macro to apply to each
// entry. The stubs are tested to say the same.
#ifndef BIND_LIST_H
#define BIND_LIST_H

// clang-format off
// each(name, parameters)
#define BIND_FUNCTIONS(each) \
    each(blake2s, "out data key?") \
    each(hmac, "out key data") \
    each(kdf, "outputs chaining_key data") \
    each(chacha20_xor, "out data key nonce counter") \
    each(poly1305, "out data key") \
    each(aead_seal, "out data ad nonce key") \
    each(aead_open, "out data ad nonce key") \
    each(x25519, "out scalar point") \
    each(sha256, "out data")

// constructed(class, parameters) or made(class): only other objects make one of those.
#define BIND_CLASSES(constructed, made) \
    constructed(PrivateKey, "key") \
    constructed(PresharedKey, "key") \
    made(CipherState) \
    constructed(SymmetricState, "protocol_name prologue") \
    constructed(ReplayWindow, "") \
    constructed(AllowedIPs, "capacity") \
    constructed(Gate, "") \
    constructed(Shape, "sizes types key seed") \
    constructed(Tunnel, "peers prefixes waiting packet_size mtu") \
    constructed(PairingSecret, "random")

// Keys come out in builds for hosts only.
#ifdef WG_KEY_EXPORT
#define BIND_EXPORT(each, class_name) each(class_name, export, "out")
#else
#define BIND_EXPORT(each, class_name)
#endif

// each(class, name, parameters)
#define BIND_METHODS_PrivateKey(each) \
    each(PrivateKey, public, "") \
    BIND_EXPORT(each, PrivateKey) \
    each(PrivateKey, wipe, "")

#define BIND_METHODS_PresharedKey(each) \
    each(PresharedKey, is_zero, "") \
    BIND_EXPORT(each, PresharedKey) \
    each(PresharedKey, wipe, "")

#define BIND_METHODS_CipherState(each) \
    each(CipherState, encrypt, "out plaintext") \
    each(CipherState, decrypt, "out ciphertext") \
    each(CipherState, set_nonce, "nonce") \
    each(CipherState, wipe, "")

#define BIND_METHODS_SymmetricState(each) \
    each(SymmetricState, copy, "") \
    each(SymmetricState, mix_hash, "data") \
    each(SymmetricState, mix_key, "public") \
    each(SymmetricState, mix_dh, "private public") \
    each(SymmetricState, mix_psk, "psk") \
    each(SymmetricState, encrypt_and_hash, "out plaintext") \
    each(SymmetricState, decrypt_and_hash, "out ciphertext") \
    each(SymmetricState, hash, "") \
    each(SymmetricState, split, "") \
    each(SymmetricState, wipe, "")

#define BIND_METHODS_ReplayWindow(each) \
    each(ReplayWindow, accept, "counter")

#define BIND_METHODS_AllowedIPs(each) \
    each(AllowedIPs, insert, "address prefix_len peer") \
    each(AllowedIPs, remove, "address prefix_len peer") \
    each(AllowedIPs, remove_peer, "peer") \
    each(AllowedIPs, lookup, "address") \
    each(AllowedIPs, prefixes, "peer")

#define BIND_METHODS_Gate(each) \
    each(Gate, set_identity, "public_key") \
    each(Gate, clear_identity, "") \
    each(Gate, set_secret, "random now_ms") \
    each(Gate, wants_secret, "now_ms") \
    each(Gate, set_loaded, "now_ms") \
    each(Gate, is_loaded, "now_ms") \
    each(Gate, check, "kind message source now_ms reply") \
    each(Gate, wipe, "")

#define BIND_METHODS_Shape(each) \
    each(Shape, room, "kind") \
    each(Shape, wrap, "kind datagram") \
    each(Shape, open, "datagram") \
    each(Shape, wipe, "")

#define BIND_METHODS_Tunnel(each) \
    each(Tunnel, set_mtu, "mtu") \
    each(Tunnel, add_peer, "") \
    each(Tunnel, remove_peer, "peer") \
    each(Tunnel, allow, "peer address prefix_len") \
    each(Tunnel, disallow, "peer address prefix_len") \
    each(Tunnel, disallow_all, "peer") \
    each(Tunnel, allowed, "peer") \
    each(Tunnel, lookup, "address") \
    each(Tunnel, set_endpoint, "peer endpoint") \
    each(Tunnel, endpoint, "peer") \
    each(Tunnel, find_index, "index") \
    each(Tunnel, reserve_index, "peer index") \
    each(Tunnel, release_index, "peer") \
    each(Tunnel, expect_answer, "index?") \
    each(Tunnel, expects, "kind message") \
    each(Tunnel, install, "peer send receive is_initiator local_index remote_index now_ms") \
    each(Tunnel, clear_keypairs, "peer") \
    each(Tunnel, has_keypair, "peer which") \
    each(Tunnel, keypair_age, "peer which now_ms") \
    each(Tunnel, set_send_counter, "peer counter") \
    each(Tunnel, route, "packet") \
    each(Tunnel, seal, "peer out packet now_ms") \
    each(Tunnel, queue, "peer packet") \
    each(Tunnel, seal_queued, "peer out now_ms") \
    each(Tunnel, waiting, "peer") \
    each(Tunnel, drop_queue, "peer") \
    each(Tunnel, open, "datagram source now_ms") \
    each(Tunnel, note_sent, "peer length now_ms") \
    each(Tunnel, note_heard, "peer length now_ms") \
    each(Tunnel, take_event, "") \
    each(Tunnel, watch, "peer events") \
    each(Tunnel, times, "peer") \
    each(Tunnel, bytes, "peer") \
    each(Tunnel, drops, "") \
    each(Tunnel, count_drop, "status") \
    each(Tunnel, wipe, "")

#define BIND_METHODS_PairingSecret(each) \
    each(PairingSecret, public, "") \
    each(PairingSecret, agree, "public transcript") \
    each(PairingSecret, sas, "out") \
    each(PairingSecret, confirmation, "out initiator") \
    each(PairingSecret, preshared_key, "out") \
    each(PairingSecret, wipe, "")

// clang-format on

#endif
