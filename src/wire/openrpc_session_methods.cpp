#include "wire/openrpc_parts.hpp"

namespace chatd::wire {

std::string_view openrpc_session_methods() noexcept {
    return R"json(    {
      "name": "hello",
      "summary": "Opens a session and enters rooms.",
      "description": "The token of the answer names the session from then on; whoever has it is that session.",
      "params": [
        {"name": "nick", "required": false, "schema": {"$ref": "#/components/schemas/Nick"}},
        {"$ref": "#/components/contentDescriptors/rooms"},
        {"$ref": "#/components/contentDescriptors/notices"}
      ],
      "result": {"name": "session", "schema": {"$ref": "#/components/schemas/Session"}},
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": [
        "BAD_NICK", "NICK_IN_USE", "BAD_ROOM", "ROOM_LOOKS_ALIKE", "TOO_MANY_ROOMS", "BAD_ARGUMENT",
        "TOO_FAST", "NEEDS_CONNECTION"
      ],
      "examples": [
        {
          "name": "a new session",
          "params": [
            {"name": "nick", "value": "ana"},
            {
              "name": "rooms",
              "value": [
                "lobby",
                {"room": "dev", "since": {"epoch": 1, "seq": 40}, "slow_reader": "latest"}
              ]
            }
          ],
          "result": {
            "name": "session",
            "value": {
              "version": "0.1.0",
              "session": "7",
              "nick": "ana",
              "token": "b2hsYWxh",
              "resumed": false,
              "rooms": [
                {"room": "lobby", "epoch": 1, "seq": 7, "others": 0, "topic": ""},
                {
                  "room": "dev",
                  "epoch": 1,
                  "seq": 41,
                  "others": 2,
                  "topic": "releases",
                  "recovered": true
                }
              ]
            }
          }
        }
      ]
    },
    {
      "name": "resume",
      "summary": "Attaches this connection to the session of a token and enters rooms.",
      "params": [
        {
          "name": "token",
          "required": true,
          "schema": {"type": "string", "description": "as hello answered it"}
        },
        {"$ref": "#/components/contentDescriptors/rooms"},
        {"$ref": "#/components/contentDescriptors/notices"}
      ],
      "result": {"name": "session", "schema": {"$ref": "#/components/schemas/Session"}},
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": [
        "BAD_TOKEN", "BAD_ROOM", "ROOM_LOOKS_ALIKE", "TOO_MANY_ROOMS", "BAD_ARGUMENT", "TOO_FAST",
        "NEEDS_CONNECTION"
      ],
      "examples": [
        {
          "name": "back after an hour",
          "params": [
            {"name": "token", "value": "b2hsYWxh"},
            {"name": "rooms", "value": [{"room": "dev", "since": {"epoch": 1, "seq": 7}}]}
          ],
          "result": {
            "name": "session",
            "value": {
              "version": "0.1.0",
              "session": "7",
              "nick": "ana",
              "token": "b2hsYWxh",
              "resumed": true,
              "rooms": [
                {
                  "room": "dev",
                  "epoch": 1,
                  "seq": 41,
                  "others": 2,
                  "topic": "releases",
                  "recovered": false,
                  "missing": {"from": {"epoch": 1, "seq": 8}, "to": {"epoch": 1, "seq": 20}}
                }
              ]
            }
          }
        }
      ]
    },
    {
      "name": "nick",
      "summary": "Changes one's nick.",
      "params": [
        {"name": "nick", "required": true, "schema": {"$ref": "#/components/schemas/Nick"}}
      ],
      "result": {
        "name": "nick",
        "schema": {
          "type": "object",
          "properties": {"nick": {"$ref": "#/components/schemas/Nick"}},
          "required": ["nick"]
        }
      },
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": ["BAD_NICK", "NICK_IN_USE", "NEEDS_CONNECTION"],
      "examples": [
        {
          "name": "a new name",
          "params": [{"name": "nick", "value": "ana"}],
          "result": {"name": "nick", "value": {"nick": "ana"}}
        }
      ]
    },
    {
      "name": "join",
      "summary": "Enters a room and makes it the current one.",
      "params": [
        {"name": "room", "required": true, "schema": {"$ref": "#/components/schemas/Room"}},
        {
          "name": "since",
          "description": "The last one the client has; what follows it comes.",
          "required": false,
          "schema": {"$ref": "#/components/schemas/Position"}
        },
        {
          "name": "slow_reader",
          "description": "For this room alone.",
          "required": false,
          "schema": {"$ref": "#/components/schemas/SlowReader"}
        }
      ],
      "result": {"name": "standing", "schema": {"$ref": "#/components/schemas/Standing"}},
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": ["BAD_ROOM", "ROOM_LOOKS_ALIKE", "TOO_MANY_ROOMS", "NEEDS_CONNECTION"],
      "examples": [
        {
          "name": "a room",
          "params": [{"name": "room", "value": "dev"}],
          "result": {
            "name": "standing",
            "value": {"room": "dev", "epoch": 1, "seq": 41, "others": 2, "topic": "releases"}
          }
        },
        {
          "name": "from where one was",
          "params": [
            {"name": "room", "value": "dev"},
            {"name": "since", "value": {"epoch": 1, "seq": 40}},
            {"name": "slow_reader", "value": "oldest"}
          ],
          "result": {
            "name": "standing",
            "value": {
              "room": "dev",
              "epoch": 1,
              "seq": 41,
              "others": 2,
              "topic": "releases",
              "recovered": true
            }
          }
        }
      ]
    },
    {
      "name": "leave",
      "summary": "Leaves a room.",
      "params": [{"$ref": "#/components/contentDescriptors/room"}],
      "result": {
        "name": "left",
        "schema": {
          "type": "object",
          "properties": {
            "room": {"$ref": "#/components/schemas/Room"},
            "current": {"$ref": "#/components/schemas/Room"}
          },
          "required": ["room"]
        }
      },
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": ["NO_ROOM", "NOT_IN_ROOM", "NEEDS_CONNECTION"],
      "examples": [
        {
          "name": "a room",
          "params": [{"name": "room", "value": "dev"}],
          "result": {"name": "left", "value": {"room": "dev", "current": "lobby"}}
        }
      ]
    })json";
}

}  // namespace chatd::wire
