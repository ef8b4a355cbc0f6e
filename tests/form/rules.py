"""The rules of the house, as tables. ARCHITECTURE.md draws the floors; here they are checked."""

import re

BELOW_KERNEL_LINE = ["base", "wire", "chat", "cluster", "engine"]
HOUSE = BELOW_KERNEL_LINE + ["io", "store", "tls", "server"]

# What each floor may include, itself aside.
FLOORS_BELOW = {
    "base": [],
    "wire": ["base"],
    "chat": ["wire", "base"],
    "cluster": ["chat", "wire", "base"],
    "engine": ["cluster", "chat", "wire", "base"],
    "io": ["base"],
    "store": ["chat", "wire", "base"],
    "tls": ["base"],
    "server": BELOW_KERNEL_LINE + ["io", "store", "tls"],
    "main": HOUSE,
    "client": ["wire", "base"],
    "clients": ["client", "wire", "base"],
}

# One door per outside thing: a pattern over include names, and the files that may include it.
# Tests of a door stand at it too.
DOORS = [
    (r"liburing\.h|liburing/.*|linux/io_uring\.h", r"(src/io|include/chatd/io|tests/unit/io)/.*", "io"),
    (r"sqlite3\.h", r"(src/store|tests/(unit/store|bench))/.*", "store"),
    (r"openssl/.*", r"(src/tls|tests/unit/tls)/.*", "tls"),
    (r"simdjson\.h|simdjson/.*", r"src/wire/(json\w*|utf8)\.cpp", "wire/json and wire/utf8"),
    (r"sodium\.h|sodium/.*", r"src/wire/token\.cpp", "wire/token"),
    (r"n?curses\w*\.h|ncursesw?/.*", r"clients/terminal/screen/front\.cpp", "clients/terminal/screen/front"),
    (r"CLI/.*", r"src/server/.*|src/\w+\.cpp|clients/.*|tests/(simulation|bench)/.*",
     "the programs that parse options"),
]
DOORS = [(re.compile(names), re.compile(files), who) for names, files, who in DOORS]

# Boost is one library's parser; a single file may know it, whichever that is.
BOOST = re.compile(r"boost/.*")

URING_NAME = re.compile(r"\b(io_uring_\w+|IORING_\w+|IOSQE_\w+)\b")
URING_FILES = re.compile(r"(src/io|include/chatd/io|tests/unit/io|tests/bench)/.*")

# Below the kernel line nothing makes a system call, asks a clock or starts a thread.
KERNEL_HEADER = re.compile(
    r"(sys|netinet|net|linux|asm)/.*|arpa/inet\.h"
    r"|(unistd|fcntl|poll|netdb|pthread|sched|signal|time|syslog|spawn|dirent|termios|dlfcn)\.h"
    r"|thread|mutex|shared_mutex|condition_variable|future|semaphore|barrier|latch|stop_token"
    r"|csignal|ctime|fstream|filesystem|iostream|spdlog/.*"
)
KERNEL_HEADER_ALLOWED = {("src/base/address.cpp", "arpa/inet.h")}
CHRONO_CLOCK = re.compile(
    r"\b(?:std::)?chrono::(?:system|steady|high_resolution|utc|tai|gps|file)_clock\b"
)
CHRONO_CLOCK_FILES = re.compile(r"src/io/system_clock\.cpp|(src/client|include/chatd/client|clients)/.*")
CLOCK_CALL = re.compile(
    r"\bnow\s*\(\s*\)|\b(?:clock_gettime|gettimeofday|timespec_get|clock_nanosleep)\b"
    r"|(?<![\w.>])(?:std::)?(?:time\s*\(\s*(?:nullptr|NULL|0|&\w+)\s*\)|clock\s*\(\s*\))"
)
CHANCE_CALL = re.compile(r"\brandom_device\b|\b(?:getrandom|getentropy|arc4random\w*)\b|(?<![\w.>])s?rand\s*\(")
SYSTEM_CALL = re.compile(
    r"(?<![\w.>])::(?:socket|connect|accept4?|bind|listen|sendto|recvfrom|sendmsg|recvmsg|send|recv"
    r"|open|close|read|write|poll|fork|exec\w*|kill|mmap|munmap|usleep|sleep|syscall|ioctl|fcntl)\s*\("
)

# Left-over debug prints: the library floors report by values, the programs print.
PRINT = re.compile(
    r"\bstd::(?:cout|cerr|clog|print|println)\b|(?<![\w.>])(?:std::)?(?:v?f?printf|puts|fputs|perror)\s*\("
    r"|\bfmt::print(?:ln)?\s*\("
)
PRINT_FLOORS = BELOW_KERNEL_LINE + ["io", "store", "tls", "client"]
PRINT_ALLOWED = {"src/base/assert.cpp"}
UNFINISHED = re.compile(r"\b(?:TODO|FIXME)\b")

FILE_LINES_MAX = 500
# A library that people copy is one file: README says so.
FILE_LINES_ALLOWED = {"clients/python/chatd.py": 850}
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "PROTOCOL.md", "CONTRIBUTING.md", "CHANGELOG.md"]
# A document that writes a path of these folders in code marks means a file that is there.
PATH_IN_CODE = re.compile(r"`(?:\./)?((?:src|include|tests|scripts|clients|\.ci)/[\w./+-]+)`")
MARKDOWN_LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+)(?:\s+\"[^\"]*\")?\)")
