# Tracks a run in the directory given, and reads it back.
using Aim

directory = ARGS[1]
hash = Run(repo=directory, experiment="consumer") do run
    run["hparams"] = (lr=1e-4, batch_size=32)
    for step in 0:9
        track!(run, :loss, 1 / (step + 1); step=step, subset="train")
    end
    run.hash
end

metric = only(query(Repo(directory), "metric.name == 'loss' and run.hparams.lr < 1"))
metric.run.hash == hash && metric.run["hparams", "batch_size"] == 32 || error("another run")
metric.values == 1 ./ (1:10) || error("other values")
