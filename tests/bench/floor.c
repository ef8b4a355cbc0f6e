// The floor: what delivering a line costs when a server does nothing else. It takes one block of
// bytes from a publisher and sends it, unchanged, to every listener by one plain send() each. No
// parsing, no names, no rooms, no queue: nothing that a server must do could be cheaper.
//
//     floor PORT LISTENERS BLOCK_BYTES
//
// The first LISTENERS connections listen, the next one publishes. A block is BLOCK_BYTES (as many
// lines as one wants coalesced), or, with 0, whatever one recv() brings. PORT 0 picks one; the
// ready line names it. Ends when the publisher does.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { listeners_max = 19900, block_bytes_max = 4 << 20 };

static void fail(const char* what) {
    perror(what);
    exit(69);
}

static int listen_on(unsigned short port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    const int on = 1;
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0) fail("socket");
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr*)&address, length) != 0) fail("bind");
    if (listen(listener, 4096) != 0) fail("listen");
    getsockname(listener, (struct sockaddr*)&address, &length);
    fprintf(stderr, "floor: ready tcp 127.0.0.1:%d\n", ntohs(address.sin_port));
    return listener;
}

static int take_one(int listener) {
    const int on = 1;
    const int connection = accept(listener, NULL, NULL);
    if (connection < 0) fail("accept");
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return connection;
}

static void send_all(int connection, const char* bytes, size_t size) {
    while (size > 0) {  // one send() takes all, unless the reader's window is full
        const ssize_t sent = send(connection, bytes, size, MSG_NOSIGNAL);
        if (sent < 0) fail("send");
        bytes += sent;
        size -= (size_t)sent;
    }
}

int main(int argc, char** argv) {
    static char block[block_bytes_max];
    static int listeners[listeners_max];
    if (argc != 4) {
        fprintf(stderr, "usage: floor PORT LISTENERS BLOCK_BYTES\n");
        return 64;
    }
    const int count = atoi(argv[2]);
    const size_t block_bytes = strtoul(argv[3], NULL, 10);
    if (count < 1 || count > listeners_max || block_bytes > sizeof block) return 64;

    const int listener = listen_on((unsigned short)atoi(argv[1]));
    for (int index = 0; index < count; ++index)
        listeners[index] = take_one(listener);
    const int publisher = take_one(listener);
    for (;;) {
        const ssize_t got = block_bytes == 0 ? recv(publisher, block, sizeof block, 0)
                                             : recv(publisher, block, block_bytes, MSG_WAITALL);
        if (got < 0) fail("recv");
        if (got == 0) return 0;
        for (int index = 0; index < count; ++index)
            send_all(listeners[index], block, (size_t)got);
    }
}
