from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    """Apart from the site itself, which cannot be imported before the apps are loaded."""

    default_site = "habitat.admin_site.PortalAdminSite"
