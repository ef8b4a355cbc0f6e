#pragma once
// What chatd's lines mean, whichever carrier brings them: how one logs in by lines, how a body is
// said in one, and what a line that came tells. Text or JSON-RPC; over TCP a line ends with LF, in
// a WebSocket it is a text message.
//
// One dialect serves all connections of a run; one thread.

#include <memory>
#include <string>
#include <string_view>

#include "load/adapter.hpp"

namespace chatd::load {

class Dialect {
public:
    Dialect() = default;
    virtual ~Dialect() = default;
    Dialect(const Dialect&) = delete;
    Dialect& operator=(const Dialect&) = delete;
    Dialect(Dialect&&) = delete;
    Dialect& operator=(Dialect&&) = delete;

    /// By which a WebSocket asks for it.
    virtual std::string_view subprotocol() const noexcept = 0;
    /// Who speaks hears itself.
    virtual bool echoes_own() const noexcept = 0;
    /// The lines by which a member takes its nick and, if the venue's room is not the lobby, joins
    /// it and leaves the lobby. Each ends with a newline.
    virtual std::string login(std::string_view nick) const = 0;
    /// Appends the line that says `body`, without a newline.
    virtual void append_said(std::string_view body, std::string& target) = 0;
    /// Takes one line without its newline.
    virtual void take(std::string_view line, Heard& heard) const = 0;
};

std::unique_ptr<Dialect> make_text_dialect(const Venue& venue);
std::unique_ptr<Dialect> make_json_dialect(const Venue& venue);

}  // namespace chatd::load
