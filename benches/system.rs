//! What tracking the machine costs: processor time of the library's threads for one reading, and what that comes to at
//! one reading a second on a host with 128 processors and 8 GPUs.

use aim::repo::{Location, Repo, RepoOptions};
use aim::run::Run;
use aim::store::{Kind, SeriesReading, Strings};
use aim::system::{Attachment, Options, STAT_SHARE};
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

const INTERVAL: f64 = 0.1;
const SECONDS: u64 = 10;
const PROCESSORS: f64 = 128.0;
const GPUS: f64 = 8.0;

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

fn main() {
    let directory = tempfile::tempdir().unwrap();
    let location = Location::find(Some(directory.path())).unwrap();
    let repo = Repo::open(location, &RepoOptions::default(), true).unwrap();
    let run = Arc::new(Run::create(repo.clone(), None).unwrap());
    let options = Options {
        interval: Options::parse_interval(INTERVAL).unwrap(),
        ..Options::default()
    };
    let attachment = Attachment::start(&run, options);
    // Past the start of drivers.
    std::thread::sleep(Duration::from_secs(2));
    let before = ["aim-system", "aim-gpu"].map(thread_micros);
    std::thread::sleep(Duration::from_secs(SECONDS));
    let after = ["aim-system", "aim-gpu"].map(thread_micros);
    attachment.stop();
    run.flush().unwrap();

    let readings = SECONDS as f64 / INTERVAL;
    let [host, gpu] = [0, 1].map(|n| (after[n] - before[n]) / readings);
    let (id, _) = repo.find_run(run.hash()).unwrap();
    let txn = repo.store.read().unwrap();
    let mut gpus = std::collections::HashSet::new();
    for (key, _) in txn.run_series(id).unwrap() {
        let context = txn.string(Kind::Context, key.context).unwrap();
        if context.contains("gpu") {
            gpus.insert(context.to_owned());
        }
    }
    drop(txn);
    let processors = std::thread::available_parallelism().unwrap().get() as f64;
    let stat = stat_micros();
    println!("host, one reading            {host:8.1} us");
    println!("  of it /proc/stat           {stat:8.1} us at {processors} processors");
    println!(
        "  at {PROCESSORS} processors          {:8.1} us if it grows with them; at most {:.0} us a second",
        stat * PROCESSORS / processors,
        STAT_SHARE * 1e6
    );
    // At one reading a second; where `/proc/stat` takes longer than its ration it is read less often.
    let stat_at_scale = (stat * PROCESSORS / processors).min(STAT_SHARE * 1e6);
    let host_at_scale = host - stat + stat_at_scale;
    let percent = |micros: f64| micros / 1e6 * 100.0;
    println!(
        "host at {PROCESSORS} processors      {host_at_scale:8.1} us   {:.4} % of a core at 1 s",
        percent(host_at_scale)
    );
    if gpus.is_empty() {
        println!("GPUs: none here to measure");
    } else {
        let gpu_at_scale = gpu / gpus.len() as f64 * GPUS;
        println!(
            "GPUs, one reading of {:2}       {gpu:8.1} us\n{GPUS} GPUs                       {gpu_at_scale:8.1} us   {:.4} % of a core at 1 s",
            gpus.len(),
            percent(gpu_at_scale)
        );
    }
    run.close().unwrap();
}
