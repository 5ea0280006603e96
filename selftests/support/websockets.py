"""What a server of WebSockets sends."""

import base64
import hashlib
import re
import struct


def upgrade(request, protocol="v4.channel.k8s.io"):
    """The answer that opens the WebSocket which was asked for."""
    key = re.search(rb"Sec-WebSocket-Key: (\S+)", request)[1]
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()).decode()
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: {protocol}\r\n\r\n"
    ).encode()


def frame(payload, opcode=2, final=True):
    """One frame from a server."""
    return struct.pack("!BBQ", opcode | final << 7, 127, len(payload)) + payload
