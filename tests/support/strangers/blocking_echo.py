#!/usr/bin/env python3
"""A textbook blocking echo server: 16 bytes at a time, one client at a time. Usage: blocking_echo.py PORT"""
import socket
import sys

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    client, _ = listener.accept()
    with client:
        try:
            while piece := client.recv(16):
                client.sendall(piece)
        except ConnectionError:
            pass
