"""Ports for servers that are stopped and started again at the same place."""

import random
import socket
from pathlib import Path

tries = 100


def steady_port():
    """A free one that the kernel gives to nobody who dials: else somebody may have it meanwhile."""
    lowest, _ = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    for _ in range(tries):
        port = random.randrange(10_000, int(lowest))
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise AssertionError("no port is free")
