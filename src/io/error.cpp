#include "chatd/io/error.hpp"

#include <system_error>

namespace chatd::io {

std::string Error::text() const {
    return std::string(what) + ": " + std::system_category().message(number);
}

}  // namespace chatd::io
