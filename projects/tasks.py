from celery import shared_task

from projects import deciding, previewing
from projects.letters import making


@shared_task
def preview_rules(pk: int) -> None:
    previewing.run_preview(pk)


@shared_task
def make_letter(pk: int) -> None:
    making.make_letter(pk)


@shared_task
def decide(pk: int) -> None:
    deciding.run_decision(pk)
