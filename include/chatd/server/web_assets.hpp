#pragma once
// The web page, as clients/web/pack.py compiled it into this program.

#include <span>

#include "chatd/wire/asset.hpp"

namespace chatd::server {

/// All files of the page, the page itself among them. Static. Any thread.
std::span<const wire::Asset> web_assets() noexcept;

}  // namespace chatd::server
