"""Who dials a local port at which nobody listens may be given that very port, and meets itself.

In a network whose outgoing connections all get one port every dialling does. It is a refusal like
any other: else what one says comes back as if a server had said it, and the port is taken when the
server returns.
"""

import os
import socket
import subprocess
import unittest
from pathlib import Path

import harness
from own_network import enter_own_network

ports = iter(range(40_000, 40_100))  # one for each dialling: it is not to be had again for a minute
ports_of_the_kernel = Path("/proc/sys/net/ipv4/ip_local_port_range")


@unittest.skipUnless(os.environ.get("OWN_NETWORK"), "needs a network of its own, which is forbidden here")
class SelfConnection(unittest.TestCase):
    @staticmethod
    def nobody():
        """Where who dials next meets itself."""
        port = next(ports)
        ports_of_the_kernel.write_text(f"{port} {port}")
        return f"127.0.0.1:{port}"

    def run_client(self, *command):
        done = subprocess.run(command, capture_output=True, text=True, timeout=20,
                              cwd=harness.clients)
        return done.returncode, done.stderr

    def test_it_happens_here(self):
        with socket.create_connection(harness.split_address(self.nobody())) as dialled:
            self.assertEqual(dialled.getsockname(), dialled.getpeername())

    def test_chatcli_is_refused(self):
        for command in (["--plain"], ["say", "hello", "--server"]):
            with self.subTest(command=command):
                status, complaint = self.run_client(os.environ["CHATCLI"], *command, self.nobody())
                self.assertEqual(status, 69)
                self.assertIn("refused", complaint)

    def test_the_python_client_is_refused(self):
        program = ("import chatd, sys\n"
                   f"chat = chatd.Chat({self.nobody()!r}, retry=chatd.Retry(max=0))\n"
                   "try: chat.connect()\n"
                   "except chatd.ChatError as error: sys.exit(str(error))\n")
        status, complaint = self.run_client("/usr/bin/python3", "-c", program)
        self.assertEqual(status, 1)
        self.assertIn("refused", complaint)


if __name__ == "__main__":
    enter_own_network()
    harness.main()
