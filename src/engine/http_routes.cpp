// Every route of the chat port: the web page, health, metrics, rooms, and JSON-RPC by POST.

#include "engine/http_routes.hpp"

#include <array>
#include <utility>

#include "chatd/wire/asset.hpp"
#include "chatd/wire/event_stream.hpp"
#include "chatd/wire/json_request.hpp"
#include "chatd/wire/openrpc.hpp"
#include "chatd/wire/utf8.hpp"
#include "engine/requests.hpp"

namespace chatd::engine {

namespace {

using wire::Errc;
using wire::HttpRequest;
using wire::Problem;

constexpr std::array<std::string_view, 3> websocket_paths{"/ws", "/", "/echo"};
constexpr std::array<std::string_view, 2> websocket_subprotocols{"chatd.json.v1", "chatd.text.v1"};

/// A JSON body that a route wants as an object.
std::expected<wire::JsonValue, Problem> read_object(Core& core, std::string_view body) {
    const auto value = core.json_reader.read(as_bytes(body));
    if (value && value->is(wire::JsonKind::object)) return *value;
    return std::unexpected(wire::problem_saying(
        Errc::bad_argument,
        R"(The body is one JSON object, {"body":"hi"}; send its parameters so.)"));
}

struct Server {
    Core& core;
    Connection& connection;
    const HttpRequest& request;
    std::string_view body;

    void carry_out(const wire::Request& wanted) {
        carry_out_once(core, connection, wanted, {.carrier = Ask::Carrier::http});
    }

    void operator()(const wire::AssetRoute& route) {
        const wire::Asset* asset = wire::find_asset(core.config.assets, route.path);
        if (asset == nullptr) {
            return answer_problem(core, connection, wire::problem_not_found());
        }
        const wire::AssetAnswer found = wire::answer_asset(*asset, request);
        answer_fixed(core, connection,
                     {.status = found.status,
                      .content_type = asset->content_type,
                      .body = found.body,
                      .extra = found.extra});
    }
    void operator()(const wire::HealthRoute&) {
        answer_resource(core, connection, {.body = "ok\n"});
    }
    void operator()(const wire::ReadyRoute&) {
        const bool ready = !core.draining;
        answer_resource(core, connection,
                        {.status = static_cast<std::uint16_t>(ready ? 200 : 503),
                         .body = ready ? "ready\n" : "draining\n"});
    }
    void operator()(const wire::MetricsRoute&) {
        const std::string metrics = metrics_text(core);
        answer_resource(
            core, connection,
            {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics});
    }
    void operator()(const wire::OpenRpcRoute&) {
        answer_fixed(core, connection,
                     {.content_type = "application/json", .body = wire::openrpc_document()});
    }
    void operator()(const wire::WebSocketRoute&) { CHATD_ASSERT(false); }  // http_session's

    void operator()(const wire::RoomsRoute&) { carry_out(wire::Rooms{}); }
    void operator()(const wire::HistoryRoute& route) { carry_out(route.request()); }
    void operator()(const wire::SearchRoute& route) { carry_out(route.request()); }
    void operator()(const wire::ConnectionsRoute& route) {
        // A page of any name that was made to point here would be told it by a browser.
        if (!wire::is_local_host(request.host)) {
            return answer_problem(core, connection,
                                  wire::problem_of(Errc::local_only, "Ask localhost or an IP."));
        }
        carry_out(wire::Connections{route.after, route.limit});
    }
    void operator()(const wire::SchedulesRoute&) { carry_out(wire::Schedules{}); }
    void operator()(const wire::UnscheduleRoute& route) { carry_out(wire::Unschedule{route.id}); }

    void operator()(const wire::RpcRoute&) {
        take_rpc(core, connection, as_bytes(body), Ask::Carrier::post);
    }

    void operator()(const wire::SayRoute& route) {
        wire::Request wanted =
            wire::Say{.room = route.room, .body = wire::plain_text(body), .key = route.key};
        std::string_view as = route.as;
        if (route.body_kind == wire::BodyKind::json) {
            if (!read_json("say", wanted, as)) return;
            auto& say = std::get<wire::Say>(wanted);
            say.room = route.room;
            if (say.key.empty()) say.key = route.key;
        } else if (!wire::utf8_valid(as_bytes(body))) {
            return answer_problem(core, connection, wire::problem_of(Errc::bad_utf8));
        } else if (body.find('\0') != std::string_view::npos) {
            return answer_problem(core, connection, wire::problem_of(Errc::nul));
        }
        if (!speak_as(as)) return;
        carry_out(wanted);
    }

    void operator()(const wire::ScheduleRoute& route) {
        wire::Request wanted;
        std::string_view as;
        if (!read_json("schedule", wanted, as)) return;
        if (route.id != 0) std::get<wire::Schedule>(wanted).id = route.id;
        carry_out(wanted);
    }

    // The body as the parameters of a method; false after a problem.
    bool read_json(std::string_view method, wire::Request& wanted, std::string_view& as) {
        const auto object = read_object(core, body);
        if (!object) {
            answer_problem(core, connection, object.error());
            return false;
        }
        auto decoded =
            wire::decode_json_request(method, *object, core.datagrams.config().datagram_bytes_max);
        if (!decoded) {
            answer_problem(core, connection,
                           wire::problem_saying(Errc::bad_argument, decoded.error().detail));
            return false;
        }
        wanted = std::move(*decoded);
        const auto named = object->find("as");
        if (named && named->is(wire::JsonKind::string)) as = named->text();
        return true;
    }

    // A guest may borrow a nick that nobody has; false after a problem.
    bool speak_as(std::string_view nick) {
        HttpExchange& exchange = *connection.exchange();
        if (nick.empty() || exchange.session) return true;
        Errc error = chat::check_nick(nick);
        if (error == Errc::none && !core.nicks.is_free(nick)) error = Errc::nick_in_use;
        if (error == Errc::none) {
            exchange.nick = nick;
            return true;
        }
        answer_problem(core, connection, wire::problem_of(error));
        return false;
    }

    // An answer that does not end: from here on the connection is a reader of the room.
    void operator()(const wire::EventsRoute& route) {
        if (connection.exchange()->head_only) {
            wire::encode_event_stream_head(core.stream_of(connection).waiting);
            connection.uncommon->exchange.reset();
            return finish_now(core, connection, Ending::closed);
        }
        std::optional<Position> since = route.after;
        Errc error = Errc::none;
        connection.speech = Speech::events;
        chat::Membership* membership = join_at(core, connection, route.room, since, error);
        if (membership == nullptr) {
            connection.speech = Speech::http;
            return answer_problem(core, connection, wire::problem_of(error));
        }
        if (route.slow_reader) {
            membership->make_detour().slow_reader = static_cast<std::uint8_t>(*route.slow_reader);
        }
        std::string& out = core.stream_of(connection).waiting;
        wire::encode_event_stream_head(out);
        wire::append_sse_retry(out, std::chrono::milliseconds{limits::reconnect_after_ms});
        const auto standing = standing_after_join(core, connection, *membership, since);
        // What comes from the store tells the gaps itself, from where it begins.
        const chat::Room& room = core.room_of(*membership);
        const CatchUp* catch_up =
            membership->catches_up() ? core.catch_ups.at_index(membership->catch_up()) : nullptr;
        if (standing.missing_to &&
            (catch_up == nullptr || catch_up->after >= standing.missing_to)) {
            const Position before{standing.missing_from.epoch, standing.missing_from.seq - 1};
            append_gaps(core, connection, out, room, before, standing.missing_to);
        }
        if (connection.uncommon) connection.uncommon->exchange.reset();
        connection.heard_at = core.now;
        core.mark_ready(connection);
        arm_timer(core, connection);
    }
};

}  // namespace

void serve_route(Core& core, Connection& connection, const HttpRequest& request,
                 const wire::HttpRoute& route, std::string_view body) {
    std::visit(Server{core, connection, request, body}, route);
}

std::expected<wire::UpgradeAccept, wire::HttpRefusal> check_upgrade(
    const HttpRequest& request, const wire::OriginPolicy& origins) {
    const wire::UpgradeRules rules{
        .origins = origins, .paths = websocket_paths, .subprotocols = websocket_subprotocols};
    return wire::check_upgrade(request, rules);
}

}  // namespace chatd::engine
