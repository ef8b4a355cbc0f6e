#include "wire/openrpc_parts.hpp"

namespace chatd::wire {

std::string_view openrpc_other_methods() noexcept {
    return R"json(    {
      "name": "history",
      "summary": "Gives a page of what was said, oldest first.",
      "params": [
        {"$ref": "#/components/contentDescriptors/room"},
        {
          "name": "after",
          "description": "The first ones after it.",
          "required": false,
          "schema": {"$ref": "#/components/schemas/Position"}
        },
        {
          "name": "before",
          "description": "The last ones before it; neither of both: the newest there are.",
          "required": false,
          "schema": {"$ref": "#/components/schemas/Position"}
        },
        {
          "name": "limit",
          "description": "Left out: 50.",
          "required": false,
          "schema": {"type": "integer", "minimum": 1, "maximum": 500}
        }
      ],
      "result": {
        "name": "page",
        "schema": {
          "type": "object",
          "properties": {
            "room": {"$ref": "#/components/schemas/Room"},
            "events": {"type": "array", "items": {"$ref": "#/components/schemas/ListedEvent"}},
            "more": {"type": "boolean", "description": "there are more in that direction"}
          },
          "required": ["room", "events", "more"]
        }
      },
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": ["NO_ROOM", "NOT_IN_ROOM", "BAD_ROOM", "STORE_FAILED"],
      "examples": [
        {
          "name": "the newest",
          "params": [{"name": "room", "value": "dev"}, {"name": "limit", "value": 1}],
          "result": {
            "name": "page",
            "value": {
              "room": "dev",
              "events": [
                {
                  "kind": "message",
                  "room": "dev",
                  "epoch": 1,
                  "seq": 42,
                  "id": "0197f3b2-5c11-7a3e-8d21-3f0a9b6c4d5e",
                  "ts": "2025-07-10T09:37:21.937Z",
                  "from": "ana",
                  "body": "hello"
                }
              ],
              "more": true
            }
          }
        },
        {
          "name": "what came before",
          "params": [
            {"name": "room", "value": "dev"},
            {"name": "before", "value": {"epoch": 1, "seq": 42}}
          ],
          "result": {"name": "page", "value": {"room": "dev", "events": [], "more": false}}
        }
      ]
    },
    {
      "name": "search",
      "summary": "Finds messages: the best of the newest 256 that match first, then the next 256.",
      "params": [
        {
          "name": "query",
          "required": true,
          "schema": {
            "type": "string",
            "description": "words, \"phrases\", from:NICK, in:ROOM, before:TIME, after:TIME; at most 512 bytes"
          }
        },
        {"$ref": "#/components/contentDescriptors/room"},
        {
          "name": "limit",
          "description": "Left out: 20.",
          "required": false,
          "schema": {"type": "integer", "minimum": 1, "maximum": 100}
        },
        {
          "name": "skip",
          "description": "Of the best, for the next page.",
          "required": false,
          "schema": {"type": "integer", "minimum": 0, "maximum": 1000}
        }
      ],
      "result": {
        "name": "hits",
        "schema": {
          "type": "object",
          "properties": {
            "hits": {
              "type": "array",
              "items": {
                "type": "object",
                "properties": {
                  "event": {"$ref": "#/components/schemas/ListedEvent"},
                  "excerpt": {
                    "type": "string",
                    "description": "matches stand between U+E000 and U+E001"
                  }
                },
                "required": ["event", "excerpt"]
              }
            },
            "more": {"type": "boolean"}
          },
          "required": ["hits", "more"]
        }
      },
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": ["BAD_QUERY", "NO_HISTORY", "STORE_FAILED"],
      "examples": [
        {
          "name": "a word",
          "params": [{"name": "query", "value": "hello from:ana"}],
          "result": {
            "name": "hits",
            "value": {
              "hits": [
                {
                  "event": {
                    "kind": "message",
                    "room": "dev",
                    "epoch": 1,
                    "seq": 42,
                    "id": "0197f3b2-5c11-7a3e-8d21-3f0a9b6c4d5e",
                    "ts": "2025-07-10T09:37:21.937Z",
                    "from": "ana",
                    "body": "hello"
                  },
                  "excerpt": "hello"
                }
              ],
              "more": false
            }
          }
        }
      ]
    },
    {
      "name": "ping",
      "summary": "Is answered at once.",
      "params": [
        {
          "name": "token",
          "required": false,
          "schema": {"type": "string", "description": "given back"}
        }
      ],
      "result": {
        "name": "pong",
        "schema": {
          "type": "object",
          "properties": {"token": {"type": "string"}},
          "required": ["token"]
        }
      },
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": [],
      "examples": [
        {
          "name": "alive",
          "params": [{"name": "token", "value": "17"}],
          "result": {"name": "pong", "value": {"token": "17"}}
        }
      ]
    },
    {
      "name": "notices",
      "summary": "Turns joined, left and renamed on or off for this connection.",
      "params": [{"name": "on", "required": true, "schema": {"type": "boolean"}}],
      "result": {
        "name": "notices",
        "schema": {"type": "object", "properties": {"on": {"type": "boolean"}}, "required": ["on"]}
      },
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": ["NEEDS_CONNECTION"],
      "examples": [
        {
          "name": "on",
          "params": [{"name": "on", "value": true}],
          "result": {"name": "notices", "value": {"on": true}}
        }
      ]
    },
    {
      "name": "datagram",
      "summary": "Sends one datagram to the raw UDP peers.",
      "params": [
        {
          "name": "hex",
          "required": true,
          "schema": {"type": "string", "description": "de ad be ef"}
        }
      ],
      "result": {"name": "done", "schema": {"$ref": "#/components/schemas/Done"}},
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": ["NOT_IN_ROOM", "TOO_FAST"],
      "examples": [
        {
          "name": "four bytes",
          "params": [{"name": "hex", "value": "de ad be ef"}],
          "result": {"name": "done", "value": {}}
        }
      ]
    },
    {
      "name": "datagrams",
      "summary": "Subscribes to the datagrams of the lobby.",
      "params": [
        {
          "name": "hz",
          "description": "At most so many per sender and second; 0: none; left out: 10.",
          "required": false,
          "schema": {"type": "integer", "minimum": 0, "maximum": 1000}
        }
      ],
      "result": {
        "name": "datagrams",
        "schema": {
          "type": "object",
          "properties": {"hz": {"$ref": "#/components/schemas/Count"}},
          "required": ["hz"]
        }
      },
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": ["NOT_IN_ROOM", "NEEDS_CONNECTION"],
      "examples": [
        {
          "name": "a few",
          "params": [{"name": "hz", "value": 5}],
          "result": {"name": "datagrams", "value": {"hz": 5}}
        }
      ]
    },
    {
      "name": "schedule",
      "summary": "Says a line later, once or again and again; replaces a schedule if its id is given.",
      "description": "Exactly one of when and every is given.",
      "params": [
        {"$ref": "#/components/contentDescriptors/body"},
        {
          "name": "when",
          "required": false,
          "schema": {
            "type": "string",
            "description": "PT10M, 10m, 18:00 in the server's zone, or an RFC 3339 time"
          }
        },
        {
          "name": "every",
          "required": false,
          "schema": {"type": "string", "description": "P1D, 1d; at least a minute"}
        },
        {"$ref": "#/components/contentDescriptors/room"},
        {"$ref": "#/components/contentDescriptors/action"},
        {"name": "id", "required": false, "schema": {"$ref": "#/components/schemas/Number"}}
      ],
      "result": {"name": "schedule", "schema": {"$ref": "#/components/schemas/Schedule"}},
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": [
        "NO_ROOM", "NOT_IN_ROOM", "BAD_ROOM", "ROOM_LOOKS_ALIKE", "TOO_MANY_ROOMS", "EMPTY",
        "TOO_MANY_LINES", "BAD_TIME", "NO_SUCH_SCHEDULE", "TOO_MANY_SCHEDULES", "STORE_BEHIND",
        "NEEDS_SESSION"
      ],
      "examples": [
        {
          "name": "in ten minutes",
          "params": [
            {"name": "body", "value": "tea is ready"},
            {"name": "when", "value": "PT10M"},
            {"name": "room", "value": "dev"}
          ],
          "result": {
            "name": "schedule",
            "value": {
              "id": 3,
              "room": "dev",
              "body": "tea is ready",
              "action": false,
              "due": "2026-11-26T12:10:00.000+02:00"
            }
          }
        },
        {
          "name": "each day",
          "params": [
            {"name": "body", "value": "standup"},
            {"name": "every", "value": "P1D"},
            {"name": "room", "value": "dev"}
          ],
          "result": {
            "name": "schedule",
            "value": {
              "id": 4,
              "room": "dev",
              "body": "standup",
              "action": false,
              "due": "2026-11-27T12:00:00.000+02:00",
              "every": "1d"
            }
          }
        }
      ]
    },
    {
      "name": "schedules",
      "summary": "Lists one's schedules.",
      "params": [],
      "result": {
        "name": "schedules",
        "schema": {
          "type": "object",
          "properties": {
            "schedules": {"type": "array", "items": {"$ref": "#/components/schemas/Schedule"}}
          },
          "required": ["schedules"]
        }
      },
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": [],
      "examples": [
        {
          "name": "one",
          "params": [],
          "result": {
            "name": "schedules",
            "value": {
              "schedules": [
                {
                  "id": 3,
                  "room": "dev",
                  "body": "tea is ready",
                  "action": false,
                  "due": "2026-11-26T12:10:00.000+02:00"
                }
              ]
            }
          }
        }
      ]
    },
    {
      "name": "unschedule",
      "summary": "Cancels a schedule.",
      "params": [
        {"name": "id", "required": true, "schema": {"$ref": "#/components/schemas/Number"}}
      ],
      "result": {"name": "done", "schema": {"$ref": "#/components/schemas/Done"}},
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": ["NO_SUCH_SCHEDULE"],
      "examples": [
        {
          "name": "not any more",
          "params": [{"name": "id", "value": 3}],
          "result": {"name": "done", "value": {}}
        }
      ]
    },
    {
      "name": "stats",
      "summary": "Gives the server's counters.",
      "params": [],
      "result": {
        "name": "values",
        "schema": {
          "type": "object",
          "additionalProperties": {"$ref": "#/components/schemas/NumberOrZero"}
        }
      },
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": [],
      "examples": [
        {
          "name": "some",
          "params": [],
          "result": {"name": "values", "value": {"connections": 3}}
        }
      ]
    },
    {
      "name": "connections",
      "summary": "Lists who is connected, and how; told on the server's own machine alone.",
      "params": [
        {
          "name": "after",
          "description": "What `next` of the page before says; left out: the first page.",
          "required": false,
          "schema": {"type": "integer", "minimum": 0, "maximum": 4294967295}
        },
        {
          "name": "limit",
          "description": "Rows at most; left out: 100.",
          "required": false,
          "schema": {"type": "integer", "minimum": 1, "maximum": 100}
        }
      ],
      "result": {"name": "page", "schema": {"$ref": "#/components/schemas/Connections"}},
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": ["LOCAL_ONLY"],
      "examples": [
        {
          "name": "one at a time",
          "params": [{"name": "limit", "value": 1}],
          "result": {
            "name": "page",
            "value": {
              "connections": [
                {
                  "id": 7,
                  "dialect": "text",
                  "peer": "127.0.0.1:52114",
                  "nick": "ana",
                  "rooms": ["lobby"],
                  "since": "2026-11-26T10:00:00.000Z",
                  "held_bytes": 0,
                  "behind": 0
                }
              ],
              "peers": [],
              "total": 2,
              "peers_total": 0,
              "next": 1
            }
          }
        }
      ]
    },
    {
      "name": "quit",
      "summary": "Says goodbye for good; the server closes the connection, and a session that has no other one, and no schedules, ends.",
      "params": [],
      "result": {"name": "done", "schema": {"$ref": "#/components/schemas/Done"}},
      "errors": [
        {"$ref": "#/components/errors/InvalidParams"},
        {"$ref": "#/components/errors/Refused"}
      ],
      "x-refusals": ["NEEDS_CONNECTION"],
      "examples": [{"name": "bye", "params": [], "result": {"name": "done", "value": {}}}]
    })json";
}

}  // namespace chatd::wire
