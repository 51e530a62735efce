"""Everything these rooms can say has words in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from daji.care.aftersales import api as aftersales
from daji.care.aftersales.states import CASE
from daji.kit.i18n import Catalogue
from daji.kit.problems import Problem
from daji.trade.payments import facts, ports
from daji.trade.payments.states import REFUND, TENDER
from daji.trade.payments.store.ledger import Kind

FOLDER = Path(__file__).parents[3] / "daji" / "faces" / "messages"
LABELS = {
    "payments.payable_status": get_args(facts.PayableStatus),
    "payments.tender_status": TENDER.statuses,
    "payments.refund_status": REFUND.statuses,
    "payments.outcome": get_args(facts.Outcome),
    "payments.notice_kind": get_args(ports.NoticeKind),
    "payments.posting": get_args(Kind),
    "aftersales.kind": aftersales.KINDS,
    "aftersales.status": CASE.statuses,
    "aftersales.verb": ("request", *dict.fromkeys(verb for _, verb in CASE.table)),
    "aftersales.reason": aftersales.REASONS,
    "aftersales.grade": aftersales.GRADES,
    "aftersales.holder": get_args(aftersales.Holder),
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue(FOLDER, strict=True)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_state_outcome_reason_and_grade_has_a_label(catalogue: Catalogue, lang: str):
    known = set(catalogue.keys(lang))
    wanted = {f"{group}.{name}" for group, names in LABELS.items() for name in names}
    assert wanted - known == set()
    groups = tuple(f"{group}." for group in LABELS)
    assert {key for key in known if key.startswith(groups)} == wanted


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_problem_has_a_title_and_a_sentence(catalogue: Catalogue, lang: str):
    codes = [code for code in Problem.catalogue() if code.startswith(("payments.", "aftersales."))]
    assert len(codes) == 19
    wanted = {f"problems.{code}.{part}" for code in codes for part in ("title", "detail")}
    known = {k for k in catalogue.keys(lang) if k.startswith(("problems.payments.", "problems.aftersales."))}
    assert known == wanted


def test_both_languages_agree(catalogue: Catalogue):
    ours = [d for d in catalogue.compare() if "payments" in d.key or "aftersales" in d.key]
    assert ours == []
