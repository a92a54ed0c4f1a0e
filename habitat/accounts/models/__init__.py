from habitat.accounts.models.absences import Absence
from habitat.accounts.models.answers import KeptAnswer
from habitat.accounts.models.devices import Device
from habitat.accounts.models.exports import Export
from habitat.accounts.models.messages import Delivery, Kind, Notification, NotificationPreference, OutboxMessage
from habitat.accounts.models.security import SecurityEvent
from habitat.accounts.models.tokens import ApiToken
from habitat.accounts.models.users import Invitation, Role, User

__all__ = [
    "Absence",
    "ApiToken",
    "Delivery",
    "Device",
    "Export",
    "Invitation",
    "KeptAnswer",
    "Kind",
    "Notification",
    "NotificationPreference",
    "OutboxMessage",
    "Role",
    "SecurityEvent",
    "User",
]
