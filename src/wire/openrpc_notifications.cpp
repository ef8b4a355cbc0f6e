#include "wire/openrpc_parts.hpp"

namespace chatd::wire {

std::string_view openrpc_notifications() noexcept {
    return R"json(    {
      "name": "message",
      "summary": "Somebody said something in a room.",
      "params": [
        {"name": "room", "required": true, "schema": {"$ref": "#/components/schemas/Room"}},
        {
          "name": "epoch",
          "required": true,
          "schema": {"type": "integer", "minimum": 1, "maximum": 9007199254740992}
        },
        {
          "name": "seq",
          "required": true,
          "schema": {"type": "integer", "minimum": 1, "maximum": 9007199254740992}
        },
        {"name": "id", "required": true, "schema": {"$ref": "#/components/schemas/Id"}},
        {"name": "ts", "required": true, "schema": {"$ref": "#/components/schemas/Time"}},
        {"name": "from", "required": true, "schema": {"$ref": "#/components/schemas/Nick"}},
        {"name": "body", "required": true, "schema": {"$ref": "#/components/schemas/Body"}},
        {"name": "action", "required": false, "schema": {"type": "boolean"}},
        {"name": "reply_to", "required": false, "schema": {"$ref": "#/components/schemas/Position"}},
        {
          "name": "removed",
          "description": "Taken back since; the body is empty then.",
          "required": false,
          "schema": {"type": "boolean"}
        },
        {"name": "key", "required": false, "schema": {"$ref": "#/components/schemas/Key"}}
      ]
    },
    {
      "name": "private",
      "summary": "Somebody said something to you only.",
      "params": [
        {"name": "from", "required": true, "schema": {"$ref": "#/components/schemas/Nick"}},
        {"name": "body", "required": true, "schema": {"$ref": "#/components/schemas/Body"}},
        {"name": "ts", "required": true, "schema": {"$ref": "#/components/schemas/Time"}}
      ]
    },
    {
      "name": "edited",
      "summary": "Somebody changed what they said.",
      "params": [
        {"name": "room", "required": true, "schema": {"$ref": "#/components/schemas/Room"}},
        {
          "name": "epoch",
          "required": true,
          "schema": {"type": "integer", "minimum": 1, "maximum": 9007199254740992}
        },
        {
          "name": "seq",
          "required": true,
          "schema": {"type": "integer", "minimum": 1, "maximum": 9007199254740992}
        },
        {"name": "id", "required": true, "schema": {"$ref": "#/components/schemas/Id"}},
        {"name": "ts", "required": true, "schema": {"$ref": "#/components/schemas/Time"}},
        {"name": "from", "required": true, "schema": {"$ref": "#/components/schemas/Nick"}},
        {"name": "target", "required": true, "schema": {"$ref": "#/components/schemas/Position"}},
        {"name": "body", "required": true, "schema": {"$ref": "#/components/schemas/Body"}},
        {"name": "key", "required": false, "schema": {"$ref": "#/components/schemas/Key"}}
      ]
    },
    {
      "name": "redacted",
      "summary": "A message was taken back.",
      "params": [
        {"name": "room", "required": true, "schema": {"$ref": "#/components/schemas/Room"}},
        {
          "name": "epoch",
          "required": true,
          "schema": {"type": "integer", "minimum": 1, "maximum": 9007199254740992}
        },
        {
          "name": "seq",
          "required": true,
          "schema": {"type": "integer", "minimum": 1, "maximum": 9007199254740992}
        },
        {"name": "id", "required": true, "schema": {"$ref": "#/components/schemas/Id"}},
        {"name": "ts", "required": true, "schema": {"$ref": "#/components/schemas/Time"}},
        {"name": "from", "required": true, "schema": {"$ref": "#/components/schemas/Nick"}},
        {"name": "target", "required": true, "schema": {"$ref": "#/components/schemas/Position"}},
        {"name": "key", "required": false, "schema": {"$ref": "#/components/schemas/Key"}}
      ]
    },
    {
      "name": "reacted",
      "summary": "Somebody put a reaction on a message, or took it off.",
      "params": [
        {"name": "room", "required": true, "schema": {"$ref": "#/components/schemas/Room"}},
        {
          "name": "epoch",
          "required": true,
          "schema": {"type": "integer", "minimum": 1, "maximum": 9007199254740992}
        },
        {
          "name": "seq",
          "required": true,
          "schema": {"type": "integer", "minimum": 1, "maximum": 9007199254740992}
        },
        {"name": "id", "required": true, "schema": {"$ref": "#/components/schemas/Id"}},
        {"name": "ts", "required": true, "schema": {"$ref": "#/components/schemas/Time"}},
        {"name": "from", "required": true, "schema": {"$ref": "#/components/schemas/Nick"}},
        {"name": "target", "required": true, "schema": {"$ref": "#/components/schemas/Position"}},
        {"name": "reaction", "required": true, "schema": {"type": "string"}},
        {"name": "off", "required": false, "schema": {"type": "boolean"}},
        {"name": "key", "required": false, "schema": {"$ref": "#/components/schemas/Key"}}
      ]
    },
    {
      "name": "joined",
      "summary": "Somebody came, or several did.",
      "params": [
        {"name": "room", "required": true, "schema": {"$ref": "#/components/schemas/Room"}},
        {
          "name": "from",
          "description": "Left out where several are counted.",
          "required": false,
          "schema": {"$ref": "#/components/schemas/Nick"}
        },
        {
          "name": "count",
          "description": "How many, where naming each would be noise.",
          "required": false,
          "schema": {"type": "integer"}
        }
      ]
    },
    {
      "name": "left",
      "summary": "Somebody went, or several did.",
      "params": [
        {"name": "room", "required": true, "schema": {"$ref": "#/components/schemas/Room"}},
        {
          "name": "from",
          "description": "Left out where several are counted.",
          "required": false,
          "schema": {"$ref": "#/components/schemas/Nick"}
        },
        {"name": "reason", "required": false, "schema": {"type": "string"}},
        {
          "name": "count",
          "description": "How many, where naming each would be noise.",
          "required": false,
          "schema": {"type": "integer"}
        }
      ]
    },
    {
      "name": "renamed",
      "summary": "Somebody has another nick.",
      "params": [
        {"name": "room", "required": true, "schema": {"$ref": "#/components/schemas/Room"}},
        {"name": "from", "required": true, "schema": {"$ref": "#/components/schemas/Nick"}},
        {"name": "nick", "required": true, "schema": {"$ref": "#/components/schemas/Nick"}}
      ]
    },
    {
      "name": "topic",
      "summary": "A room has another topic.",
      "params": [
        {"name": "room", "required": true, "schema": {"$ref": "#/components/schemas/Room"}},
        {
          "name": "epoch",
          "required": true,
          "schema": {"type": "integer", "minimum": 1, "maximum": 9007199254740992}
        },
        {
          "name": "seq",
          "required": true,
          "schema": {"type": "integer", "minimum": 1, "maximum": 9007199254740992}
        },
        {"name": "id", "required": true, "schema": {"$ref": "#/components/schemas/Id"}},
        {"name": "ts", "required": true, "schema": {"$ref": "#/components/schemas/Time"}},
        {"name": "from", "required": true, "schema": {"$ref": "#/components/schemas/Nick"}},
        {"name": "topic", "required": true, "schema": {"type": "string", "description": "empty: none"}},
        {"name": "key", "required": false, "schema": {"$ref": "#/components/schemas/Key"}}
      ]
    },
    {
      "name": "typing",
      "summary": "Somebody is writing, or no longer.",
      "params": [
        {"name": "room", "required": true, "schema": {"$ref": "#/components/schemas/Room"}},
        {"name": "from", "required": true, "schema": {"$ref": "#/components/schemas/Nick"}},
        {"name": "on", "required": true, "schema": {"type": "boolean"}}
      ]
    },
    {
      "name": "read",
      "summary": "Somebody has read up to a position.",
      "params": [
        {"name": "room", "required": true, "schema": {"$ref": "#/components/schemas/Room"}},
        {"name": "from", "required": true, "schema": {"$ref": "#/components/schemas/Nick"}},
        {
          "name": "epoch",
          "required": true,
          "schema": {"type": "integer", "minimum": 1, "maximum": 9007199254740992}
        },
        {
          "name": "seq",
          "required": true,
          "schema": {"type": "integer", "minimum": 0, "maximum": 9007199254740992}
        }
      ]
    },
    {
      "name": "gap",
      "summary": "Messages of a room that will not come.",
      "params": [
        {"name": "room", "required": true, "schema": {"$ref": "#/components/schemas/Room"}},
        {
          "name": "epoch",
          "required": true,
          "schema": {"type": "integer", "minimum": 1, "maximum": 9007199254740992}
        },
        {
          "name": "from",
          "description": "The first number missing.",
          "required": true,
          "schema": {"type": "integer", "minimum": 1, "maximum": 9007199254740992}
        },
        {
          "name": "to",
          "description": "The last one.",
          "required": true,
          "schema": {"type": "integer", "minimum": 1, "maximum": 9007199254740992}
        }
      ]
    },
    {
      "name": "datagram",
      "summary": "A datagram reached the lobby.",
      "params": [
        {"name": "room", "required": true, "schema": {"$ref": "#/components/schemas/Room"}},
        {"name": "from", "required": true, "schema": {"type": "string", "description": "udp:7, or a nick"}},
        {
          "name": "number",
          "description": "The sender's own count, if it counts.",
          "required": false,
          "schema": {"type": "integer", "minimum": 0, "maximum": 9007199254740992}
        },
        {"name": "bytes", "required": true, "schema": {"type": "integer"}},
        {"name": "hex", "required": true, "schema": {"type": "string"}}
      ]
    },
    {
      "name": "notice",
      "summary": "The server tells something.",
      "params": [
        {"name": "code", "required": true, "schema": {"type": "string"}},
        {"name": "text", "required": true, "schema": {"type": "string"}}
      ]
    },
    {
      "name": "draining",
      "summary": "The server is about to stop.",
      "params": [{"name": "reconnect_after_ms", "required": true, "schema": {"type": "integer"}}]
    })json";
}

}  // namespace chatd::wire
