#!/usr/bin/env python3
"""An echo server with one defect, to be found. Usage: broken_echo.py DEFECT PORT

closes    closes in the middle of the tenth message of each client
flips     changes one bit of the tenth piece of each client
silent    accepts and never answers
dies      the whole process exits after a hundred pieces
"""
import os
import socket
import sys
import threading
import time

defect, port = sys.argv[1], int(sys.argv[2])
pieces = 0


def serve(client):
    global pieces
    with client:
        for number in range(1, 1 << 30):
            try:
                piece = client.recv(65536)
            except ConnectionError:
                return
            if not piece:
                return
            pieces += 1
            if defect == "dies" and pieces >= 100:
                os._exit(9)
            if defect == "silent":
                continue
            if number == 10 and defect == "closes":
                client.sendall(piece[: len(piece) // 2])
                return
            if number == 10 and defect == "flips":
                piece = bytes([piece[0] ^ 1]) + piece[1:]
            try:
                client.sendall(piece)
            except ConnectionError:
                return


listener = socket.create_server(("127.0.0.1", port), backlog=1024)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
