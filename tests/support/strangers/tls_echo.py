#!/usr/bin/env python3
"""An echo server over TLS, with OpenSSL by way of Python. Usage: tls_echo.py CERTIFICATE KEY PORT [flip]

With "flip", the tenth piece of each client comes back with one bit changed."""
import socket
import ssl
import sys
import threading

certificate, key, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
flips = sys.argv[4:] == ["flip"]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)


def serve(client):
    try:
        with context.wrap_socket(client, server_side=True) as stream:
            number = 0
            while piece := stream.recv(65536):
                number += 1
                if flips and number == 10:
                    piece = bytes([piece[0] ^ 1]) + piece[1:]
                stream.sendall(piece)
            stream.unwrap()
    except (OSError, ssl.SSLError):
        pass


listener = socket.create_server(("127.0.0.1", port), backlog=1024)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
