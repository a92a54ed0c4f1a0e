from celery import shared_task

from projects import previewing


@shared_task
def preview_rules(pk: int) -> None:
    previewing.run_preview(pk)
