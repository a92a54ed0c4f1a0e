"""Signs of life of the worker and of the clock, kept in Redis; `/readyz` looks for them."""

import time

from celery.beat import Scheduler
from django.core.cache import cache

# The worker gives a sign every 2 s, the clock every CELERY_BEAT_MAX_LOOP_INTERVAL.
SILENCE_S = 30


def give_sign(name: str) -> None:
    cache.set(f"heartbeat:{name}", time.time(), SILENCE_S)


def last_sign(name: str) -> float | None:
    """Seconds since the epoch; None after SILENCE_S without one, and while Redis is away."""
    return cache.get(f"heartbeat:{name}")


def worker_is_alive(**kwargs: object) -> None:
    give_sign("worker")


class Clock(Scheduler):
    """Celery's beat, keeping nothing on disk: what is due stands in the database, commands run what they find there."""

    def tick(self, *args: object, **kwargs: object) -> float:
        give_sign("clock")
        return super().tick(*args, **kwargs)
