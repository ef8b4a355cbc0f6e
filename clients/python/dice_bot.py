#!/usr/bin/env python3
"""Rolls dice on the randomness of the operating system: `!roll 2d6`, or in text `//roll 2d6`.

    dice_bot.py [HOST:PORT [ROOM...]]

Who it is stands in dice_bot.json, so that it is the same one when it is started again.
"""

import re
import secrets
import sys

import chatd

wanted = re.compile(r"[!/]roll ([1-9]\d?)d([1-9]\d{0,3})\b", re.ASCII)
server, *rooms = sys.argv[1:] or ["localhost:4399"]

with chatd.Chat(server, nick="dice", rooms=rooms or ["lobby"], state="dice_bot.json") as chat:
    for event in chat:
        roll = event.kind == "message" and wanted.match(event["body"])
        if roll:
            dice = [1 + secrets.randbelow(int(roll[2])) for _ in range(int(roll[1]))]
            result = f"{event['from']} rolls {' + '.join(map(str, dice))} = {sum(dice)}"
            chat.say(event["room"], result)
