#pragma once
// What tests ask of an HTTP answer as it stands on the wire.

#include <string>
#include <string_view>

namespace chatd::test {

inline bool has_status(std::string_view answer, int status) {
    return answer.starts_with("HTTP/1.1 " + std::to_string(status) + " ");
}

}  // namespace chatd::test
