"""The Python client as a program for the fault tests: fault_client.py HOST:PORT NICK ROOM [MAX]

Says each line of stdin, prints {"heard"}, {"said"} and {"state"} as they happen, and ends when stdin
does and everything is said, or with 1 when it gives up.
"""

import json
import os
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "clients" / "python"))
import chatd  # noqa: E402


telling = threading.Lock()  # print() writes a line and its end one after the other


def tell(**what):
    with telling:
        print(json.dumps(what), flush=True)


def speak(chat, room):
    for line in sys.stdin:
        body = line.rstrip("\n")
        chat.say(room, body).add_done_callback(
            lambda answer, body=body: answer.exception() or tell(said=body))
    chat.flush()
    chat.close()


def main():
    address, nick, room, *attempts = sys.argv[1:]
    chat = chatd.Chat(address, nick=nick, rooms=[room], keepalive=(0.3, 0.5), dial_timeout=1.5,
                      retry=chatd.Retry(base=0.02, cap=0.2, max=int((attempts or [10000])[0])))
    chat.start()
    threading.Thread(target=speak, args=(chat, room), daemon=True).start()
    try:
        for event in chat:
            if event.kind == "message":
                tell(heard=event["body"])
            elif event.kind == "state":
                tell(**event)
    except chatd.ChatError:
        os._exit(1)


main()
