//! Objects: tracked, read, replaced, copied, deleted; and what becomes of their bytes.

use aim::query::{ObjectKind, ObjectRange, ObjectRows, Query, Select, query};
use aim::repo::{Fate, Location, Repo, RepoOptions, RepoRef, copy_runs, salvage};
use aim::run::objects::{Moment, NewObject, SequenceId};
use aim::run::{EPOCH_NONE, Run, STEP_AUTO};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

fn open(root: &Path) -> RepoRef {
    let location = Location::find(Some(root)).unwrap();
    Repo::open(location, &RepoOptions::default(), true).unwrap()
}

fn at(step: i64) -> Moment {
    Moment {
        step,
        epoch: EPOCH_NONE,
        time: None,
    }
}

/// Bytes that look like a GIF and are like no others.
fn picture(seed: u64, size: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = b"GIF89a".to_vec();
    while bytes.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

fn object(data: &[u8]) -> NewObject<'_> {
    NewObject {
        data,
        format: None,
        caption: "",
        meta: "",
    }
}

fn images(name: &str) -> SequenceId {
    SequenceId::new(ObjectKind::Image, name, None).unwrap()
}

fn ask(repo: &RepoRef, expression: &str, kind: ObjectKind) -> Query {
    query(repo, expression, Select::Objects(kind), Default::default()).unwrap()
}

/// Every object of the only row, with step and index.
fn all(repo: &RepoRef, name: &str) -> Vec<(i64, u32, Vec<u8>)> {
    let answer = ask(repo, &format!("images.name == '{name}'"), ObjectKind::Image);
    assert_eq!(answer.rows().len(), 1);
    let rows = answer.objects(0, &ObjectRange::default()).unwrap();
    let read = |k: usize| {
        let row = rows.row(k).unwrap();
        (row.step, row.index, rows.data(k).unwrap().to_vec())
    };
    (0..rows.rows().len()).map(read).collect()
}

/// Bytes that a compaction gave back.
fn compact(root: &Path) -> u64 {
    let location = Location::find(Some(root)).unwrap();
    let compacted = aim::repo::compact(&location, &RepoOptions::default()).unwrap();
    compacted.bytes_before - compacted.bytes_after
}

fn blobs(root: &Path) -> PathBuf {
    root.join(".aim/blobs")
}

/// Bytes that packs take of the disk.
fn taken(root: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(blobs(root)) else {
        return 0;
    };
    let blocks = entries.map(|e| e.unwrap().metadata().unwrap().blocks());
    blocks.sum::<u64>() * 512
}

/// What packs hold, without their holes.
fn written(root: &Path) -> u64 {
    let entries = fs::read_dir(blobs(root)).unwrap();
    entries.map(|e| e.unwrap().metadata().unwrap().len()).sum()
}

/// Tracks a picture a step, from 0 on.
fn track_each(run: &Run, pictures: &[Vec<u8>]) {
    for (step, picture) in pictures.iter().enumerate() {
        let point = [object(picture)];
        run.track_objects(&images("p"), at(step as i64), &point)
            .unwrap();
    }
}

#[test]
fn objects_come_back_as_they_were_tracked() {
    let directory = tempfile::tempdir().unwrap();
    let repo = open(directory.path());
    let run = Run::create(repo.clone(), Some("x")).unwrap();
    let sizes = [6, 4095, 4096, 4097, 16_383, 16_384, 16_385, 3_000_000];
    let pictures: Vec<Vec<u8>> = (0..).zip(sizes).map(|(i, s)| picture(i, s)).collect();
    for (step, picture) in pictures.iter().enumerate() {
        run.track_objects(&images("p"), at(step as i64), &[object(picture)])
            .unwrap();
    }
    let list: Vec<NewObject<'_>> = pictures.iter().map(|p| object(p)).collect();
    run.track_objects(&images("p"), at(STEP_AUTO), &list)
        .unwrap();
    run.track_objects(&images("p"), at(-3), &[]).unwrap();
    let found = all(&repo, "p");
    assert_eq!(found.len(), 2 * sizes.len());
    for (i, picture) in pictures.iter().enumerate() {
        assert!(found[i] == (i as i64, 0, picture.clone()), "{}", sizes[i]);
        let of_list = &found[sizes.len() + i];
        assert!(*of_list == (8, i as u32, picture.clone()), "{}", sizes[i]);
    }
    let answer = ask(
        &repo,
        "images.count == 10 and images.record_max_length == 8",
        ObjectKind::Image,
    );
    let sequence = answer.sequence(0).unwrap().sequence;
    assert_eq!((sequence.first_step, sequence.last_step), (-3, 8));
    run.close().unwrap();
    drop(run);
    // The same again, by a reader that has nothing in memory.
    assert!(all(&open(directory.path()), "p") == found);
}

#[test]
fn the_same_bytes_are_stored_once_in_two_processes_and_runs() {
    let directory = tempfile::tempdir().unwrap();
    let picture = picture(1, 100_000);
    let mut hashes = Vec::new();
    for _ in 0..2 {
        // A writer of its own each: the repository is closed in between.
        let run = Run::create(open(directory.path()), None).unwrap();
        for step in 0..5 {
            run.track_objects(&images("p"), at(step), &[object(&picture)])
                .unwrap();
        }
        run.close().unwrap();
        hashes.push(run.hash().to_owned());
    }
    // The second writer's copy is needed by nobody.
    assert!(compact(directory.path()) >= 100_000);
    assert!(taken(directory.path()) < 110_000);
    let repo = open(directory.path());
    repo.delete_run(&hashes[0]).unwrap();
    assert!(all(&repo, "p").iter().all(|(_, _, data)| *data == picture));
    repo.delete_run(&hashes[1]).unwrap();
    assert!(taken(directory.path()) < 10_000);
    drop(repo);
    compact(directory.path());
    assert_eq!(fs::read_dir(blobs(directory.path())).unwrap().count(), 0);
}

#[test]
fn a_step_tracked_again_lets_go_of_what_it_had() {
    let directory = tempfile::tempdir().unwrap();
    let repo = open(directory.path());
    let run = Run::create(repo.clone(), None).unwrap();
    for seed in 0..20 {
        run.track_objects(&images("p"), at(7), &[object(&picture(seed, 50_000))])
            .unwrap();
        run.flush().unwrap();
    }
    assert!(all(&repo, "p") == [(7, 0, picture(19, 50_000))]);
    // What a living process writes stays; then it is given back.
    assert!(taken(directory.path()) > 900_000);
    run.close().unwrap();
    drop((run, repo));
    assert!(compact(directory.path()) > 900_000);
    assert!(taken(directory.path()) < 70_000);
    let repo = open(directory.path());
    assert!(all(&repo, "p") == [(7, 0, picture(19, 50_000))]);
}

#[test]
fn ranges_choose_points_and_objects() {
    let directory = tempfile::tempdir().unwrap();
    let repo = open(directory.path());
    let run = Run::create(repo.clone(), None).unwrap();
    let texts = SequenceId::new(ObjectKind::Text, "t", Some(r#"{"b": 1, "a": 2}"#)).unwrap();
    for step in 0..100 {
        let words: Vec<String> = (0..10).map(|i| format!("{step}.{i}")).collect();
        let list: Vec<NewObject<'_>> = words.iter().map(|w| object(w.as_bytes())).collect();
        run.track_objects(&texts, at(step * 10), &list).unwrap();
    }
    let answer = ask(&repo, "texts.context.a == 2", ObjectKind::Text);
    let read = |range: &ObjectRange| -> Vec<String> {
        let rows = answer.objects(0, range).unwrap();
        let text = |k| String::from_utf8(rows.data(k).unwrap().to_vec()).unwrap();
        (0..rows.rows().len()).map(text).collect()
    };
    assert_eq!(read(&ObjectRange::default()).len(), 1000);
    let some = ObjectRange {
        steps: (15, 500),
        points: 3,
        indices: (2, 9),
        objects: 2,
    };
    assert_eq!(read(&some), ["2.2", "2.8", "26.2", "26.8", "50.2", "50.8"]);
    let last = ObjectRange {
        points: 1,
        objects: 1,
        ..ObjectRange::default()
    };
    assert_eq!(read(&last), ["99.9"]);
    let nothing = ObjectRange {
        steps: (991, i64::MAX),
        ..ObjectRange::default()
    };
    assert!(read(&nothing).is_empty());
}

#[test]
fn expressions_know_sequences_by_their_kind() {
    let directory = tempfile::tempdir().unwrap();
    let repo = open(directory.path());
    let run = Run::create(repo.clone(), Some("e")).unwrap();
    let text = SequenceId::new(ObjectKind::Text, "same", None).unwrap();
    run.track_objects(&text, at(0), &[object(b"words")])
        .unwrap();
    run.track_objects(&images("same"), at(0), &[object(&picture(0, 99))])
        .unwrap();
    run.metric("same", None)
        .unwrap()
        .track(1.0, 0, EPOCH_NONE)
        .unwrap();
    let count = |expression: &str, select| {
        let answer = query(&repo, expression, select, Default::default()).unwrap();
        answer.rows().len()
    };
    let (images, texts) = (
        Select::Objects(ObjectKind::Image),
        Select::Objects(ObjectKind::Text),
    );
    assert_eq!(
        count("images.name == 'same' and run.experiment == 'e'", images),
        1
    );
    assert_eq!(
        count(
            "texts.name == 'same' and texts.run.experiment == 'e'",
            texts
        ),
        1
    );
    assert_eq!(count("metric.name == 'same'", Select::Metrics), 1);
    assert_eq!(count("texts.name == 'other'", texts), 0);
    assert_eq!(count("images.last_step == 0", images), 1);
    // Names of other sorts are no names here, and numbers no attributes.
    let refused = |expression| query(&repo, expression, images, Default::default()).is_err();
    assert!(refused("images.last > 1") && refused("images.nme == 'same'"));
    let answer = ask(&repo, "metric.name == 'same'", ObjectKind::Image);
    assert_eq!((answer.rows().len(), answer.failures().count), (0, 1));
}

#[test]
fn what_is_wrong_is_refused_before_anything_is_stored() {
    let directory = tempfile::tempdir().unwrap();
    let repo = open(directory.path());
    let run = Run::create(repo.clone(), None).unwrap();
    let good = picture(0, 60_000);
    let refused = |kind, bad: NewObject<'_>, told: &str| {
        let sequence = SequenceId::new(kind, "n", None).unwrap();
        let objects = [object(&good), bad];
        let objects = if kind == ObjectKind::Image {
            &objects[..]
        } else {
            &objects[1..]
        };
        let e = run.track_objects(&sequence, at(0), objects).unwrap_err();
        assert!(e.message.contains(told), "{e}");
    };
    let with = |data, format, caption, meta| NewObject {
        data,
        format,
        caption,
        meta,
    };
    let long = "x".repeat(4097);
    let large = format!("{{\"a\": \"{}\"}}", "x".repeat(65536));
    refused(ObjectKind::Image, with(b"", None, "", ""), "no bytes");
    refused(ObjectKind::Image, with(b"???", None, "", ""), "do not tell");
    refused(
        ObjectKind::Image,
        with(b"x", Some("tiff"), "", ""),
        "png, jpeg",
    );
    refused(ObjectKind::Figure, with(b"{}", None, "", ""), "plotly");
    refused(
        ObjectKind::Image,
        with(&good, None, &long, ""),
        "4097 bytes",
    );
    refused(
        ObjectKind::Image,
        with(&good, None, "", &large),
        "more than 65536",
    );
    refused(
        ObjectKind::Image,
        with(&good, None, "", "[1]"),
        "JSON object",
    );
    refused(ObjectKind::Image, with(&good, None, "", "{"), "the meta");
    refused(ObjectKind::Text, with(b"\xff", None, "", ""), "UTF-8");
    let text = vec![b'x'; (16 << 20) + 1];
    refused(
        ObjectKind::Text,
        with(&text, None, "", ""),
        "16777217 bytes",
    );
    let texts = SequenceId::new(ObjectKind::Text, "long", None).unwrap();
    run.track_objects(&texts, at(0), &[object(&text[1..])])
        .unwrap();
    run.track_objects(&texts, at(1), &[object(b"")]).unwrap();
    let many = vec![object(b"x"); 65536];
    assert!(run.track_objects(&texts, at(2), &many).is_err());
    run.track_objects(&texts, at(2), &many[1..]).unwrap();
    assert!(SequenceId::new(ObjectKind::Image, "", None).is_err());
    assert!(ask(&repo, "", ObjectKind::Image).rows().is_empty());
    let answer = ask(&repo, "", ObjectKind::Text);
    let rows = answer.objects(0, &ObjectRange::default()).unwrap();
    assert_eq!(rows.rows().len(), 2 + 65535);
    assert!(rows.data(0).unwrap().len() == 16 << 20 && rows.data(1).unwrap().is_empty());
    // Nothing but the long text lies in a pack.
    assert!(written(directory.path()) < (16 << 20) + 8192);
}

#[test]
fn a_copied_run_has_its_objects_and_a_merged_one_shares_them() {
    let directory = tempfile::tempdir().unwrap();
    let (a, b) = (directory.path().join("a"), directory.path().join("b"));
    let (from, into) = (open(&a), open(&b));
    let run = Run::create(from.clone(), None).unwrap();
    for step in 0..10 {
        let same = picture(99, 30_000);
        let other = picture(step, 30_000);
        run.track_objects(
            &images("p"),
            at(step as i64),
            &[object(&same), object(&other)],
        )
        .unwrap();
    }
    run.close().unwrap();
    let own = Run::create(into.clone(), None).unwrap();
    own.track_objects(&images("mine"), at(0), &[object(&picture(99, 30_000))])
        .unwrap();
    own.close().unwrap();
    let copy = |ids: &[u64]| {
        let mut fates = Vec::new();
        copy_runs(&from, &into, ids, |copied| {
            fates.push(copied.fate.clone());
            true
        })
        .unwrap();
        fates
    };
    let runs = query(&from, "", Select::Runs, Default::default()).unwrap();
    let id = runs.rows()[0].run.id;
    assert!(matches!(copy(&[id])[..], [Fate::Copied { .. }]));
    assert!(matches!(copy(&[id])[..], [Fate::Present]));
    fs::remove_dir_all(&a).unwrap();
    let found = all(&into, "p");
    assert_eq!(found.len(), 20);
    for step in 0..10 {
        assert!(found[2 * step].2 == picture(99, 30_000));
        assert!(found[2 * step + 1].2 == picture(step as u64, 30_000));
    }
    // What was there already was not copied.
    assert!(taken(&b) < 11 * 33_000 + 8192, "{}", taken(&b));
}

#[test]
fn damage_is_told_and_keeps_nothing_else_from_being_read() {
    let directory = tempfile::tempdir().unwrap();
    let repo = open(directory.path());
    let run = Run::create(repo.clone(), None).unwrap();
    for step in 0..3 {
        run.track_objects(
            &images("p"),
            at(step),
            &[object(&picture(step as u64, 50_000))],
        )
        .unwrap();
    }
    run.close().unwrap();
    let pack = fs::read_dir(blobs(directory.path()))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let sound = fs::read(&pack).unwrap();
    let place = sound
        .windows(64)
        .position(|w| *w == picture(1, 50_000)[1000..1064])
        .unwrap();
    let told = |bytes: &[u8]| -> Vec<Option<String>> {
        fs::write(&pack, bytes).unwrap();
        let answer = ask(&repo, "", ObjectKind::Image);
        let rows = answer.objects(0, &ObjectRange::default()).unwrap();
        (0..3)
            .map(|k| rows.data(k).err().map(|e| e.message))
            .collect()
    };
    assert_eq!(told(&sound), [None, None, None]);
    let health = || aim::query::read(&repo, |snapshot| snapshot.check(|_| true)).unwrap();
    assert_eq!((health().objects, health().damage.len()), (3, 0));
    let mut flipped = sound.clone();
    flipped[place] ^= 1;
    let found = told(&flipped);
    assert!(found[0].is_none() && found[2].is_none());
    assert!(
        found[1].as_ref().unwrap().contains("is damaged"),
        "{found:?}"
    );
    let damage = health().damage;
    assert!(
        damage.len() == 1 && damage[0].what.contains("images"),
        "{damage:?}"
    );
    let found = told(&sound[..place]);
    assert!(found[0].is_none() && found[1].is_some() && found[2].is_some());
    fs::remove_file(&pack).unwrap();
    let answer = ask(&repo, "", ObjectKind::Image);
    let rows = answer.objects(0, &ObjectRange::default()).unwrap();
    assert!(rows.data(0).unwrap_err().message.contains("missing"));
}

/// Objects of any size, some of them twice, some in the database: whatever the order in which they are asked for, each is what
/// was tracked, and of one that is damaged its neighbours, with which it is read, know nothing.
#[test]
fn neighbours_are_read_together_and_each_is_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let repo = open(directory.path());
    let run = Run::create(repo.clone(), None).unwrap();
    let size = |k: u64| match k % 50 {
        7 => 100,
        20 => 5_000_000,
        30..33 => 65_536 + k as usize,
        _ => 5_000 + 997 * (k % 9) as usize,
    };
    let pictures: Vec<Vec<u8>> = (0..150)
        .map(|k| if k % 10 == 9 { k - 1 } else { k })
        .map(|k| picture(k, size(k)))
        .collect();
    track_each(&run, &pictures);
    run.close().unwrap();
    let objects = || {
        ask(&repo, "", ObjectKind::Image)
            .objects(0, &ObjectRange::default())
            .unwrap()
    };
    let forwards: Vec<usize> = (0..150).collect();
    let orders = [
        forwards.clone(),
        (0..150).rev().collect(),
        (0..150).map(|k| k * 7 % 150).collect(),
        (0..300).map(|k| k / 2).collect(),
        (100..150).chain(0..150).collect(),
    ];
    for order in orders {
        let rows = objects();
        let asked = || order.iter().map(|k| (*k, rows.data(*k).unwrap()));
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| asked().for_each(|(k, bytes)| assert!(bytes == pictures[k], "{k}")));
            }
        });
    }
    let pack = fs::read_dir(blobs(directory.path())).unwrap();
    let pack = pack.map(|entry| entry.unwrap().path()).next().unwrap();
    let mut content = fs::read(&pack).unwrap();
    for k in [64, 120] {
        let at = content
            .windows(64)
            .position(|w| *w == pictures[k][900..964]);
        content[at.unwrap()] ^= 1;
    }
    fs::write(&pack, content).unwrap();
    let rows = objects();
    let wrong: Vec<usize> = forwards
        .into_iter()
        .filter(|k| rows.data(*k).is_err())
        .collect();
    assert_eq!(wrong, [64, 120]);
}

/// What is read next gets the memory of what was let go of, and of nothing that is still held.
#[test]
fn objects_that_are_held_stay_as_they_are_while_others_come_and_go() {
    let directory = tempfile::tempdir().unwrap();
    let repo = open(directory.path());
    let run = Run::create(repo.clone(), None).unwrap();
    let pictures: Vec<Vec<u8>> = (0..600)
        .map(|k| picture(k, 5_000 + 4_001 * (k % 9) as usize))
        .collect();
    track_each(&run, &pictures);
    run.close().unwrap();
    let query = ask(&repo, "", ObjectKind::Image);
    let from = |first: usize| {
        let range = ObjectRange {
            steps: (first as i64, first as i64 + 99),
            ..Default::default()
        };
        let rows = query.objects(0, &range).unwrap();
        for k in 0..100 {
            assert!(rows.data(k).unwrap() == pictures[first + k], "{first} {k}");
        }
        rows
    };
    let is_there = |first: usize, rows: &ObjectRows| {
        (0..100).all(|k| rows.present(k) == Some(&pictures[first + k]))
    };
    let mut held: Vec<_> = [0, 100].map(|first| (first, from(first))).into();
    for first in [200, 300, 400, 500, 0, 300] {
        held.remove(0);
        held.push((first, from(first)));
        assert!(held.iter().all(|(first, rows)| is_there(*first, rows)));
    }
    drop(query);
    assert!(held.iter().all(|(first, rows)| is_there(*first, rows)));
}

#[test]
fn a_salvaged_repository_has_its_objects() {
    let directory = tempfile::tempdir().unwrap();
    let (from, into) = (directory.path().join("from"), directory.path().join("into"));
    {
        let run = Run::create(open(&from), None).unwrap();
        for step in 0..50 {
            let pictures = [picture(step, 20_000), picture(step % 3, 500)];
            let list: Vec<NewObject<'_>> = pictures.iter().map(|p| object(p)).collect();
            run.track_objects(&images("p"), at(step as i64), &list)
                .unwrap();
        }
        run.close().unwrap();
    }
    let location = |root: &Path| Location::find(Some(root)).unwrap();
    let before = all(&open(&from), "p");
    salvage(&location(&from), location(&into), &RepoOptions::default()).unwrap();
    fs::remove_dir_all(&from).unwrap();
    let repo = open(&into);
    assert!(all(&repo, "p") == before);
    assert!(
        ask(
            &repo,
            "images.name == 'p' and images.count == 50",
            ObjectKind::Image
        )
        .rows()
        .len()
            == 1
    );
    // Their space is known, too.
    let packed = taken(&into);
    drop(repo);
    compact(&into);
    assert_eq!(taken(&into), packed);
    let repo = open(&into);
    assert!(all(&repo, "p") == before);
    let hash = ask(&repo, "", ObjectKind::Image).rows()[0].run.hash_text();
    repo.delete_run(&hash).unwrap();
    drop(repo);
    compact(&into);
    assert_eq!(taken(&into), 0);
}

#[test]
fn a_rewound_run_drops_its_objects_from_there_on() {
    let directory = tempfile::tempdir().unwrap();
    let repo = open(directory.path());
    let run = Run::create(repo.clone(), None).unwrap();
    for step in 0..10 {
        run.track_objects(
            &images("p"),
            at(step),
            &[object(&picture(step as u64, 5000))],
        )
        .unwrap();
    }
    run.rewind(4, &[]).unwrap();
    run.track_objects(&images("p"), at(STEP_AUTO), &[object(&picture(77, 5000))])
        .unwrap();
    let found = all(&repo, "p");
    let steps: Vec<i64> = found.iter().map(|(step, ..)| *step).collect();
    assert_eq!(steps, [0, 1, 2, 3, 4]);
    assert!(found[4].2 == picture(77, 5000));
    run.rewind(0, &["other"]).unwrap();
    assert_eq!(all(&repo, "p").len(), 5);
    run.rewind(-1, &["p"]).unwrap();
    assert!(
        ask(&repo, "images.name == 'p'", ObjectKind::Image)
            .rows()
            .is_empty()
    );
}
