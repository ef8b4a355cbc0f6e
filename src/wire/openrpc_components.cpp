#include "wire/openrpc_parts.hpp"

namespace chatd::wire {

std::string_view openrpc_components() noexcept {
    return R"json(    "schemas": {
      "Room": {
        "type": "string",
        "description": "a room's name, with or without '#' where it is given, without where it is told"
      },
      "Nick": {"type": "string", "description": "1 to 32 letters, digits, '-', '_' or '.', a letter first"},
      "Body": {"type": "string", "description": "at most 4096 bytes of UTF-8 and 64 lines, without NUL"},
      "Key": {
        "type": "string",
        "description": "the publisher's own name for a message, 1 to 64 bytes, unique in its session"
      },
      "Id": {"type": "string", "description": "a UUID of version 7, whose millisecond is ts"},
      "Time": {"type": "string", "description": "RFC 3339 with milliseconds"},
      "Position": {
        "type": "object",
        "description": "Where a message of a room stands; positions order as (epoch, seq). A seq of 0 stands before the first.",
        "properties": {
          "epoch": {"type": "integer", "minimum": 1, "maximum": 9007199254740992},
          "seq": {"type": "integer", "minimum": 0, "maximum": 9007199254740992}
        },
        "required": ["epoch", "seq"]
      },
      "Target": {
        "type": "object",
        "description": "A position; without an epoch, of the room's present one.",
        "properties": {
          "epoch": {"type": "integer", "minimum": 1, "maximum": 9007199254740992},
          "seq": {"type": "integer", "minimum": 0, "maximum": 9007199254740992}
        },
        "required": ["seq"]
      },
      "SlowReader": {"type": "string", "enum": ["backfill", "oldest", "latest", "close"]},
      "Rooms": {
        "type": "array",
        "items": {
          "oneOf": [
            {"$ref": "#/components/schemas/Room"},
            {
              "type": "object",
              "properties": {
                "room": {"$ref": "#/components/schemas/Room"},
                "since": {"$ref": "#/components/schemas/Position"},
                "slow_reader": {"$ref": "#/components/schemas/SlowReader"}
              },
              "required": ["room"]
            }
          ]
        }
      },
      "Done": {"type": "object"},
      "Said": {
        "type": "object",
        "properties": {
          "room": {"$ref": "#/components/schemas/Room"},
          "epoch": {"type": "integer", "minimum": 1, "maximum": 9007199254740992},
          "seq": {"type": "integer", "minimum": 1, "maximum": 9007199254740992},
          "id": {"$ref": "#/components/schemas/Id"},
          "ts": {"$ref": "#/components/schemas/Time"},
          "repeated": {"type": "boolean", "description": "its key was known: this is the first one's position"}
        },
        "required": ["room", "epoch", "seq", "id", "ts"]
      },
      "Standing": {
        "type": "object",
        "description": "The position is that of the room's last message.",
        "properties": {
          "room": {"$ref": "#/components/schemas/Room"},
          "epoch": {"type": "integer", "minimum": 0, "maximum": 9007199254740992},
          "seq": {"type": "integer", "minimum": 0, "maximum": 9007199254740992},
          "others": {"type": "integer"},
          "topic": {"type": "string"},
          "recovered": {"type": "boolean", "description": "asked for by since: all that follows it comes"},
          "missing": {
            "type": "object",
            "description": "what never will",
            "properties": {
              "from": {"$ref": "#/components/schemas/Position"},
              "to": {"$ref": "#/components/schemas/Position"}
            },
            "required": ["from", "to"]
          }
        },
        "required": ["room", "epoch", "seq", "others", "topic"]
      },
      "Session": {
        "type": "object",
        "properties": {
          "version": {"type": "string"},
          "session": {"type": "string"},
          "nick": {"$ref": "#/components/schemas/Nick"},
          "token": {"type": "string", "description": "for resume; keep it secret"},
          "resumed": {"type": "boolean"},
          "rooms": {"type": "array", "items": {"$ref": "#/components/schemas/Standing"}}
        },
        "required": ["version", "session", "nick", "token", "resumed", "rooms"]
      },
      "Schedule": {
        "type": "object",
        "properties": {
          "id": {"type": "integer", "minimum": 1, "maximum": 9007199254740992},
          "room": {"$ref": "#/components/schemas/Room"},
          "body": {"$ref": "#/components/schemas/Body"},
          "action": {"type": "boolean"},
          "due": {"type": "string", "description": "RFC 3339 in the server's zone"},
          "every": {"type": "string", "description": "left out: once"}
        },
        "required": ["id", "room", "body", "action", "due"]
      },
      "ListedEvent": {
        "type": "object",
        "description": "The params of the notification called kind.",
        "properties": {
          "kind": {"type": "string", "enum": ["message", "edited", "redacted", "reacted", "topic"]},
          "room": {"$ref": "#/components/schemas/Room"},
          "epoch": {"type": "integer", "minimum": 1, "maximum": 9007199254740992},
          "seq": {"type": "integer", "minimum": 1, "maximum": 9007199254740992},
          "id": {"$ref": "#/components/schemas/Id"},
          "ts": {"$ref": "#/components/schemas/Time"},
          "from": {"$ref": "#/components/schemas/Nick"},
          "body": {"$ref": "#/components/schemas/Body"},
          "action": {"type": "boolean"},
          "reply_to": {"$ref": "#/components/schemas/Position"},
          "removed": {"type": "boolean"},
          "target": {"$ref": "#/components/schemas/Position"},
          "reaction": {"type": "string"},
          "off": {"type": "boolean"},
          "topic": {"type": "string"},
          "key": {"$ref": "#/components/schemas/Key"}
        },
        "required": ["kind", "room", "epoch", "seq", "id", "ts", "from"]
      }
    },
    "errors": {
      "InvalidParams": {"code": -32602, "message": "Invalid params", "data": {"detail": "body: is missing"}},
      "Refused": {
        "code": -32000,
        "message": "That nick, or one that looks like it, is taken; choose another.",
        "data": {"code": "NICK_IN_USE", "retry": false}
      }
    })json";
}

}  // namespace chatd::wire
