// The floor for raw datagrams: recvmmsg() what is there, sendmmsg() each datagram to every other
// peer, unchanged and in order. Who sends a first datagram is a peer from then on; an empty one
// leaves. No rooms, no limits, no trains.
//
//     udp_relay PORT
//
// PORT 0 picks one; the ready line names it. Ends on a signal.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { peers_max = 1024, batch_max = 64, datagram_room = 2048, buffer_bytes = 4 << 20 };

static struct sockaddr_in peers[peers_max];
static int peer_count;

static void fail(const char* what) {
    perror(what);
    exit(69);
}

static int bind_on(unsigned short port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    const int size = buffer_bytes;
    const int relay = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (relay < 0) fail("socket");
    setsockopt(relay, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(relay, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    if (bind(relay, (struct sockaddr*)&address, length) != 0) fail("bind");
    getsockname(relay, (struct sockaddr*)&address, &length);
    fprintf(stderr, "udp_relay: ready udp 127.0.0.1:%d\n", ntohs(address.sin_port));
    return relay;
}

static int peer_of(const struct sockaddr_in* address) {
    for (int peer = 0; peer < peer_count; ++peer) {
        if (peers[peer].sin_port == address->sin_port &&
            peers[peer].sin_addr.s_addr == address->sin_addr.s_addr) {
            return peer;
        }
    }
    return -1;
}

// All copies of one datagram, in calls of batch_max.
static void relay_to_others(int relay, struct iovec* piece, int author) {
    static struct mmsghdr out[batch_max];
    for (int peer = 0; peer < peer_count;) {
        unsigned count = 0;
        for (; peer < peer_count && count < batch_max; ++peer) {
            if (peer == author) continue;
            out[count++].msg_hdr = (struct msghdr){.msg_name = &peers[peer],
                                                   .msg_namelen = sizeof peers[0],
                                                   .msg_iov = piece,
                                                   .msg_iovlen = 1};
        }
        for (unsigned done = 0; done < count;) {
            const int sent = sendmmsg(relay, out + done, count - done, 0);
            done += sent > 0 ? (unsigned)sent : 1;  // one that can't be sent is lost
        }
    }
}

static void take(int relay, struct iovec* piece, size_t size, const struct sockaddr_in* from) {
    int author = peer_of(from);
    if (size == 0) {
        if (author >= 0) peers[author] = peers[--peer_count];
        return;
    }
    if (author < 0) {
        if (peer_count == peers_max) return;
        author = peer_count;
        peers[peer_count++] = *from;
    }
    piece->iov_len = size;
    relay_to_others(relay, piece, author);
    piece->iov_len = datagram_room;
}

int main(int argc, char** argv) {
    static char room[batch_max][datagram_room];
    static struct sockaddr_in from[batch_max];
    static struct iovec pieces[batch_max];
    static struct mmsghdr in[batch_max];
    if (argc != 2) {
        fprintf(stderr, "usage: udp_relay PORT\n");
        return 64;
    }
    const int relay = bind_on((unsigned short)atoi(argv[1]));
    for (;;) {
        for (int slot = 0; slot < batch_max; ++slot) {
            pieces[slot] = (struct iovec){room[slot], datagram_room};
            in[slot].msg_hdr = (struct msghdr){.msg_name = &from[slot],
                                               .msg_namelen = sizeof from[0],
                                               .msg_iov = &pieces[slot],
                                               .msg_iovlen = 1};
        }
        const int got = recvmmsg(relay, in, batch_max, MSG_WAITFORONE, NULL);
        for (int slot = 0; slot < got; ++slot)
            take(relay, &pieces[slot], in[slot].msg_len, &from[slot]);
    }
}
