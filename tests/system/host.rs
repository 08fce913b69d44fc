use crate::tools::{Scene, wait_until};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A Python with psutil, made on first use.
fn python() -> PathBuf {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("build/psutil");
    let python = directory.join("bin/python");
    let run = |command: &mut Command| {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{command:?}: {output:?}");
    };
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&directory));
    }
    run(Command::new(&python).args(["-m", "pip", "install", "-q", "psutil==7.1.0"]));
    python
}

/// Watches a process for some seconds; the time and the seconds of a processor that it has used by then, before and after, and
/// the means of the rest.
const WATCH: &str = r#"
import psutil, sys, time
process = psutil.Process(int(sys.argv[1]))
def used():
    times = process.cpu_times()
    return time.time(), times.user + times.system
rows = []
before = used()
while time.time() < before[0] + float(sys.argv[2]):
    time.sleep(0.2)
    rows.append((process.memory_percent(), process.memory_info().rss, psutil.virtual_memory().percent,
                 psutil.disk_usage('/').percent))
print(*before, *used(), *(sum(column) / len(rows) for column in zip(*rows)))
"#;

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn the_host_is_seen_as_psutil_sees_it() {
    let python = python();
    let scene = Scene::new();
    let mut trainer = scene.trainer(&["interval=0.2", "touch=300", "load=1"]);
    let mut trainer = trainer.stdin(Stdio::piped()).spawn().unwrap();
    // The time of a reading in seconds, and its value.
    let readings = |name: &str| -> Vec<(f64, f64)> {
        let points = scene.points().remove(&(name.to_owned(), "{}".to_owned()));
        let points = points.unwrap_or_default();
        let times = points.times.iter().map(|time| *time as f64 / 1e6);
        times.zip(points.values).collect()
    };
    wait_until("the load", || {
        let has_begun = scene.path().join("hash").exists();
        has_begun && readings("p_memory_bytes").iter().any(|r| r.1 > 300e6)
    });
    let watched = Command::new(python)
        .args(["-c", WATCH, &trainer.id().to_string(), "3"])
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let watched: Vec<f64> = String::from_utf8(watched.stdout)
        .unwrap()
        .split_whitespace()
        .map(|v| v.parse().unwrap())
        .collect();
    let [from, used_before, until, used, rest @ ..] = &watched[..] else {
        panic!("psutil: {watched:?}")
    };
    wait_until("a reading behind psutil's", || {
        readings("cpu").last().is_some_and(|last| last.0 > *until)
    });
    drop(trainer.stdin.take());
    assert!(trainer.wait().unwrap().success());

    // The machine may be shared: the load gets what it gets, and both see the same. A reading says what was used since the one
    // before: those within psutil's time tell of no more, with those at its ends no less.
    let used = used - used_before;
    let cpu = readings("cpu");
    let (mut within, mut with_ends) = (0.0, 0.0);
    for pair in cpu.windows(2) {
        let [(begin, _), (end, percent)] = pair else {
            unreachable!()
        };
        let seconds = (end - begin) * percent / 100.0;
        if begin >= from && end <= until {
            within += seconds;
        }
        if end > from && begin < until {
            with_ends += seconds;
        }
    }
    // A reading's point is stored a moment behind it.
    let moment = 0.1 + used / 10.0;
    assert!(used > 0.0);
    assert!(
        within <= used + moment && with_ends >= used - moment,
        "{within} s to {with_ends} s of a processor, psutil: {used} s; {cpu:?}"
    );
    let during = |name: &str| {
        let all = readings(name);
        let first = all.partition_point(|reading| reading.0 < *from);
        let end = all.partition_point(|reading| reading.0 <= *until) + 1;
        let all: Vec<f64> = all.iter().map(|reading| reading.1).collect();
        mean(&all[first.saturating_sub(1)..end.min(all.len())])
    };
    let near = |name: &str, seen: f64, tolerance: f64| {
        let own = during(name);
        assert!(
            (own - seen).abs() <= tolerance,
            "{name}: {own}, psutil: {seen}"
        );
    };
    near("p_memory_percent", rest[0], 0.2);
    near("p_memory_bytes", rest[1], 8e6);
    near("memory_percent", rest[2], 8.0);
    near("disk_percent", rest[3], 1.0);
    let all = scene.sequences();
    let values = |name: &str| &all[&(name.to_owned(), "{}".to_owned())];
    for name in [
        "memory_bytes",
        "disk_bytes",
        "system_cpu_percent",
        "load_1m",
        "load_5m",
        "load_15m",
        "p_read_bytes_per_second",
        "p_write_bytes_per_second",
        "disk_read_bytes_per_second",
        "disk_write_bytes_per_second",
        "network_receive_bytes_per_second",
        "network_send_bytes_per_second",
    ] {
        assert!(
            values(name).iter().all(|v| v.is_finite() && *v >= 0.0),
            "{name}"
        );
    }
    assert!(values("system_cpu_percent").iter().all(|v| *v <= 100.5));
    // Rates need two readings, the rest is there from the start.
    assert_eq!(values("cpu").len() + 1, values("memory_percent").len());
}

#[test]
fn one_thread_tracks_and_it_ends_with_the_run() {
    let scene = Scene::new();
    let count = |arguments: &[&str]| -> u32 {
        let (out, _) = scene.run(arguments);
        out.lines().next().unwrap().trim().parse().unwrap()
    };
    let plain = count(&["sleep=500", "threads=1"]);
    assert_eq!(
        count(&["interval=0.1", "sleep=500", "threads=1"]),
        plain + 1
    );
    assert_eq!(
        count(&["interval=0.1", "sleep=500", "close=1", "threads=1"]),
        1
    );
}

#[test]
fn an_interval_has_bounds() {
    let scene = Scene::new();
    for interval in ["0.05", "-1", "86401", "nan"] {
        let output = scene
            .trainer(&[&format!("interval={interval}")])
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(11), "{interval}: {errors}");
        assert!(errors.contains("system_tracking_interval"), "{errors}");
    }
    scene.run(&["interval=86400"]);
}

/// Where the control groups of version 2, or those of version 1 with a controller, are mounted, and the group of this process
/// there.
fn control_group(controller: Option<&str>) -> Option<PathBuf> {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    let mount = mounts.lines().find_map(|line| {
        let (fields, rest) = line.split_once(" - ")?;
        let is_it = match controller {
            None => rest.starts_with("cgroup2 "),
            Some(name) => {
                let options = rest.split(' ').next_back().unwrap();
                rest.starts_with("cgroup ") && options.split(',').any(|option| option == name)
            }
        };
        is_it.then(|| PathBuf::from(fields.split(' ').nth(4).unwrap()))
    })?;
    let own = std::fs::read_to_string("/proc/self/cgroup").unwrap();
    let path = own.lines().find_map(|line| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        let is_it = match controller {
            None => controllers.is_empty(),
            Some(name) => controllers.split(',').any(|one| one == name),
        };
        is_it.then_some(path)
    })?;
    let group = mount.join(path.trim_start_matches('/'));
    Some(if group.is_dir() { group } else { mount })
}

/// Groups for one process, removed in the end.
struct Groups(Vec<PathBuf>);

impl Groups {
    /// A group with each of these controllers, a hierarchy each, with a limit of memory; `None` where this kernel does not hand
    /// them out.
    fn new(controllers: &[Option<&str>], limit: (&str, &str)) -> Option<Groups> {
        let name = format!("aim-test-{}-{}", std::process::id(), limit.0);
        let mut groups = Groups(Vec::new());
        for controller in controllers {
            let above = control_group(*controller)?;
            if controller.is_none() {
                let _ = std::fs::write(above.join("cgroup.subtree_control"), "+memory");
            }
            let group = above.join(&name);
            std::fs::create_dir(&group).ok()?;
            groups.0.push(group);
        }
        let limited = groups.0[0].join(limit.0);
        (limited.exists() && std::fs::write(limited, limit.1).is_ok()).then_some(groups)
    }

    /// A command that joins the groups, and then becomes this one.
    fn inside(&self, command: &Command) -> Command {
        let mut shell = Command::new("sh");
        let join: String = (0..self.0.len())
            .map(|i| format!("echo $$ >\"${{{i}}}/cgroup.procs\" && "))
            .collect();
        let shift = self.0.len() - 1;
        shell.args(["-c", &format!("{join} shift {shift} && exec \"$@\"")]);
        shell.args(&self.0);
        shell.arg(command.get_program()).args(command.get_args());
        shell
    }
}

impl Drop for Groups {
    fn drop(&mut self) {
        for group in &self.0 {
            let _ = std::fs::remove_dir(group);
        }
    }
}

/// In a control group with limits, those are the total, and what the group uses is known. The groups are made where this kernel
/// hands them out, of version 2 or of version 1.
#[test]
fn a_control_group_limits_the_total() {
    let new = Groups::new(&[None], ("memory.max", "600000000"));
    let old = || {
        let controllers = [Some("memory"), Some("cpuacct")];
        Groups::new(&controllers, ("memory.limit_in_bytes", "600000000"))
    };
    let groups = new.or_else(old);
    let scene = Scene::new();
    let mut trainer = scene.trainer(&["interval=0.1", "touch=300", "burn=600"]);
    if let Some(groups) = &groups {
        trainer = groups.inside(&trainer);
    }
    assert!(trainer.status().unwrap().success());
    let all = scene.sequences();
    let last = |name: &str| *all[&(name.to_owned(), "{}".to_owned())].last().unwrap();
    let total = last("p_memory_bytes") / last("p_memory_percent") * 100.0;
    let host = std::fs::read_to_string("/proc/meminfo").unwrap();
    let host: f64 = host.split_whitespace().nth(1).unwrap().parse().unwrap();
    let expected = match groups {
        Some(_) => 600e6,
        None => host * 1024.0,
    };
    assert!(
        (total - expected).abs() < expected * 0.02,
        "{total} of {expected}"
    );
    if groups.is_some() {
        // What the group has is at least what its one process has, and not more than the limit.
        let used = last("cgroup_memory_bytes");
        assert!((300e6..=600e6).contains(&used), "{used}");
        assert!(last("cgroup_memory_peak_bytes") >= used);
        // It has no less of the processors than its process, but for what one of two readings misses.
        let sum = |name: &str| all[&(name.to_owned(), "{}".to_owned())].iter().sum::<f64>();
        let (group, process) = (sum("cgroup_cpu"), sum("cpu"));
        assert!(process > 0.0 && group > process / 2.0, "{group}, {process}");
    }
}

/// A child of a shell that uses 200 MB and half a second of a processor, and stays for a while.
const BUSY: &str = r#"sh -c 'python3 -c "
import time
memory = bytearray(200 << 20)
while time.process_time() < 0.5: pass
time.sleep(1.5)
"; true'"#;

#[test]
fn the_processes_below_count_for_whoever_asks() {
    let busy = format!("system={BUSY}");
    let scene = Scene::new();
    scene.run(&["interval=0.1", "children=1", &busy, "sleep=300"]);
    let all = scene.sequences();
    let values = |name: &str| &all[&(name.to_owned(), "{}".to_owned())];
    let most = |name: &str| values(name).iter().copied().fold(0.0, f64::max);
    assert!(
        most("children_count") >= 2.0,
        "{:?}",
        values("children_count")
    );
    assert!(most("children_cpu") > 0.0, "{:?}", values("children_cpu"));
    assert!(most("children_memory_bytes") > 200e6);
    // They are gone at the end, and what they had at most is known.
    assert_eq!(values("children_count").last(), Some(&0.0));
    let peak = values("children_memory_peak_bytes").last().copied();
    assert_eq!(peak, Some(most("children_memory_bytes")));
    // The trainer itself is small.
    assert!(
        most("p_memory_peak_bytes") < 150e6
            && most("p_memory_peak_bytes") >= most("p_memory_bytes")
    );

    let scene = Scene::new();
    scene.run(&["interval=0.1", &busy]);
    let of_children = scene.sequences();
    assert!(
        of_children
            .keys()
            .all(|(name, _)| !name.starts_with("children"))
    );
}

#[test]
fn the_peak_of_the_process_is_seen_between_readings() {
    let scene = Scene::new();
    // One reading at the start, one much later; the memory is given back in between.
    scene.run(&[
        "interval=0.4",
        "sleep=100",
        "touch=200",
        "untouch=1",
        "sleep=900",
    ]);
    let all = scene.sequences();
    let last = |name: &str| *all[&(name.to_owned(), "{}".to_owned())].last().unwrap();
    assert!(last("p_memory_bytes") < 150e6 && last("p_memory_peak_bytes") > 200e6);
}
