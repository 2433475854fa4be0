"""A bad link: it loses, duplicates, delays and so reorders datagrams, as its random source says."""


class Channel:
    """Datagrams on their way, ordered by arrival. Shares are in percent, times in milliseconds."""

    def __init__(self, random, delay_ms=5, jitter_ms=0, loss=0, duplicates=0):
        self._random = random
        self._on_the_way = []
        self._count = 0
        self.delay_ms = delay_ms
        self.jitter_ms = jitter_ms
        self.loss = loss
        self.duplicates = duplicates
        self.lost = 0

    def send(self, now_ms, item):
        """Put something on the way, never, once or twice."""
        if self._random.below(100) < self.loss:
            self.lost += 1
            return
        self._put(now_ms, item)
        if self._random.below(100) < self.duplicates:
            self._put(now_ms, item)

    def _put(self, now_ms, item):
        jitter_ms = self._random.below(self.jitter_ms + 1)
        self._count += 1  # what arrives at the same time arrives in the order of sending
        entry = (now_ms + self.delay_ms + jitter_ms, self._count, item)
        position = len(self._on_the_way)
        while position and self._on_the_way[position - 1][:2] > entry[:2]:
            position -= 1
        self._on_the_way.insert(position, entry)

    def next_ms(self):
        """When the next arrives, or None."""
        return self._on_the_way[0][0] if self._on_the_way else None

    def take(self):
        """The next to arrive."""
        return self._on_the_way.pop(0)[2]
