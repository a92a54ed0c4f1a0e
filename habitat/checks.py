"""What `manage.py check` says of the house beyond Django's own checks."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register


@register
def assets_are_built(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Pages answer without the built style sheets, but bare."""
    if (settings.BASE_DIR / "static" / "dist" / "app.css").exists():
        return []
    return [Warning("The style sheets and scripts are not built; make run and make test do it.", id="habitat.W001")]
