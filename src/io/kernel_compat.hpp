#pragma once
// Constants of kernels newer than the headers of liburing 2.3 (Linux 6.1). What they stand for is
// probed for before it is used, and never required.

namespace chatd::io {

inline constexpr int op_fixed_fd_install = 54;  ///< IORING_OP_FIXED_FD_INSTALL, Linux 6.8

}  // namespace chatd::io
