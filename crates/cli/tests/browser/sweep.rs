//! Runs over two hyperparameters, for the explorers: their curves are known, and pleasant to look at.

use crate::support::repo;
use aim::repo::Property;
use std::path::Path;

const RATES: [f64; 3] = [0.1, 0.03, 0.01];
const BATCHES: [f64; 2] = [32.0, 128.0];
pub const RUNS: usize = RATES.len() * BATCHES.len();

/// A loss that falls the faster the higher the rate and the smaller the batch, with some noise that is always the same.
fn losses(rate: f64, batch: f64) -> Vec<f64> {
    let speed = 1.2 * rate * (32.0 / batch).sqrt();
    let noise = |step: f64| ((step * 12.9898 + batch).sin() * 43758.5453).fract() * 0.05;
    let loss = |step: f64| 2.3 * (-speed * step).exp() + 0.2 + 0.9 / (1.0 + step * rate);
    (0..40)
        .map(|i| f64::from(i) * 5.0)
        .map(|step| loss(step) + noise(step))
        .collect()
}

pub fn write(root: &Path) {
    let repository = repo::open(root);
    for rate in RATES {
        for batch in BATCHES {
            let run = repo::run(&repository, "digits");
            let name = format!("lr {rate}, batch {batch}");
            run.set(Property::Name(name)).unwrap();
            let params = format!(r#"{{"lr": {rate}, "batch_size": {batch}, "layers": [64, 10]}}"#);
            run.set_param("hparams", repo::json(&params)).unwrap();
            let losses = losses(rate, batch);
            let accuracies = losses.iter().map(|loss| 1.0 - loss / 3.6);
            let context = Some(r#"{"subset": "val"}"#);
            repo::track(&run, "accuracy", context, accuracies);
            repo::track(&run, "loss", context, losses.iter().copied());
            run.close().unwrap();
        }
    }
}
