"""One question to one server: what is sent, what is asked again, and when nothing more is."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from reviewer.findings import Reason
from reviewer.messages import Reply
from reviewer.model import replies, wire
from reviewer.model.failures import Breaker, ModelFailure, Unreachable
from reviewer.model.pacing import LONGEST_WAIT, Gate, asked_wait
from reviewer.model.parameters import TOOLS, Parameters
from reviewer.model.transport import Answer, Key, Silence, Transport
from reviewer.model.troubles import Troubles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tenacity import RetryCallState

    from reviewer.messages import Message, Tool
    from reviewer.model.dialects import Parameter, Target, Tier

ATTEMPTS = 4
INPUT_LIMIT = 32_000
"""Tokens of a request: above it DashScope's price per token rises 1.7 times, and quality falls."""


@dataclass(frozen=True, slots=True)
class Timing:
    """When to stop waiting: seconds a request may take, and the end of the run as a time of `clock`.

    `now` gives seconds since the epoch, for providers that name a time of day.
    """

    timeout: float = 120.0
    deadline: float | None = None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time

    def left(self) -> float:
        """Seconds a request that starts now may take; none left raises `ModelFailure(DEADLINE)`."""
        if self.deadline is None:
            return self.timeout
        left = self.deadline - self.clock()
        if left <= 0:
            raise ModelFailure(Reason.DEADLINE, "the deadline of the review has passed: set REVIEWER_DEADLINE higher")
        return min(self.timeout, left)

    def allows(self, wait: float) -> bool:
        """Whether a wait ends before the run does."""
        return self.deadline is None or self.clock() + wait < self.deadline


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked, whatever goes with it."""

    messages: tuple[Message, ...]
    tools: tuple[Tool, ...]


class _Again(Exception):
    """What failed may be asked again: after the `wait` the provider asked for, else after `first` seconds and more."""

    def __init__(self, failure: ModelFailure, *, wait: float | None = None, first: float = 0.5) -> None:
        super().__init__()
        self.failure, self.wait, self.first = failure, wait, first


class Endpoint:
    """Asks `target`; safe for many threads at once."""

    def __init__(
        self, target: Target, key: Key | None, gate: Gate, timing: Timing, price: tuple[Tier, ...] | None
    ) -> None:
        self._target, self._gate, self._timing, self._price = target, gate, timing, price
        self._troubles = Troubles(target)
        self._breaker = Breaker()
        offered = (TOOLS,) if target.dialect.tools else ()
        self.parameters = Parameters((*offered, *target.dialect.parameters_for(target.model)))
        self.transport = Transport(target.url, key, target.dialect.key_header, timing.clock)

    def admit(self, messages: Sequence[Message], tools: Sequence[Tool] = ()) -> int:
        """The tokens of a request, estimated; one that must not or cannot be sent raises `ModelFailure`."""
        self._breaker.check()
        self._timing.left()
        size = wire.size(messages, tools)
        if size > INPUT_LIMIT:
            said = f"the request has about {size} tokens, and {INPUT_LIMIT} are sent at most"
            raise ModelFailure(Reason.LENGTH, f"{said}: set REVIEWER_CHUNK_TOKENS lower", splittable=True)
        return size

    def complete(self, messages: Sequence[Message], tools: Sequence[Tool] = ()) -> Reply:
        """The reply, after as many attempts as are safe; raises `ModelFailure`.

        `tools` are not offered to a server that is known to refuse them: it answers without.
        """
        self.admit(messages, tools)
        question = _Question(tuple(messages), tuple(tools))
        try:
            reply = self._ask(question)
        except ModelFailure as failure:
            self._breaker.failed(failure)
            raise
        self._breaker.succeeded()
        return reply

    def _ask(self, question: _Question) -> Reply:
        """Asks anew with one parameter less where the server objects to one."""
        while True:
            sent = self._parameters(question)
            reply = self._patiently(question, sent)
            if reply is not None:
                return reply

    def _parameters(self, question: _Question) -> tuple[Parameter, ...]:
        """What goes with the question; without tools it is a question like any other."""
        current = self.parameters.current()
        with_tools = bool(question.tools) and TOOLS in current
        return tuple(p for p in current if p.goes(with_tools=with_tools))

    def _patiently(self, question: _Question, sent: tuple[Parameter, ...]) -> Reply | None:
        """Repeats what is safe to repeat."""
        import tenacity

        retrying = tenacity.Retrying(
            stop=self._is_over,
            wait=_backoff,
            retry=tenacity.retry_if_exception_type(_Again),
            sleep=self._timing.sleep,
            reraise=True,
        )
        try:
            return retrying(self._attempt, question, sent)
        except _Again as again:
            failure = again.failure
            if again.wait is not None and not self._timing.allows(again.wait):
                failure = self._troubles.wait_beyond_deadline(again.wait, failure)
        raise failure

    def _attempt(self, question: _Question, sent: tuple[Parameter, ...]) -> Reply | None:
        """One request; null where it is to be asked again with other parameters."""
        self.transport.client()  # loading it takes long: what is asked is to be sent at once when its turn has come
        with self._gate.slot() as generation:
            self._breaker.check()
            seconds = self._timing.left()
            outcome = self.transport.post(wire.content(self._target, question.messages, sent, question.tools), seconds)
            if isinstance(outcome, Answer) and outcome.status == 429:
                self._gate.throttled(generation)
        if isinstance(outcome, Silence):
            self._unheard(outcome, seconds)
        if outcome.status != 200:
            return self._refused(outcome.status, outcome, replies.complaint(outcome.body), sent)
        return self._understood(outcome, sent, wire.size(question.messages, question.tools if TOOLS in sent else ()))

    def _understood(self, answer: Answer, sent: tuple[Parameter, ...], size: int) -> Reply | None:
        if replies.is_html(answer.body):
            raise self._troubles.web_page()
        try:
            value = replies.decode(answer.body, answer.headers.get("content-type", ""))
        except ValueError:
            raise self._troubles.strange("with something that is not JSON") from None
        hidden = replies.hidden_error(value)
        if hidden is not None:
            # OpenRouter: an error inside a 200, with a status of its own
            return self._refused(hidden.status or 400, answer, hidden, sent)
        said = replies.said(value)
        if said is None:
            raise self._troubles.strange("without a reply in it")
        if said.refused:
            raise self._troubles.declined(said.text)
        usage = replies.usage(value, answer.headers, self._price)
        if self._target.dialect.truncates and 0 < usage.prompt_tokens <= size // 2:
            raise self._troubles.truncated(usage.prompt_tokens, size)
        self.parameters.accepted()
        self._gate.succeeded()
        return Reply(said.text, said.finish, usage, tool_calls=said.calls)

    def _refused(
        self, status: int, answer: Answer, complaint: replies.Complaint, sent: tuple[Parameter, ...]
    ) -> Reply | None:
        """Null where another try with other parameters may do; else raises what the status means."""
        row = self._troubles.row(status, complaint)
        if row is not None and row.drop != "never":
            guess = row.drop == "any"
            if self.parameters.give_up(sent, complaint.text.lower(), complaint.parameter, guess=guess):
                return None
        failure = self._troubles.refused(row, status, answer.headers, complaint)
        if row is None or not row.retry:
            raise failure
        wait = asked_wait(answer.headers, self._timing.now())
        if wait is None:
            # DashScope's limits act per second, others' per minute: throttled is slower to come again than broken.
            raise _Again(failure, first=2.0 if status == 429 else 0.5)
        if wait > LONGEST_WAIT:
            raise self._troubles.too_long_a_wait(wait, LONGEST_WAIT, failure)
        self._gate.hold(wait)
        raise _Again(failure, wait=wait)

    def _unheard(self, silence: Silence, seconds: float) -> NoReturn:
        """Only what cannot have been billed is asked again."""
        if silence.kind == "late":
            limited = seconds < self._timing.timeout
            raise self._troubles.too_late() if limited else self._troubles.late(seconds)
        failure = self._troubles.unheard(silence)
        raise _Again(failure) if isinstance(failure, Unreachable) else failure

    def _is_over(self, state: RetryCallState) -> bool:
        again = _again(state)
        return state.attempt_number >= ATTEMPTS or not self._timing.allows(again.wait or state.upcoming_sleep)


def _backoff(state: RetryCallState) -> float:
    """Doubled each time, with jitter; nothing where the gate already holds everybody back."""
    from tenacity import wait_exponential_jitter

    again = _again(state)
    if again.wait is not None:
        return 0.0
    return wait_exponential_jitter(multiplier=again.first, max=30, jitter=again.first)(state)


def _again(state: RetryCallState) -> _Again:
    error = state.outcome.exception() if state.outcome else None
    if not isinstance(error, _Again):
        raise TypeError(error)
    return error
