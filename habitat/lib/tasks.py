from celery import shared_task
from django.core.management import call_command


@shared_task
def run_command(name: str, *arguments: str) -> None:
    """What the clock runs is a management command that a person can run too."""
    call_command(name, *arguments)
