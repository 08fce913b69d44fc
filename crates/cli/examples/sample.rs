//! Makes a repository to look at: `sample DIR` has digits trained in five ways, one of which crashed; with `live` as a
//! second argument one of them goes on until standard input ends.

use aim::repo::{Location, Property, Repo, RepoOptions, RepoRef};
use aim::run::{EPOCH_NONE, Run, STEP_AUTO};
use aim::store::{LogAppend, LogRecord, Records};
use aim_value::Tree;
use std::io::Read as _;
use std::path::PathBuf;

type Outcome = Result<(), Box<dyn std::error::Error>>;

struct Plan {
    name: Option<&'static str>,
    lr: f64,
    hidden: i64,
    tags: &'static [&'static str],
    epochs: i64,
}

const PLANS: [Plan; 5] = [
    Plan {
        name: Some("baseline"),
        lr: 0.002,
        hidden: 64,
        tags: &["baseline", "v2"],
        epochs: 60,
    },
    Plan {
        name: Some("warm start"),
        lr: 0.01,
        hidden: 64,
        tags: &[],
        epochs: 60,
    },
    Plan {
        name: None,
        lr: 0.5,
        hidden: 64,
        tags: &[],
        epochs: 12,
    },
    Plan {
        name: Some("größer, breiter und mit einem langen Namen"),
        lr: 0.05,
        hidden: 256,
        tags: &["wide"],
        epochs: 60,
    },
    Plan {
        name: Some("wide"),
        lr: 0.02,
        hidden: 256,
        tags: &["wide", "v2"],
        epochs: 41,
    },
];

fn main() -> Outcome {
    let mut args = std::env::args().skip(1);
    let root = PathBuf::from(args.next().ok_or("sample DIR [live|crash]")?);
    let role = args.next().unwrap_or_default();
    let location = Location::find(Some(&root))?;
    let repo = Repo::open(location, &RepoOptions::default(), true)?;
    if role == "crash" {
        let run = train(&repo, &PLANS[2])?;
        run.flush()?;
        std::process::abort();
    }
    let last = PLANS.len() - 1;
    for (i, plan) in PLANS.iter().enumerate() {
        if i == 2 {
            let program = std::env::current_exe()?;
            std::process::Command::new(program)
                .arg(&root)
                .arg("crash")
                .stderr(std::process::Stdio::null())
                .status()?;
            continue;
        }
        let run = train(&repo, plan)?;
        if i == last && role == "live" {
            run.flush()?;
            println!("{}", run.hash());
            std::io::stdin().read_to_end(&mut Vec::new())?;
        }
        run.close()?;
    }
    let other = Run::create(repo, Some("speech"))?;
    other.set(Property::Name("tiny".into()))?;
    other.close()?;
    Ok(())
}

/// Curves as they look: falling, with noise that is the same every time.
fn train(repo: &RepoRef, plan: &Plan) -> Result<Run, Box<dyn std::error::Error>> {
    let run = Run::create(repo.clone(), Some("digits"))?;
    if let Some(name) = plan.name {
        run.set(Property::Name(name.into()))?;
    }
    for tag in plan.tags {
        run.set(Property::AddTag((*tag).into()))?;
    }
    run.set_param("/hparams/lr", Tree::Float(plan.lr))?;
    run.set_param("/hparams/batch_size", Tree::Int(32))?;
    let layers = [plan.hidden, 10].map(Tree::Int).into();
    run.set_param("/hparams/layers", Tree::List(layers))?;
    run.set_param("dataset", Tree::Str("optical digits".into()))?;
    run.set_param("__system_params", Tree::from_json(MACHINE)?)?;
    let metric = |name, context| run.metric(name, context);
    let train_loss = metric("loss", Some(r#"{"subset": "train"}"#))?;
    let loss = metric("loss", Some(r#"{"subset": "val"}"#))?;
    let accuracy = metric("accuracy", Some(r#"{"subset": "val"}"#))?;
    let cpu = metric("__system__cpu", None)?;
    let gpu = metric("__system__gpu", Some(r#"{"gpu": 0}"#))?;
    let memory = metric("__system__p_memory_bytes", None)?;
    let mut noise = Noise(plan.lr.to_bits());
    let diverges = plan.lr > 0.1;
    for epoch in 0..plan.epochs {
        let at = |t: f64| match diverges {
            true => 2.3 + t * t / 20.0,
            false => 2.3 * (-t * (plan.lr * 20.0).min(0.6)).exp() + 0.12 + plan.lr,
        };
        for batch in 0..45 {
            let t = epoch as f64 + f64::from(batch) / 45.0;
            train_loss.track(at(t) * noise.near_one(0.25), STEP_AUTO, epoch)?;
        }
        let value = match diverges && epoch > 8 {
            true => f64::NAN,
            false => at(epoch as f64) * 1.2 * noise.near_one(0.04),
        };
        loss.track(value, epoch, epoch)?;
        accuracy.track(
            (1.0 - at(epoch as f64) / 3.0).clamp(0.1, 0.99),
            epoch,
            epoch,
        )?;
        cpu.track(300.0 * noise.near_one(0.2), epoch, EPOCH_NONE)?;
        gpu.track(90.0 * noise.near_one(0.1), epoch, EPOCH_NONE)?;
        memory.track(3.9e9 * noise.near_one(0.05), epoch, EPOCH_NONE)?;
        run.try_add_lines(LogAppend {
            records: line(&format!("\x1b[32mepoch {epoch}\x1b[0m: loss {value:.4}")),
            ..LogAppend::default()
        })?;
    }
    run.log(30, "the learning rate is lowered", None)?;
    Ok(run)
}

fn line(text: &str) -> Records {
    let mut records = Records::default();
    records.push(&LogRecord {
        time: aim::repo::now_micros(),
        level: 1,
        text: text.to_owned(),
        location: None,
    });
    records
}

struct Noise(u64);

impl Noise {
    fn near_one(&mut self, spread: f64) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        1.0 + spread * ((self.0 >> 11) as f64 / (1u64 << 53) as f64 - 0.5)
    }
}

const MACHINE: &str = r#"{
  "executable": "/home/me/train", "arguments": ["./train", "--lr", "0.002"],
  "host": "node17", "os": "Linux 6.1",
  "cpu": {"model": "AMD EPYC 7763 64-Core Processor", "cores": 64, "logical": 128, "usable": 32},
  "memory_bytes": 540000000000,
  "gpus": [{"name": "NVIDIA A100-SXM4-80GB", "vendor": "NVIDIA", "memory_bytes": 85899345920},
           {"name": "NVIDIA A100-SXM4-80GB", "vendor": "NVIDIA", "memory_bytes": 85899345920}],
  "git_info": {"branch": "main", "commit": {"hash": "3fe21c9d0c0ffee0000000000000000000000000"}, "dirty": true},
  "env_variables": {"HOME": "/home/me", "OMP_NUM_THREADS": "8"}
}"#;
