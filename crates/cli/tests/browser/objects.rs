//! A run with an object of each kind that the pages show, in three steps.

use crate::support::repo;
use aim::objects::{Element, ObjectKind, distribution::Distribution};
use aim::repo::RepoRef;
use aim::run::objects::{Moment, NewObject, SequenceId};
use aim::run::{EPOCH_NONE, Run};

fn track(run: &Run, kind: ObjectKind, step: i64, data: &[u8], caption: &str) {
    let name = format!("the {}", kind.plural());
    let sequence = SequenceId::new(kind, &name, Some(r#"{"subset": "val"}"#)).unwrap();
    let moment = Moment {
        step,
        epoch: EPOCH_NONE,
        time: None,
    };
    let object = NewObject {
        data,
        format: match kind {
            ObjectKind::Figure => Some("plotly"),
            ObjectKind::Distribution => Some("histogram"),
            _ => None,
        },
        caption,
        meta: "",
    };
    run.track_objects(&sequence, moment, &[object]).unwrap();
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

pub fn of_all_kinds(repo: &RepoRef) -> String {
    let run = repo::run(repo, "objects");
    for step in 0..3 {
        let mut image = tiny_skia::Pixmap::new(40, 20).unwrap();
        image.fill(tiny_skia::Color::from_rgba8(200, 80 * step as u8, 0, 255));
        let png = image.encode_png().unwrap();
        track(&run, ObjectKind::Image, step, &png, "a caption");
        let text = format!("a text of step {step}");
        track(&run, ObjectKind::Text, step, text.as_bytes(), "");
        track(&run, ObjectKind::Audio, step, &silence(), "a tone");
        let figure = br#"{"data": [{"x": [1, 2], "y": [3, 1], "type": "scatter"}], "layout": {"title": {"text": "a figure"}}}"#;
        track(&run, ObjectKind::Figure, step, figure, "");
        let values = (0..64).flat_map(|i| f64::from(i * i).to_ne_bytes());
        let values: Vec<u8> = values.collect();
        let counted = Distribution::count(&values, Element::F64, 8, (0.0, 0.0)).unwrap();
        track(&run, ObjectKind::Distribution, step, &counted.encode(), "");
    }
    run.close().unwrap();
    run.hash().to_owned()
}
