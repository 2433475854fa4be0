"""The module _thread. A thread runs at once and to its end; what it waited for counts from then on
until others see that it has ended: by the lock that it releases."""


class Thread:
    def __init__(self):
        self.offset_ms = 0


class Lock:
    def __init__(self, ether):
        self._ether = ether
        self._is_locked = False

    def acquire(self):
        if self._is_locked:
            raise RuntimeError("this fake cannot wait for a lock")
        self._is_locked = True
        return True

    def release(self):
        thread = self._ether.thread
        if thread is None or not thread.offset_ms:
            self._is_locked = False
        else:
            self._ether.thread_ends_ms = self._ether.now_ms + thread.offset_ms
            self._ether.at(thread.offset_ms, self._open)

    def _open(self):
        self._is_locked = False

    def locked(self):
        return self._is_locked


class ThreadModule:
    def __init__(self, ether):
        self._ether = ether
        self.has_room = True
        self.stack_len = 5120

    def allocate_lock(self):
        return Lock(self._ether)

    def stack_size(self, size):
        self.stack_len = size

    def start_new_thread(self, function, arguments):
        from tests.support.esp32.ether import SpinError

        if not self.has_room:
            raise OSError(12)
        if self.stack_len < 8192:
            self._ether.violations.append("a stack that is too small for the driver's start")
        if self._ether.thread is not None:
            raise RuntimeError("threads that start threads are not needed here")
        self._ether.thread = Thread()
        try:
            function(*arguments)
        except SpinError:
            pass
        except Exception:
            pass  # it is printed, and the thread ends: nobody else hears of it
        finally:
            self._ether.thread = None
