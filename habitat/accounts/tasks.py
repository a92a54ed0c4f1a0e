from celery import shared_task

from habitat.accounts import export_making


@shared_task
def make_export(pk: int) -> None:
    export_making.run(pk)
