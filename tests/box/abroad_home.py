"""What a box abroad and its home have in common: the document, the keys, who answers where."""

from tests.carrier.websocket_server import answer, read_request, wants_upgrade
from tests.dhcp.client import ip
from tests.support.board import network

from carrier.http import HeadReader

HOTEL = network(ip("192.168.1.50"), 24, ip("192.168.1.1"), [ip("192.168.1.1")])
CAFE = network(ip("172.20.0.9"), 16, ip("172.20.0.1"), [ip("172.20.0.1")])
KEY = bytes(range(32))
TLS_NAME = "home.example.org"
SECRET_PATH = "/0123456789abcdef0123456789abcdef"
SHAPE = "\n".join(["S%d = 16" % number for number in (1, 2, 3, 4)])
DOCUMENT = """[Interface]
PrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=
Address = 10.51.82.7/32
%s
HeaderProtectionKey = %s

[Carriers]
UDP = 443, 53, 123, 500, 4500, 51820, 40123
Shapes = shaped, plain
Decoys = dns, none
TCP = 80
WS = 80
TLS = 443
TLSName = %s
TLSPin = %s
Path = %s
Inside = 10.51.82.1:%d
%s
[Peer]
PublicKey = %s
AllowedIPs = 0.0.0.0/0
Endpoint = %s:51820
"""


def upgrade(head, is_secured):
    reader = HeadReader(8192)
    if not reader.feed(head):
        return None
    request = read_request(reader.head)
    if request is None or not wants_upgrade(request, SECRET_PATH.encode(), is_secured):
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    return answer(request)


def connect(proxy, head):
    reader = HeadReader(8192)
    if not reader.feed(head):
        return None, None
    request = read_request(reader.head)
    host, _, port = request.target.rpartition(":")
    return b"HTTP/1.1 200 OK\r\n\r\n", (ip(host), int(port))


def socks(proxy, head):
    if head[:1] == b"\x05" and len(head) == 2 + head[1]:
        return b"\x05\x00", None
    if len(head) >= 10:
        target = (head[4:8], head[8] << 8 | head[9])
        return b"\x05\x00\x00\x01\0\0\0\0\0\0", target
    return None, None
