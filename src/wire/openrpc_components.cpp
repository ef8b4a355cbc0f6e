#include "wire/openrpc_parts.hpp"

namespace chatd::wire {

std::string_view openrpc_components() noexcept {
    return R"json(    "schemas": {
      "Room": {
        "type": "string",
        "description": "a room's name, with or without '#' where it is given, without where it is told"
      },
      "Nick": {
        "type": "string",
        "description": "1 to 32 letters, digits, '-', '_' or '.', a letter first"
      },
      "Body": {
        "type": "string",
        "description": "at most 4096 bytes of UTF-8 and 64 lines, without NUL"
      },
      "Key": {
        "type": "string",
        "description": "the publisher's own name for a message, 1 to 64 bytes, unique in its session"
      },
      "Reaction": {"type": "string", "description": "an emoji or a word, 1 to 32 bytes"},
      "TopicText": {"type": "string", "description": "the empty string: none; at most 400 bytes"},
      "Id": {"type": "string", "description": "a UUID of version 7, whose millisecond is ts"},
      "Time": {"type": "string", "description": "RFC 3339 with milliseconds"},
      "Number": {
        "type": "integer",
        "minimum": 1,
        "maximum": 9007199254740992,
        "description": "no integer is larger than 2^53"
      },
      "NumberOrZero": {"type": "integer", "minimum": 0, "maximum": 9007199254740992},
      "Count": {"type": "integer", "minimum": 0},
      "Position": {
        "type": "object",
        "description": "Where a message of a room stands; positions order as (epoch, seq). A seq of 0 stands before the first.",
        "properties": {
          "epoch": {"$ref": "#/components/schemas/Number"},
          "seq": {"$ref": "#/components/schemas/NumberOrZero"}
        },
        "required": ["epoch", "seq"]
      },
      "Target": {
        "type": "object",
        "description": "A position; without an epoch, of the room's present one.",
        "properties": {
          "epoch": {"$ref": "#/components/schemas/Number"},
          "seq": {"$ref": "#/components/schemas/NumberOrZero"}
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
      "Numbered": {
        "type": "object",
        "description": "What is said in a room has the next number of it.",
        "properties": {
          "room": {"$ref": "#/components/schemas/Room"},
          "epoch": {"$ref": "#/components/schemas/Number"},
          "seq": {"$ref": "#/components/schemas/Number"},
          "id": {"$ref": "#/components/schemas/Id"},
          "ts": {"$ref": "#/components/schemas/Time"}
        },
        "required": ["room", "epoch", "seq", "id", "ts"]
      },
      "Said": {
        "allOf": [
          {"$ref": "#/components/schemas/Numbered"},
          {
            "type": "object",
            "properties": {
              "repeated": {
                "type": "boolean",
                "description": "its key was known: this is the first one's position"
              }
            }
          }
        ]
      },
      "Standing": {
        "description": "The position is that of the room's last message.",
        "allOf": [
          {"$ref": "#/components/schemas/Position"},
          {
            "type": "object",
            "properties": {
              "room": {"$ref": "#/components/schemas/Room"},
              "others": {"$ref": "#/components/schemas/Count"},
              "topic": {"$ref": "#/components/schemas/TopicText"},
              "recovered": {
                "type": "boolean",
                "description": "asked for by since: all that follows it comes"
              },
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
            "required": ["room", "others", "topic"]
          }
        ]
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
      "Topic": {
        "type": "object",
        "properties": {
          "room": {"$ref": "#/components/schemas/Room"},
          "topic": {"$ref": "#/components/schemas/TopicText"},
          "from": {
            "description": "who set it; left out: nobody",
            "allOf": [{"$ref": "#/components/schemas/Nick"}]
          }
        },
        "required": ["room", "topic"]
      },
      "Tcp": {
        "type": "object",
        "description": "what the kernel knows of it, as `ss -ti` names it",
        "properties": {
          "state": {"type": "string", "description": "ESTAB, FIN-WAIT-1, CLOSE-WAIT ..."},
          "rtt_us": {"$ref": "#/components/schemas/Count"},
          "rttvar_us": {"$ref": "#/components/schemas/Count"},
          "rto_us": {"$ref": "#/components/schemas/Count"},
          "mss_bytes": {"$ref": "#/components/schemas/Count"},
          "cwnd": {"$ref": "#/components/schemas/Count"},
          "unacked": {"$ref": "#/components/schemas/Count"},
          "lost": {"$ref": "#/components/schemas/Count"},
          "retrans": {"$ref": "#/components/schemas/Count"},
          "retrans_total": {"$ref": "#/components/schemas/Count"},
          "notsent_bytes": {"$ref": "#/components/schemas/Count"},
          "send_queue_bytes": {"$ref": "#/components/schemas/Count"},
          "receive_queue_bytes": {"$ref": "#/components/schemas/Count"},
          "last_sent_ms": {"$ref": "#/components/schemas/Count"},
          "last_received_ms": {"$ref": "#/components/schemas/Count"},
          "received_bytes": {"$ref": "#/components/schemas/Count"},
          "sent_bytes": {"$ref": "#/components/schemas/Count"}
        },
        "required": ["state", "rtt_us", "rttvar_us", "rto_us", "mss_bytes", "cwnd", "unacked",
          "lost", "retrans", "retrans_total", "notsent_bytes", "send_queue_bytes",
          "receive_queue_bytes", "last_sent_ms", "last_received_ms", "received_bytes",
          "sent_bytes"]
      },
      "Connection": {
        "type": "object",
        "properties": {
          "id": {"$ref": "#/components/schemas/Count"},
          "dialect": {
            "type": "string",
            "enum": [
              "undecided", "text", "json", "http", "events",
              "websocket-text", "websocket-json", "websocket-echo"
            ]
          },
          "peer": {"type": "string", "description": "ADDRESS:PORT"},
          "nick": {
            "description": "left out: it has none",
            "allOf": [{"$ref": "#/components/schemas/Nick"}]
          },
          "rooms": {"type": "array", "items": {"$ref": "#/components/schemas/Room"}},
          "since": {"$ref": "#/components/schemas/Time"},
          "held_bytes": {
            "description": "for it, and not taken by the kernel yet",
            "allOf": [{"$ref": "#/components/schemas/Count"}]
          },
          "behind": {
            "description": "records of its rooms that were not handed to it yet",
            "allOf": [{"$ref": "#/components/schemas/Count"}]
          },
          "tcp": {
            "description": "left out: the kernel does not say",
            "allOf": [{"$ref": "#/components/schemas/Tcp"}]
          }
        },
        "required": ["id", "dialect", "peer", "rooms", "since", "held_bytes", "behind"]
      },
      "DatagramPeer": {
        "type": "object",
        "properties": {
          "id": {"type": "string", "description": "udp:NUMBER"},
          "peer": {"type": "string", "description": "ADDRESS:PORT"},
          "heard": {"$ref": "#/components/schemas/Time"},
          "received": {"$ref": "#/components/schemas/Count"},
          "received_bytes": {"$ref": "#/components/schemas/Count"},
          "sent": {"$ref": "#/components/schemas/Count"},
          "sent_bytes": {"$ref": "#/components/schemas/Count"}
        },
        "required": ["id", "peer", "heard", "received", "received_bytes", "sent", "sent_bytes"]
      },
      "Connections": {
        "type": "object",
        "properties": {
          "connections": {"type": "array", "items": {"$ref": "#/components/schemas/Connection"}},
          "peers": {"type": "array", "items": {"$ref": "#/components/schemas/DatagramPeer"}},
          "total": {"$ref": "#/components/schemas/Count"},
          "peers_total": {"$ref": "#/components/schemas/Count"},
          "next": {
            "description": "what the next page comes after; left out: there is none",
            "allOf": [{"$ref": "#/components/schemas/Count"}]
          }
        },
        "required": ["connections", "peers", "total", "peers_total"]
      },
      "Schedule": {
        "type": "object",
        "properties": {
          "id": {"$ref": "#/components/schemas/Number"},
          "room": {"$ref": "#/components/schemas/Room"},
          "body": {"$ref": "#/components/schemas/Body"},
          "action": {"type": "boolean"},
          "due": {"type": "string", "description": "RFC 3339 in the server's zone"},
          "every": {"type": "string", "description": "left out: once"}
        },
        "required": ["id", "room", "body", "action", "due"]
      },
      "Event": {
        "allOf": [
          {"$ref": "#/components/schemas/Numbered"},
          {
            "type": "object",
            "properties": {
              "from": {"$ref": "#/components/schemas/Nick"},
              "key": {
                "description": "what it was said under, if under any",
                "allOf": [{"$ref": "#/components/schemas/Key"}]
              }
            },
            "required": ["from"]
          }
        ]
      },
      "Message": {
        "allOf": [
          {"$ref": "#/components/schemas/Event"},
          {
            "type": "object",
            "properties": {
              "body": {"$ref": "#/components/schemas/Body"},
              "action": {"type": "boolean"},
              "reply_to": {"$ref": "#/components/schemas/Position"},
              "removed": {
                "type": "boolean",
                "description": "taken back since; the body is empty then"
              }
            },
            "required": ["body"]
          }
        ]
      },
      "Edited": {
        "allOf": [
          {"$ref": "#/components/schemas/Event"},
          {
            "type": "object",
            "properties": {
              "target": {"$ref": "#/components/schemas/Position"},
              "body": {"$ref": "#/components/schemas/Body"}
            },
            "required": ["target", "body"]
          }
        ]
      },
      "Redacted": {
        "allOf": [
          {"$ref": "#/components/schemas/Event"},
          {
            "type": "object",
            "properties": {"target": {"$ref": "#/components/schemas/Position"}},
            "required": ["target"]
          }
        ]
      },
      "Reacted": {
        "allOf": [
          {"$ref": "#/components/schemas/Event"},
          {
            "type": "object",
            "properties": {
              "target": {"$ref": "#/components/schemas/Position"},
              "reaction": {"$ref": "#/components/schemas/Reaction"},
              "off": {"type": "boolean"}
            },
            "required": ["target", "reaction"]
          }
        ]
      },
      "TopicSet": {
        "allOf": [
          {"$ref": "#/components/schemas/Event"},
          {
            "type": "object",
            "properties": {"topic": {"$ref": "#/components/schemas/TopicText"}},
            "required": ["topic"]
          }
        ]
      },
      "Moved": {
        "type": "object",
        "properties": {
          "room": {"$ref": "#/components/schemas/Room"},
          "from": {
            "description": "left out where several are counted",
            "allOf": [{"$ref": "#/components/schemas/Nick"}]
          },
          "count": {
            "description": "how many, where naming each would be noise",
            "allOf": [{"$ref": "#/components/schemas/Count"}]
          },
          "people": {
            "description": "how many are there since; with count",
            "allOf": [{"$ref": "#/components/schemas/Count"}]
          }
        },
        "required": ["room"]
      },
      "ListedEvent": {
        "description": "The params of the notification called kind.",
        "oneOf": [
          {
            "allOf": [
              {
                "type": "object",
                "properties": {"kind": {"type": "string", "enum": ["message"]}},
                "required": ["kind"]
              },
              {"$ref": "#/components/schemas/Message"}
            ]
          },
          {
            "allOf": [
              {
                "type": "object",
                "properties": {"kind": {"type": "string", "enum": ["edited"]}},
                "required": ["kind"]
              },
              {"$ref": "#/components/schemas/Edited"}
            ]
          },
          {
            "allOf": [
              {
                "type": "object",
                "properties": {"kind": {"type": "string", "enum": ["redacted"]}},
                "required": ["kind"]
              },
              {"$ref": "#/components/schemas/Redacted"}
            ]
          },
          {
            "allOf": [
              {
                "type": "object",
                "properties": {"kind": {"type": "string", "enum": ["reacted"]}},
                "required": ["kind"]
              },
              {"$ref": "#/components/schemas/Reacted"}
            ]
          },
          {
            "allOf": [
              {
                "type": "object",
                "properties": {"kind": {"type": "string", "enum": ["topic"]}},
                "required": ["kind"]
              },
              {"$ref": "#/components/schemas/TopicSet"}
            ]
          }
        ]
      }
    },
    "contentDescriptors": {
      "room": {
        "name": "room",
        "description": "Left out: the current one; by POST the lobby.",
        "required": false,
        "schema": {"$ref": "#/components/schemas/Room"}
      },
      "body": {"name": "body", "required": true, "schema": {"$ref": "#/components/schemas/Body"}},
      "target": {
        "name": "target",
        "description": "The message.",
        "required": true,
        "schema": {"$ref": "#/components/schemas/Target"}
      },
      "action": {
        "name": "action",
        "description": "What one does rather than says: /me of the text dialect.",
        "required": false,
        "schema": {"type": "boolean"}
      },
      "rooms": {
        "name": "rooms",
        "description": "Those to enter; left out: the lobby.",
        "required": false,
        "schema": {"$ref": "#/components/schemas/Rooms"}
      },
      "notices": {
        "name": "notices",
        "description": "Whether joined, left and renamed are told.",
        "required": false,
        "schema": {"type": "boolean"}
      }
    },
    "examples": {
      "said": {
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
    "errors": {
      "InvalidParams": {
        "code": -32602,
        "message": "Invalid params",
        "data": {"detail": "body: is missing"}
      },
      "Refused": {
        "code": -32000,
        "message": "That nick, or one that looks like it, is taken; choose another.",
        "data": {"code": "NICK_IN_USE", "retry": false}
      }
    })json";
}

}  // namespace chatd::wire
