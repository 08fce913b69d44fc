use crate::tools::{Scene, wait_until};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

fn rank(scene: &Scene, group: &str) -> Child {
    let group = format!("group={group}");
    let mut trainer = scene.trainer(&["interval=0.1", &group, "wait=1"]);
    trainer.stdin(Stdio::piped()).spawn().unwrap()
}

fn is_tracked(scene: &Scene) -> bool {
    scene.path().join("hash").exists() && !scene.sequences().is_empty()
}

fn finish(mut rank: Child) {
    rank.stdin.take().unwrap().write_all(b"\n").unwrap();
    assert!(rank.wait().unwrap().success());
}

#[test]
fn one_rank_of_a_host_samples_and_another_takes_over() {
    let group = format!("test job {}", std::process::id());
    let scenes: Vec<Scene> = (0..4).map(|_| Scene::new()).collect();
    let mut ranks: Vec<Option<Child>> = scenes.iter().map(|s| Some(rank(s, &group))).collect();
    let tracked = || -> Vec<usize> {
        (0..scenes.len())
            .filter(|n| is_tracked(&scenes[*n]))
            .collect()
    };
    wait_until("a rank to sample", || !tracked().is_empty());
    // Some turns more, in which the others could.
    std::thread::sleep(Duration::from_millis(1500));
    let first = tracked();
    assert_eq!(first.len(), 1, "{first:?}");
    // The elected one is killed: the kernel tells, and one of the others goes on.
    let mut elected = ranks[first[0]].take().unwrap();
    elected.kill().unwrap();
    elected.wait().unwrap();
    wait_until("another to take over", || tracked().len() == 2);
    ranks.into_iter().flatten().for_each(finish);
    // Each of the rest may have had its turn while the others ended, in order.
    assert!(tracked().len() >= 2);
}

#[test]
fn ranks_of_other_groups_sample_for_themselves() {
    let group = |n| format!("other job {n} {}", std::process::id());
    let scenes = [Scene::new(), Scene::new()];
    let ranks = [rank(&scenes[0], &group(0)), rank(&scenes[1], &group(1))];
    wait_until("both to sample", || scenes.iter().all(is_tracked));
    ranks.into_iter().for_each(finish);
}

/// The abstract names that libaim's processes listen at.
fn names() -> Vec<String> {
    let sockets = std::fs::read_to_string("/proc/net/unix").unwrap();
    let names = sockets.lines().filter_map(|line| line.split_once('@'));
    let own = names.filter(|(_, name)| name.starts_with("libaim/system/"));
    own.map(|(_, name)| name.to_owned()).collect()
}

#[test]
fn a_stranger_at_the_name_stops_nobody() {
    let group = format!("taken job {}", std::process::id());
    let before = names();
    let scene = Scene::new();
    let alone = rank(&scene, &group);
    wait_until("a rank to sample", || is_tracked(&scene));
    let found = names();
    finish(alone);
    let new: Vec<_> = found.iter().filter(|n| !before.contains(n)).collect();
    let listen = "import socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind('\\0' + sys.argv[1])
s.listen()
print(flush=True)
sys.stdin.read()";
    // Other tests elect too: their names do no harm.
    let mut strangers = Vec::new();
    for name in new {
        let mut stranger = Command::new("python3");
        stranger.args(["-c", listen, name]).uid(65534).gid(65534);
        stranger
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut stranger = stranger.spawn().unwrap();
        let mut line = String::new();
        let out = stranger.stdout.take().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).unwrap();
        strangers.push(stranger);
    }
    let scenes: Vec<Scene> = (0..3).map(|_| Scene::new()).collect();
    let ranks: Vec<Child> = scenes.iter().map(|s| rank(s, &group)).collect();
    let tracked = || scenes.iter().filter(|s| is_tracked(s)).count();
    wait_until("one to sample beside the stranger", || tracked() > 0);
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(tracked(), 1);
    for stranger in &mut strangers {
        stranger.kill().unwrap();
        stranger.wait().unwrap();
    }
    // The name is free: whoever has its turn first goes on, and no other.
    wait_until("one alone to go on", || {
        let from = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        std::thread::sleep(Duration::from_millis(1500));
        let goes_on = |scene: &&Scene| {
            let all = scene.points();
            let mut last = all.values().filter_map(|points| points.times.last());
            last.any(|time| *time as u128 > from.as_micros())
        };
        let begun = scenes.iter().filter(|scene| is_tracked(scene));
        begun.filter(goes_on).count() == 1
    });
    ranks.into_iter().for_each(finish);
}
