"""Makes a letter's file. May be killed at any moment and run twice: the file is kept and the letter issued at once."""

import datetime as dt
import hashlib
from decimal import Decimal

import structlog
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation

from habitat.lib.documents import PDF
from habitat.lib.pdf import render_pdf
from projects.letters import texts
from projects.letters.codes import address_of, qr_svg
from projects.letters.values import values_of
from projects.models import Letter, LetterFile, LetterKind, LetterLine

logger = structlog.get_logger(__name__)

# A letter of 1,000 works takes some 20 s.
LEASE = dt.timedelta(minutes=3)
MAX_ATTEMPTS = 3


def unmade_letters(at: dt.datetime) -> QuerySet[Letter]:
    return Letter.objects.unmade(at)


def make_letter(pk: int) -> None:
    """Nothing happens where it does not wait any more, or somebody else is at it."""
    letter = _claim(pk)
    if letter is None:
        return
    try:
        lines = list(letter.lines.select_related("municipality", "project", "strand"))
        _keep(letter, draw(letter, lines))
    except Exception:
        logger.exception("letter_failed", letter=pk)
        Letter.objects.filter(pk=pk, status=Letter.Status.RUNNING, lease_until=letter.lease_until).update(
            status=Letter.Status.FAILED if letter.attempts >= MAX_ATTEMPTS else Letter.Status.WAITING, lease_until=None
        )


def _claim(pk: int) -> Letter | None:
    now = timezone.now()
    with transaction.atomic():
        found = unmade_letters(now).select_for_update(of=("self",), skip_locked=True)
        letter = found.filter(pk=pk).select_related("state", "replaces").first()
        if letter is None:
            return None
        letter.attempts += 1
        letter.lease_until = now + LEASE
        # Its workers were killed, all of them: what kills a fourth would kill a fifth.
        letter.status = Letter.Status.FAILED if letter.attempts > MAX_ATTEMPTS else Letter.Status.RUNNING
        letter.save(update_fields=["attempts", "lease_until", "status"])
    return letter if letter.status == Letter.Status.RUNNING else None


def draw(letter: Letter, lines: list[LetterLine], *, is_sample: bool = False) -> bytes:
    """The PDF (PDF/UA-1), in Spanish whoever asks; a sample says across the page that it is worth nothing."""
    values = values_of(letter, lines)
    with translation.override("es-mx"):
        context = {
            "letter": letter,
            "subject": texts.fill(letter.subject, values),
            "paragraphs": [
                {"is_table": part == f"{{{texts.TABLE}}}", "text": texts.fill(part, values)}
                for part in texts.paragraphs_of(letter.body)
            ],
            "date": values["fecha"],
            "lines": lines,
            "totals": {
                name: sum((getattr(line, name) for line in lines), Decimal(0))
                for name in ("federal", "state", "municipal", "beneficiaries", "total")
            },
            "of_works": letter.kind != LetterKind.SUBSIDY,
            "qr": qr_svg(letter.code),
            "address": address_of(letter.code),
            "is_sample": is_sample,
        }
        return render_pdf("projects/letters/letter.html", context)


def _keep(letter: Letter, content: bytes) -> None:
    """File and status in one transaction, if the letter is still ours to make."""
    kept = LetterFile(
        letter=letter,
        original_name=f"{letter.number}.pdf",
        content_type=PDF,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        by_id=letter.by_id,
    )
    kept.file.save(kept.original_name, ContentFile(content), save=False)
    try:
        with transaction.atomic():
            held = Letter.objects.select_for_update(of=("self",)).filter(
                pk=letter.pk, status=Letter.Status.RUNNING, lease_until=letter.lease_until
            )
            if not held.exists():
                raise LeaseLostError(str(letter.pk))
            kept.save()
            held.update(status=Letter.Status.ISSUED, issued_at=timezone.now(), lease_until=None)
    except BaseException:
        kept.file.storage.delete(str(kept.file.name))
        raise


class LeaseLostError(Exception):
    """Another worker took the letter over."""
