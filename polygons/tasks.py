from celery import shared_task

from polygons.uploads import worker


@shared_task
def read_upload(pk: int) -> None:
    worker.run(pk)
