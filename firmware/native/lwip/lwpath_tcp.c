#include "lwpath_tcp.h"

#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"
#include "lwpath_path.h"
#include "lwpath_port.h"
#include "lwpath_stream.h"

#if TCP_QUEUE_OOSEQ && NO_SYS
#error "segments out of order would keep the interfaces' buffers"
#endif

// Received bytes that nobody has taken yet: while Python, or a handshake, has to look at them. What comes on top stays with lwIP,
// which takes nothing more then.
#define ARRIVED_MAX (4 * TCP_MSS)
// And no more segments, however short they are: each holds one of the interface's buffers, or has a header of its own.
#define ARRIVED_SEGMENTS_MAX 8
// Segments that lwIP holds for us; each is as long as the longest.
#define SEGMENTS_MAX 6
#define PORT_TRIES 8
// Half seconds, at which what found no memory is tried again.
#define RETRY_INTERVAL 1

static struct {
    struct tcp_pcb *pcb;  // NULL: there is none
    struct pbuf *arrived; // NULL: nothing
    bool is_connected;
    bool is_closed; // by the other end, behind what has arrived
    bool was_cut;   // since lwIP was answered last: its memory is gone
    cr_end_t end;   // why it is over
} tcp;

// --- what lwIP tells ---

// What a function that lwIP has called returns: the connection may be gone by then, and lwIP must not touch it.
static err_t answer(void) {
    err_t error = tcp.was_cut ? ERR_ABRT : ERR_OK;
    tcp.was_cut = false;
    return error;
}

static void forget_arrived(void) {
    if (tcp.arrived != NULL) {
        pbuf_free(tcp.arrived);
        tcp.arrived = NULL;
    }
}

static void end(cr_end_t why) {
    tcp.pcb = NULL;
    tcp.end = why;
    forget_arrived();
    lwpath_stream_over(why);
}

static err_t take_connected(void *arg, struct tcp_pcb *pcb, err_t error) {
    (void)arg, (void)pcb, (void)error;
    tcp.is_connected = true;
    lwpath_stream_connected();
    return answer();
}

// The connection is gone, and its memory with it.
static void take_error(void *arg, err_t error) {
    (void)arg;
    if (error == ERR_RST) {
        end(tcp.is_connected ? CR_END_RESET : CR_END_REFUSED);
    } else {
        end(CR_END_TIMEOUT);
    }
}

// Drivers with tasks have few buffers, and want them back: what has to wait is copied.
static struct pbuf *to_keep(struct pbuf *segment) {
#if NO_SYS
    return segment;
#else
    struct pbuf *copy = pbuf_clone(PBUF_RAW, PBUF_RAM, segment);
    if (copy != NULL) {
        pbuf_free(segment);
    }
    return copy;
#endif
}

static bool has_room_for(const struct pbuf *segment) {
    const struct pbuf *arrived = tcp.arrived;
    return arrived == NULL || (arrived->tot_len + segment->tot_len <= ARRIVED_MAX &&
                               pbuf_clen(arrived) + pbuf_clen(segment) <= ARRIVED_SEGMENTS_MAX);
}

static err_t take_segment(void *arg, struct tcp_pcb *pcb, struct pbuf *segment, err_t error) {
    (void)arg, (void)pcb, (void)error;
    if (segment == NULL) {
        tcp.is_closed = true;
        lwpath_stream_arrived();
        return answer();
    }
    if (!has_room_for(segment)) {
        return ERR_MEM;
    }
    segment = to_keep(segment);
    if (segment == NULL) {
        return ERR_MEM;
    }
    if (tcp.arrived == NULL) {
        tcp.arrived = segment;
    } else {
        pbuf_cat(tcp.arrived, segment);
    }
    lwpath_stream_arrived();
    return answer();
}

static err_t take_acknowledged(void *arg, struct tcp_pcb *pcb, u16_t len) {
    (void)arg, (void)pcb, (void)len;
    lwpath_stream_drained();
    return answer();
}

static err_t take_time(void *arg, struct tcp_pcb *pcb) {
    (void)arg, (void)pcb;
    lwpath_stream_drained();
    return answer();
}

// --- the connection ---

// From a port of chance: lwIP counts them.
static bool bind(struct tcp_pcb *pcb, const ip_addr_t *own) {
    err_t error = ERR_USE;
    for (unsigned tries = 0; tries < PORT_TRIES && error != ERR_OK; tries++) {
        error = tcp_bind(pcb, own, lwpath_choose_port());
    }
    return error == ERR_OK;
}

// Those before it that still have more to say than goodbye: what they hold is wanted, and nobody waits for it.
static void forget_those_before(void) {
    struct tcp_pcb *pcb = tcp_active_pcbs;
    while (pcb != NULL) {
        struct tcp_pcb *next = pcb->next;
        if (pcb->callback_arg == &tcp && pcb->snd_queuelen > 1) {
            tcp_abandon(pcb, 0);
        }
        pcb = next;
    }
}

cr_end_t lwpath_tcp_connect(uint32_t address, uint16_t port) {
    const ip_addr_t to = IPADDR4_INIT(address), own = IPADDR4_INIT(lwpath_uplink_address());
    lwpath_tcp_close();
    forget_those_before();
    if (lwpath_uplink_address() == 0 || !netif_is_link_up(lwpath.uplink)) {
        return CR_END_UNREACHABLE;
    }
    struct tcp_pcb *pcb = tcp_new();
    if (pcb == NULL) {
        return CR_END_MEMORY;
    }
    tcp_arg(pcb, &tcp);
    tcp_recv(pcb, take_segment);
    tcp_sent(pcb, take_acknowledged);
    tcp_poll(pcb, take_time, RETRY_INTERVAL);
    tcp_err(pcb, take_error);
    tcp_nagle_disable(pcb);
    tcp_bind_netif(pcb, lwpath.uplink);
    tcp.is_connected = tcp.is_closed = tcp.was_cut = false;
    tcp.end = CR_END_NONE;
    tcp.pcb = pcb;
    if (!bind(pcb, &own) || tcp_connect(pcb, &to, port, take_connected) != ERR_OK) {
        lwpath_tcp_close();
        return CR_END_UNREACHABLE;
    }
    return CR_END_NONE;
}

int lwpath_tcp_send(const uint8_t *data, size_t len) {
    struct tcp_pcb *pcb = tcp.pcb;
    if (pcb == NULL) {
        return -(int)tcp.end;
    }
    // Segments are as long as half the widest window that there was, and lwIP cannot cut them: not before there was one.
    if (tcp_sndqueuelen(pcb) >= SEGMENTS_MAX || !tcp.is_connected || pcb->snd_wnd_max < 2) {
        return 0;
    }
    size_t room = tcp_sndbuf(pcb), taken = len < room ? len : room;
    taken = taken < TCP_MSS ? taken : TCP_MSS;
    if (taken == 0 || tcp_write(pcb, data, (u16_t)taken, TCP_WRITE_FLAG_COPY) != ERR_OK) {
        return 0; // take_acknowledged() or take_time() comes
    }
    (void)tcp_output(pcb); // what it cannot send now, lwIP's timer sends
    return (int)taken;
}

int lwpath_tcp_receive(uint8_t *out, size_t len) {
    if (tcp.arrived == NULL) {
        return tcp.pcb == NULL ? -(int)tcp.end : tcp.is_closed ? -(int)CR_END_CLOSED : 0;
    }
    size_t most = len < tcp.arrived->tot_len ? len : tcp.arrived->tot_len;
    u16_t taken = pbuf_copy_partial(tcp.arrived, out, (u16_t)most, 0);
    tcp.arrived = pbuf_free_header(tcp.arrived, taken);
    if (tcp.pcb != NULL) {
        tcp_recved(tcp.pcb, taken);
    }
    return taken;
}

void lwpath_tcp_take_refused(void) {
    if (tcp.pcb != NULL && tcp.pcb->refused_data != NULL && tcp.arrived == NULL) {
        (void)tcp_process_refused_data(tcp.pcb);
    }
}

// Where bytes came that nobody has read, tcp_close() would say so by a reset, too, and give the memory back; but not to lwIP, which may
// be telling us of those bytes.
static bool has_unread(const struct tcp_pcb *pcb) {
    return (pcb->state == ESTABLISHED || pcb->state == CLOSE_WAIT) &&
           (pcb->refused_data != NULL || pcb->rcv_wnd != TCP_WND_MAX(pcb));
}

static void cut(struct tcp_pcb *pcb) {
    tcp_rst(pcb, pcb->snd_nxt, pcb->rcv_nxt, &pcb->local_ip, &pcb->remote_ip, pcb->local_port, pcb->remote_port);
    tcp_abandon(pcb, 0);
    tcp.was_cut = true;
}

void lwpath_tcp_close(void) {
    struct tcp_pcb *pcb = tcp.pcb;
    tcp.pcb = NULL;
    tcp.end = CR_END_HERE;
    if (pcb != NULL) {
        // What it still has to say is said to nobody, and it goes first when another needs its place.
        tcp_recv(pcb, NULL);
        tcp_sent(pcb, NULL);
        tcp_poll(pcb, NULL, 0);
        tcp_err(pcb, NULL);
        tcp_setprio(pcb, TCP_PRIO_MIN);
        if (has_unread(pcb)) {
            cut(pcb);
        } else {
            (void)tcp_close(pcb); // there is no memory for it: lwIP tries again
        }
    }
    forget_arrived();
}

// --- whose segments ---

uint32_t lwpath_tcp_remote(void) {
    return tcp.pcb != NULL ? ip_2_ip4(&tcp.pcb->remote_ip)->addr : 0;
}

static bool is_in(const struct tcp_pcb *list, uint32_t remote, uint16_t remote_port, uint16_t local_port) {
    for (const struct tcp_pcb *pcb = list; pcb != NULL; pcb = pcb->next) {
        if (pcb->callback_arg == &tcp && pcb->local_port == local_port && pcb->remote_port == remote_port &&
            ip_2_ip4(&pcb->remote_ip)->addr == remote) {
            return true;
        }
    }
    return false;
}

bool lwpath_tcp_is_ours(uint32_t remote, uint16_t remote_port, uint16_t local_port) {
    return is_in(tcp_active_pcbs, remote, remote_port, local_port) ||
           is_in(tcp_tw_pcbs, remote, remote_port, local_port);
}
