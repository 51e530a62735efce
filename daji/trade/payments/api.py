"""The door of the room.

Commands take a `Tx` and never commit; queries take any session. `now` is given. See the README for the order of
calls around a gateway.
"""

from __future__ import annotations

from daji.trade.payments.commands.add_tenders import add_tenders, reserve, reserve_first, reserve_many
from daji.trade.payments.commands.change_due import change_due
from daji.trade.payments.commands.close_payable import close_payable
from daji.trade.payments.commands.open_payable import open_payable, open_payables
from daji.trade.payments.commands.plan_refund import plan_refund
from daji.trade.payments.commands.record_notice import note_repeats, record_notice, record_notices
from daji.trade.payments.commands.record_query import Answer, record_queries, record_query
from daji.trade.payments.commands.record_refund import record_refund
from daji.trade.payments.commands.record_submission import (
    Sent,
    record_submission,
    record_submissions,
    record_submissions_many,
)
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
    Early,
    Entry,
    MethodTotal,
    NewTender,
    NoticeRecord,
    Opened,
    Outcome,
    Payable,
    Refund,
    Reserved,
    Settlement,
    Tender,
    TenderStatus,
    Wanted,
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
    find_tenders,
    get_payable,
    has_notice,
    list_entries,
    list_notices,
    list_open,
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
    "Answer",
    "BadAmount",
    "BadTender",
    "Early",
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
    "Opened",
    "Outcome",
    "PatientGateway",
    "Payable",
    "PayableClosed",
    "PayableExists",
    "Refund",
    "RefundRefReused",
    "RefundTooMuch",
    "Reserved",
    "Sent",
    "Settlement",
    "Tender",
    "TenderStatus",
    "TendersExceedDue",
    "Wanted",
    "add_tenders",
    "broken_books",
    "change_due",
    "close_payable",
    "find_payable",
    "find_refund",
    "find_tender",
    "find_tenders",
    "get_payable",
    "has_notice",
    "list_entries",
    "list_notices",
    "list_open",
    "list_waiting",
    "note_repeats",
    "open_payable",
    "open_payables",
    "plan_refund",
    "record_notice",
    "record_notices",
    "record_queries",
    "record_query",
    "record_refund",
    "record_submission",
    "record_submissions",
    "record_submissions_many",
    "reserve",
    "reserve_first",
    "reserve_many",
    "totals_by_method",
    "trial_balance",
]
