"""asyncio's streams, on its own loop or on uvloop's. streams_echo.py PORT [uvloop]"""
import asyncio
import sys


async def serve(reader, writer):
    try:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    except ConnectionError:
        pass


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), backlog=4096)
    await server.serve_forever()


if sys.argv[2:] == ["uvloop"]:
    import uvloop
    uvloop.install()
asyncio.run(main())
