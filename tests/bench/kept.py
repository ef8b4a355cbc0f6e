"""What a chatd that was started once, in a new state directory, and stopped has kept: read from its
database, so that a workload which is about keeping shows that this took place.
"""

import sqlite3
from contextlib import closing


def kept_in(directory):
    """Of all rooms: messages told, those of them in the history, those that went by unkept because
    the store was behind (holes), and those that retention removed."""
    with closing(sqlite3.connect(f"file:{directory}/rooms.db?mode=ro", uri=True)) as connection:
        def number(query):
            return connection.execute(query).fetchone()[0] or 0
        kept = number("SELECT count(*) FROM events")
        told = number("SELECT sum(last) FROM rooms")
        unkept = number("SELECT sum(last - first + 1) FROM holes")
    return {"told": told, "kept": kept, "unkept": unkept, "pruned": told - kept - unkept}


def fault_of(kept, retained):
    """Why such a run does not count: the store was spared work that the workload is about. Empty if
    it was not. `retained` messages were to be left, 0 = all."""
    if kept["unkept"]:
        return f"{kept['unkept']:,} messages went by unkept"
    if retained and kept["pruned"] == 0:
        return "nothing was pruned"
    return ""
