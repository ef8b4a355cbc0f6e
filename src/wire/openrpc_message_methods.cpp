#include "wire/openrpc_parts.hpp"

namespace chatd::wire {

std::string_view openrpc_message_methods() noexcept {
    return R"json(    {
      "name": "say",
      "summary": "Says something in a room.",
      "params": [
        {"$ref": "#/components/contentDescriptors/body"},
        {"$ref": "#/components/contentDescriptors/room"},
        {"$ref": "#/components/contentDescriptors/action"},
        {"name": "key", "required": false, "schema": {"$ref": "#/components/schemas/Key"}},
        {
          "name": "reply_to",
          "description": "The message it answers.",
          "required": false,
          "schema": {"$ref": "#/components/schemas/Position"}
        }
      ],
      "result": {"name": "said", "schema": {"$ref": "#/components/schemas/Said"}},
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": [
        "NO_ROOM", "NOT_IN_ROOM", "BAD_ROOM", "ROOM_LOOKS_ALIKE", "TOO_MANY_ROOMS", "EMPTY",
        "TOO_MANY_LINES", "STORE_BEHIND", "NEEDS_SESSION", "KEY_REUSED"
      ],
      "examples": [
        {
          "name": "a line",
          "params": [{"name": "body", "value": "hello"}, {"name": "room", "value": "dev"}],
          "result": {"$ref": "#/components/examples/said"}
        },
        {
          "name": "acknowledged, and never said twice",
          "params": [
            {"name": "body", "value": "deployed"},
            {"name": "room", "value": "dev"},
            {"name": "key", "value": "job-17"}
          ],
          "result": {
            "name": "said",
            "value": {
              "room": "dev",
              "epoch": 1,
              "seq": 42,
              "id": "0197f3b2-5c11-7a3e-8d21-3f0a9b6c4d5e",
              "ts": "2025-07-10T09:37:21.937Z",
              "repeated": true
            }
          }
        },
        {
          "name": "an answer",
          "params": [
            {"name": "body", "value": "waves"},
            {"name": "action", "value": true},
            {"name": "reply_to", "value": {"epoch": 1, "seq": 41}}
          ],
          "result": {"$ref": "#/components/examples/said"}
        }
      ]
    },
    {
      "name": "msg",
      "summary": "Says something to one person only.",
      "params": [
        {"name": "nick", "required": true, "schema": {"$ref": "#/components/schemas/Nick"}},
        {"$ref": "#/components/contentDescriptors/body"}
      ],
      "result": {
        "name": "told",
        "schema": {
          "type": "object",
          "properties": {
            "nick": {"$ref": "#/components/schemas/Nick"},
            "kept": {
              "type": "boolean",
              "description": "nobody is there: it is kept until they return"
            }
          },
          "required": ["nick", "kept"]
        }
      },
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": ["NO_SUCH_NICK", "EMPTY", "TOO_MANY_LINES", "RECIPIENT_FULL", "STORE_BEHIND"],
      "examples": [
        {
          "name": "a private line",
          "params": [{"name": "nick", "value": "bob"}, {"name": "body", "value": "psst"}],
          "result": {"name": "told", "value": {"nick": "bob", "kept": false}}
        }
      ]
    },
    {
      "name": "edit",
      "summary": "Changes what one said.",
      "params": [
        {"$ref": "#/components/contentDescriptors/target"},
        {"$ref": "#/components/contentDescriptors/body"},
        {"$ref": "#/components/contentDescriptors/room"}
      ],
      "result": {"name": "said", "schema": {"$ref": "#/components/schemas/Said"}},
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": [
        "NO_ROOM", "NOT_IN_ROOM", "BAD_ROOM", "ROOM_LOOKS_ALIKE", "TOO_MANY_ROOMS", "EMPTY",
        "TOO_MANY_LINES", "NO_SUCH_MESSAGE", "NOT_YOURS", "STORE_BEHIND"
      ],
      "examples": [
        {
          "name": "a typing error",
          "params": [
            {"name": "target", "value": {"seq": 41}},
            {"name": "body", "value": "hello, all"},
            {"name": "room", "value": "dev"}
          ],
          "result": {"$ref": "#/components/examples/said"}
        }
      ]
    },
    {
      "name": "redact",
      "summary": "Takes back what one said.",
      "params": [
        {"$ref": "#/components/contentDescriptors/target"},
        {"$ref": "#/components/contentDescriptors/room"}
      ],
      "result": {"name": "said", "schema": {"$ref": "#/components/schemas/Said"}},
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": [
        "NO_ROOM", "NOT_IN_ROOM", "BAD_ROOM", "ROOM_LOOKS_ALIKE", "TOO_MANY_ROOMS",
        "NO_SUCH_MESSAGE", "NOT_YOURS", "STORE_BEHIND"
      ],
      "examples": [
        {
          "name": "gone",
          "params": [
            {"name": "target", "value": {"epoch": 1, "seq": 41}},
            {"name": "room", "value": "dev"}
          ],
          "result": {"$ref": "#/components/examples/said"}
        }
      ]
    },
    {
      "name": "react",
      "summary": "Puts a reaction on a message, or takes it off.",
      "params": [
        {"$ref": "#/components/contentDescriptors/target"},
        {"name": "reaction", "required": true, "schema": {"$ref": "#/components/schemas/Reaction"}},
        {"$ref": "#/components/contentDescriptors/room"},
        {"name": "off", "required": false, "schema": {"type": "boolean"}}
      ],
      "result": {"name": "said", "schema": {"$ref": "#/components/schemas/Said"}},
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": [
        "NO_ROOM", "NOT_IN_ROOM", "BAD_ROOM", "ROOM_LOOKS_ALIKE", "TOO_MANY_ROOMS",
        "NO_SUCH_MESSAGE", "STORE_BEHIND"
      ],
      "examples": [
        {
          "name": "a thumb",
          "params": [{"name": "target", "value": {"seq": 41}}, {"name": "reaction", "value": "👍"}],
          "result": {"$ref": "#/components/examples/said"}
        }
      ]
    },
    {
      "name": "typing",
      "summary": "Tells the others that one is writing, or no longer.",
      "params": [
        {"$ref": "#/components/contentDescriptors/room"},
        {
          "name": "on",
          "description": "Left out: true.",
          "required": false,
          "schema": {"type": "boolean"}
        }
      ],
      "result": {"name": "done", "schema": {"$ref": "#/components/schemas/Done"}},
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": ["NO_ROOM", "NOT_IN_ROOM", "NEEDS_CONNECTION"],
      "examples": [
        {
          "name": "writing",
          "params": [{"name": "room", "value": "dev"}, {"name": "on", "value": true}],
          "result": {"name": "done", "value": {}}
        }
      ]
    },
    {
      "name": "read",
      "summary": "Tells the others how far one has read.",
      "params": [
        {"name": "at", "required": true, "schema": {"$ref": "#/components/schemas/Position"}},
        {"$ref": "#/components/contentDescriptors/room"}
      ],
      "result": {"name": "done", "schema": {"$ref": "#/components/schemas/Done"}},
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": ["NO_ROOM", "NOT_IN_ROOM", "BAD_POSITION", "NEEDS_CONNECTION"],
      "examples": [
        {
          "name": "up to here",
          "params": [
            {"name": "at", "value": {"epoch": 1, "seq": 41}},
            {"name": "room", "value": "dev"}
          ],
          "result": {"name": "done", "value": {}}
        }
      ]
    },
    {
      "name": "who",
      "summary": "Lists who is in a room.",
      "params": [{"$ref": "#/components/contentDescriptors/room"}],
      "result": {
        "name": "people",
        "schema": {
          "type": "object",
          "properties": {
            "room": {"$ref": "#/components/schemas/Room"},
            "nicks": {"type": "array", "items": {"$ref": "#/components/schemas/Nick"}},
            "total": {
              "type": "integer",
              "minimum": 0,
              "description": "more than nicks where the list was cut at 1000"
            }
          },
          "required": ["room", "nicks", "total"]
        }
      },
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": ["BAD_ROOM", "NO_ROOM", "NOT_IN_ROOM"],
      "examples": [
        {
          "name": "a room",
          "params": [{"name": "room", "value": "dev"}],
          "result": {
            "name": "people",
            "value": {"room": "dev", "nicks": ["ana", "bob"], "total": 2}
          }
        }
      ]
    },
    {
      "name": "rooms",
      "summary": "Lists the rooms.",
      "params": [],
      "result": {
        "name": "rooms",
        "schema": {
          "type": "object",
          "properties": {
            "rooms": {
              "type": "array",
              "items": {
                "type": "object",
                "properties": {
                  "room": {"$ref": "#/components/schemas/Room"},
                  "people": {"$ref": "#/components/schemas/Count"}
                },
                "required": ["room", "people"]
              }
            },
            "total": {"$ref": "#/components/schemas/Count"}
          },
          "required": ["rooms", "total"]
        }
      },
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": [],
      "examples": [
        {
          "name": "all",
          "params": [],
          "result": {
            "name": "rooms",
            "value": {"rooms": [{"room": "lobby", "people": 3}], "total": 1}
          }
        }
      ]
    },
    {
      "name": "topic",
      "summary": "Asks for a room's topic, or sets it.",
      "params": [
        {"$ref": "#/components/contentDescriptors/room"},
        {
          "name": "topic",
          "description": "Left out: only asks.",
          "required": false,
          "schema": {"$ref": "#/components/schemas/TopicText"}
        }
      ],
      "result": {
        "name": "topic",
        "schema": {
          "oneOf": [{"$ref": "#/components/schemas/Topic"}, {"$ref": "#/components/schemas/Said"}]
        }
      },
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": [
        "NO_ROOM", "NOT_IN_ROOM", "BAD_ROOM", "ROOM_LOOKS_ALIKE", "TOO_MANY_ROOMS", "STORE_BEHIND"
      ],
      "examples": [
        {
          "name": "asked for",
          "params": [{"name": "room", "value": "dev"}],
          "result": {"name": "topic", "value": {"room": "dev", "topic": "releases", "from": "ana"}}
        },
        {
          "name": "set",
          "params": [{"name": "room", "value": "dev"}, {"name": "topic", "value": "releases"}],
          "result": {"$ref": "#/components/examples/said"}
        }
      ]
    })json";
}

}  // namespace chatd::wire
