"""Reports to render: one with everything in it, and small ones."""

from __future__ import annotations

from reviewer.findings import (
    Category,
    Confidence,
    Coverage,
    Dropped,
    DropReason,
    Finding,
    Note,
    NoteCode,
    Origin,
    Reason,
    Report,
    Severity,
    Side,
    Span,
    State,
    Status,
    Unreviewed,
)
from reviewer.messages import Usage

SQL = Finding(
    fingerprint="0123456789abcdef",
    span=Span("shop/orders.py", 12, 13),
    code='    query = f"select * from orders where id = {order}"\n    return run(query)',
    severity=Severity.CRITICAL,
    category=Category.SECURITY,
    confidence=Confidence.HIGH,
    title="The order number goes into the statement as text",
    body="An order number such as `1 or 1=1` returns every customer's orders. Hand it over as a parameter instead.",
    origin=Origin.MODEL,
    suggestion='    return run("select * from orders where id = ?", order)',
)

GONE = Finding(
    fingerprint="fedcba9876543210",
    span=Span("shop/old.py", 7, 7, Side.OLD),
    code="check(user)",
    severity=Severity.MEDIUM,
    category=Category.BUG,
    confidence=Confidence.MEDIUM,
    title="Nobody checks the user any more",
    body="The only call is deleted here.",
    origin=Origin.MODEL,
    state=State.OPEN,
)

WHOLE_FILE = Finding(
    fingerprint="00000000000000aa",
    span=Span("web/app.js"),
    code="",
    severity=Severity.LOW,
    category=Category.TESTS,
    confidence=Confidence.LOW,
    title="No test for the empty basket",
    body="An empty basket takes the new branch.",
    origin=Origin.CHECK,
    rule="js-untested",
    places=(Span("web/app.js", 3, 3),),
)

FULL = Report(
    status=Status.INCOMPLETE,
    findings=(SQL, GONE, WHOLE_FILE),
    dropped=(
        Dropped(
            "a.py",
            "Again",
            "The same.",
            DropReason.DUPLICATE,
            "says what 0123456789abcdef says",
            12,
            Severity.LOW,
            "11" * 8,
        ),
        Dropped("b.py", "?", "?", DropReason.INVALID, "quote is missing"),
    ),
    unreviewed=(
        Unreviewed("package-lock.json", Reason.LOCK, "matches package-lock.json", lines=310),
        Unreviewed("shop/big.py", Reason.TIMEOUT, "no answer within 120 s", (10, 40), (9, 12), 35),
        Unreviewed("shop/gone.py", Reason.BUDGET, "--max-calls 3 is used up", None, (1, 3), 3),
    ),
    coverage=Coverage(files=6, reviewed_files=3, changed_lines=400, reviewed_lines=52),
    usage=Usage(3, 1, 12_345, 2_048, 678, 0.00421, 99.1),
    notes=(Note(NoteCode.REDACTED, "2 secret(s) were hidden from the model and this report", {"count": 2}),),
    head="a" * 40,
    base="b" * 40,
    policy_source=".github/reviewer.toml in the working copy",
    provider="segmind",
    model="qwen3-coder-flash",
)

CLEAN = Report(Status.CLEAN, coverage=Coverage(1, 1, 4, 4))

EMPTY = Report(Status.CLEAN, notes=(Note(NoteCode.NOTHING_TO_REVIEW, "nothing to review: the change is empty"),))
