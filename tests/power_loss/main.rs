//! Power loss between any two writes: the database opens, what was flushed is there, nothing is made up.

#[path = "../common/mod.rs"]
mod common;

mod image;
mod kill_at_calls;
mod record;

use aim::artifacts::{Checked, Mode, State};
use aim::query::{ObjectKind, ObjectRange, Select, query};
use aim::repo::RepoRef;
use aim::run::artifacts::NewArtifact;
use aim::run::objects::{Moment, NewObject, SequenceId};
use aim::run::{EPOCH_NONE, Run, STEP_AUTO};
use aim::store::RunState;
use aim_value::Tree;
use common::child::{self, Role};
use common::load::{picture, value};
use common::random::{Random, rounds};
use common::{stored, track};
use image::Settled;
use std::path::Path;
use std::sync::Arc;

const ROLES: &[(&str, Role)] = &[
    ("load until a call", kill_at_calls::role),
    ("track", track::role),
];

/// Runs before the test harness.
#[used]
#[unsafe(link_section = ".init_array")]
static ENTER: extern "C" fn() = enter;

extern "C" fn enter() {
    child::enter(ROLES);
}

/// What a flush or a close promised, from some event on.
struct Promise {
    from: usize,
    hash: String,
    points: u64,
    objects: u64,
    artifacts: usize,
    closed: bool,
}

/// The bytes of an object: now and then those of another one, in sizes that lie in rows and in packs.
fn own_picture(n: u64) -> Vec<u8> {
    let n = if n % 5 == 3 { n % 4 } else { n };
    picture(n, &[100, 5000, 70_000])
}

fn track_picture(run: &Run, n: u64) {
    let sequence = SequenceId::new(ObjectKind::Image, "pictures", None).unwrap();
    let moment = Moment {
        step: n as i64,
        epoch: EPOCH_NONE,
        time: None,
    };
    let object = NewObject {
        data: &own_picture(n),
        format: None,
        caption: "",
        meta: "",
    };
    run.track_objects(&sequence, moment, &[object]).unwrap();
}

/// Logs a file, or a directory, which goes then, as a checkpoint does by rotation.
fn log_artifact(run: &Arc<Run>, path: &Path, n: u64) {
    let (file, mode) = match n % 4 {
        0 | 1 => (path.to_owned(), [Mode::Link, Mode::Copy][n as usize % 2]),
        _ => (
            path.join("deep/er/file"),
            [Mode::Link, Mode::Copy][n as usize % 2],
        ),
    };
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, own_picture(n)).unwrap();
    if file != path {
        std::fs::write(path.join("empty"), b"").unwrap();
        std::fs::write(path.join("deep/other"), own_picture(n + 1)).unwrap();
    }
    Run::log_artifact(run, &NewArtifact::new(path, mode)).unwrap();
    match path.is_dir() {
        true => std::fs::remove_dir_all(path).unwrap(),
        false => std::fs::remove_file(path).unwrap(),
    }
}

/// Tracks into two sequences, one with steps and one without, pictures, and a param, and logs artifacts; notes what each flush
/// promised.
fn work(repo: &RepoRef, random: &mut Random, scratch: &Path) -> Vec<Promise> {
    let mut promises = Vec::new();
    for _ in 0..3 {
        let run = Arc::new(Run::create(repo.clone(), None).unwrap());
        let (mut points, mut objects, mut artifacts) = (0, 0, 0);
        let mut promise = |points, objects, artifacts, closed| {
            promises.push(Promise {
                from: record::position(),
                hash: run.hash().to_owned(),
                points,
                objects,
                artifacts,
                closed,
            });
        };
        promise(0, 0, 0, false);
        for _ in 0..12 {
            let end = points + random.below(2500);
            for i in points..end {
                run.track(b"steps", None, value(0, i), i as i64, EPOCH_NONE)
                    .unwrap();
                run.track(b"auto", None, i as f64, STEP_AUTO, EPOCH_NONE)
                    .unwrap();
            }
            points = end;
            for _ in 0..random.below(3) {
                track_picture(&run, objects);
                objects += 1;
            }
            if random.below(3) == 0 {
                let path = scratch.join(format!("checkpoint {artifacts}"));
                log_artifact(&run, &path, artifacts as u64);
                artifacts += 1;
            }
            run.set_param("points", Tree::Int(points as i64)).unwrap();
            run.flush().unwrap();
            promise(points, objects, artifacts, false);
        }
        run.close().unwrap();
        promise(points, objects, artifacts, true);
    }
    promises
}

/// Which pictures a run has, all of them whole. Of those that no flush promised some may be missing, as of points.
fn pictures(repo: &RepoRef, run: &str) -> Vec<i64> {
    let expression = format!("run.hash == '{run}'");
    let images = Select::Objects(ObjectKind::Image);
    let answer = query(repo, &expression, images, Default::default()).unwrap();
    if answer.rows().is_empty() {
        return Vec::new();
    }
    let rows = answer.objects(0, &ObjectRange::default()).unwrap();
    let steps: Vec<i64> = rows.rows().iter().map(|row| row.step).collect();
    for (k, step) in steps.iter().enumerate() {
        assert!(
            rows.data(k).unwrap() == own_picture(*step as u64),
            "picture {step}"
        );
    }
    steps
}

/// How many artifacts of a run are stored, all of them whole.
fn artifacts(repo: &RepoRef, run: &str) -> usize {
    let all = repo.verify_artifacts(run).unwrap();
    let stored = all
        .iter()
        .filter(|(artifact, _)| artifact.state == State::Stored);
    stored
        .inspect(|(artifact, checked)| assert_eq!(*checked, Checked::Intact, "{artifact:?}"))
        .count()
}

/// Everything promised is there, and what is there was tracked.
fn check(repo: &RepoRef, promises: &[Promise], at: usize) -> u64 {
    let mut checked = 0;
    for run in stored::runs(repo) {
        let state = stored::state(repo, &run);
        assert_ne!(state, RunState::Running);
        let of_run = || promises.iter().filter(|promise| promise.hash == run);
        let (mut least, mut closed) = (0, false);
        for kept in of_run().filter(|promise| promise.from <= at) {
            (least, closed) = (least.max(kept.points), closed || kept.closed);
        }
        let kept = of_run().filter(|promise| promise.from <= at);
        let (objects, least_objects) = (
            pictures(repo, &run),
            kept.map(|promise| promise.objects).max().unwrap_or(0),
        );
        let whole = objects
            .iter()
            .take(least_objects as usize)
            .copied()
            .eq(0..least_objects as i64);
        assert!(
            whole,
            "run {run}: pictures {objects:?} of {least_objects} promised"
        );
        let promised = of_run().filter(|promise| promise.from <= at);
        let promised = promised.map(|promise| promise.artifacts).max().unwrap_or(0);
        let stored_artifacts = artifacts(repo, &run);
        assert!(
            stored_artifacts >= promised,
            "run {run}: {stored_artifacts} artifacts of {promised} promised"
        );
        let most = of_run().map(|promise| promise.points).max().unwrap_or(0);
        assert!(!closed || state == RunState::Finished);

        let points = stored::points(repo, &run, "steps", "{}");
        let whole = points
            .steps
            .iter()
            .take(least as usize)
            .copied()
            .eq(0..least as i64);
        assert!(whole, "run {run}: {} of {least} points", points.len());
        for (step, stored) in points.steps.iter().zip(&points.values) {
            assert_eq!(stored.to_bits(), value(0, *step as u64).to_bits());
            assert!(*step < most as i64);
        }
        let auto = stored::points(repo, &run, "auto", "{}").values;
        assert!(auto.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(
            auto.iter()
                .take(least as usize)
                .copied()
                .eq((0..least).map(|i| i as f64))
        );
        let param = stored::param(repo, &run, "/points");
        let known = of_run().any(|promise| {
            promise.points >= least && param == Some(Tree::Int(promise.points as i64))
        });
        assert!(
            known || least == 0 && param.is_none(),
            "run {run}: {param:?}"
        );
        checked += points.len() as u64;
    }
    for promise in promises.iter().filter(|promise| promise.from <= at) {
        assert!(
            repo.find_run(&promise.hash).is_ok(),
            "run {} is gone",
            promise.hash
        );
    }
    checked
}

/// A repository after a power loss can be written, too.
fn write_more(repo: &RepoRef) {
    let run = Run::create(repo.clone(), None).unwrap();
    track::points(&run.metric("loss", None).unwrap(), 10);
    run.close().unwrap();
    track::check(repo, run.hash(), "loss", &[10]);
}

// One test: a recording takes in all that the process writes to a repository.
#[test]
fn any_moment_of_writing_and_recovering_survives_a_power_loss() {
    let mut random = Random::new("power loss");
    let directory = tempfile::tempdir_in("/dev/shm").unwrap();
    let repo_path = directory.path().join("repo");

    // Making a database needs no recording: it gets its name when it is whole.
    record::start(&repo_path);
    let repo = stored::open_with(&repo_path, &stored::hasty(20, 1024));
    let promises = work(&repo, &mut random, directory.path());
    drop(repo);
    let writing = record::stop();

    // A process dies, and the next one recovers what it left.
    let dead = track::run(&repo_path, track::NEW, "loss", 50_000, "_exit");
    let journals = repo_path.join(".aim/journal");
    let mut settled = Settled(Default::default());
    for file in journals.read_dir().unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        settled.0.insert(path.file_name().unwrap().into(), bytes);
    }
    record::start(&repo_path);
    drop(stored::open(&repo_path));
    let recovering = record::stop();

    record::stop_syncing();
    let mut checked = 0;
    let nothing = Settled(Default::default());
    let count = rounds(150);
    for n in 0..count {
        let image = directory.path().join(format!("image {n}"));
        let at = random.below(writing.events.len() as u64) as usize;
        image::write(&image, &nothing, &writing, at, &mut random);
        let repo = stored::open(&image);
        checked += check(&repo, &promises, at);
        write_more(&repo);
        drop(repo);
        std::fs::remove_dir_all(image).unwrap();

        let image = directory.path().join(format!("recovered image {n}"));
        let at = random.below(recovering.events.len() as u64) as usize;
        image::write(&image, &settled, &recovering, at, &mut random);
        let repo = stored::open(&image);
        track::check(&repo, &dead, "loss", &[50_000]);
        assert_eq!(stored::state(&repo, &dead), RunState::Crashed);
        checked += check(&repo, &promises, usize::MAX) + 50_000;
        write_more(&repo);
        drop(repo);
        std::fs::remove_dir_all(image).unwrap();
    }
    assert!(checked > 0);
    let events = writing.events.len() + recovering.events.len();
    println!(
        "{events} writes and syncs, {} power losses, {checked} points read back",
        2 * count
    );
}
