import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "habitat.settings")

application = get_wsgi_application()

# Every view is imported before the workers are forked, so that they share it. What is there by now stays: collections
# of garbage need not go through it, which would make one page in some wait.
get_resolver().url_patterns  # noqa: B018 - read for its effect
gc.collect()
gc.freeze()
