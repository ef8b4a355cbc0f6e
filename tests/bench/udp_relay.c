// The floors for raw datagrams: recvmmsg() what is there, sendmmsg() each datagram to every other
// peer, unchanged and in order. Who sends a first datagram is a peer from then on; an empty one
// leaves. No rooms, no limits. With "trains" what was there for one peer leaves in UDP_SEGMENT
// trains of equal sizes instead: what the kernel itself takes for those.
//
//     udp_relay PORT [trains]
//
// PORT 0 picks one; the ready line names it. Ends on a signal.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

// Who sent a datagram, joined or gone by it; -1 if there is nothing to relay.
static int author_of(size_t size, const struct sockaddr_in* from) {
    const int author = peer_of(from);
    if (size == 0) {
        if (author >= 0) peers[author] = peers[--peer_count];
        return -1;
    }
    if (author >= 0) return author;
    if (peer_count == peers_max) return -1;
    peers[peer_count] = *from;
    return peer_count++;
}

static void send_train(int relay, int peer, struct iovec* cars, int count) {
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(uint16_t))];
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(uint16_t)),
                            .cmsg_level = SOL_UDP,
                            .cmsg_type = UDP_SEGMENT}};
    const uint16_t segment = (uint16_t)cars[0].iov_len;
    memcpy(CMSG_DATA(&control.header), &segment, sizeof segment);
    const struct msghdr train = {.msg_name = &peers[peer],
                                 .msg_namelen = sizeof peers[0],
                                 .msg_iov = cars,
                                 .msg_iovlen = (size_t)count,
                                 .msg_control = count > 1 ? &control : NULL,
                                 .msg_controllen = count > 1 ? sizeof control : 0};
    (void)sendmsg(relay, &train, 0);
}

// The whole batch to each peer, runs of equal sizes as one train each.
static void relay_in_trains(int relay, const struct iovec* pieces, const int* authors, int got) {
    for (int peer = 0; peer < peer_count; ++peer) {
        struct iovec cars[batch_max];
        int count = 0;
        for (int slot = 0; slot < got; ++slot) {
            if (authors[slot] < 0 || authors[slot] == peer) continue;
            if (count > 0 && cars[0].iov_len != pieces[slot].iov_len) {
                send_train(relay, peer, cars, count);
                count = 0;
            }
            cars[count++] = pieces[slot];
        }
        if (count > 0) send_train(relay, peer, cars, count);
    }
}

int main(int argc, char** argv) {
    static char room[batch_max][datagram_room];
    static struct sockaddr_in from[batch_max];
    static struct iovec pieces[batch_max];
    static struct mmsghdr in[batch_max];
    static int authors[batch_max];
    const int trains = argc == 3 && strcmp(argv[2], "trains") == 0;
    if (argc != 2 && !trains) {
        fprintf(stderr, "usage: udp_relay PORT [trains]\n");
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
        for (int slot = 0; slot < got; ++slot) {
            pieces[slot].iov_len = in[slot].msg_len;
            authors[slot] = author_of(in[slot].msg_len, &from[slot]);
            if (!trains && authors[slot] >= 0) relay_to_others(relay, &pieces[slot], authors[slot]);
        }
        if (trains) relay_in_trains(relay, pieces, authors, got);
    }
}
