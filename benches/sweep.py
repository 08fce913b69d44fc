"""Many runs alike with Aim: the data of benches/c/sweep.h."""
import aim

METRICS = ["loss", "accuracy", "lr", "grad_norm", "throughput"]


def build(directory, runs, points):
    for r in range(runs):
        run = aim.Run(repo=directory, system_tracking_interval=None, capture_terminal_logs=False)
        run["hparams"] = {
            "lr": 1e-4 * (1 + r % 97),
            "batch_size": 16 << (r % 4),
            "dropout": 0.05 * (r % 7),
            "layers": [32 << (r % 5), 10],
            "optimizer": {"name": "adam" if r % 3 else "sgd", "momentum": 0.9},
            "warmup": r % 11,
        }
        run["model"] = "resnet18" if r % 2 else "vit-l"
        run["seed"] = r
        run["rare"] = 1 if r % (runs // 10) == 0 else 2 + r
        for m, name in enumerate(METRICS):
            context = {"subset": "train"} if m < 2 else {}
            for i in range(points):
                run.track(1.0 / (1 + i + r % 13), name=name, step=i, epoch=i // 10, context=context)
        run.close()
