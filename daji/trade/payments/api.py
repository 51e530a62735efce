"""The door of the room.

Commands take a `Tx` and never commit; queries take any session. `now` is given. See the README for the order of
calls around a gateway.
"""

from __future__ import annotations

from daji.trade.payments.commands.add_tenders import add_tenders, reserve, reserve_first
from daji.trade.payments.commands.change_due import change_due
from daji.trade.payments.commands.close_payable import close_payable
from daji.trade.payments.commands.open_payable import open_payable
from daji.trade.payments.commands.plan_refund import plan_refund
from daji.trade.payments.commands.record_notice import note_repeat, record_notice
from daji.trade.payments.commands.record_query import record_query
from daji.trade.payments.commands.record_refund import record_refund
from daji.trade.payments.commands.record_submission import record_submission, record_submissions
from daji.trade.payments.commands.timers import ASK_REFUND, ASK_TENDER
from daji.trade.payments.errors import (
    BadAmount,
    BadTender,
    NoPayable,
    NoRefund,
    NoTender,
    PayableClosed,
    PayableExists,
    RefundRefReused,
    RefundTooMuch,
    TendersExceedDue,
)
from daji.trade.payments.facts import (
    Entry,
    MethodTotal,
    NewTender,
    NoticeRecord,
    Outcome,
    Payable,
    Refund,
    Reserved,
    Settlement,
    Tender,
)
from daji.trade.payments.patient import PatientGateway
from daji.trade.payments.ports import (
    ForgedNotice,
    GatewayError,
    GatewayRefused,
    GatewayUnknown,
    GatewayUnreachable,
)
from daji.trade.payments.queries import (
    find_payable,
    find_refund,
    find_tender,
    get_payable,
    has_notice,
    list_entries,
    list_notices,
    list_waiting,
    totals_by_method,
    trial_balance,
)
from daji.trade.payments.states import MOVING, WAITING
from daji.trade.payments.store.checks import DUES, broken_books

__all__ = [
    "ASK_REFUND",
    "ASK_TENDER",
    "DUES",
    "MOVING",
    "WAITING",
    "BadAmount",
    "BadTender",
    "Entry",
    "ForgedNotice",
    "GatewayError",
    "GatewayRefused",
    "GatewayUnknown",
    "GatewayUnreachable",
    "MethodTotal",
    "NewTender",
    "NoPayable",
    "NoRefund",
    "NoTender",
    "NoticeRecord",
    "Outcome",
    "PatientGateway",
    "Payable",
    "PayableClosed",
    "PayableExists",
    "Refund",
    "RefundRefReused",
    "RefundTooMuch",
    "Reserved",
    "Settlement",
    "Tender",
    "TendersExceedDue",
    "add_tenders",
    "broken_books",
    "change_due",
    "close_payable",
    "find_payable",
    "find_refund",
    "find_tender",
    "get_payable",
    "has_notice",
    "list_entries",
    "list_notices",
    "list_waiting",
    "note_repeat",
    "open_payable",
    "plan_refund",
    "record_notice",
    "record_query",
    "record_refund",
    "record_submission",
    "record_submissions",
    "reserve",
    "reserve_first",
    "totals_by_method",
    "trial_balance",
]
