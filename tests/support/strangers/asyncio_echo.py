#!/usr/bin/env python3
"""A textbook asyncio echo server: 100 bytes at a time, decodes text, ends at a blank line.
Usage: asyncio_echo.py PORT"""
import asyncio
import sys


async def serve(reader, writer):
    try:
        while piece := await reader.read(100):
            text = piece.decode()
            if not text.strip():
                break
            writer.write(text.encode())
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), backlog=1024)
    async with server:
        await server.serve_forever()


asyncio.run(main())
