#pragma once
// Makes SQLite's Nth write or truncation fail, and all after it, while it lives: the unix VFS
// lets its system calls be replaced. One at a time.

#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "support/catch.hpp"

namespace chatd::test {

class FailingDisk {
public:
    /// From the `nth` operation on, counted from 1, all fail with `number`.
    FailingDisk(int nth, int number) {
        left_ = nth - 1;
        number_ = number;
        replace("write", reinterpret_cast<sqlite3_syscall_ptr>(&failing_write));
        replace("pwrite", reinterpret_cast<sqlite3_syscall_ptr>(&failing_pwrite));
        replace("pwrite64", reinterpret_cast<sqlite3_syscall_ptr>(&failing_pwrite));
        replace("ftruncate", reinterpret_cast<sqlite3_syscall_ptr>(&failing_ftruncate));
        replace("fallocate", reinterpret_cast<sqlite3_syscall_ptr>(&failing_fallocate));
    }
    FailingDisk(const FailingDisk&) = delete;
    FailingDisk& operator=(const FailingDisk&) = delete;
    ~FailingDisk() {
        for (const char* const name : {"write", "pwrite", "pwrite64", "ftruncate", "fallocate"})
            replace(name, nullptr);
    }

private:
    static void replace(const char* name, sqlite3_syscall_ptr call) {
        sqlite3_vfs* const vfs = sqlite3_vfs_find("unix");
        REQUIRE(vfs != nullptr);
        // A call that this build of SQLite does not make cannot be replaced, nor needs to be.
        vfs->xSetSystemCall(vfs, name, call);
    }
    static bool fails() {
        if (left_.fetch_sub(1) > 0) return false;
        errno = number_;
        return true;
    }
    static ssize_t failing_write(int descriptor, const void* data, size_t bytes) {
        return fails() ? -1 : ::write(descriptor, data, bytes);
    }
    static ssize_t failing_pwrite(int descriptor, const void* data, size_t bytes, off_t offset) {
        return fails() ? -1 : ::pwrite(descriptor, data, bytes, offset);
    }
    static int failing_ftruncate(int descriptor, off_t bytes) {
        return fails() ? -1 : ::ftruncate(descriptor, bytes);
    }
    static int failing_fallocate(int, off_t, off_t) {
        return fails() ? number_.load() : EOPNOTSUPP;
    }

    static inline std::atomic<int> left_{0};
    static inline std::atomic<int> number_{0};
};

}  // namespace chatd::test
