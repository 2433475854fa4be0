"""A DHCP client's messages, and its view of a server's answers; written from RFC 2131 alone."""

MAGIC = b"\x63\x82\x53\x63"
DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE, INFORM = range(1, 9)


def ip(text):
    return bytes([int(part) for part in text.split(".")])


class Reply:
    """An answer, taken apart. options: by number."""

    def __init__(self, answer):
        data = answer.payload
        self.answer = answer
        self.op = data[0]
        self.transaction = data[4:8]
        self.flags = data[10:12]
        self.client_address = data[12:16]
        self.address = data[16:20]
        self.next_server = data[20:24]
        self.mac = data[28:34]
        self.names = data[44:236]
        if data[236:240] != MAGIC:
            raise ValueError("no DHCP message")
        self.options = {}
        at = 240
        while data[at] != 255:
            if data[at] != 0:
                length = data[at + 1]
                self.options[data[at]] = data[at + 2 : at + 2 + length]
                at += 1 + length
            at += 1
        self.kind = self.options[53][0]


class Client:
    """server: dhcp.server.Server. clock: tests.support.clock.ManualClock."""

    def __init__(self, server, clock, number=1, client_id=b"", broadcast=False):
        self.server = server
        self.clock = clock
        self.mac = b"\x02\x00\x00\x00" + bytes([number >> 8, number & 255])
        self.client_id = client_id
        self.flags = b"\x80\x00" if broadcast else b"\x00\x00"
        self.address = None
        self.server_id = None

    def message(self, kind, address=bytes(4), options=()):
        out = bytearray(236)
        out[0:4] = b"\x01\x01\x06\x00"
        out[4:8] = b"abcd"
        out[10:12] = self.flags
        out[12:16] = address
        out[28:34] = self.mac
        out.extend(MAGIC)
        options = list(options)
        options.insert(0, (53, bytes([kind])))
        options.append((55, bytes([1, 3, 6, 15, 121, 249])))
        if self.client_id:
            options.append((61, self.client_id))
        for number, value in options:
            out.append(number)
            out.append(len(value))
            out.extend(value)
        out.append(255)
        return bytes(out)

    def say(self, kind, address=bytes(4), options=()):
        answer = self.server.receive(self.message(kind, address, options), self.clock.ms)
        return None if answer is None else Reply(answer)

    def discover(self, wanted=None):
        return self.say(DISCOVER, options=[] if wanted is None else [(50, wanted)])

    def select(self, address, server):
        return self._taken(self.say(REQUEST, options=[(50, address), (54, server)]))

    def reboot(self, address):
        """INIT-REBOOT: the address from before, asked of whoever is there."""
        return self._taken(self.say(REQUEST, options=[(50, address)]))

    def renew(self):
        return self._taken(self.say(REQUEST, address=self.address))

    def join(self, wanted=None):
        """The address after all four messages; None without an offer, or after a refusal."""
        offer = self.discover(wanted)
        if offer is None:
            return None
        reply = self.select(offer.address, offer.options[54])
        return self.address if reply is not None and reply.kind == ACK else None

    def decline(self):
        self.say(DECLINE, options=[(50, self.address), (54, self.server_id)])

    def release(self):
        self.say(RELEASE, address=self.address, options=[(54, self.server_id)])

    def _taken(self, reply):
        if reply is not None and reply.kind == ACK:
            self.address = reply.address
            self.server_id = reply.options[54]
        return reply
