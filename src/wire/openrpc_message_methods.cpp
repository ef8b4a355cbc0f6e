#include "wire/openrpc_parts.hpp"

namespace chatd::wire {

std::string_view openrpc_message_methods() noexcept {
    return R"json(    {
      "name": "say",
      "summary": "Says something in a room.",
      "params": [
        {"name": "body", "required": true, "schema": {"$ref": "#/components/schemas/Body"}},
        {"name": "room", "required": false, "schema": {"$ref": "#/components/schemas/Room"}},
        {
          "name": "action",
          "description": "What one does rather than says: /me of the text dialect.",
          "required": false,
          "schema": {"type": "boolean"}
        },
        {"name": "key", "required": false, "schema": {"$ref": "#/components/schemas/Key"}},
        {
          "name": "reply_to",
          "description": "The message it answers.",
          "required": false,
          "schema": {"$ref": "#/components/schemas/Position"}
        }
      ],
      "result": {"name": "said", "schema": {"$ref": "#/components/schemas/Said"}},
      "errors": [{"$ref": "#/components/errors/InvalidParams"}, {"$ref": "#/components/errors/Refused"}],
      "x-refusals": [
        "NO_ROOM", "NOT_IN_ROOM", "BAD_ROOM", "EMPTY", "TOO_MANY_LINES", "TOO_FAST", "STORE_BEHIND",
        "NEEDS_SESSION", "BAD_KEY", "KEY_REUSED", "NO_SUCH_MESSAGE", "STORE_FAILED"
      ],
      "examples": [
        {
          "name": "a line",
          "params": [{"name": "body", "value": "hello"}, {"name": "room", "value": "dev"}],
          "result": {
            "name": "said",
            "value": {
              "room": "dev",
              "epoch": 1,
              "seq": 42,
              "id": "0197f3b2-5c11-7a3e-8d21-3f0a9b6c4d5e",
              "ts": "2025-07-10T09:37:21.937Z"
            }
          }
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
          "result": {
            "name": "said",
            "value": {
              "room": "dev",
              "epoch": 1,
              "seq": 42,
              "id": "0197f3b2-5c11-7a3e-8d21-3f0a9b6c4d5e",
              "ts": "2025-07-10T09:37:21.937Z"
            }
          }
        }
      ]
    },
    {
      "name": "msg",
      "summary": "Says something to one person only.",
      "params": [
        {"name": "nick", "required": true, "schema": {"$ref": "#/components/schemas/Nick"}},
        {"name": "body", "required": true, "schema": {"$ref": "#/components/schemas/Body"}}
      ],
      "result": {
        "name": "told",
        "schema": {
          "type": "object",
          "properties": {
            "nick": {"$ref": "#/components/schemas/Nick"},
            "kept": {"type": "boolean", "description": "nobody is there: it is kept until they return"}
          },
          "required": ["nick", "kept"]
        }
      },
      "errors": [{"$ref": "#/components/errors/InvalidParams"}, {"$ref": "#/components/errors/Refused"}],
      "x-refusals": [
        "NO_SUCH_NICK", "EMPTY", "TOO_MANY_LINES", "RECIPIENT_FULL", "TOO_FAST", "STORE_BEHIND",
        "NEEDS_SESSION"
      ],
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
        {"name": "target", "required": true, "schema": {"$ref": "#/components/schemas/Target"}},
        {"name": "body", "required": true, "schema": {"$ref": "#/components/schemas/Body"}},
        {"name": "room", "required": false, "schema": {"$ref": "#/components/schemas/Room"}}
      ],
      "result": {"name": "said", "schema": {"$ref": "#/components/schemas/Said"}},
      "errors": [{"$ref": "#/components/errors/InvalidParams"}, {"$ref": "#/components/errors/Refused"}],
      "x-refusals": [
        "NO_ROOM", "NOT_IN_ROOM", "BAD_ROOM", "EMPTY", "TOO_MANY_LINES", "TOO_FAST", "STORE_BEHIND",
        "NEEDS_SESSION", "NO_SUCH_MESSAGE", "NOT_YOURS", "NO_HISTORY"
      ],
      "examples": [
        {
          "name": "a typing error",
          "params": [
            {"name": "target", "value": {"seq": 41}},
            {"name": "body", "value": "hello, all"},
            {"name": "room", "value": "dev"}
          ],
          "result": {
            "name": "said",
            "value": {
              "room": "dev",
              "epoch": 1,
              "seq": 42,
              "id": "0197f3b2-5c11-7a3e-8d21-3f0a9b6c4d5e",
              "ts": "2025-07-10T09:37:21.937Z"
            }
          }
        }
      ]
    },
    {
      "name": "redact",
      "summary": "Takes back what one said.",
      "params": [
        {"name": "target", "required": true, "schema": {"$ref": "#/components/schemas/Target"}},
        {"name": "room", "required": false, "schema": {"$ref": "#/components/schemas/Room"}}
      ],
      "result": {"name": "said", "schema": {"$ref": "#/components/schemas/Said"}},
      "errors": [{"$ref": "#/components/errors/InvalidParams"}, {"$ref": "#/components/errors/Refused"}],
      "x-refusals": [
        "NO_ROOM", "NOT_IN_ROOM", "BAD_ROOM", "NO_SUCH_MESSAGE", "NOT_YOURS", "TOO_FAST", "STORE_BEHIND",
        "NEEDS_SESSION"
      ],
      "examples": [
        {
          "name": "gone",
          "params": [{"name": "target", "value": {"epoch": 1, "seq": 41}}, {"name": "room", "value": "dev"}],
          "result": {
            "name": "said",
            "value": {
              "room": "dev",
              "epoch": 1,
              "seq": 42,
              "id": "0197f3b2-5c11-7a3e-8d21-3f0a9b6c4d5e",
              "ts": "2025-07-10T09:37:21.937Z"
            }
          }
        }
      ]
    },
    {
      "name": "react",
      "summary": "Puts a reaction on a message, or takes it off.",
      "params": [
        {"name": "target", "required": true, "schema": {"$ref": "#/components/schemas/Target"}},
        {
          "name": "reaction",
          "required": true,
          "schema": {"type": "string", "description": "an emoji or a word, 1 to 32 bytes"}
        },
        {"name": "room", "required": false, "schema": {"$ref": "#/components/schemas/Room"}},
        {"name": "off", "required": false, "schema": {"type": "boolean"}}
      ],
      "result": {"name": "said", "schema": {"$ref": "#/components/schemas/Said"}},
      "errors": [{"$ref": "#/components/errors/InvalidParams"}, {"$ref": "#/components/errors/Refused"}],
      "x-refusals": [
        "NO_ROOM", "NOT_IN_ROOM", "BAD_ROOM", "NO_SUCH_MESSAGE", "TOO_FAST", "STORE_BEHIND", "NEEDS_SESSION"
      ],
      "examples": [
        {
          "name": "a thumb",
          "params": [{"name": "target", "value": {"seq": 41}}, {"name": "reaction", "value": "👍"}],
          "result": {
            "name": "said",
            "value": {
              "room": "dev",
              "epoch": 1,
              "seq": 42,
              "id": "0197f3b2-5c11-7a3e-8d21-3f0a9b6c4d5e",
              "ts": "2025-07-10T09:37:21.937Z"
            }
          }
        }
      ]
    },
    {
      "name": "typing",
      "summary": "Tells the others that one is writing, or no longer.",
      "params": [
        {"name": "room", "required": false, "schema": {"$ref": "#/components/schemas/Room"}},
        {"name": "on", "description": "Left out: true.", "required": false, "schema": {"type": "boolean"}}
      ],
      "result": {"name": "done", "schema": {"$ref": "#/components/schemas/Done"}},
      "errors": [{"$ref": "#/components/errors/InvalidParams"}, {"$ref": "#/components/errors/Refused"}],
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
        {"name": "room", "required": false, "schema": {"$ref": "#/components/schemas/Room"}}
      ],
      "result": {"name": "done", "schema": {"$ref": "#/components/schemas/Done"}},
      "errors": [{"$ref": "#/components/errors/InvalidParams"}, {"$ref": "#/components/errors/Refused"}],
      "x-refusals": ["NO_ROOM", "NOT_IN_ROOM", "BAD_POSITION", "NEEDS_CONNECTION"],
      "examples": [
        {
          "name": "up to here",
          "params": [{"name": "at", "value": {"epoch": 1, "seq": 41}}, {"name": "room", "value": "dev"}],
          "result": {"name": "done", "value": {}}
        }
      ]
    },
    {
      "name": "who",
      "summary": "Lists who is in a room.",
      "params": [{"name": "room", "required": false, "schema": {"$ref": "#/components/schemas/Room"}}],
      "result": {
        "name": "people",
        "schema": {
          "type": "object",
          "properties": {
            "room": {"$ref": "#/components/schemas/Room"},
            "nicks": {"type": "array", "items": {"$ref": "#/components/schemas/Nick"}},
            "total": {"type": "integer", "description": "more than nicks where the list was cut at 1000"}
          },
          "required": ["room", "nicks", "total"]
        }
      },
      "errors": [{"$ref": "#/components/errors/InvalidParams"}, {"$ref": "#/components/errors/Refused"}],
      "x-refusals": ["NO_ROOM", "NOT_IN_ROOM", "BAD_ROOM"],
      "examples": [
        {
          "name": "a room",
          "params": [{"name": "room", "value": "dev"}],
          "result": {"name": "people", "value": {"room": "dev", "nicks": ["ana", "bob"], "total": 2}}
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
                "properties": {"room": {"$ref": "#/components/schemas/Room"}, "people": {"type": "integer"}},
                "required": ["room", "people"]
              }
            },
            "total": {"type": "integer"}
          },
          "required": ["rooms", "total"]
        }
      },
      "errors": [{"$ref": "#/components/errors/InvalidParams"}, {"$ref": "#/components/errors/Refused"}],
      "x-refusals": [],
      "examples": [
        {
          "name": "all",
          "params": [],
          "result": {"name": "rooms", "value": {"rooms": [{"room": "lobby", "people": 3}], "total": 1}}
        }
      ]
    },
    {
      "name": "topic",
      "summary": "Asks for a room's topic, or sets it.",
      "params": [
        {"name": "room", "required": false, "schema": {"$ref": "#/components/schemas/Room"}},
        {
          "name": "topic",
          "description": "Left out: only asks.",
          "required": false,
          "schema": {"type": "string", "description": "the empty string clears it; at most 400 bytes"}
        }
      ],
      "result": {
        "name": "topic",
        "schema": {
          "type": "object",
          "description": "Asked for: room, topic and from. Set: as what is said.",
          "properties": {
            "room": {"$ref": "#/components/schemas/Room"},
            "topic": {"type": "string"},
            "from": {"$ref": "#/components/schemas/Nick"},
            "epoch": {"type": "integer", "minimum": 0, "maximum": 9007199254740992},
            "seq": {"type": "integer", "minimum": 0, "maximum": 9007199254740992},
            "id": {"$ref": "#/components/schemas/Id"},
            "ts": {"$ref": "#/components/schemas/Time"},
            "repeated": {"type": "boolean"}
          },
          "required": ["room"]
        }
      },
      "errors": [{"$ref": "#/components/errors/InvalidParams"}, {"$ref": "#/components/errors/Refused"}],
      "x-refusals": [
        "NO_ROOM", "NOT_IN_ROOM", "BAD_ROOM", "TOO_MANY_LINES", "TOO_FAST", "STORE_BEHIND", "NEEDS_SESSION"
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
          "result": {
            "name": "topic",
            "value": {
              "room": "dev",
              "epoch": 1,
              "seq": 42,
              "id": "0197f3b2-5c11-7a3e-8d21-3f0a9b6c4d5e",
              "ts": "2025-07-10T09:37:21.937Z"
            }
          }
        }
      ]
    })json";
}

}  // namespace chatd::wire
