"""A program with an exporter of its own, by Prometheus' library for Python: it ends once it was asked five times."""

import sys
import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

registry = CollectorRegistry()
steps = Counter("steps", "Steps", registry=registry)
loss = Gauge("loss", 'With "quotes"', ["subset"], registry=registry)
seconds = Histogram("seconds", "Of a step", buckets=[0.1, 1], registry=registry)
asked = []


class Asked:
    """Counts how often it is asked."""

    def collect(self):
        steps.inc(10)
        loss.labels('va"l\\').set(1 / (len(asked) + 1))
        seconds.observe(0.5)
        asked.append(time.time())
        return []


time.sleep(0.5)  # nothing listens yet
registry.register(Asked())
asked.clear()
start_http_server(int(sys.argv[1]), "127.0.0.1", registry)
while len(asked) < 5 and time.time() < (asked or [time.time()])[0] + 120:
    time.sleep(0.01)
time.sleep(0.2)  # the last answer is on its way
