"""What may open a stream: a first datagram that would be taken, judged before anything is."""

from wg import noise, probe
from wg.compat import TYPE_CHECKING
from wg.const import INITIATION_LEN, INITIATION_NOISE, INITIATION_NOISE_END

if TYPE_CHECKING:
    from wg.device import Device


def is_new(device: "Device", message: memoryview) -> bool:
    """Whether it is an initiation or a question of a peer that never came before; nothing changes.

    message: without its shape. So who has recorded it on another way, and says it again in a stream
    to see what answers, meets what a stranger meets.
    """
    if len(message) != INITIATION_LEN or device.private_key is None or device.public_key is None:
        return False
    asks = probe.is_question(message, device.probe_key)
    prologue = probe.PROLOGUE if asks else noise.PROLOGUE
    responder = noise.Responder(device.private_key, device.public_key, prologue)
    part = message[INITIATION_NOISE:INITIATION_NOISE_END]
    static = responder.read_static(part)
    peer = None if static is None else device.peers.get(static)
    timestamp = None if peer is None else responder.read_payload(part)
    responder.wipe()
    if peer is None or timestamp is None:
        return False
    newest = max(peer.timestamp, peer.question_timestamp) if asks else peer.timestamp
    return bytes(timestamp) > newest
