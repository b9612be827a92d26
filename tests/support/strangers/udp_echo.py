#!/usr/bin/env python3
"""A UDP echo server that treats every so many datagrams in its own way.
Usage: udp_echo.py PORT [drop|twice|swap|swell|late EVERY]

Its last line on standard output says how often it did so; it ends on SIGTERM."""
import signal
import socket
import sys
import time

way, every = (sys.argv[2], int(sys.argv[3])) if len(sys.argv) > 2 else ("", 0)
here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
here.bind(("127.0.0.1", int(sys.argv[1])))
signal.signal(signal.SIGTERM, lambda *_: sys.exit())

count = 0
held = {}
while True:
    datagram, client = here.recvfrom(65536)
    count += 1
    strikes = every and count % every == 0
    if strikes and way == "drop":
        continue
    if strikes and way == "swap":
        held[client] = datagram
        continue
    if strikes and way == "late":
        time.sleep(1.0)
    here.sendto(datagram + b"!" if strikes and way == "swell" else datagram, client)
    if strikes and way == "twice":
        here.sendto(datagram, client)
    if client in held:
        here.sendto(held.pop(client), client)
