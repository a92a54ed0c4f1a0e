"""Abstract models: the toolbox has no tables of its own."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import touch


class PublicRecord(models.Model):
    """A record the outside may name: a stable id, and the moment of its last change (UTC, set by trigger)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("updated"), db_default=Now(), editable=False, db_index=True)

    class Meta:
        abstract = True
        triggers = [touch()]


class AbstractTombstone(models.Model):
    """What remains of a deleted public record, so that `updated_since` can say it is gone."""

    resource = models.CharField(max_length=40)
    public_id = models.UUIDField()
    municipality_code = models.CharField(max_length=5, null=True)
    deleted_at = models.DateTimeField(db_index=True)

    class Meta:
        abstract = True


def private_path(instance: "StoredFile", filename: str) -> str:
    """Folder by table and day, a random name: the original name never reaches the disk."""
    return f"{instance._meta.label_lower}/{uuid.uuid4().hex}"


class StoredFile(models.Model):
    """A private file: named by us on disk, told by its content, opened only through a permission check."""

    file = models.FileField(upload_to=private_path, max_length=200)
    original_name = models.CharField(_("file name"), max_length=200)
    content_type = models.CharField(_("type"), max_length=120)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64, db_index=True)
    uploaded_at = models.DateTimeField(_("uploaded"), db_default=Now(), editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        abstract = True
