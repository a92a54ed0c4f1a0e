from celery import shared_task

from reports import worker


@shared_task
def make_report(pk: int) -> None:
    worker.run(pk)
