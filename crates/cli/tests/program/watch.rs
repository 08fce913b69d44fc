//! `libaim watch` in tmux: what is on the screen, what keys do, and that it follows a run.

use crate::common::{Sandbox, evil, picture, sample};
use crate::terminal::Terminal;
use aim::run::{EPOCH_NONE, Run, STEP_AUTO};

fn watch(sandbox: &Sandbox, size: (u16, u16), locale: &str) -> Terminal {
    let line = format!("exec '{}' watch", env!("CARGO_BIN_EXE_libaim"));
    Terminal::start(sandbox, size, locale, &line)
}

#[test]
fn the_first_screen_tells_the_story_and_keys_lead_on() {
    let s = Sandbox::new();
    sample(&s.repo("r"));
    let watch = watch(&s, (80, 24), "C.UTF-8");
    let screen = watch.until(&["5 of 5 runs", "1c77bb93 wide", "baseline", "loss", "2000"]);
    // Nothing is cut without a mark, and no line is longer than the screen.
    assert!(
        screen.lines().all(|line| line.chars().count() <= 80),
        "{screen}"
    );
    assert!(screen.contains('…') && screen.contains('⣀'), "{screen}");
    watch.keys(&["x", "y"]);
    watch.until(&["over epoch", "y log"]);
    // A filter, completed from the repository.
    watch.keys(&["/"]);
    watch.keys(&["-l", "run.hparams.b"]);
    watch.keys(&["Tab"]);
    watch.until(&["filter: run.hparams.batch_size"]);
    watch.keys(&["C-u"]);
    watch.keys(&["-l", "run.hparams.lr < 0.005"]);
    watch.keys(&["Enter"]);
    let screen = watch.until(&["1 of 5 run", "a19eafea baseline", "a19eafea · node17"]);
    assert!(!screen.contains("1c77bb93"), "{screen}");
    // What is wrong with a filter is said, and the list stays.
    watch.keys(&["/"]);
    watch.keys(&["-l", " and"]);
    watch.keys(&["Enter"]);
    watch.until(&["column", "a19eafea baseline"]);
    watch.keys(&["/", "C-u", "Enter"]);
    watch.until(&["5 of 5 runs"]);
    // Its pages.
    watch.keys(&["End", "Enter"]);
    watch.until(&["a19eafea79062599d89d5fbf baseline", "METRIC", "2,700"]);
    watch.keys(&["Tab"]);
    watch.until(&["hparams.lr", "0.002", "optical digits"]);
    watch.keys(&["Escape"]);
    watch.until(&["5 of 5 runs"]);
    watch.keys(&["u", "Home", "Space", "Space", "c"]);
    watch.until(&["what differs", "hparams.lr", "0.02", "0.05"]);
    watch.keys(&["q", "?"]);
    watch.until(&["logarithmic values"]);
    watch.keys(&["q", "q"]);
    watch.ended();
}

#[test]
fn what_was_set_is_remembered_and_ascii_is_enough() {
    let s = Sandbox::new();
    sample(&s.repo("r"));
    let first = watch(&s, (80, 24), "C.UTF-8");
    first.until(&["5 of 5 runs"]);
    first.keys(&["s"]);
    first.until(&["smooth 0.6"]);
    first.keys(&["q"]);
    first.ended();
    drop(first);
    let second = watch(&s, (200, 60), "C");
    let screen = second.until(&["smooth 0.6", "accuracy", "loss"]);
    assert!(screen.is_ascii(), "{screen}");
}

#[test]
fn a_run_that_is_written_moves() {
    let s = Sandbox::new();
    let run = Run::create(s.repo("r"), Some("live")).unwrap();
    run.track(b"loss", None, 4.0, STEP_AUTO, EPOCH_NONE)
        .unwrap();
    run.flush().unwrap();
    let watch = watch(&s, (100, 30), "C.UTF-8");
    watch.until(&["1 of 1 run, 1 running", "loss  4"]);
    run.track(b"loss", None, 0.125, STEP_AUTO, EPOCH_NONE)
        .unwrap();
    run.flush().unwrap();
    watch.until(&["loss  0.125"]);
    run.close().unwrap();
    watch.until(&["1 of 1 run, 0 running"]);
}

#[test]
fn images_are_drawn_in_points() {
    draws("C.UTF-8", "▀");
    draws("C NO_COLOR=1", "@");
}

/// A white image is on the screen as a block of these characters.
fn draws(locale: &str, wanted: &str) {
    let s = Sandbox::new();
    let run = Run::create(s.repo("r"), Some("digits")).unwrap();
    let mut image = tiny_skia::Pixmap::new(40, 20).unwrap();
    image.fill(tiny_skia::Color::WHITE);
    picture(&run, 7, &image.encode_png().unwrap());
    run.close().unwrap();
    let watch = watch(&s, (80, 24), locale);
    watch.until(&["1 of 1 run"]);
    watch.keys(&["Enter", "Right", "Right", "Right"]);
    let screen = watch.until(&["images", "step 7", "png  40"]);
    let lines = screen.lines().skip_while(|line| !line.contains("png  40"));
    let line = wanted.repeat(40);
    let drawn: Vec<&str> = lines.skip(1).take(10).map(str::trim).collect();
    assert_eq!(drawn, [line.as_str(); 10], "{screen}");
    let shown = s.out("r", &["show", run.hash()]);
    assert!(shown.contains("p  images of 1 step, last @7"), "{shown}");
    let shown = s.out("r", &["show", run.hash(), "--json"]);
    assert!(shown.contains(r#""kind":"images","name":"p""#), "{shown}");
}

#[test]
fn names_do_not_control_the_screen() {
    let s = Sandbox::new();
    evil(&s.repo("r"));
    let watch = watch(&s, (120, 30), "C.UTF-8");
    watch.until(&["1 of 1 run", r"\x1b]0;title"]);
    watch.keys(&["Enter"]);
    for _ in 0..4 {
        watch.until(&["metrics", "params", "evil"]);
        watch.keys(&["Right"]);
    }
    let title = watch
        .tmux()
        .args(["display-message", "-p", "#{pane_title}"])
        .output();
    let title = String::from_utf8(title.unwrap().stdout).unwrap();
    assert!(!title.contains("title"), "{title}");
}

#[test]
fn an_empty_repository_is_watched_until_something_comes() {
    let s = Sandbox::new();
    let repo = s.repo("r");
    let watch = watch(&s, (80, 24), "C.UTF-8");
    watch.until(&["0 of 0 runs"]);
    sample(&repo);
    watch.until(&["5 of 5 runs", "baseline"]);
}
