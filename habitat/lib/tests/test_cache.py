import time

import pytest
from django.core.cache import caches

from habitat.lib import cache as forgiving
from habitat.lib.cache import CircuitBreaker, ForgivingRedisCache

QUICKLY = {"OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}}


@pytest.fixture(params=["refusing_redis", "hung_redis"])
def lost_cache(request):
    return ForgivingRedisCache(request.getfixturevalue(request.param), QUICKLY)


def test_value_comes_back():
    cache = caches["default"]
    cache.set("dwellings", {"total": 3}, 60)
    assert cache.get("dwellings") == {"total": 3}
    assert cache.add("visits", 0)
    assert cache.incr("visits") == 1


def test_lost_redis_is_a_miss_and_never_an_error(lost_cache):
    started = time.monotonic()
    assert lost_cache.get("key", "nothing") == "nothing"
    assert lost_cache.get_many(["a", "b"]) == {}
    assert lost_cache.has_key("key") is False
    assert lost_cache.touch("key") is False
    assert lost_cache.delete("key") is False
    assert lost_cache.incr("visits", 2) == 2
    assert lost_cache.decr("visits", 2) == -2
    assert lost_cache.set_many({"a": 1}) == ["a"]
    assert lost_cache.get_or_set("key", lambda: "computed") == "computed"
    lost_cache.set("key", 1)
    lost_cache.delete_many(["a"])
    lost_cache.clear()
    assert time.monotonic() - started < 1.0


def test_lock_by_add_lets_people_in_while_redis_is_lost(lost_cache):
    assert lost_cache.add("login:lock", True) is True


def test_breaker_sends_one_scout_after_the_pause(monkeypatch):
    monkeypatch.setattr(forgiving, "PAUSE_S", 0.05)
    breaker = CircuitBreaker()
    assert breaker.lets_through()
    breaker.failed()
    assert not breaker.lets_through()
    time.sleep(0.06)
    assert breaker.lets_through()
    assert not breaker.lets_through()
    breaker.succeeded()
    assert breaker.lets_through()


def test_clearing_the_cache_leaves_the_queue_alone():
    cache = caches["default"]
    redis = cache._cache.get_client(write=True)
    waiting = redis.lpush("celery", "a waiting task")
    cache.set("key", 1)
    cache.clear()
    assert cache.get("key") is None
    assert redis.llen("celery") == waiting
    redis.delete("celery")
