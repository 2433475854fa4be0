"""What comes by TCP: a web site for everybody, and a way into the tunnel for boxes.

One port serves three kinds of visitors. A connection that begins with TLS or HTTP meets an ordinary
web server, which answers byte for byte as nginx does; the one who knows the secret path, and asks
it for a WebSocket, is a box. A connection that begins with a whole handshake initiation, behind its
length (UDP over TCP), whose mac1 only someone with our public key can have made, is a box, too.
A box's connection is handed to a sink (`sink.Sink`), which is the data path, or a test's.

    site = Site.built_in("home")
    entrance = Entrance("/" + 32 * "0", site, recogniser(public_key, shape), "home.example.org")
    server = StreamServer(entrance, sink, certificate.context(certificate_file, key_file))
    port = server.open("127.0.0.1", 0, secure=True)
    with Background(server):
        ...

Packets never meet Python one by one: UDP over TCP and WebSocket without TLS are handed over as
they are, and of TLS whole chunks are relayed (`relay`).
"""
