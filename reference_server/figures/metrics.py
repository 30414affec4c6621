"""What the server counts, in a registry of its own; one exchange costs it a few microseconds (tests/contract)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from reference_server.exchange import Fact

#: What `GET /health/metrics` says of its text.
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
#: The quantiles that are told for each endpoint, from so many of its last exchanges.
QUANTILES: Final = (0.5, 0.95, 0.99)
RECENT: Final = 1024

_HTTP_MS: Final = (1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000)
_QUERY_MS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 100, 500, 2500)
_GROUPS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class _Recent:
    """The last exchanges of one endpoint."""

    def __init__(self) -> None:
        self.durations_ms: deque[float] = deque(maxlen=RECENT)
        self.failed: deque[bool] = deque(maxlen=RECENT)


class _Exchanges:
    """The children of one endpoint, looked up once: finding them by label costs more than counting."""

    def __init__(self, histogram: Histogram, recent: _Recent) -> None:
        self.histogram = histogram
        self.recent = recent


class Metrics:
    """Counters, histograms, and gauges that are read when somebody looks."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=self.registry)
        self.registry.register(_Looked(self))
        self._http = Histogram(
            *("http_request_duration_ms", "Time from a request's head to its answer's end"),
            labelnames=("method", "endpoint", "status"),
            buckets=_HTTP_MS,
            registry=self.registry,
        )
        queries = Histogram(
            *("db_query_duration_ms", "Time that one piece of work had the database for"),
            labelnames=("kind",),
            buckets=_QUERY_MS,
            registry=self.registry,
        )
        self._read = queries.labels("read")
        self._write = queries.labels("write")
        self._group = Histogram(
            *("db_commit_group_size", "Writes that shared one commit"), buckets=_GROUPS, registry=self.registry
        )
        self._facts = Counter(
            *("facts", "What answers told: replays, conflicts by type, writes by kind"),
            labelnames=("fact", "type"),
            registry=self.registry,
        )
        self._revenue = Counter(
            *("revenue_minor", "Money that closes took and applied, in minor units, tips not included"),
            registry=self.registry,
        )
        self._exchanges: dict[tuple[str, str, int], _Exchanges] = {}
        self._answered: dict[str, int] = {}
        self._told: dict[Fact, Counter] = {}
        self._recent: dict[str, _Recent] = {}
        self._gauges: dict[str, tuple[str, Callable[[], float]]] = {}

    def exchanged(self, method: str, endpoint: str, *, status: int, duration_s: float) -> None:
        """A request to an endpoint, named by its template, was answered."""
        key = (method, endpoint, status // 100)
        found = self._exchanges.get(key)
        if found is None:
            found = self._exchanges[key] = self._new(*key)
        duration_ms = duration_s * 1000
        found.histogram.observe(duration_ms)
        found.recent.durations_ms.append(duration_ms)
        found.recent.failed.append(status >= 500)

    def told(self, facts: Iterable[Fact]) -> None:
        """An answer that was given tells these."""
        for fact in facts:
            if fact.name == "revenue":
                self._revenue.inc(fact.amount)
                continue
            counter = self._told.get(fact)
            if counter is None:
                counter = self._told[fact] = self._facts.labels(fact.name, fact.type)
            counter.inc()
            self._answered[fact.name] = self._answered.get(fact.name, 0) + 1

    def read(self, duration_s: float) -> None:
        """A read had the database for so long."""
        self._read.observe(duration_s * 1000)

    def wrote(self, duration_s: float) -> None:
        """A write had the database for so long, its commit not included."""
        self._write.observe(duration_s * 1000)

    def committed(self, size: int) -> None:
        """So many writes were made durable together."""
        self._group.observe(size)

    def gauge(self, name: str, words: str, look: Callable[[], float]) -> None:
        """Tell this figure from now on, by looking when it is asked for."""
        self._gauges[name] = (words, look)

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self.registry)

    def quantiles_ms(self) -> dict[float, float]:
        """The quantiles over the last exchanges of all endpoints; empty before the first."""
        return _quantiles(duration for recent in self._recent.values() for duration in recent.durations_ms)

    def error_rate(self) -> float:
        """The share of the last exchanges that the server failed (5xx), from 0 to 1."""
        failed = [one for recent in self._recent.values() for one in recent.failed]
        return sum(failed) / len(failed) if failed else 0.0

    def looked(self) -> Iterator[Metric]:
        """The gauges as they stand now."""
        for name, (words, look) in self._gauges.items():
            yield GaugeMetricFamily(name, words, value=look())
        replays = self._answered.get("replay", 0)
        hits = replays / max(1, replays + self._answered.get("write", 0))
        yield GaugeMetricFamily("idempotency_hit_rate", "Share of writes that were answered before", value=hits)
        rate = GaugeMetricFamily("error_rate", f"Share of 5xx among the last {RECENT} answers", labels=("endpoint",))
        latency = GaugeMetricFamily(
            *("http_request_duration_quantile_ms", f"Quantiles of the last {RECENT} exchanges"),
            labels=("endpoint", "quantile"),
        )
        for endpoint, recent in self._recent.items():
            rate.add_metric((endpoint,), sum(recent.failed) / len(recent.failed))
            for quantile, duration_ms in _quantiles(recent.durations_ms).items():
                latency.add_metric((endpoint, str(quantile)), duration_ms)
        yield rate
        yield latency

    def _new(self, method: str, endpoint: str, status_class: int) -> _Exchanges:
        recent = self._recent.setdefault(endpoint, _Recent())
        return _Exchanges(self._http.labels(method, endpoint, f"{status_class}xx"), recent)


class _Looked(Collector):
    """Hands the gauges to the registry."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics.looked()


def _quantiles(durations_ms: Iterable[float]) -> dict[float, float]:
    ordered = sorted(durations_ms)
    return {one: ordered[min(int(one * len(ordered)), len(ordered) - 1)] for one in QUANTILES} if ordered else {}
