"""Plans for the proxy: one fault where it is wanted, or faults at random, the same for the same seed."""

import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.faults.proxy import Fault, Request

CHANGING = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")
# Shares of all requests. Time-outs cost seconds each, so they are rare.
STORM = {
    Fault.ERROR: 0.03,
    Fault.SLOW_DOWN: 0.03,
    Fault.RESET: 0.03,
    Fault.LOST: 0.02,
    Fault.CUT: 0.02,
    Fault.TIMEOUT: 0.001,
    Fault.LOST_TIMEOUT: 0.001,
}


@dataclass
class Storm:
    """Faults at random over every service: which request meets which is a matter of the seed and of how often it came."""

    seed: int
    rates: Mapping[Fault, float] = field(default_factory=lambda: STORM)
    _times: Counter[str] = field(default_factory=Counter)

    def __call__(self, request: Request) -> Fault | None:
        alike = f"{request.service} {request.action} {CHANGING.sub('#', request.path)}"
        self._times[alike] += 1
        drawn = random.Random(f"{self.seed} {alike} {self._times[alike]}").random()
        for fault, rate in self.rates.items():
            drawn -= rate
            if drawn < 0:
                return fault
        return None


@dataclass
class FaultAt:
    """One fault at such requests, from the `first` of them on, so many `times`; no number of times for all."""

    service: str
    action: str
    path: str
    fault: Fault
    times: int | None = None
    first: int = 1
    _seen: int = 0

    def __call__(self, request: Request) -> Fault | None:
        if not request.is_of(self.service, self.action, self.path):
            return None
        self._seen += 1
        due = self._seen >= self.first and (self.times is None or self._seen < self.first + self.times)
        return self.fault if due else None


@dataclass
class Outage:
    """Nothing answers any more from the first such request on; `first` is what that one meets."""

    service: str
    action: str
    path: str
    first: Fault = Fault.RESET
    _begun: bool = False

    def __call__(self, request: Request) -> Fault | None:
        if self._begun:
            return Fault.RESET
        self._begun = request.is_of(self.service, self.action, self.path)
        return self.first if self._begun else None
