//! Repositories to look at, and the program that looks.

use aim::objects::ObjectKind;
use aim::repo::{Location, NoteEdit, Property, Repo, RepoOptions, RepoRef};
use aim::run::objects::{Moment, NewObject, SequenceId};
use aim::run::{EPOCH_NONE, Outcome, Run, RunOptions, RunState, Which};
use aim_value::Tree;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub struct Sandbox {
    directory: tempfile::TempDir,
}

/// What the program said.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Sandbox {
    pub fn new() -> Sandbox {
        Sandbox {
            directory: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// A repository, made if it is new.
    pub fn repo(&self, name: &str) -> RepoRef {
        let location = Location::find(Some(&self.path(name))).unwrap();
        Repo::open(location, &RepoOptions::default(), true).unwrap()
    }

    /// The program in the directory of a repository.
    pub fn program(&self, name: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_libaim"));
        command
            .current_dir(self.path(name))
            .env_clear()
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC")
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, name: &str, args: &[&str]) -> Said {
        said(self.program(name).args(args))
    }

    /// Standard output of a command that must succeed.
    pub fn out(&self, name: &str, args: &[&str]) -> String {
        let said = self.run(name, args);
        assert_eq!(said.code, 0, "{args:?}: {said:?}");
        said.out
    }
}

pub fn said(command: &mut Command) -> Said {
    let output = command.output().unwrap();
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Of a shell script that `libaim exec` runs: kills both processes of that, the one that tracks first.
pub const KILL_EXEC: &str =
    r"kill -KILL $(cat /proc/$PPID/task/*/children | tr ' ' '\n' | grep -vx $$) $PPID";

/// How a run of the sample went.
struct Plan {
    hash: &'static str,
    name: Option<&'static str>,
    lr: f64,
    hidden: i64,
    tags: &'static [&'static str],
    epochs: usize,
    hours_ago: f64,
    outcome: Outcome,
}

const FAILED: Outcome = Outcome {
    state: RunState::Failed,
    exit_code: Some(1),
    signal: None,
};

const PLANS: [Plan; 5] = [
    Plan {
        hash: "a19eafea79062599d89d5fbf",
        name: Some("baseline"),
        lr: 0.002,
        hidden: 64,
        tags: &["baseline", "v2"],
        epochs: 60,
        hours_ago: 50.0,
        outcome: Outcome::FINISHED,
    },
    Plan {
        hash: "86b2c62c9d01a7e35cb01f42",
        name: Some("warm start"),
        lr: 0.01,
        hidden: 64,
        tags: &[],
        epochs: 60,
        hours_ago: 26.2,
        outcome: Outcome::FINISHED,
    },
    Plan {
        hash: "7f01d2aa00c4e1b98d3e6a15",
        name: None,
        lr: 0.5,
        hidden: 64,
        tags: &[],
        epochs: 12,
        hours_ago: 5.1,
        outcome: FAILED,
    },
    Plan {
        hash: "1c77aa01e35d0b52c6f0a9d8",
        name: Some("größer, breiter und mit einem langen Namen"),
        lr: 0.05,
        hidden: 256,
        tags: &["wide"],
        epochs: 60,
        hours_ago: 4.1,
        outcome: Outcome::FINISHED,
    },
    Plan {
        hash: "1c77bb9310d4f2a6e8b1c5d7",
        name: Some("wide"),
        lr: 0.02,
        hidden: 256,
        tags: &["wide", "v2"],
        epochs: 41,
        hours_ago: 2.1,
        outcome: Outcome::CRASHED,
    },
];

/// Digits trained in five ways, in the past; the same every time.
pub fn sample(repo: &RepoRef) {
    for plan in &PLANS {
        train(repo, plan);
    }
}

const SECONDS_PER_EPOCH: f64 = 7.0;

fn train(repo: &RepoRef, plan: &Plan) {
    let begun = aim::repo::now_micros() - (plan.hours_ago * 3.6e9) as i64;
    let options = RunOptions {
        which: Which::NewHash(plan.hash),
        experiment: Some("digits"),
        created_at: Some(begun),
        import: true,
        ..RunOptions::default()
    };
    let run = Run::open(repo.clone(), &options).unwrap();
    if let Some(name) = plan.name {
        run.set(Property::Name(name.into())).unwrap();
    }
    for tag in plan.tags {
        run.set(Property::AddTag((*tag).into())).unwrap();
    }
    run.set_param("/hparams/lr", Tree::Float(plan.lr)).unwrap();
    run.set_param("/hparams/batch_size", Tree::Int(32)).unwrap();
    let layers = vec![Tree::Int(plan.hidden), Tree::Int(10)];
    run.set_param("/hparams/layers", Tree::List(layers))
        .unwrap();
    run.set_param("dataset", Tree::Str("optical digits".into()))
        .unwrap();
    let machine = Tree::from_json(MACHINE).unwrap();
    run.set_param("__system_params", machine).unwrap();
    let mut noise = Noise(plan.lr.to_bits());
    let diverges = plan.lr > 0.1;
    let at = |t: f64| match diverges {
        true => 2.3 + t * t / 20.0,
        false => 2.3 * (-t * (plan.lr * 20.0).min(0.6)).exp() + 0.12 + plan.lr,
    };
    let seconds = |t: f64| begun as f64 / 1e6 + t * SECONDS_PER_EPOCH;
    let track = |name: &str, context: Option<&str>, points: Vec<(f64, f64)>| {
        let values: Vec<f64> = points.iter().map(|p| p.1).collect();
        let steps: Vec<i64> = (0..points.len() as i64).collect();
        let epochs: Vec<i64> = match name.starts_with("__") {
            true => vec![EPOCH_NONE; points.len()],
            false => points.iter().map(|p| p.0 as i64).collect(),
        };
        let times: Vec<f64> = points.iter().map(|p| seconds(p.0)).collect();
        let metric = run.metric(name, context).unwrap();
        metric
            .track_many_at(&values, Some(&steps), Some(&epochs), Some(&times))
            .unwrap();
    };
    let val = Some(r#"{"subset": "val"}"#);
    let batches = (0..plan.epochs * 45).map(|i| i as f64 / 45.0);
    let batches = batches.map(|t| (t, at(t) * noise.near_one(0.25))).collect();
    track("loss", Some(r#"{"subset": "train"}"#), batches);
    let epochs = || (0..plan.epochs).map(|e| e as f64);
    let losses: Vec<(f64, f64)> = epochs()
        .map(|t| match diverges && t > 8.0 {
            true => (t, f64::NAN),
            false => (t, at(t) * 1.2 * noise.near_one(0.04)),
        })
        .collect();
    for (t, loss) in &losses {
        let line = format!("\x1b[32mepoch {t}\x1b[0m: loss {loss:.4}");
        let time = (seconds(*t) * 1e6) as i64;
        run.add_line_at(Some(time), 1, &line).unwrap();
    }
    track("loss", val, losses);
    let accuracy = |t| (t, (1.0 - at(t) / 3.0).clamp(0.1, 0.99));
    track("accuracy", val, epochs().map(accuracy).collect());
    let cpu = epochs().map(|t| (t, 300.0 * noise.near_one(0.2))).collect();
    track("__system__cpu", None, cpu);
    let memory = epochs()
        .map(|t| (t, 3.9e9 * noise.near_one(0.05)))
        .collect();
    track("__system__p_memory_bytes", None, memory);
    let end = seconds(plan.epochs as f64) * 1e6;
    run.log_at(Some(end as i64), 30, "the learning rate is lowered", None)
        .unwrap();
    run.close_as(plan.outcome, Some(end as i64)).unwrap();
    if !plan.tags.is_empty() {
        let note = aim::repo::Edit::Note(NoteEdit::Add("to be repeated".into()));
        repo.edit_run(plan.hash, &[note]).unwrap();
    }
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
  "gpus": [{"name": "NVIDIA A100-SXM4-80GB"}, {"name": "NVIDIA A100-SXM4-80GB"}],
  "git_info": {"branch": "main", "commit": {"hash": "3fe21c9d0c0ffee0000000000000000000000000"}, "dirty": true}
}"#;

/// An image of a run.
pub fn picture(run: &Run, step: i64, bytes: &[u8]) {
    let sequence = SequenceId::new(ObjectKind::Image, "p", None).unwrap();
    let moment = Moment {
        step,
        epoch: EPOCH_NONE,
        time: None,
    };
    let object = NewObject {
        data: bytes,
        format: None,
        caption: "",
        meta: "",
    };
    run.track_objects(&sequence, moment, &[object]).unwrap();
}

/// Many runs that say nothing, in one transaction.
pub fn many(repo: &RepoRef, count: u64) {
    let begun = aim::repo::now_micros() - 3_600_000_000;
    repo.store
        .write(|txn| {
            for i in 0..count {
                let mut hash = [0; 12];
                hash[..8].copy_from_slice(&i.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
                let mut record = aim::store::RunRecord::new(hash, "sweep", begun + i as i64);
                record.name = Some(format!("run {i}"));
                record.state = RunState::Finished;
                record.finalized_at = Some(begun + i as i64 + 1_000_000);
                txn.create_run(&record)?;
            }
            Ok(())
        })
        .unwrap();
}

/// Replaces bytes in the data file of a repository that nobody has open; returns how often.
pub fn tamper(root: &Path, from: &[u8], to: &[u8]) -> usize {
    assert_eq!(from.len(), to.len());
    let path = root.join(".aim/lmdb/data.mdb");
    let mut data = std::fs::read(&path).unwrap();
    let mut places = Vec::new();
    for (i, window) in data.windows(from.len()).enumerate() {
        if window == from {
            places.push(i);
        }
    }
    for place in &places {
        data[*place..*place + to.len()].copy_from_slice(to);
    }
    std::fs::write(&path, data).unwrap();
    places.len()
}

/// The program on a repository of a filesystem that is mounted read-only.
pub fn read_only(s: &Sandbox, args: &[&str]) -> Command {
    let script = r#"mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@""#;
    let mut command = Command::new("unshare");
    command.args(["--mount", "--map-root-user", "sh", "-c", script, "sh"]);
    command.arg(s.path("r")).arg(s.program("r").get_program());
    command.arg("--repo").arg(s.path("r")).args(args);
    command.current_dir(s.path("r")).stdin(Stdio::null());
    command.env("LC_ALL", "C.UTF-8");
    command
}

/// What would set the title of a terminal, clear it and turn writing round.
pub const EVIL: &str = "\x1b]0;title\x07\x1b[2Jevil\u{9b}31m\u{202e}name";

/// A run in which everything that has a name is called so; its hash.
pub fn evil(repo: &RepoRef) -> String {
    let options = RunOptions {
        which: Which::NewHash("e5e5e5e5e5e5e5e5e5e5e5e5"),
        experiment: Some(EVIL),
        ..RunOptions::default()
    };
    let run = Run::open(repo.clone(), &options).unwrap();
    for property in [
        Property::Name(EVIL.into()),
        Property::AddTag(EVIL.into()),
        Property::Description(EVIL.into()),
    ] {
        run.set(property).unwrap();
    }
    run.set_param(EVIL, Tree::Str(EVIL.into())).unwrap();
    run.metric(EVIL, None).unwrap().track(1.0, 0, 0).unwrap();
    run.add_line_at(None, 1, EVIL).unwrap();
    run.log(30, EVIL, None).unwrap();
    run.close().unwrap();
    let note = aim::repo::Edit::Note(NoteEdit::Add(EVIL.into()));
    repo.edit_run(run.hash(), &[note]).unwrap();
    run.hash().to_owned()
}

/// Without the sequences that set colours.
pub fn without_colours(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("\x1b[") {
        let sequence = &rest[at + 2..];
        let end = sequence.find(|c: char| !c.is_ascii_digit() && c != ';');
        match end {
            Some(end) if sequence[end..].starts_with('m') => {
                out.push_str(&rest[..at]);
                rest = &sequence[end + 1..];
            }
            _ => {
                out.push_str(&rest[..at + 2]);
                rest = sequence;
            }
        }
    }
    out + rest
}
