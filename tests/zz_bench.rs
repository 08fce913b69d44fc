use aim::repo::{Location, Repo, RepoOptions, merge_spool};
use aim::run::{EPOCH_NONE, Run};
use std::path::Path;
use std::time::{Duration, Instant};
fn cpu() -> f64 {
    let mut u: libc::rusage = unsafe { std::mem::zeroed() };
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut u) };
    let s = |t: libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 / 1e6;
    s(u.ru_utime) + s(u.ru_stime)
}
fn open(p: &Path) -> aim::repo::RepoRef {
    Repo::open(
        Location::find(Some(p)).unwrap(),
        &RepoOptions::default(),
        true,
    )
    .unwrap()
}
#[test]
fn bench() {
    let dir = tempfile::tempdir_in("/tmp/spool").unwrap();
    unsafe {
        std::env::set_var("XDG_CACHE_HOME", dir.path().join("cache"));
        std::env::set_var("AIM_SPOOL", "1");
    }
    std::fs::create_dir_all(dir.path().join("db/.aim/lmdb")).unwrap();
    let (db, sp) = (open(&dir.path().join("db")), open(&dir.path().join("sp")));
    assert!(db.spool().is_none() && sp.spool().is_some());
    let runs = [
        Run::create(db, None).unwrap(),
        Run::create(sp, None).unwrap(),
    ];
    let metrics: Vec<Vec<_>> = runs
        .iter()
        .map(|r| {
            (0..20)
                .map(|m| r.metric(&format!("m{m}"), None).unwrap())
                .collect()
        })
        .collect();
    for r in &runs {
        r.flush().unwrap();
    }
    let mut track = [Vec::new(), Vec::new()];
    let mut total = [0.0; 2];
    let mut step = 0;
    for _ in 0..60 {
        for which in 0..2 {
            let c = cpu();
            let t = Instant::now();
            for s in 0..2500 {
                for m in &metrics[which] {
                    m.track(f64::from((s as f32).sin()), step + s, EPOCH_NONE)
                        .unwrap();
                }
            }
            track[which].push(t.elapsed().as_nanos() as f64 / 50_000.0);
            runs[which].flush().unwrap();
            total[which] += cpu() - c;
        }
        step += 2500;
    }
    for (n, t) in ["lmdb", "spool"].iter().zip(&mut track) {
        t.sort_by(f64::total_cmp);
        println!("track {n}: median {:.1} ns", t[t.len() / 2]);
    }
    println!(
        "cpu per point incl. commit: lmdb {:.1} ns, spool {:.1} ns",
        total[0] / 3e6 * 1e9,
        total[1] / 3e6 * 1e9
    );
    for r in &runs {
        r.close().unwrap();
    }
    let bytes = |p: &Path| -> u64 {
        std::fs::read_dir(p)
            .unwrap()
            .map(|f| f.unwrap().metadata().unwrap().len())
            .sum()
    };
    println!(
        "bytes/point (20 x 2500 a flush): {:.2}",
        bytes(&dir.path().join("sp/.aim/spool")) as f64 / 3e6
    );
    let sp = open(&dir.path().join("typical"));
    let run = Run::create(sp, None).unwrap();
    let ms: Vec<_> = (0..20)
        .map(|m| run.metric(&format!("m{m}"), None).unwrap())
        .collect();
    run.flush().unwrap();
    let before = bytes(&dir.path().join("typical/.aim/spool"));
    for s in 0..500 {
        for m in &ms {
            m.track(f64::from((s as f32).sin()), s, EPOCH_NONE).unwrap();
        }
        std::thread::sleep(Duration::from_millis(2));
        if s % 10 == 9 {
            run.flush().unwrap();
        }
    }
    println!(
        "bytes/point (20 x 10 a flush, real times): {:.2}",
        (bytes(&dir.path().join("typical/.aim/spool")) - before) as f64 / 1e4
    );
    run.close().unwrap();

    // 50 x 200,000
    let many = dir.path().join("many");
    for _ in 0..50 {
        let run = Run::create(open(&many), None).unwrap();
        let ms: Vec<_> = (0..5)
            .map(|m| run.metric(&format!("m{m}"), None).unwrap())
            .collect();
        for s in 0..40_000 {
            for m in &ms {
                m.track(f64::from((s as f32).sin()), s, EPOCH_NONE).unwrap();
            }
        }
        run.close().unwrap();
    }
    std::fs::create_dir_all(dir.path().join("into/.aim/lmdb")).unwrap();
    let into = open(&dir.path().join("into"));
    let (t, c) = (Instant::now(), cpu());
    let b = merge_spool(&Location::find(Some(&many)).unwrap(), &into).unwrap();
    println!(
        "merge {} points of {} segments: {:.2} s wall, {:.2} s cpu, {:.2} M/s",
        b.points,
        b.news,
        t.elapsed().as_secs_f64(),
        cpu() - c,
        b.points as f64 / t.elapsed().as_secs_f64() / 1e6
    );
    let array = dir.path().join("array");
    let t = Instant::now();
    for _ in 0..1000 {
        let run = Run::create(open(&array), None).unwrap();
        let ms: Vec<_> = (0..5)
            .map(|m| run.metric(&format!("m{m}"), None).unwrap())
            .collect();
        for s in 0..80 {
            for m in &ms {
                m.track(f64::from((s as f32).sin()), s, EPOCH_NONE).unwrap();
            }
        }
        run.close().unwrap();
    }
    println!("1000 runs written in {:.1} s", t.elapsed().as_secs_f64());
    std::fs::create_dir_all(dir.path().join("into2/.aim/lmdb")).unwrap();
    let into = open(&dir.path().join("into2"));
    for _ in 0..2 {
        let t = Instant::now();
        let b = merge_spool(&Location::find(Some(&array)).unwrap(), &into).unwrap();
        println!(
            "merge array: {} segments, {} points: {:.3} s",
            b.news,
            b.points,
            t.elapsed().as_secs_f64()
        );
    }
    let mut u: libc::rusage = unsafe { std::mem::zeroed() };
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut u) };
    println!("max rss {} MB", u.ru_maxrss / 1024);
}
