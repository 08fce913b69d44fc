//! What tracking the machine costs: processor time of the library's threads for one reading, and what that comes to at
//! one reading a second on a host with 128 processors and 8 GPUs. NVIDIA's library is the stub of the tests, whose calls
//! take as much processor time as it is told.

use aim::repo::{Location, Repo, RepoOptions};
use aim::run::Run;
use aim::store::Kind;
use aim::system::{Attachment, GPU_SHARE, Options, STAT_SHARE};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

const PROCESSORS: f64 = 128.0;
const GPUS: usize = 8;
/// Processor time of one call of the driver, in microseconds.
const CALLS: [u32; 4] = [0, 10, 50, 200];

/// Given to the process that measures with the stub: how many seconds, at one reading a second.
const ROLE: &str = "AIM_BENCH_SECONDS";

/// Microseconds that the threads of a name have run.
fn thread_micros(name: &str) -> f64 {
    let tasks = fs::read_dir("/proc/self/task").unwrap().flatten();
    let own = tasks.filter(|task| {
        let comm = fs::read_to_string(task.path().join("comm"));
        comm.is_ok_and(|c| c.trim() == name)
    });
    own.map(|task| {
        let stat = fs::read_to_string(task.path().join("schedstat")).unwrap();
        stat.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e3
    })
    .sum()
}

/// Microseconds for one look at `/proc/stat`, whose length grows with the processors.
fn stat_micros() -> f64 {
    let started = Instant::now();
    for _ in 0..1000 {
        std::hint::black_box(fs::read_to_string("/proc/stat").unwrap());
    }
    started.elapsed().as_secs_f64() * 1e3
}

/// Microseconds a reading.
struct Measured {
    host: f64,
    gpus: f64,
    /// How many GPUs there are.
    count: usize,
    /// Values of each GPU's use in a second.
    uses: f64,
}

/// Measures at one reading a second: caches are as cold as they are where a program uses the processor between.
fn measure(seconds: u64) -> Measured {
    let directory = tempfile::tempdir().unwrap();
    let location = Location::find(Some(directory.path())).unwrap();
    let repo = Repo::open(location, &RepoOptions::default(), true).unwrap();
    let run = Arc::new(Run::create(repo.clone(), None).unwrap());
    let options = Options {
        interval: Options::parse_interval(1.0).unwrap(),
        ..Options::default()
    };
    let attachment = Attachment::start(&run, options);
    // Past the start of drivers.
    std::thread::sleep(Duration::from_secs(2));
    let before = ["aim-system", "aim-gpu"].map(thread_micros);
    std::thread::sleep(Duration::from_secs(seconds));
    let after = ["aim-system", "aim-gpu"].map(thread_micros);
    attachment.stop();
    run.flush().unwrap();

    let [host, gpus] = [0, 1].map(|n| (after[n] - before[n]) / seconds as f64);
    let (id, _) = repo.find_run(run.hash()).unwrap();
    let txn = repo.store.read().unwrap();
    let mut contexts = HashSet::new();
    let mut uses = 0;
    for (key, stats) in txn.run_series(id).unwrap() {
        let context = txn.string(Kind::Context, key.context).unwrap();
        if context.contains("gpu") {
            contexts.insert(context.to_owned());
        }
        if txn.string(Kind::Name, key.name).unwrap() == "__system__gpu" {
            uses += stats.count;
        }
    }
    drop(txn);
    run.close().unwrap();
    let count = contexts.len();
    Measured {
        host,
        gpus,
        count,
        uses: uses as f64 / count.max(1) as f64 / (seconds + 2) as f64,
    }
}

/// Builds the stub; the directory that it is in.
fn build_stub() -> PathBuf {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-nvml");
    fs::create_dir_all(&out).unwrap();
    let built = Command::new("gcc")
        .args(["-O1", "-shared", "-fPIC", "-o"])
        .arg(out.join("libnvidia-ml.so.1"))
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/system/nvml.c"))
        .status();
    assert!(built.unwrap().success());
    out
}

fn start(stub: &Path, scenario: &str, micros: u32) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .env(ROLE, "120")
        .env("LD_LIBRARY_PATH", stub)
        .env("NVML_STUB", scenario)
        .stdout(Stdio::piped());
    if micros > 0 {
        command.env("NVML_STUB_MICROS", micros.to_string());
    }
    command.spawn().unwrap()
}

fn finish(child: Child) -> Measured {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let numbers: Vec<f64> = text
        .split_whitespace()
        .map(|n| n.parse().unwrap())
        .collect();
    Measured {
        host: numbers[0],
        gpus: numbers[1],
        count: numbers[2] as usize,
        uses: numbers[3],
    }
}

fn percent(micros: f64) -> f64 {
    micros / 1e6 * 100.0
}

/// What the host's part takes at one reading a second, in microseconds, out of what it took here.
fn host_at_scale(here: f64) -> f64 {
    let processors = std::thread::available_parallelism().unwrap().get() as f64;
    let stat = stat_micros();
    let most = STAT_SHARE * 1e6;
    println!("host, one reading            {here:8.1} us");
    println!("  of it /proc/stat           {stat:8.1} us at {processors} processors");
    println!(
        "  at {PROCESSORS} processors          {:8.1} us if it grows with them; at most {most:.0} us a second",
        stat * PROCESSORS / processors,
    );
    // Where `/proc/stat` takes longer than its ration it is read less often.
    let at_scale = here - stat + (stat * PROCESSORS / processors).min(most);
    println!(
        "host at {PROCESSORS} processors      {at_scale:8.1} us   {:.4} % of a core at 1 s",
        percent(at_scale)
    );
    at_scale
}

fn main() {
    if let Ok(seconds) = std::env::var(ROLE) {
        let m = measure(seconds.parse().unwrap());
        println!("{} {} {} {}", m.host, m.gpus, m.count, m.uses);
        return;
    }
    let stub = build_stub();
    // Side by side, since each sleeps nearly all the time.
    let without = start(&stub, "no-driver", 0);
    let with: Vec<_> = CALLS.iter().map(|c| start(&stub, "eight", *c)).collect();
    let without = finish(without).host;
    let host = host_at_scale(without);
    println!(
        "GPUs: at most {:.0} us a second for asking the driver",
        GPU_SHARE * 1e6
    );
    for (micros, child) in CALLS.iter().zip(with) {
        let m = finish(child);
        assert_eq!(m.count, GPUS);
        // What the other thread does with their values.
        let recording = (m.host - without).max(0.0);
        let gpus = m.gpus + recording;
        println!(
            "{GPUS} GPUs, {micros:3} us a call         {gpus:8.1} us   {:.4} % of a core at 1 s, \
             {:.2} values of use a second; with the host {:.4} %",
            percent(gpus),
            m.uses,
            percent(host + gpus)
        );
    }
}
