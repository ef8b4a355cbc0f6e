#!/usr/bin/env python3
"""Says in a room each line that a file gets from now on, as `tail -f` shows it.

    tail_bot.py FILE [HOST:PORT [ROOM]]

Who it is stands in tail_bot.json, so that it is the same one when it is started again.
"""

import os
import sys
import time

import chatd

path, server, room = (sys.argv[1:] + ["localhost:4399", "lobby"][len(sys.argv) - 2:])[:3]

with open(path, errors="replace") as file:
    file.seek(0, os.SEEK_END)
    with chatd.Chat(server, nick="tail", rooms=[room], state="tail_bot.json") as chat:
        line = ""
        while True:
            line += file.readline()
            if not line.endswith("\n"):
                time.sleep(0.2)
                continue
            if line.strip():
                chat.say(room, line.strip()[:1000]).result()  # waits while the server is away
            line = ""
