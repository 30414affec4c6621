"""Pure: where payments by card and mobile money are asked for, and how a server says that it takes them."""

from typing import Final

INTENTS: Final = "/payments/intents"
"""Where intents are made, and below it each of them."""

CAPABILITY: Final = "payments"
"""What a server lists that has a gateway."""
