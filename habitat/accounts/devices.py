"""Where a person signs in from; a browser that was never seen before is told about by e-mail."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from habitat.accounts import outbox
from habitat.accounts.models import Device, User


@transaction.atomic
def note(user: User, *, agent: str, at: datetime | None = None) -> Device:
    """Remember the browser. The very first one of an account is no news; any other new one is."""
    at = at or timezone.now()
    is_first = not user.devices.exists()
    device, is_new = Device.objects.update_or_create(
        user=user,
        agent=agent[:300],
        defaults={"last_seen_at": at},
        create_defaults={"first_seen_at": at, "last_seen_at": at},
    )
    if is_new and not is_first:
        _tell(device)
    return device


def _tell(device: Device) -> None:
    user = device.user
    with translation.override(user.language), timezone.override(user.time_zone):
        context = {
            "device": device,
            "password": settings.PUBLIC_URL + reverse("account_change_password"),
            "sessions": settings.PUBLIC_URL + reverse("usersessions_list"),
        }
        outbox.queue(
            key=f"device-{device.pk}",
            to=user.email,
            subject=_("Your account was opened from a new browser"),
            body=render_to_string("accounts/email/new_device.txt", context),
        )
