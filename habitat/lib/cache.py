"""A cache that the portal can lose without anybody noticing more than a slower page."""

import time
from collections.abc import Callable
from functools import partial, partialmethod
from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

logger = structlog.get_logger(__name__)

# While Redis is away, one request in so many seconds pays the time-out to find out whether it is back.
PAUSE_S = 10.0


class CircuitBreaker:
    """After a failure nobody asks for PAUSE_S; then one caller tries again while the others keep waiting."""

    def __init__(self) -> None:
        self.closed_at = 0.0

    def lets_through(self) -> bool:
        now = time.monotonic()
        if now < self.closed_at:
            return False
        if self.closed_at:
            self.closed_at = now + PAUSE_S
        return True

    def failed(self) -> None:
        self.closed_at = time.monotonic() + PAUSE_S

    def succeeded(self) -> None:
        self.closed_at = 0.0


# By address, shared by all threads of a process: Django makes a cache object for each thread.
_breakers: dict[str, CircuitBreaker] = {}


class OwnKeysClient(RedisCacheClient):
    """Empties the cache without emptying the queues that live in the same Redis database."""

    def __init__(self, *args: Any, prefix: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prefix = prefix
        self._kept: dict[bool, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """One for all calls: the library takes longer to make one than Redis takes to answer."""
        if write not in self._kept:
            self._kept[write] = super().get_client(key, write=write)
        return self._kept[write]

    def clear(self) -> bool:
        client = self.get_client(None, write=True)
        keys = list(client.scan_iter(match=f"{self.prefix}:*", count=1000))
        return bool(keys and client.delete(*keys))


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache, where a Redis that refuses or hangs is a miss instead of an error.

    `add` then answers True, as if the key had been free: allauth takes it as a lock and would turn everybody away.
    So rate limits pause while Redis is away, and work again within PAUSE_S of its return.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = partial(OwnKeysClient, prefix=self.key_prefix)
        self.breaker = _breakers.setdefault(server, CircuitBreaker())

    def _forgive(self, method: str, instead: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if not self.breaker.lets_through():
            return instead(*args, **kwargs)
        try:
            answer = getattr(super(), method)(*args, **kwargs)
        except (RedisError, OSError) as error:
            self.breaker.failed()
            logger.warning("cache_unavailable", error=str(error), pause_s=PAUSE_S)
            return instead(*args, **kwargs)
        self.breaker.succeeded()
        return answer

    get = partialmethod(_forgive, "get", lambda key, default=None, version=None: default)
    add = partialmethod(_forgive, "add", lambda *args, **kwargs: True)
    set = partialmethod(_forgive, "set", lambda *args, **kwargs: None)
    touch = partialmethod(_forgive, "touch", lambda *args, **kwargs: False)
    delete = partialmethod(_forgive, "delete", lambda *args, **kwargs: False)
    get_many = partialmethod(_forgive, "get_many", lambda *args, **kwargs: {})
    has_key = partialmethod(_forgive, "has_key", lambda *args, **kwargs: False)
    incr = partialmethod(_forgive, "incr", lambda key, delta=1, version=None: delta)
    set_many = partialmethod(_forgive, "set_many", lambda data, *args, **kwargs: list(data))
    delete_many = partialmethod(_forgive, "delete_many", lambda *args, **kwargs: None)
    clear = partialmethod(_forgive, "clear", lambda: False)
