//! Damaged data files: whatever happened to the file, the host lives, errors name the file, what is read without an
//! error is what was stored, and healthy sequences go on.
//!
//! Each damaged file is opened by a child process, which is this program again: a crash is a failed test.

mod injury;
#[path = "../common/random.rs"]
#[allow(dead_code)]
mod random;
mod repository;
mod rows;
mod salvage;

use aim::log::{self, Level};
use aim::query::{Options, Select, query};
use injury::{Dice, PAGE};
use repository::{Contents, PARAMS, RUNS, SERIES, data_file, fill, go_on, open, read, write};
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Tells a child what to do, and where.
const TASK: &str = "AIM_DAMAGE_TASK";
const ROOT: &str = "AIM_DAMAGE_ROOT";

fn child(task: &str, root: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "a_healthy_repository_does_all_tasks",
            "--nocapture",
        ])
        .env(TASK, task)
        .env(ROOT, root)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What a child printed; it must have ended by itself and without a panic.
fn output(child: Child, about: &str) -> String {
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{about}: signal {:?}, {}\n{text}\n{}",
        output.status.signal(),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

/// Lines `@what<tab>digest` or `@what<tab>!error` of a child.
fn reported(text: &str) -> Contents {
    text.lines()
        .filter_map(|line| line.strip_prefix('@')?.split_once('\t'))
        .map(|(what, found)| {
            let found = match found.strip_prefix('!') {
                Some(error) => Err(error.to_owned()),
                None => Ok(found.parse().unwrap()),
            };
            (what.to_owned(), found)
        })
        .collect()
}

/// What could not be read, and why.
fn failures(contents: &Contents) -> BTreeMap<&String, &String> {
    let errors = contents
        .iter()
        .map(|(what, found)| (what, found.as_ref().err()));
    errors.filter_map(|(what, e)| Some((what, e?))).collect()
}

fn report(contents: &Contents) {
    for (what, found) in contents {
        match found {
            Ok(digest) => println!("@{what}\t{digest}"),
            Err(e) => println!("@{what}\t!{}", e.replace(['\n', '\t'], " ")),
        }
    }
}

/// Opens, reads everything, writes a new run and reads it, too.
fn read_and_write(root: &Path) {
    let repo = match open(root) {
        Ok(repo) => repo,
        Err(e) => return println!("@open\t!{e}"),
    };
    let contents = read(&repo);
    match contents {
        Ok(contents) => report(&contents),
        Err(e) => println!("@read\t!{e}"),
    }
    match write(&repo).and_then(|hash| repo.find_run(&hash)) {
        Ok(_) => println!("@write\t0"),
        Err(e) => println!("@write\t!{e}"),
    }
}

/// Goes on with the runs that damage was found in and some others, then reads everything.
fn continue_runs(root: &Path) {
    let repo = open(root).unwrap();
    let contents = read(&repo).unwrap();
    let damaged = |id: usize| {
        let of_run = |what: &str| {
            let mut words = what
                .split([' ', ','])
                .skip_while(|word| word.parse::<usize>().is_err());
            words.next() == Some(&id.to_string())
        };
        failures(&contents).keys().any(|what| of_run(what))
    };
    for id in (0..RUNS).filter(|id| id % 11 == 0 || damaged(*id)) {
        let record = repo.store.read().unwrap().run(id as u64);
        let outcome = record.and_then(|record| go_on(&repo, &record.unwrap().hash_text()));
        match outcome {
            Ok(()) => println!("@resumed {id}\t0"),
            Err(e) => println!("@resumed {id}\t!{e}"),
        }
    }
    println!(
        "@failures\t{}",
        repo.writer_stats().map_or(0, |s| s.failures)
    );
    report(&read(&repo).unwrap());
}

/// Writes runs until told to stop, and tells how often the file was checked.
fn keep_writing(root: &Path) {
    let checks = count_checks(root);
    for _ in 0..12 {
        let repo = open(root).unwrap();
        write(&repo).unwrap();
        write(&repo).unwrap();
    }
    println!("@checks\t{}", checks());
}

fn keep_opening(root: &Path) {
    let checks = count_checks(root);
    for _ in 0..60 {
        let repo = open(root).unwrap();
        assert!(read(&repo).unwrap().values().all(Result::is_ok));
    }
    println!("@checks\t{}", checks());
}

/// Damages the file under an open repository.
fn damage_while_open(root: &Path) {
    let repo = open(root).unwrap();
    let run = aim::run::Run::create(repo.clone(), None).unwrap();
    run.track(b"loss", None, 1.0, 0, aim::run::EPOCH_NONE)
        .unwrap();
    run.flush().unwrap();
    let mut file = std::fs::read(data_file(root)).unwrap();
    file[2 * PAGE..].fill(0x5a);
    overwrite(root, &file);
    run.track(b"loss", None, 2.0, 1, aim::run::EPOCH_NONE)
        .unwrap();
    let error = run.flush().unwrap_err();
    println!("@flush\t!{error}");
    file.truncate(2 * PAGE);
    overwrite(root, &file);
    let cut = std::fs::File::options()
        .write(true)
        .open(data_file(root))
        .unwrap();
    cut.set_len(2 * PAGE as u64).unwrap();
    println!("@read\t!{}", repo.store.read().err().unwrap());
    // What is left cannot be closed in peace.
    std::process::exit(0);
}

/// Writes over the file in place: it stays the same file to those who have it open.
fn overwrite(root: &Path, bytes: &[u8]) {
    use std::os::unix::fs::FileExt;
    let file = std::fs::File::options()
        .write(true)
        .open(data_file(root))
        .unwrap();
    file.write_all_at(bytes, 0).unwrap();
}

/// A function that tells how often the data file was checked page by page since.
fn count_checks(root: &Path) -> impl Fn() -> usize {
    static SEEN: OnceLock<parking_lot::Mutex<Vec<String>>> = OnceLock::new();
    let seen = SEEN.get_or_init(|| {
        let sink = |_: Level, message: &str| {
            if message.contains(": checked ")
                && let Some(seen) = SEEN.get()
            {
                seen.lock().push(message.to_owned());
            }
        };
        log::set_sink(Level::Debug, Some(std::sync::Arc::new(sink)));
        parking_lot::Mutex::default()
    });
    let file = data_file(&root.canonicalize().unwrap());
    let count = move || {
        let file = file.display().to_string();
        seen.lock().iter().filter(|m| m.starts_with(&file)).count()
    };
    let before = count();
    move || count() - before
}

/// The data file of a filled repository, and what is in it.
fn sample() -> &'static (Vec<u8>, Contents) {
    static SAMPLE: OnceLock<(Vec<u8>, Contents)> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let root = tempfile::tempdir().unwrap();
        fill(root.path());
        let contents = read(&open(root.path()).unwrap()).unwrap();
        (std::fs::read(data_file(root.path())).unwrap(), contents)
    })
}

/// Makes a repository of nothing but this data file.
fn place(root: &Path, file: &[u8]) {
    let _ = std::fs::remove_dir_all(root.join(".aim"));
    std::fs::create_dir_all(root.join(".aim/journal")).unwrap();
    std::fs::create_dir_all(root.join(".aim/lmdb")).unwrap();
    std::fs::write(data_file(root), file).unwrap();
}

/// Runs `work` on numbers below `count`, in two threads.
fn in_parallel(count: usize, work: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= count {
                        break;
                    }
                    work(n);
                }
            });
        }
    });
}

#[test]
fn a_healthy_repository_does_all_tasks() {
    if let (Ok(task), Some(root)) = (std::env::var(TASK), std::env::var_os(ROOT)) {
        let root = Path::new(&root);
        match task.as_str() {
            "read and write" => read_and_write(root),
            "continue" => continue_runs(root),
            "keep writing" => keep_writing(root),
            "keep opening" => keep_opening(root),
            "damage while open" => damage_while_open(root),
            task => panic!("unknown task {task}"),
        }
        return;
    }
    let (file, contents) = sample();
    assert_eq!(contents.len(), RUNS * (1 + PARAMS.len() + SERIES.len()));
    assert!(failures(contents).is_empty(), "{:?}", failures(contents));
    let root = tempfile::tempdir().unwrap();
    place(root.path(), file);
    let text = output(child("read and write", root.path()), "healthy");
    let mut found = reported(&text);
    assert_eq!(found.remove("write"), Some(Ok(0)));
    assert!(found == *contents, "another process reads something else");
    let text = output(child("continue", root.path()), "healthy");
    let found = reported(&text);
    assert!(failures(&found).is_empty(), "{:?}", failures(&found));
}

#[test]
fn whatever_happens_to_the_file_the_host_lives() {
    let variants = random::rounds(160) as usize;
    let (file, contents) = sample();
    let (opened, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    in_parallel(variants, |n| {
        let root = tempfile::tempdir().unwrap();
        let mut damaged = file.clone();
        let how = format!("variant {n}, {}", injury::anywhere(&mut damaged, n as u64));
        place(root.path(), &damaged);
        let text = output(child("read and write", root.path()), &how);
        let mut found = reported(&text);
        assert!(!found.is_empty(), "{how}: no report");
        for (what, result) in &found {
            match result {
                Err(e) => assert!(e.contains("data.mdb"), "{how}: {what}: {e}"),
                Ok(_) if what == "write" => {}
                Ok(digest) => {
                    // Damage may hide things, but nothing false is read.
                    assert_eq!(contents.get(what), Some(&Ok(*digest)), "{how}: {what}");
                }
            }
        }
        if found.contains_key("open") {
            refused.fetch_add(1, Ordering::Relaxed);
        } else {
            opened.fetch_add(1, Ordering::Relaxed);
            found.retain(|_, result| result.is_ok());
            assert!(
                found.len() > contents.len() * 9 / 10,
                "{how}: {} left",
                found.len()
            );
        }
    });
    let (opened, refused) = (opened.into_inner(), refused.into_inner());
    assert!(
        opened > variants / 16 && refused > variants / 4,
        "{opened} opened, {refused} refused"
    );
}

#[test]
fn damaged_values_do_not_keep_others_from_being_read_or_written() {
    let (file, contents) = sample();
    in_parallel(40, |n| {
        let root = tempfile::tempdir().unwrap();
        let mut damaged = file.clone();
        let how = format!("variant {n}, {}", injury::value(&mut damaged, n as u64));
        place(root.path(), &damaged);
        let mut before = reported(&output(child("read and write", root.path()), &how));
        assert_eq!(before.remove("write"), Some(Ok(0)), "{how}");
        let lost = failures(&before);
        // A stored name belongs to many sequences; any other value to one thing.
        let is_name = lost
            .values()
            .all(|e| e.contains(": Name ") || e.contains(": Context "));
        assert!(lost.len() <= 1 || is_name, "{how}: {lost:?}");
        for (what, found) in before.iter().filter(|(_, found)| found.is_ok()) {
            assert_eq!(contents.get(what), Some(found), "{how}: {what}");
        }

        let mut after = reported(&output(child("continue", root.path()), &how));
        assert_eq!(
            after.remove("failures"),
            Some(Ok(0)),
            "{how}: commits failed"
        );
        let now_lost = failures(&after);
        for (what, error) in &now_lost {
            let known = lost.contains_key(what) || what.starts_with("resumed");
            assert!(known, "{how}: {what}: {error}");
        }
        let resumed = |id: usize| after.get(&format!("resumed {id}"));
        let not_resumed = (0..RUNS).filter(|id| matches!(resumed(*id), Some(Err(_))));
        assert!(not_resumed.count() <= 1 || is_name, "{how}: {now_lost:?}");
        for id in (0..RUNS).filter(|id| matches!(resumed(*id), Some(Ok(_)))) {
            let prefix = format!("series run {id},");
            let of_run = after
                .range(prefix.clone()..)
                .take_while(|(what, _)| what.starts_with(&prefix));
            assert!(of_run.clone().count() >= SERIES.len(), "{how}: {prefix}");
            for (what, found) in of_run {
                let has_new_points = contents.get(what) != Some(found);
                assert!(has_new_points || found.is_err(), "{how}: {what}");
            }
        }
    });
}

#[test]
fn the_file_is_checked_only_when_nobody_vouches_for_it() {
    let root = tempfile::tempdir().unwrap();
    drop(open(root.path()).unwrap());
    let checks = count_checks(root.path());
    let opening = |why: &str, expected: usize| {
        let before = checks();
        let repo = open(root.path()).unwrap();
        assert!(read(&repo).is_ok());
        assert_eq!(checks() - before, expected, "{why}");
        repo
    };
    let repo = opening("nothing happened", 0);
    write(&repo).unwrap();
    drop(repo);
    drop(opening("after a commit", 0));

    // Not a byte changes, nor the modification time; still somebody was there.
    let data = data_file(root.path());
    let file = std::fs::File::options().write(true).open(&data).unwrap();
    let modified = file.metadata().unwrap().modified().unwrap();
    let bytes = std::fs::read(&data).unwrap();
    overwrite(root.path(), &bytes);
    file.set_modified(modified).unwrap();
    drop(opening("touched from outside", 1));
    drop(opening("checked before", 0));

    let stamp = data.with_file_name("data.stamp");
    std::fs::remove_file(&stamp).unwrap();
    drop(opening("without a stamp", 1));
    std::fs::write(&stamp, [0; 64]).unwrap();
    drop(opening("with a damaged stamp", 1));
    std::fs::rename(&data, data.with_extension("old")).unwrap();
    std::fs::copy(data.with_extension("old"), &data).unwrap();
    let repo = opening("another file in its place", 1);
    write(&repo).unwrap();
}

#[test]
fn beside_writers_nothing_is_taken_for_damage() {
    let root = tempfile::tempdir().unwrap();
    write(&open(root.path()).unwrap()).unwrap();
    let tasks = [
        "keep writing",
        "keep opening",
        "keep writing",
        "keep opening",
    ];
    let children = tasks.map(|task| child(task, root.path()));
    for child in children {
        let text = output(child, "beside writers");
        assert_eq!(reported(&text)["checks"], Ok(0), "{text}");
    }
}

#[test]
fn a_writer_that_was_killed_costs_at_most_one_check() {
    let root = tempfile::tempdir().unwrap();
    write(&open(root.path()).unwrap()).unwrap();
    let checks = count_checks(root.path());
    let mut dice = Dice(7);
    for _ in 0..10 {
        let mut writer = child("keep writing", root.path());
        std::thread::sleep(std::time::Duration::from_millis(20 + dice.below(60) as u64));
        writer.kill().unwrap();
        writer.wait().unwrap();
        let before = checks();
        let repo = open(root.path()).unwrap();
        assert!(read(&repo).unwrap().values().all(Result::is_ok));
        drop(repo);
        drop(open(root.path()).unwrap());
        assert!(checks() - before <= 1);
    }
}

#[test]
fn damage_under_an_open_repository_is_found_before_it_is_written_to() {
    let (file, _) = sample();
    let root = tempfile::tempdir().unwrap();
    place(root.path(), file);
    let text = output(child("damage while open", root.path()), "while open");
    let found = reported(&text);
    let error = |what: &str| found[what].clone().unwrap_err();
    assert!(
        error("flush").contains("data.mdb is damaged: page "),
        "{text}"
    );
    assert!(error("read").contains("data.mdb was cut short"), "{text}");
}

#[test]
fn a_damaged_run_is_a_failure_of_a_query_until_it_is_deleted() {
    let (file, _) = sample();
    let root = tempfile::tempdir().unwrap();
    place(root.path(), file);
    let record = open(root.path()).unwrap().store.read().unwrap().run(7);
    let hash = record.unwrap().unwrap().hash_text();
    let mut damaged = file.clone();
    // Of the record alone: there the name stands between its length and that of the description, which is empty.
    let name = b"\x09\0\0\0attempt 7\0\0\0\0";
    let places: Vec<usize> = (0..damaged.len() - name.len())
        .filter(|at| damaged[*at..].starts_with(name))
        .collect();
    assert!(!places.is_empty());
    for at in places {
        damaged[at + 4] ^= 1;
    }
    place(root.path(), &damaged);
    let repo = open(root.path()).unwrap();
    for select in [Select::Runs, Select::Metrics] {
        let answer = query(&repo, "True", select, Options::default()).unwrap();
        assert_eq!(answer.failures().count, 1);
        let first = answer.failures().first.clone().unwrap();
        assert!(first.contains("data.mdb: run 7: "), "{first}");
        let rows = match select {
            Select::Runs => RUNS - 1,
            _ => (RUNS - 1) * SERIES.len(),
        };
        assert_eq!(answer.rows().len(), rows);
    }
    repo.delete_run(&hash).unwrap();
    let answer = query(&repo, "True", Select::Metrics, Options::default()).unwrap();
    assert_eq!(answer.failures().count, 0);
    assert_eq!(answer.rows().len(), (RUNS - 1) * SERIES.len());
    let gone = read(&repo).unwrap();
    assert!(!gone.keys().any(|what| what.starts_with("series run 7,")));
}
