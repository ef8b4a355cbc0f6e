// The floor of resuming: a bare copy of the same bytes. For each connection one request is read,
// and what was missed after the number it names is sent by plain send(). No parsing, no session, no
// room; one connection after the other.
//
//     resume_floor PORT LINES CONNECTIONS
//
// LINES is a file of messages, one a line, as resume_storm keeps it. PORT 0 picks one; the ready
// line names it. Ends when all CONNECTIONS were served and the last one is closed.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { connections_max = 19900, lines_max = 100000, text_bytes_max = 64 << 20 };

static char text[text_bytes_max];
static size_t text_bytes;
static size_t begins[lines_max + 1];  // where each line begins
static size_t lines;
static unsigned long first_seq;

static void fail(const char* what) {
    perror(what);
    exit(69);
}

static unsigned long seq_in(const char* line) {
    const char* const at = strstr(line, "\"seq\":");
    return at == NULL ? 0 : strtoul(at + 6, NULL, 10);
}

static void load(const char* path) {
    FILE* const file = fopen(path, "r");
    if (file == NULL) fail(path);
    while (lines < lines_max &&
           fgets(text + text_bytes, (int)(text_bytes_max - text_bytes), file)) {
        begins[lines++] = text_bytes;
        text_bytes += strlen(text + text_bytes);
    }
    fclose(file);
    first_seq = seq_in(text);
    if (lines == 0 || first_seq == 0) exit(64);
}

static int listen_on(unsigned short port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0) fail("socket");
    if (bind(listener, (struct sockaddr*)&address, length) != 0) fail("bind");
    if (listen(listener, 4096) != 0) fail("listen");
    getsockname(listener, (struct sockaddr*)&address, &length);
    fprintf(stderr, "resume_floor: ready tcp 127.0.0.1:%d\n", ntohs(address.sin_port));
    return listener;
}

static void send_all(int connection, const char* bytes, size_t size) {
    while (size > 0) {
        const ssize_t sent = send(connection, bytes, size, MSG_NOSIGNAL);
        if (sent < 0) fail("send");
        bytes += sent;
        size -= (size_t)sent;
    }
}

static int serve_one(int listener) {
    // As long as chatd's answer, with what a client looks for.
    static const char answer[] =
        "{\"jsonrpc\":\"2.0\",\"result\":{\"nick\":\"guest-10000\",\"rooms\":[{\"room\":\"lobby\","
        "\"epoch\":1,\"seq\":1000,\"others\":9999,\"topic\":\"\",\"recovered\":true}]},\"id\":1}\n";
    char request[1024];
    const int on = 1;
    const int connection = accept(listener, NULL, NULL);
    if (connection < 0) fail("accept");
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const ssize_t got = recv(connection, request, sizeof request - 1, 0);
    if (got <= 0) fail("recv");
    request[got] = '\0';
    const unsigned long first = seq_in(request) + 1 - first_seq;
    if (first >= lines) exit(64);
    send_all(connection, answer, sizeof answer - 1);
    send_all(connection, text + begins[first], text_bytes - begins[first]);
    return connection;
}

int main(int argc, char** argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: resume_floor PORT LINES CONNECTIONS\n");
        return 64;
    }
    const int count = atoi(argv[3]);
    if (count < 1 || count > connections_max) return 64;
    load(argv[2]);
    const int listener = listen_on((unsigned short)atoi(argv[1]));
    int last = -1;
    for (int served = 0; served < count; ++served)
        last = serve_one(listener);
    char end;
    while (recv(last, &end, 1, 0) > 0) {
    }
    return 0;
}
