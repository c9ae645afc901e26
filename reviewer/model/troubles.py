"""What a status, a silence or an odd answer means for the review, in words that say what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reviewer.findings import Reason
from reviewer.model.failures import OTHERWISE, ModelFailure, Unreachable
from reviewer.text import sanitise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reviewer.model.dialects import Row, Target
    from reviewer.model.replies import Complaint
    from reviewer.model.transport import Silence

QUOTED = 200
"""Characters of a provider's own words in a message."""


@dataclass(frozen=True, slots=True)
class Troubles:
    """Failures that name `target`."""

    target: Target

    def row(self, status: int, complaint: Complaint) -> Row | None:
        """What the dialect knows of this status and text."""
        text = complaint.text.lower()
        return next((r for r in self.target.dialect.failures if r.matches(status, text, complaint.html)), None)

    def refused(self, row: Row | None, status: int, headers: Mapping[str, str], complaint: Complaint) -> ModelFailure:
        """An error status; a null row is one nobody documented."""
        target, dialect = self.target, self.target.dialect
        others = f" (for example {', '.join(target.other_models)})" if target.other_models else ""
        words = "it answered with a web page" if complaint.html else self._quoted(complaint.text)
        if row is None:
            said = f"{target.title} answered {status}, which no model does: check REVIEWER_BASE_URL ({target.base_url})"
            return self._failure(f"{said}: {words}".removesuffix(": "))
        location = urlsplit(headers.get("location", ""))
        message = row.message.format(
            provider=target.title,
            model=target.model,
            others=others,
            key=f"{dialect.key_variable} or REVIEWER_API_KEY" if dialect.key_variable else "REVIEWER_API_KEY",
            base_url=target.base_url,
            host=target.host,
            status=status,
            location=self._quoted(f"{location.scheme}://{location.netloc}{location.path}".removeprefix("://")),
            text=words,
        )
        return ModelFailure(row.reason, message.removesuffix(": "), fatal=row.fatal, splittable=row.splittable)

    def unheard(self, silence: Silence) -> ModelFailure:
        """No answer; `Unreachable` where the request cannot have been billed and may be sent again."""
        host, title, detail = self.target.host, self.target.title, self._quoted(silence.detail)
        if silence.kind == "untrusted":
            said = f"the certificate of {host} is not trusted: set SSL_CERT_FILE to your authority's, or check"
            return self._failure(f"{said} REVIEWER_BASE_URL ({detail})", fatal=True)
        if silence.kind == "plain":
            said = f"{host} speaks no TLS: write http:// in REVIEWER_BASE_URL if it is to be so, or check its port"
            return self._failure(f"{said} ({detail})", fatal=True)
        if silence.kind == "crowded":
            said = "this process may not open more files or connections: raise `ulimit -n`, or set REVIEWER_CONCURRENCY"
            return Unreachable(Reason.MODEL_ERROR, f"{said} lower ({detail})")
        if silence.kind == "unconnected":
            said = f"{host} cannot be reached: check the network, the proxy and REVIEWER_BASE_URL ({detail})"
            return Unreachable(Reason.MODEL_ERROR, said)
        if silence.kind == "hung_up":
            said = f"{host} hangs up without an answer: is the server well? ({detail})"
            return Unreachable(Reason.MODEL_ERROR, said)
        return self._failure(f"the answer of {title} is lost: run the review again ({detail})", billed=True)

    def late(self, seconds: float) -> ModelFailure:
        """No answer within the time a request may take."""
        said = f"{self.target.title} had not answered after {seconds:g} s: set REVIEWER_TIMEOUT higher, or"
        return ModelFailure(Reason.TIMEOUT, f"{said} REVIEWER_CHUNK_TOKENS lower", billed=True)

    def too_late(self) -> ModelFailure:
        """No answer before the run's deadline."""
        said = f"the deadline of the review came before the answer of {self.target.title}"
        return ModelFailure(Reason.DEADLINE, f"{said}: set REVIEWER_DEADLINE higher", billed=True)

    def too_long_a_wait(self, wait: float, most: float, failure: ModelFailure) -> ModelFailure:
        """A provider that wants to be left alone for longer than a review waits."""
        said = f"{self.target.title} asks to wait {wait:.0f} s, and a review waits {most:.0f} s at most"
        return self._failure(f"{said}: run it again then ({failure})", fatal=True)

    def wait_beyond_deadline(self, wait: float, failure: ModelFailure) -> ModelFailure:
        """A provider that wants to be left alone until the run is over."""
        said = f"{self.target.title} asks to wait {wait:.0f} s, beyond the deadline of the review"
        return ModelFailure(Reason.DEADLINE, f"{said}: set REVIEWER_DEADLINE higher ({failure})")

    def web_page(self) -> ModelFailure:
        """A page for people with status 200: not the address of a model."""
        said = f"{self.target.host} answers with a web page: check REVIEWER_BASE_URL ({self.target.base_url})"
        return self._failure(said, fatal=True)

    def strange(self, how: str) -> ModelFailure:
        """A 200 that is no reply."""
        said = f"{self.target.title} answered {how}: check REVIEWER_MODEL ({self.target.model}) and"
        return self._failure(f"{said} REVIEWER_BASE_URL ({self.target.base_url})", billed=True)

    def declined(self, words: str) -> ModelFailure:
        """The model refused in words of its own."""
        said = f"{self.target.model} refused this part of the change: {OTHERWISE} ({self._quoted(words)})"
        return ModelFailure(Reason.PROVIDER_REFUSED, said, splittable=True, billed=True)

    def truncated(self, read: int, sent: int) -> ModelFailure:
        """The server cut the prompt in silence: what it answers is about another change."""
        said = f"{self.target.title} read only {read} of about {sent} tokens and cut the rest in silence"
        how = "start it with OLLAMA_CONTEXT_LENGTH=32768, or set REVIEWER_CHUNK_TOKENS lower"
        return ModelFailure(Reason.LENGTH, f"{said}: {how}", splittable=True, billed=True)

    def _failure(self, message: str, *, fatal: bool = False, billed: bool = False) -> ModelFailure:
        return ModelFailure(Reason.MODEL_ERROR, message, fatal=fatal, billed=billed)

    def _quoted(self, text: str) -> str:
        """A stranger's words for a message: short and on one line."""
        return sanitise.log(text[: 2 * QUOTED])[:QUOTED]
