// _system: what the device program needs of Linux beside packets, and MicroPython does not have: child processes, going to
// the background, descriptors of other processes, names of interfaces and errors, and word that a file was removed. Only in the
// unix port.
/// """What undertow-unix needs of Linux beside packets: children, the background, names. Errors of the system are OSError."""
///
/// from typing import Optional
///
/// from _typeshed import ReadableBuffer, WriteableBuffer

#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "py/mperrno.h"
#include "py/objstr.h"
#include "py/runtime.h"

extern char **environ;

static void fail_with(int error) {
    mp_raise_OSError(error);
}

static int checked(int result) {
    if (result < 0) {
        fail_with(errno);
    }
    return result;
}

// --- children ---

typedef struct {
    pid_t pid;
    int input;  // write end, or -1
    int output; // read end, or -1
} child_t;

// A child with pipes for its input and its output (both of its outputs together). 0 or errno.
static int start_child(char *const argv[], child_t *child) {
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) < 0) {
        return errno;
    }
    if (pipe2(out, O_CLOEXEC) < 0) {
        const int error = errno;
        close(in[0]);
        close(in[1]);
        return error;
    }
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDERR_FILENO);
    // The path blocks signals and MicroPython ignores one; a child starts with neither.
    sigset_t none, ignored;
    sigemptyset(&none);
    sigemptyset(&ignored);
    sigaddset(&ignored, SIGPIPE);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &ignored);
    // A group of its own: Ctrl-C ends the program, which then still needs its children to take things down.
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    const int error = posix_spawnp(&child->pid, argv[0], &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    child->input = in[1];
    child->output = out[0];
    if (error != 0) {
        close(in[1]);
        close(out[0]);
    }
    return error;
}

static void close_input(child_t *child) {
    if (child->input >= 0) {
        close(child->input);
        child->input = -1;
    }
}

// Feed the child and take what it says until it closes its output.
static void talk(child_t *child, const char *input, size_t len, vstr_t *said) {
    fcntl(child->input, F_SETFL, O_NONBLOCK);
    for (;;) {
        if (len == 0) {
            close_input(child);
        }
        struct pollfd ends[2] = {{child->output, POLLIN, 0}, {child->input, POLLOUT, 0}};
        if (poll(ends, 2, -1) < 0) {
            if (errno == EINTR) {
                continue;
            }
            break;
        }
        if (ends[1].revents != 0) {
            const ssize_t count = write(child->input, input, len);
            if (count >= 0) {
                input += count;
                len -= (size_t)count;
            } else if (errno != EAGAIN && errno != EINTR) {
                len = 0;
            }
        }
        if (ends[0].revents != 0) {
            char part[512];
            const ssize_t count = read(child->output, part, sizeof(part));
            if (count > 0) {
                vstr_add_strn(said, part, (size_t)count);
            } else if (count == 0 || errno != EINTR) {
                break;
            }
        }
    }
    close_input(child);
    close(child->output);
}

/// def run(argv: "tuple[str, ...]", input: ReadableBuffer = b"") -> "tuple[int, bytes]":
///     """Run a program to its end: (exit status or minus a signal, everything it printed). No shell is involved.
///
///     argv: the program, looked for in PATH, and its arguments. OSError: it cannot be started.
///     """
static mp_obj_t system_run(size_t n_args, const mp_obj_t *args) {
    size_t argc;
    mp_obj_t *items;
    mp_obj_get_array(args[0], &argc, &items);
    if (argc == 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("no program"));
    }
    char **argv = m_new0(char *, argc + 1);
    for (size_t i = 0; i < argc; i++) {
        size_t len;
        const char *argument = mp_obj_str_get_data(items[i], &len);
        if (memchr(argument, 0, len) != NULL) {
            mp_raise_ValueError(MP_ERROR_TEXT("a zero byte in an argument"));
        }
        argv[i] = (char *)argument;
    }
    mp_buffer_info_t input = {.buf = NULL, .len = 0};
    if (n_args > 1) {
        mp_get_buffer_raise(args[1], &input, MP_BUFFER_READ);
    }
    vstr_t said;
    vstr_init(&said, 256);
    child_t child;
    const int error = start_child(argv, &child);
    if (error != 0) {
        fail_with(error);
    }
    talk(&child, input.buf, input.len, &said);
    int status = 0;
    while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
    }
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    mp_obj_t result[] = {MP_OBJ_NEW_SMALL_INT(code), mp_obj_new_bytes_from_vstr(&said)};
    return mp_obj_new_tuple(2, result);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(system_run_obj, 1, 2, system_run);

// --- the background ---

// The parent's part: leave with what the child reports, or with 1 when it ends without a word.
static void leave_with_report(int report) {
    uint8_t status = 1;
    ssize_t count;
    do {
        count = read(report, &status, 1);
    } while (count < 0 && errno == EINTR);
    _exit(count == 1 ? status : 1);
}

/// def daemonize() -> int:
///     """Go on in a child with no terminal, whose parent waits for report(); returns the descriptor for that."""
static mp_obj_t system_daemonize(void) {
    const int null = checked(open("/dev/null", O_RDWR | O_CLOEXEC));
    int report[2];
    checked(pipe2(report, O_CLOEXEC));
    const pid_t pid = checked(fork());
    if (pid > 0) {
        close(report[1]);
        leave_with_report(report[0]);
    }
    close(report[0]);
    checked(setsid());
    checked(chdir("/"));
    checked(dup2(null, STDIN_FILENO));
    checked(dup2(null, STDOUT_FILENO));
    close(null);
    return MP_OBJ_NEW_SMALL_INT(report[1]);
}
static MP_DEFINE_CONST_FUN_OBJ_0(system_daemonize_obj, system_daemonize);

/// def report(descriptor: int, status: int, keep_stderr: bool) -> None:
///     """Let the waiting parent leave with this exit status, and let go of the standard error too unless it is kept."""
static mp_obj_t system_report(mp_obj_t descriptor, mp_obj_t status, mp_obj_t keep_stderr) {
    const int fd = mp_obj_get_int(descriptor);
    const uint8_t byte = (uint8_t)mp_obj_get_int(status);
    if (!mp_obj_is_true(keep_stderr)) {
        const int null = checked(open("/dev/null", O_WRONLY | O_CLOEXEC));
        checked(dup2(null, STDERR_FILENO));
        close(null);
    }
    while (write(fd, &byte, 1) < 0 && errno == EINTR) {
    }
    close(fd);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(system_report_obj, system_report);

// --- files ---

/// def watch_removal(path: str) -> int:
///     """A descriptor that becomes readable when something happens to the file; see drain()."""
static mp_obj_t system_watch_removal(mp_obj_t path) {
    const int fd = checked(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (inotify_add_watch(fd, mp_obj_str_get_str(path), IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF) < 0) {
        const int error = errno;
        close(fd);
        fail_with(error);
    }
    return MP_OBJ_NEW_SMALL_INT(fd);
}
static MP_DEFINE_CONST_FUN_OBJ_1(system_watch_removal_obj, system_watch_removal);

/// def drain(descriptor: int) -> None:
///     """Read and forget what is there."""
static mp_obj_t system_drain(mp_obj_t descriptor) {
    char part[1024];
    while (read(mp_obj_get_int(descriptor), part, sizeof(part)) > 0) {
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(system_drain_obj, system_drain);

/// def close(descriptor: int) -> None: ...
static mp_obj_t system_close(mp_obj_t descriptor) {
    close(mp_obj_get_int(descriptor));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(system_close_obj, system_close);

// --- descriptors from another process ---

// Forget descriptors beyond the first: whoever sends more than was agreed on does not get us to keep them.
static int take_descriptor(const struct msghdr *message) {
    int found = -1;
    struct msghdr *walk = (struct msghdr *)(uintptr_t)message;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(walk); header != NULL; header = CMSG_NXTHDR(walk, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        for (size_t i = 0; (i + 1) * sizeof(int) <= header->cmsg_len - CMSG_LEN(0); i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(fd));
            if (found < 0) {
                found = fd;
            } else {
                close(fd);
            }
        }
    }
    return found;
}

/// def receive(descriptor: int, buffer: WriteableBuffer) -> "Optional[tuple[int, int]]":
///     """One message of a socket that keeps messages apart: (length, descriptor that came with it, or -1).
///
///     None: there is none now. Length 0: the other end is gone. What does not fit is cut off.
///     """
static mp_obj_t system_receive(mp_obj_t descriptor, mp_obj_t buffer_in) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(buffer_in, &buffer, MP_BUFFER_WRITE);
    union {
        struct cmsghdr align;
        uint8_t bytes[CMSG_SPACE(4 * sizeof(int))];
    } control;
    struct iovec part = {.iov_base = buffer.buf, .iov_len = buffer.len};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
    const ssize_t got = recvmsg(mp_obj_get_int(descriptor), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return mp_const_none;
    }
    checked((int)got);
    mp_obj_t items[2] = {MP_OBJ_NEW_SMALL_INT(got), MP_OBJ_NEW_SMALL_INT(take_descriptor(&message))};
    return mp_obj_new_tuple(2, items);
}
static MP_DEFINE_CONST_FUN_OBJ_2(system_receive_obj, system_receive);

/// def send(descriptor: int, message: ReadableBuffer) -> bool:
///     """Send one message; False: there is no room now."""
static mp_obj_t system_send(mp_obj_t descriptor, mp_obj_t message_in) {
    mp_buffer_info_t message;
    mp_get_buffer_raise(message_in, &message, MP_BUFFER_READ);
    const ssize_t sent = send(mp_obj_get_int(descriptor), message.buf, message.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOBUFS)) {
        return mp_const_false;
    }
    checked((int)sent);
    return mp_const_true;
}
static MP_DEFINE_CONST_FUN_OBJ_2(system_send_obj, system_send);

/// def raise_file_limit() -> int:
///     """Allow this process as many open files as the system lets it have; how many."""
static mp_obj_t system_raise_file_limit(void) {
    struct rlimit limit;
    checked(getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = limit.rlim_max;
    checked(setrlimit(RLIMIT_NOFILE, &limit));
    return mp_obj_new_int_from_ull(limit.rlim_cur);
}
static MP_DEFINE_CONST_FUN_OBJ_0(system_raise_file_limit_obj, system_raise_file_limit);

// --- names ---

/// def interface_index(name: str) -> int:
///     """0: there is no such interface."""
static mp_obj_t system_interface_index(mp_obj_t name) {
    return mp_obj_new_int_from_uint(if_nametoindex(mp_obj_str_get_str(name)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(system_interface_index_obj, system_interface_index);

/// def error_text(errno: int) -> str:
///     """The system's words for an error number."""
static mp_obj_t system_error_text(mp_obj_t error) {
    return mp_obj_new_str_from_cstr(strerror(mp_obj_get_int(error)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(system_error_text_obj, system_error_text);

static const mp_rom_map_elem_t system_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__system)},
    {MP_ROM_QSTR(MP_QSTR_run), MP_ROM_PTR(&system_run_obj)},
    {MP_ROM_QSTR(MP_QSTR_daemonize), MP_ROM_PTR(&system_daemonize_obj)},
    {MP_ROM_QSTR(MP_QSTR_report), MP_ROM_PTR(&system_report_obj)},
    {MP_ROM_QSTR(MP_QSTR_watch_removal), MP_ROM_PTR(&system_watch_removal_obj)},
    {MP_ROM_QSTR(MP_QSTR_drain), MP_ROM_PTR(&system_drain_obj)},
    {MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&system_close_obj)},
    {MP_ROM_QSTR(MP_QSTR_receive), MP_ROM_PTR(&system_receive_obj)},
    {MP_ROM_QSTR(MP_QSTR_send), MP_ROM_PTR(&system_send_obj)},
    {MP_ROM_QSTR(MP_QSTR_raise_file_limit), MP_ROM_PTR(&system_raise_file_limit_obj)},
    {MP_ROM_QSTR(MP_QSTR_interface_index), MP_ROM_PTR(&system_interface_index_obj)},
    {MP_ROM_QSTR(MP_QSTR_error_text), MP_ROM_PTR(&system_error_text_obj)},
};
static MP_DEFINE_CONST_DICT(system_globals, system_globals_table);

const mp_obj_module_t system_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&system_globals,
};

MP_REGISTER_MODULE(MP_QSTR__system, system_module);
