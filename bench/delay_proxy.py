#!/usr/bin/env python3
"""A TCP proxy on 127.0.0.1 that makes another port look far away: every piece of data waits half the round trip in each
direction. Bandwidth is not limited. Prints its port when it is ready; ends with SIGTERM.

Usage: delay_proxy.py TARGET_PORT ROUND_TRIP_MS
"""

import asyncio
import sys


async def carry(reader, writer, delay):
    """Pieces leave in order, each `delay` seconds after it came; a full queue holds the sender back."""
    loop = asyncio.get_running_loop()
    queue = asyncio.Queue(maxsize=4096)

    async def receive():
        while data := await reader.read(1 << 16):
            await queue.put((loop.time() + delay, data))
        await queue.put((loop.time() + delay, b""))

    async def send():
        while True:
            due, data = await queue.get()
            wait = due - loop.time()
            if wait > 0:
                await asyncio.sleep(wait)
            if not data:
                writer.write_eof()
                return
            writer.write(data)
            await writer.drain()

    try:
        await asyncio.gather(receive(), send())
    except OSError:
        writer.close()


async def main(target, delay):
    async def accept(reader, writer):
        # Connecting takes a round trip too.
        await asyncio.sleep(2 * delay)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(carry(reader, far_writer, delay), carry(far_reader, writer, delay))
        writer.close()
        far_writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]) / 2000))
