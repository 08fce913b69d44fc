from libaim import Repo, Run

run = Run(repo=".", experiment="installed")
run["lr"] = 0.5
for step in range(100):
    run.track(1 / (step + 1), name="loss", step=step)
run.close()

(found,) = Repo(".").query_metrics("metric.name == 'loss' and run.lr == 0.5").iter_runs()
(metric,) = found
steps, values = metric.values.sparse_numpy()
assert list(steps) == list(range(100)) and values[-1] == 0.01, (steps, values)
print(f"{len(values)} points of run {run.hash}")
