"""What is read from a history: told, kept, unkept and pruned messages."""

import sqlite3
import tempfile
import unittest
from contextlib import closing
from pathlib import Path

from kept import fault_of, kept_in


class Kept(unittest.TestCase):
    def kept(self, *statements):
        with tempfile.TemporaryDirectory() as directory:
            with closing(sqlite3.connect(Path(directory) / "rooms.db")) as connection:
                connection.executescript(
                    "CREATE TABLE rooms (room INTEGER, last INTEGER);"
                    "CREATE TABLE events (event INTEGER);"
                    "CREATE TABLE holes (room INTEGER, first INTEGER, last INTEGER);"
                    + ";".join(statements))
            return kept_in(directory)

    def test_what_is_neither_kept_nor_a_hole_was_pruned(self):
        self.assertEqual(self.kept("INSERT INTO rooms VALUES (1, 100), (2, 10)",
                                   "INSERT INTO events VALUES (90), (91), (92)",
                                   "INSERT INTO holes VALUES (1, 50, 53), (2, 1, 1)"),
                         {"told": 110, "kept": 3, "unkept": 5, "pruned": 102})

    def test_nothing_said(self):
        self.assertEqual(self.kept(), {"told": 0, "kept": 0, "unkept": 0, "pruned": 0})

    def test_what_the_store_was_spared_is_a_fault(self):
        all_kept = {"told": 100, "kept": 100, "unkept": 0, "pruned": 0}
        self.assertEqual(fault_of(all_kept, 0), "")
        self.assertEqual(fault_of(all_kept, 50), "nothing was pruned")
        self.assertEqual(fault_of(all_kept | {"kept": 50, "pruned": 50}, 50), "")
        self.assertEqual(fault_of(all_kept | {"kept": 90, "unkept": 10}, 0),
                         "10 messages went by unkept")


if __name__ == "__main__":
    unittest.main()
