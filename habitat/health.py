"""`/healthz` says that the web process lives, `/readyz` that everything it leans on answers."""

from collections.abc import Callable

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from habitat import heartbeat


class NotReadyError(Exception):
    """The message names what is missing."""


def database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def postgis() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT postgis_lib_version()")


def migrations() -> None:
    executor = MigrationExecutor(connection)
    if waiting := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotReadyError(f"{len(waiting)} not applied")


def redis_answers() -> None:
    # Not through the cache, which would forgive.
    with redis.from_url(settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=0.5) as client:
        client.ping()


def worker() -> None:
    if heartbeat.last_sign("worker") is None:
        raise NotReadyError("not heard from")


def clock() -> None:
    if heartbeat.last_sign("clock") is None:
        raise NotReadyError("not heard from")


CHECKS: dict[str, Callable[[], None]] = {
    "database": database,
    "postgis": postgis,
    "migrations": migrations,
    "redis": redis_answers,
    "worker": worker,
    "clock": clock,
}


def state_of(check: Callable[[], None]) -> str:
    try:
        check()
    except NotReadyError as reason:
        return str(reason)
    except (Error, redis.RedisError, OSError) as error:
        # The kind of error and no more: the page is public.
        return type(error).__name__
    return "ok"


@never_cache
@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """503 until all is well; `missing` names what is not."""
    states = {name: state_of(check) for name, check in CHECKS.items()}
    missing = [name for name, state in states.items() if state != "ok"]
    return JsonResponse({"ready": not missing, "missing": missing, "checks": states}, status=503 if missing else 200)
