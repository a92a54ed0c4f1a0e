# The web process must know the Celery app, or `.delay` goes to a default broker.
from habitat.celery import app as celery_app

__all__ = ["celery_app"]
