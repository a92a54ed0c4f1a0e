"""The only writers of projects and their money; pages, API and commands call them with a person and a moment."""

from projects.services.documents import attach_document, may_attach, remove_document, required_documents
from projects.services.drafts import (
    add_action,
    change_action,
    create_draft,
    remove_action,
    rules_for_new_projects,
    set_contributions,
    update_draft,
)
from projects.services.editing import SectionClosed, may_prepare, open_sections
from projects.services.sites import Location, locate, set_site, store_location

__all__ = [
    "Location",
    "SectionClosed",
    "add_action",
    "attach_document",
    "change_action",
    "create_draft",
    "locate",
    "may_attach",
    "may_prepare",
    "open_sections",
    "remove_action",
    "remove_document",
    "required_documents",
    "rules_for_new_projects",
    "set_contributions",
    "set_site",
    "store_location",
    "update_draft",
]
