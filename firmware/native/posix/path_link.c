#define _GNU_SOURCE
#include "path_link.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef TUNGETDEVNETNS
#define TUNGETDEVNETNS _IO('T', 227)
#endif

enum { MESSAGES_LEN = 16384 };

static int open_netlink(unsigned groups) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
    if (fd >= 0 && bind(fd, (struct sockaddr *)(void *)&address, sizeof address) < 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

// The same in the namespace of an interface that was moved away from ours; a socket stays in the one where it was made.
static int open_netlink_beside(const path_tun_t *tun, unsigned groups) {
    struct stat here, there;
    int fd = -1, theirs = ioctl(tun->fd, TUNGETDEVNETNS);
    int ours = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    bool moved = theirs >= 0 && ours >= 0 && fstat(ours, &here) == 0 && fstat(theirs, &there) == 0 &&
                 here.st_ino != there.st_ino && setns(theirs, CLONE_NEWNET) == 0;
    fd = open_netlink(groups);
    int error = errno;
    if (moved && setns(ours, CLONE_NEWNET) < 0) {
        error = errno; // every later socket would be in the wrong place
        close(fd);
        fd = -1;
    }
    if (theirs >= 0) {
        close(theirs);
    }
    if (ours >= 0) {
        close(ours);
    }
    errno = error;
    return fd;
}

// Ask for the state of the interface; the answer comes like the kernel's own messages.
static int ask(const path_link_t *link, const path_tun_t *tun) {
    struct {
        struct nlmsghdr header;
        struct ifinfomsg info;
        struct rtattr name_header;
        char name[IFNAMSIZ];
    } request = {0};
    struct ifreq current = {0};
    if (ioctl(tun->fd, TUNGETIFF, &current) < 0) {
        return errno;
    }
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = RTM_GETLINK;
    request.header.nlmsg_flags = NLM_F_REQUEST;
    request.name_header.rta_type = IFLA_IFNAME;
    request.name_header.rta_len = RTA_LENGTH(IFNAMSIZ);
    memcpy(request.name, current.ifr_name, IFNAMSIZ);
    return send(link->fd, &request, sizeof request, 0) < 0 ? errno : 0;
}

static void take_link(path_link_t *link, const struct nlmsghdr *header) {
    const struct ifinfomsg *info = NLMSG_DATA(header);
    link->up = (info->ifi_flags & IFF_UP) != 0;
    const uint8_t *at = (const uint8_t *)IFLA_RTA(info), *end = (const uint8_t *)header + header->nlmsg_len;
    struct rtattr attribute;
    while (at < end && (size_t)(end - at) >= sizeof attribute) {
        memcpy(&attribute, at, sizeof attribute);
        if (attribute.rta_len < sizeof attribute || attribute.rta_len > end - at) {
            return;
        }
        if (attribute.rta_type == IFLA_MTU && attribute.rta_len >= RTA_LENGTH(sizeof link->mtu)) {
            memcpy(&link->mtu, at + RTA_LENGTH(0), sizeof link->mtu);
        }
        at += RTA_ALIGN(attribute.rta_len);
    }
}

// Take what the kernel sends in one piece: one change, or the answer to ask(). False: nothing is there. Sets *lost when messages
// were lost or the interface left its namespace.
static bool take_change(path_link_t *link, bool *lost) {
    _Alignas(struct nlmsghdr) uint8_t buffer[MESSAGES_LEN];
    struct sockaddr_nl from = {0};
    socklen_t from_len = sizeof from;
    ssize_t got;
    do {
        got = recvfrom(link->fd, buffer, sizeof buffer, 0, (struct sockaddr *)(void *)&from, &from_len);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        *lost = *lost || errno == ENOBUFS;
        return false;
    }
    size_t left = (size_t)got;
    for (struct nlmsghdr *h = (struct nlmsghdr *)(void *)buffer; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
        const struct ifinfomsg *info = NLMSG_DATA(h);
        if (h->nlmsg_type != RTM_NEWLINK && h->nlmsg_type != RTM_DELLINK) {
            continue;
        }
        if (from.nl_groups == 0) { // the answer to ask()
            link->index = info->ifi_index;
        }
        if (info->ifi_index == link->index && h->nlmsg_type == RTM_NEWLINK) {
            take_link(link, h);
        } else if (info->ifi_index == link->index) {
            *lost = true;
        }
    }
    return true;
}

int path_link_open(path_link_t *link, const path_tun_t *tun) {
    bool lost = false;
    *link = (path_link_t){.fd = open_netlink_beside(tun, RTMGRP_LINK)};
    if (link->fd < 0) {
        return errno;
    }
    int error = ask(link, tun);
    if (error != 0) {
        path_link_close(link);
        return error;
    }
    while (take_change(link, &lost)) { // the kernel answers inside send()
    }
    return 0;
}

void path_link_close(path_link_t *link) {
    if (link->fd >= 0) {
        close(link->fd);
        link->fd = -1;
    }
}

bool path_link_read(path_link_t *link, const path_tun_t *tun) {
    path_link_t before = *link;
    bool lost = false;
    // No further than the moment it went down: up again is another change.
    while ((link->up || !before.up) && !lost && take_change(link, &lost)) {
    }
    if (lost) {
        // Gone, moved to another namespace, or too much at once: begin anew.
        path_link_close(link);
        if (!path_tun_exists(tun) || path_link_open(link, tun) != 0) {
            link->up = false;
            link->mtu = 0;
        }
    }
    return link->up != before.up || link->mtu != before.mtu;
}

int path_link_watch_routes(void) {
    return open_netlink(RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE);
}

void path_link_drain(int fd) {
    uint8_t buffer[MESSAGES_LEN];
    while (recv(fd, buffer, sizeof buffer, 0) >= 0 || errno == ENOBUFS || errno == EINTR) {
    }
}
