"""The one task that runs a command, and the one door to the queue."""

from typing import Any

import structlog
from celery import shared_task
from django.core.management import call_command
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = structlog.get_logger(__name__)


@shared_task
def run_command(name: str, *arguments: str) -> None:
    """What the clock runs is a management command that a person can run too."""
    call_command(name, *arguments)


def enqueue(task: Any, *arguments: Any) -> bool:
    """Whether the queue took it. Redis may be away: the row is the job, and the clock's next round finds it."""
    try:
        task.delay(*arguments)
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("not_enqueued", task=task.name, arguments=arguments, error=str(error))
        return False
    return True
