from habitat.accounts.models.devices import Device
from habitat.accounts.models.messages import Notification, OutboxMessage
from habitat.accounts.models.tokens import ApiToken
from habitat.accounts.models.users import Invitation, Role, User

__all__ = ["ApiToken", "Device", "Invitation", "Notification", "OutboxMessage", "Role", "User"]
