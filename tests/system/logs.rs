use crate::tools::Scene;
use aim::store::Stream;

#[test]
fn records_are_read_by_range_with_their_source() {
    let scene = Scene::new();
    scene.run(&["log=first", "quietlog=second", "log=third"]);
    let all = scene.log(Stream::Records, 0, 100);
    let texts: Vec<_> = all.iter().map(|(n, r)| (*n, r.text.as_str())).collect();
    assert_eq!(texts, [(0, "first"), (1, "second"), (2, "third")]);
    assert_eq!((all[0].1.level, all[1].1.level), (30, 50));
    let location = all[0].1.location.as_ref().unwrap();
    assert!(location.file.ends_with("trainer.c") && location.line > 0);
    assert_eq!(location.function, "act");
    assert_eq!(all[1].1.location, None);
    let middle = scene.log(Stream::Records, 1, 1);
    assert_eq!(middle, all[1..2]);
    assert_eq!(scene.log_range(Stream::Records), (0, 3));
    assert_eq!(scene.log(Stream::Records, 3, 5), []);
    assert_eq!(scene.log_range(Stream::Terminal), (0, 0));
}

#[test]
fn records_survive_a_kill() {
    let scene = Scene::new();
    let mut arguments = vec!["log=one"; 100];
    arguments.push("kill=9");
    let output = scene.trainer(&arguments).output().unwrap();
    assert!(!output.status.success());
    assert_eq!(scene.log(Stream::Records, 0, 1000).len(), 100);
}

#[test]
fn a_message_has_a_length_and_a_level() {
    use aim::error::Status;
    use aim::run::Run;
    let scene = Scene::new();
    scene.run(&[]);
    let run = Run::create(scene.repo(), None).unwrap();
    let long = "x".repeat(aim::run::logs::MAX_MESSAGE);
    run.log(20, &long, None).unwrap();
    let error = run.log(20, &format!("{long}x"), None).unwrap_err();
    assert_eq!(error.status, Status::Limit);
    for level in [0, -1, 101] {
        let error = run.log(level, "text", None).unwrap_err();
        assert_eq!(error.status, Status::InvalidArgument);
    }
    let read = run.read_logs(Stream::Records, 0, 9).unwrap();
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].1.text, long);
    run.close().unwrap();
    assert_eq!(
        run.log(20, "late", None).unwrap_err().status,
        Status::Closed
    );
}
