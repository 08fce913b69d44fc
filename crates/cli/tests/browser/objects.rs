//! A run with objects of each kind that the pages show.

use crate::support::repo;
use aim::objects::{Element, ObjectKind, distribution::Distribution};
use aim::repo::RepoRef;
use aim::run::Run;
use aim::run::objects::{Moment, NewObject, SequenceId};

/// A sequence of a run, by name and context.
struct Sequence<'r> {
    run: &'r Run,
    kind: ObjectKind,
    id: SequenceId,
}

impl<'r> Sequence<'r> {
    fn of(run: &'r Run, kind: ObjectKind, name: &str, context: &str) -> Sequence<'r> {
        let id = SequenceId::new(kind, name, Some(context)).unwrap();
        Sequence { run, kind, id }
    }

    /// Objects of one step, each with its caption.
    fn track(&self, step: i64, objects: &[(Vec<u8>, String)]) {
        let moment = Moment {
            step,
            epoch: 0,
            time: None,
        };
        let objects: Vec<NewObject> = objects
            .iter()
            .map(|(data, caption)| NewObject {
                data,
                format: match self.kind {
                    ObjectKind::Figure => Some("plotly"),
                    ObjectKind::Distribution => Some("histogram"),
                    _ => None,
                },
                caption,
                meta: "",
            })
            .collect();
        self.run.track_objects(&self.id, moment, &objects).unwrap();
    }
}

/// A tenth of a second of silence.
fn silence() -> Vec<u8> {
    const RATE: u32 = 8000;
    let samples = vec![128; RATE as usize / 10];
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + samples.len() as u32).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    for word in [16, 1 << 16 | 1, RATE, RATE, 8 << 16 | 1] {
        wav.extend(u32::to_le_bytes(word));
    }
    wav.extend(b"data");
    wav.extend((samples.len() as u32).to_le_bytes());
    wav.extend(samples);
    wav
}

/// A picture in which something moves with the steps.
fn image(side: u32, step: i64, number: i64) -> Vec<u8> {
    let mut image = tiny_skia::Pixmap::new(side, side).unwrap();
    let colour = tiny_skia::Color::from_rgba8(28, 40, 82, 255);
    image.fill(colour);
    let mut paint = tiny_skia::Paint::default();
    paint.set_color_rgba8(90, (80 + 50 * number) as u8, 255, 255);
    let unit = side as f32 / 12.0;
    let (x, y) = (unit * (1 + 2 * step) as f32, unit * (1 + 3 * number) as f32);
    let square = tiny_skia::Rect::from_xywh(x, y, 4.0 * unit, 4.0 * unit).unwrap();
    image.fill_rect(square, &paint, tiny_skia::Transform::identity(), None);
    image.encode_png().unwrap()
}

/// The run's sequences are called, and are as long, as those of the recorded answers.
pub fn of_all_kinds(repo: &RepoRef) -> String {
    let run = repo::run(repo, "objects");
    let of = |kind, name, context| Sequence::of(&run, kind, name, context);
    let samples = of(ObjectKind::Image, "samples", r#"{"subset": "train"}"#);
    let outputs = of(ObjectKind::Text, "outputs", r#"{"kind": "gen"}"#);
    let weights = of(ObjectKind::Distribution, "weights", r#"{"layer": 1}"#);
    for step in 0..4 {
        let images = (0..3).map(|i| (image(24, step, i), format!("img {i} at {step}")));
        samples.track(step, &images.collect::<Vec<_>>());
        let texts = ["", "x", "xx"].iter().enumerate().map(|(i, more)| {
            let text = format!("text {i} of step {step}: lorem ipsum {more}");
            (text.into_bytes(), String::new())
        });
        outputs.track(step, &texts.collect::<Vec<_>>());
        let values = (0..640).flat_map(|i| {
            let x = f64::from(i % 64) / 32.0 - 1.0;
            (x * x * x + f64::from(i / 64) * 0.05 * step as f64).to_ne_bytes()
        });
        let values: Vec<u8> = values.collect();
        let counted = Distribution::count(&values, Element::F64, 32, (0.0, 0.0)).unwrap();
        weights.track(step, &[(counted.encode(), String::new())]);
    }
    let single = of(ObjectKind::Image, "single", "{}");
    for step in [0, 3, 6, 9] {
        single.track(step, &[(image(32, step / 3, 1), "single".to_owned())]);
    }
    let tones = of(ObjectKind::Audio, "tones", r#"{"k": "a"}"#);
    let curves = of(ObjectKind::Figure, "curves", r#"{"subset": "val"}"#);
    for step in 0..5 {
        let captions = ["", " again"].map(|again| format!("tone {step}{again}"));
        tones.track(step, &captions.map(|caption| (silence(), caption)));
        let figure = format!(
            r#"{{"data": [{{"y": [1, {}, 2, 4], "type": "scatter"}}], "layout": {{"title": {{"text": "a figure"}}}}}}"#,
            3 + step
        );
        curves.track(step, &[(figure.into_bytes(), String::new())]);
    }
    run.close().unwrap();
    run.hash().to_owned()
}
