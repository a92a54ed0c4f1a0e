from celery import shared_task

from projects.letters import making
from projects.photographs import preparing as photo_preparing
from projects.workers import archiving, deciding, previewing


@shared_task
def preview_rules(pk: int) -> None:
    previewing.run_preview(pk)


@shared_task
def make_letter(pk: int) -> None:
    making.make_letter(pk)


@shared_task
def decide(pk: int) -> None:
    deciding.run_decision(pk)


# Far above what a large picture takes; what takes longer was made to.
@shared_task(time_limit=180, soft_time_limit=150)
def prepare_photo(pk: int) -> None:
    photo_preparing.prepare_photo(pk)


@shared_task
def make_archive(pk: int) -> None:
    archiving.run_archive(pk)
