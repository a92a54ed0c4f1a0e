import os
from logging.config import dictConfig

from celery import Celery
from celery.signals import heartbeat_sent, setup_logging
from django.conf import settings
from django_structlog.celery.steps import DjangoStructLogInitStep

from habitat import heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "habitat.settings")


def log_as_the_web_does(**kwargs: object) -> None:
    """Celery would otherwise put its own format and level on the root logger."""
    dictConfig(settings.LOGGING)


app = Celery("habitat")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()
setup_logging.connect(log_as_the_web_does)
heartbeat_sent.connect(heartbeat.worker_is_alive)
