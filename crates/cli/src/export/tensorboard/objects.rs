//! Objects as the values that TensorBoard's plugins show.

use super::Lost;
use super::events::{Events, bytes, inner, varint};
use crate::export::objects::Shown;
use crate::failure::Failure;
use aim::objects::ObjectKind;
use aim::objects::distribution::Distribution;
use aim::run::EPOCH_NONE;

/// What of a value stands beside its tag: fields of `Summary.Value`.
type Value = Vec<u8>;

/// Formats of images that browsers show and TensorBoard knows.
const IMAGES: [&str; 4] = ["png", "jpeg", "gif", "bmp"];

/// Writes a point, or counts what has no place there.
pub fn write(shown: &Shown<'_>, events: &mut Events, lost: &mut Lost) -> Result<(), Failure> {
    let value = match shown.sequence.kind {
        ObjectKind::Image => images(shown),
        ObjectKind::Text => Some(texts(&[shown.bytes.len()], shown.bytes.iter())),
        ObjectKind::Audio => audios(shown),
        ObjectKind::Distribution => histogram(shown),
        ObjectKind::Table => table(shown),
        ObjectKind::Figure | ObjectKind::Video | ObjectKind::Array => None,
    };
    let count = shown.bytes.len() as u64;
    let Some(value) = value.filter(|_| count > 0) else {
        *lost
            .objects
            .entry(shown.sequence.kind.plural())
            .or_default() += count;
        return Ok(());
    };
    let captions = shown.objects().filter(|(o, _)| !o.caption.is_empty());
    if shown.sequence.kind != ObjectKind::Audio || count == 1 {
        *lost.objects.entry("captions").or_default() += captions.count() as u64;
    }
    let metas = shown.objects().filter(|(o, _)| !o.meta.is_empty());
    *lost
        .objects
        .entry("what is known beside objects")
        .or_default() += metas.count() as u64;
    lost.epochs += u64::from(shown.point.epoch != EPOCH_NONE);
    let time = shown.point.time as f64 / 1e6;
    events.write(time, shown.point.step, |event| {
        inner(5, event, |summary| {
            inner(1, summary, |to| {
                bytes(1, shown.sequence.info.name.as_bytes(), to);
                to.extend(value);
            });
        });
    })
}

fn number(field: u8, value: u64, to: &mut Vec<u8>) {
    to.push(field << 3);
    varint(value, to);
}

/// A tensor of texts, for a plugin.
fn tensor<'t>(
    plugin: &str,
    content: &[u8],
    sides: &[usize],
    texts: impl Iterator<Item = &'t [u8]>,
) -> Value {
    let mut value = Vec::new();
    inner(8, &mut value, |tensor| {
        number(1, 7, tensor);
        inner(2, tensor, |shape| {
            for side in sides {
                inner(2, shape, |dimension| number(1, *side as u64, dimension));
            }
        });
        texts.for_each(|text| bytes(8, text, tensor));
    });
    inner(9, &mut value, |metadata| {
        inner(1, metadata, |data| {
            bytes(1, plugin.as_bytes(), data);
            bytes(2, content, data);
        });
        // Texts are tensors to TensorBoard, pictures and sounds a sequence of blobs.
        number(4, if plugin == "text" { 2 } else { 3 }, metadata);
    });
    value
}

fn texts<'t>(sides: &[usize], texts: impl Iterator<Item = &'t Vec<u8>>) -> Value {
    tensor("text", b"", sides, texts.map(Vec::as_slice))
}

fn images(shown: &Shown<'_>) -> Option<Value> {
    let known = |(object, _): (&aim::store::Object, _)| IMAGES.contains(&object.format.as_str());
    if !shown.objects().all(known) {
        return None;
    }
    let first = shown.point.objects.first()?;
    if let [data] = &shown.bytes[..] {
        let mut value = Vec::new();
        inner(4, &mut value, |image| {
            number(1, first.height.into(), image);
            number(2, first.width.into(), image);
            // RGB; the picture itself says what it is.
            number(3, 3, image);
            bytes(4, data, image);
        });
        return Some(value);
    }
    let (width, height) = (first.width.to_string(), first.height.to_string());
    let sides = [width.as_bytes(), height.as_bytes()].into_iter();
    let all = sides.chain(shown.bytes.iter().map(Vec::as_slice));
    Some(tensor("images", b"", &[shown.bytes.len() + 2], all))
}

fn audios(shown: &Shown<'_>) -> Option<Value> {
    if let ([data], [object]) = (&shown.bytes[..], &shown.point.objects[..]) {
        let short = |at: usize| Some(u16::from_le_bytes(data.get(at..at + 2)?.try_into().ok()?));
        let long = |at: usize| Some(u32::from_le_bytes(data.get(at..at + 4)?.try_into().ok()?));
        let mut value = Vec::new();
        inner(6, &mut value, |audio| {
            if object.format == "wav" {
                let rate = long(24).unwrap_or(0);
                let frame = short(32).unwrap_or(0);
                audio.push(0x0D);
                audio.extend((rate as f32).to_le_bytes());
                number(2, short(22).unwrap_or(0).into(), audio);
                let frames = long(40).unwrap_or(0) / u32::from(frame).max(1);
                number(3, frames.into(), audio);
            }
            bytes(4, data, audio);
            let kind = match object.format.as_str() {
                "mp3" => "mpeg",
                format => format,
            };
            bytes(5, format!("audio/{kind}").as_bytes(), audio);
        });
        return Some(value);
    }
    let all = shown.objects();
    if !shown.objects().all(|(object, _)| object.format == "wav") {
        return None;
    }
    let rows = all.flat_map(|(object, data)| [data, object.caption.as_bytes()]);
    // The encoding: WAV.
    Some(tensor("audio", &[0x10, 11], &[shown.bytes.len(), 2], rows))
}

fn histogram(shown: &Shown<'_>) -> Option<Value> {
    let [data] = &shown.bytes[..] else {
        return None;
    };
    let found = Distribution::decode(data)?;
    let (first, last) = (*found.edges.first()?, *found.edges.last()?);
    let known = |value: f64, otherwise: f64| if value.is_nan() { otherwise } else { value };
    let count: f64 = found.weights.iter().sum();
    let mut value = Vec::new();
    inner(5, &mut value, |histogram| {
        let mut double = |field: u8, value: f64| {
            histogram.push(field << 3 | 1);
            histogram.extend(value.to_le_bytes());
        };
        double(1, known(found.min, first));
        double(2, known(found.max, last));
        double(3, known(found.count, count));
        for (field, value) in [(4, found.sum), (5, found.sum_squares)] {
            if !value.is_nan() {
                double(field, value);
            }
        }
        // The left edge is that of an empty bin in front.
        let packed = |values: &mut dyn Iterator<Item = f64>| -> Vec<u8> {
            values.flat_map(f64::to_le_bytes).collect()
        };
        bytes(6, &packed(&mut found.edges.iter().copied()), histogram);
        let weights = std::iter::once(0.0).chain(found.weights.iter().copied());
        bytes(7, &packed(&mut { weights }), histogram);
    });
    Some(value)
}

/// A table as rows of texts.
fn table(shown: &Shown<'_>) -> Option<Value> {
    let ([data], [object]) = (&shown.bytes[..], &shown.point.objects[..]) else {
        return None;
    };
    if object.format != "csv" {
        return None;
    }
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.has_headers(false).from_reader(&data[..]);
    let rows: Vec<csv::ByteRecord> = reader.byte_records().collect::<Result<_, _>>().ok()?;
    let columns = rows.first()?.len();
    let cells = rows.iter().flatten();
    Some(tensor("text", b"", &[rows.len(), columns], cells))
}
