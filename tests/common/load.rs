//! A program under load: it tracks into its own run until it is killed, and keeps book of what was acknowledged.
//!
//! Point `i` of a sequence has the step `i`, given by the library, and a value made from `i`: whatever is missing,
//! doubled or torn shows as a step whose value belongs to another one.

use super::child::{self, Child};
use super::ledger::Ledger;
use super::random::{Random, mix};
use super::stored;
use aim::repo::RepoRef;
use aim::run::{EPOCH_NONE, Metric, Run, STEP_AUTO};
use aim_value::Tree;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub const SERIES: usize = 3;
const CONTEXT: &str = r#"{"subset":"train"}"#;
/// Params are written in turn to so many keys.
const KEYS: u64 = 16;

/// Words of the ledger: the hash of the run, then what was begun and what was acknowledged.
const HASH: usize = 0;
const PARAMS: usize = 8;
const POINTS: usize = 16;
/// How much came back when the run was continued, added up.
pub const CHECKED: usize = 64;

pub fn value(series: usize, i: u64) -> f64 {
    f64::from_bits(mix(i << 8 | series as u64))
}

/// The bytes of picture `n`, in one of these sizes, which its number tells.
pub fn picture(n: u64, sizes: &[usize]) -> Vec<u8> {
    let size = sizes[(mix(n) % sizes.len() as u64) as usize];
    let mut bytes = b"GIF8".to_vec();
    let mut state = mix(n);
    while bytes.len() < size {
        state = mix(state);
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes
}

fn epoch(i: u64) -> i64 {
    if i.is_multiple_of(3) {
        EPOCH_NONE
    } else {
        i as i64 / 100
    }
}

fn name(series: usize) -> String {
    format!("series {series}")
}

fn offered(series: usize) -> usize {
    POINTS + 2 * series
}

fn acknowledged(series: usize) -> usize {
    offered(series) + 1
}

/// The hash of the run that a ledger speaks of, once there is one.
pub fn hash(ledger: &Ledger) -> Option<String> {
    let words = [ledger.get(HASH), ledger.get(HASH + 1), ledger.get(HASH + 2)];
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    (words[2] != 0).then(|| String::from_utf8(bytes).unwrap())
}

fn set_hash(ledger: &Ledger, hash: &str) {
    for (n, bytes) in hash.as_bytes().chunks(8).enumerate() {
        ledger.set(HASH + n, u64::from_le_bytes(bytes.try_into().unwrap()));
    }
}

/// Everything acknowledged is stored, once and bit by bit; nothing is stored that was not offered. Returns how many
/// points each sequence has.
pub fn check(repo: &RepoRef, ledger: &Ledger) -> [u64; SERIES] {
    let hash = hash(ledger).unwrap();
    let mut stored_points = [0; SERIES];
    for (series, stored) in stored_points.iter_mut().enumerate() {
        let points = stored::points(repo, &hash, &name(series), CONTEXT);
        *stored = points.len() as u64;
        let (least, most) = (
            ledger.get(acknowledged(series)),
            ledger.get(offered(series)),
        );
        let about = format!(
            "run {hash}, series {series}: {stored} points of {least} acknowledged, {most} begun"
        );
        for i in 0..*stored {
            let at = i as usize;
            let same = points.steps[at] == i as i64
                && points.values[at].to_bits() == value(series, i).to_bits()
                && points.epochs[at] == epoch(i);
            if !same {
                let place = |n: &u64| value(series, *n).to_bits() == points.values[at].to_bits();
                let other = (0..most + 10_000).find(place);
                panic!("{about}; in the place of {i} is {other:?}");
            }
        }
        assert!((least..=most).contains(stored), "{about}");
    }
    check_params(repo, &hash, ledger);
    stored_points
}

fn check_params(repo: &RepoRef, hash: &str, ledger: &Ledger) {
    let (most, least) = (ledger.get(PARAMS), ledger.get(PARAMS + 1));
    let last = |key: u64, count: u64| {
        let of_key = (0..count)
            .rev()
            .take(KEYS as usize)
            .find(|n| n % KEYS == key);
        of_key.map(|n| Tree::Int(n as i64))
    };
    for key in 0..KEYS {
        let found = stored::param(repo, hash, &format!("/p/{key}"));
        assert!(
            found == last(key, least) || found == last(key, most),
            "run {hash}: param {key} is {found:?} of {least} acknowledged, {most} begun"
        );
    }
}

/// Starts a program under load. With a hash in the ledger it continues that run.
pub fn start(repo: &Path, ledger: &Path, random: &mut Random) -> Child {
    let flush_millis = 1 + random.below(40);
    let slots = 64 << random.below(8);
    child::start(
        "load",
        &[
            &repo,
            &ledger,
            &flush_millis.to_string(),
            &slots.to_string(),
        ],
    )
}

/// The role: repository, ledger, flush interval in milliseconds, slots of the journal.
pub fn role(args: &[OsString]) {
    let number = |n: usize| args[n].to_str().unwrap().parse().unwrap();
    let options = stored::hasty(number(2), number(3));
    let ledger = Ledger::open(&PathBuf::from(&args[1]));
    let repo = stored::open_with(Path::new(&args[0]), &options);
    let mut counts = [0; SERIES];
    let run = match hash(&ledger) {
        Some(hash) => {
            let run = Run::resume(repo.clone(), &hash, None).unwrap();
            counts = check(&repo, &ledger);
            ledger.set(CHECKED, counts.iter().sum());
            run
        }
        None => {
            let run = Run::create(repo, None).unwrap();
            set_hash(&ledger, run.hash());
            run
        }
    };
    for (series, count) in counts.into_iter().enumerate() {
        ledger.set(offered(series), count);
        ledger.set(acknowledged(series), count);
    }
    let mut params = ledger.get(PARAMS + 1);
    let metrics: Vec<Metric> = (0..SERIES)
        .map(|series| run.metric(&name(series), Some(CONTEXT)).unwrap())
        .collect();
    std::thread::scope(|threads| {
        for (series, metric) in metrics.iter().enumerate() {
            let ledger = &ledger;
            threads.spawn(move || track(metric, series, counts[series], ledger));
        }
        loop {
            ledger.set(PARAMS, params + 1);
            let path = format!("/p/{}", params % KEYS);
            run.set_param(&path, Tree::Int(params as i64)).unwrap();
            params += 1;
            ledger.set(PARAMS + 1, params);
            std::thread::sleep(Duration::from_micros(200));
        }
    });
}

/// Tracks for ever, by turns one point and several at once.
fn track(metric: &Metric, series: usize, mut i: u64, ledger: &Ledger) {
    loop {
        let many = if i.is_multiple_of(5) { 1 + i % 700 } else { 1 };
        ledger.set(offered(series), i + many);
        if many == 1 {
            metric.track(value(series, i), STEP_AUTO, epoch(i)).unwrap();
        } else {
            let values: Vec<f64> = (i..i + many).map(|i| value(series, i)).collect();
            let epochs: Vec<i64> = (i..i + many).map(epoch).collect();
            metric.track_many(&values, None, Some(&epochs)).unwrap();
        }
        i += many;
        ledger.set(acknowledged(series), i);
        // Leaves time for the others and keeps the sequences short enough to be read back often.
        if i.is_multiple_of(64) {
            std::thread::sleep(Duration::from_micros(100));
        }
    }
}
