"""A network of one's own, for tests of what documents say with the ports that chatd has by default."""

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys


def enter_own_network():
    """Starts this program again where every port is free. Where that is not allowed, nothing."""
    if os.environ.get("OWN_NETWORK"):
        raise_loopback()
        return
    if not shutil.which("unshare"):
        return
    way = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
    if subprocess.run([*way, "true"], stderr=subprocess.DEVNULL).returncode == 0:
        os.environ["OWN_NETWORK"] = "1"
        os.execvp(way[0], [*way, sys.executable, *sys.argv])


def raise_loopback():
    """ip link set lo up."""
    set_flags, up_and_running = 0x8914, 0x41
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sh22x", b"lo", up_and_running))
