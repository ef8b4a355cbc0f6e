"""How scripts/bench starts servers, as far as that depends on what was measured before."""

import unittest

import servers
import workloads


class Sized(servers.Servers):
    """Tells with what load a floor would be started."""

    def _floor(self, load):
        return load


class Floors(unittest.TestCase):
    load = workloads.Load(listeners=100, window=64, coalesced=64, size=64)

    def setUp(self):
        self.servers = Sized("build", "scratch")

    def test_a_form_has_to_be_heard_before_its_floor(self):
        with self.assertRaisesRegex(servers.Unready, "chatd_json"):
            self.servers.start("floor_json", self.load)

    def test_its_lines_are_as_long_as_what_was_heard(self):
        self.servers.bytes_heard["chatd_json", self.load] = 270.4
        self.servers.bytes_heard["chatd_sse", self.load] = 250.6
        for name, line_bytes in (("floor_json", 270), ("floor_sse", 251)):
            load = self.servers.start(name, self.load)
            self.assertEqual(len("<u101> ") + load.size + len("\n"), line_bytes)
            self.assertEqual((load.listeners, load.window, load.coalesced), (100, 64, 64))

    def test_what_was_heard_under_another_load_does_not_count(self):
        self.servers.bytes_heard["chatd_json", workloads.Load(window=16, coalesced=16)] = 270
        with self.assertRaises(servers.Unready):
            self.servers.start("floor_json", self.load)


class Subjects(unittest.TestCase):
    def test_every_subject_that_is_loaded_can_be_started(self):
        for workload in workloads.workloads:
            if workload.probe:
                continue  # which starts its subjects itself
            for subject in workload.subjects:
                self.assertTrue(hasattr(servers.Servers, "_" + subject), subject)


if __name__ == "__main__":
    unittest.main()
