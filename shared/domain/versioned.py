"""Pure: everything that has versions: what a write is about, and what a device keeps the server's last word on."""

from shared.domain.alerts import HouseAlert
from shared.domain.attendance import Clocking
from shared.domain.business_day import BusinessDay
from shared.domain.order import Order
from shared.domain.payment_intent import PaymentIntent
from shared.domain.shift import Shift
from shared.domain.ticket import Ticket

Versioned = Order | Ticket | PaymentIntent | Shift | Clocking | BusinessDay | HouseAlert
