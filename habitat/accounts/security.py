"""Keeps what was tried against the portal, also where the attempt itself was refused and rolled back."""

from collections.abc import Iterator
from contextlib import contextmanager

from habitat.accounts.models import SecurityEvent, User
from habitat.lib.malware import MalwareFoundError
from habitat.lib.refusals import Refused


@contextmanager
def watching(by: User | None, name: str = "") -> Iterator[None]:
    """Around whatever takes in a file, and outside its transaction: a harmful one leaves an event, then is refused.

    `name` is the file's own name, as it was sent.
    """
    try:
        yield
    except (MalwareFoundError, Refused) as refusal:
        # Some services say a file's fault as their own refusal.
        found = refusal.__cause__ if isinstance(refusal, Refused) else refusal
        if isinstance(found, MalwareFoundError):
            keep(found, by, name)
        raise


def keep(found: MalwareFoundError, by: User | None, name: str = "") -> SecurityEvent:
    details = {"signature": found.signature, "name": name[:200]}
    return SecurityEvent.objects.create(kind=SecurityEvent.Kind.MALWARE, by=by, details=details)
