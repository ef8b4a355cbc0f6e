#include "wire/openrpc_parts.hpp"

namespace chatd::wire {

std::string_view openrpc_notifications() noexcept {
    return R"json(    {
      "name": "message",
      "summary": "Somebody said something in a room.",
      "params": {"$ref": "#/components/schemas/Message"}
    },
    {
      "name": "private",
      "summary": "Somebody said something to you only.",
      "params": {
        "type": "object",
        "properties": {
          "from": {"$ref": "#/components/schemas/Nick"},
          "body": {"$ref": "#/components/schemas/Body"},
          "ts": {"$ref": "#/components/schemas/Time"}
        },
        "required": ["from", "body", "ts"]
      }
    },
    {
      "name": "edited",
      "summary": "Somebody changed what they said.",
      "params": {"$ref": "#/components/schemas/Edited"}
    },
    {
      "name": "redacted",
      "summary": "A message was taken back.",
      "params": {"$ref": "#/components/schemas/Redacted"}
    },
    {
      "name": "reacted",
      "summary": "Somebody put a reaction on a message, or took it off.",
      "params": {"$ref": "#/components/schemas/Reacted"}
    },
    {
      "name": "joined",
      "summary": "Somebody came, or several did.",
      "params": {"$ref": "#/components/schemas/Moved"}
    },
    {
      "name": "left",
      "summary": "Somebody went, or several did.",
      "params": {
        "allOf": [
          {"$ref": "#/components/schemas/Moved"},
          {"type": "object", "properties": {"reason": {"type": "string"}}}
        ]
      }
    },
    {
      "name": "renamed",
      "summary": "Somebody has another nick.",
      "params": {
        "type": "object",
        "properties": {
          "room": {"$ref": "#/components/schemas/Room"},
          "from": {"$ref": "#/components/schemas/Nick"},
          "nick": {"$ref": "#/components/schemas/Nick"}
        },
        "required": ["room", "from", "nick"]
      }
    },
    {
      "name": "topic",
      "summary": "A room has another topic.",
      "params": {"$ref": "#/components/schemas/TopicSet"}
    },
    {
      "name": "typing",
      "summary": "Somebody is writing, or no longer.",
      "params": {
        "type": "object",
        "properties": {
          "room": {"$ref": "#/components/schemas/Room"},
          "from": {"$ref": "#/components/schemas/Nick"},
          "on": {"type": "boolean"}
        },
        "required": ["room", "from", "on"]
      }
    },
    {
      "name": "read",
      "summary": "Somebody has read up to a position.",
      "params": {
        "allOf": [
          {"$ref": "#/components/schemas/Position"},
          {
            "type": "object",
            "properties": {
              "room": {"$ref": "#/components/schemas/Room"},
              "from": {"$ref": "#/components/schemas/Nick"}
            },
            "required": ["room", "from"]
          }
        ]
      }
    },
    {
      "name": "gap",
      "summary": "Messages of a room that will not come.",
      "params": {
        "type": "object",
        "properties": {
          "room": {"$ref": "#/components/schemas/Room"},
          "epoch": {"$ref": "#/components/schemas/Number"},
          "from": {
            "description": "the first number missing",
            "allOf": [{"$ref": "#/components/schemas/Number"}]
          },
          "to": {"description": "the last one", "allOf": [{"$ref": "#/components/schemas/Number"}]}
        },
        "required": ["room", "epoch", "from", "to"]
      }
    },
    {
      "name": "datagram",
      "summary": "A datagram reached the lobby.",
      "params": {
        "type": "object",
        "properties": {
          "room": {"$ref": "#/components/schemas/Room"},
          "from": {"type": "string", "description": "udp:7, or a nick"},
          "number": {
            "description": "the sender's own count, if it counts",
            "allOf": [{"$ref": "#/components/schemas/NumberOrZero"}]
          },
          "bytes": {"$ref": "#/components/schemas/Count"},
          "hex": {"type": "string"}
        },
        "required": ["room", "from", "bytes", "hex"]
      }
    },
    {
      "name": "notice",
      "summary": "The server tells something.",
      "params": {
        "type": "object",
        "properties": {"code": {"type": "string"}, "text": {"type": "string"}},
        "required": ["code", "text"]
      }
    },
    {
      "name": "draining",
      "summary": "The server is about to stop.",
      "params": {
        "type": "object",
        "properties": {"reconnect_after_ms": {"$ref": "#/components/schemas/Count"}},
        "required": ["reconnect_after_ms"]
      }
    })json";
}

}  // namespace chatd::wire
