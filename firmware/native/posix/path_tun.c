#define _GNU_SOURCE
#include "path_tun.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

// The most first: each kernel takes the first that it knows whole.
static const unsigned offload_sets[] = {
    TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_USO4 | TUN_F_USO6,
    TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6,
    TUN_F_CSUM,
    0,
};

int path_tun_open(path_tun_t *tun, const char *name) {
    struct ifreq request = {0};
    if (name[0] == '\0' || strlen(name) >= sizeof request.ifr_name) {
        return EINVAL;
    }
    strcpy(request.ifr_name, name);
    request.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR;
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return errno;
    }
    int header_len = (int)sizeof(struct virtio_net_hdr);
    if (ioctl(fd, TUNSETIFF, &request) < 0 || ioctl(fd, TUNSETVNETHDRSZ, &header_len) < 0) {
        int error = errno;
        close(fd);
        return error;
    }
    tun->fd = fd;
    memcpy(tun->name, request.ifr_name, sizeof tun->name);
    for (size_t i = 0; i < sizeof offload_sets / sizeof offload_sets[0]; i++) {
        tun->offloads = offload_sets[i];
        if (ioctl(fd, TUNSETOFFLOAD, (unsigned long)offload_sets[i]) == 0) {
            break;
        }
    }
    return 0;
}

void path_tun_close(path_tun_t *tun) {
    if (tun->fd >= 0) {
        close(tun->fd);
        tun->fd = -1;
    }
}

ssize_t path_tun_read(const path_tun_t *tun, struct virtio_net_hdr *offload, uint8_t *packet, size_t size) {
    struct iovec parts[2] = {
        {.iov_base = offload, .iov_len = sizeof *offload},
        {.iov_base = packet, .iov_len = size},
    };
    ssize_t got = readv(tun->fd, parts, 2);
    if (got < 0) {
        return -1;
    }
    return got < (ssize_t)sizeof *offload ? 0 : got - (ssize_t)sizeof *offload;
}

bool path_tun_exists(const path_tun_t *tun) {
    struct ifreq request = {0};
    return tun->fd >= 0 && ioctl(tun->fd, TUNGETIFF, &request) == 0;
}
