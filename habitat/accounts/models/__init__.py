from habitat.accounts.models.messages import Notification, OutboxMessage
from habitat.accounts.models.tokens import ApiToken
from habitat.accounts.models.users import Invitation, Role, User

__all__ = ["ApiToken", "Invitation", "Notification", "OutboxMessage", "Role", "User"]
