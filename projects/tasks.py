from celery import shared_task

from projects import previewing
from projects.letters import making


@shared_task
def preview_rules(pk: int) -> None:
    previewing.run_preview(pk)


@shared_task
def make_letter(pk: int) -> None:
    making.make_letter(pk)
