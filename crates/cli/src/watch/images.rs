//! A run's images: the last of each sequence, as points of the terminal.

use super::data::{Rgb, Row, RunLine, row, title};

use crate::failure::Failure;
use crate::format;
use crate::labels::context;
use crate::look::Look;
use crate::table::visible;
use aim::objects::ObjectKind;
use aim::query::{SequenceInfo, Snapshot};
use aim::store::Object;
use tiny_skia::Pixmap;

/// Points that a picture has at most, and those to which a small one is enlarged.
const WIDEST: usize = 72;
const HIGHEST: usize = 44;
const SMALL: usize = 32;
/// Sequences that a page shows, images of each, and points of a stored image that is drawn.
const SEQUENCES: usize = 16;
const IMAGES: usize = 4;
const DRAWN: u64 = 1 << 24;

pub fn read(look: &Look, snapshot: &Snapshot<'_>, line: &RunLine) -> Result<Vec<Row>, Failure> {
    let sequences = snapshot.sequences(&line.run, ObjectKind::Image)?;
    let mut rows = Vec::new();
    for sequence in sequences.iter().take(SEQUENCES) {
        last(look, snapshot, sequence, &mut rows)?;
    }
    if sequences.is_empty() {
        rows.push(row(["no images".to_owned()]));
    }
    if sequences.len() > SEQUENCES {
        let more = (sequences.len() - SEQUENCES) as u64;
        rows.push(row([format!(
            "and {} more",
            format::counted(more, "sequence")
        )]));
    }
    Ok(rows)
}

/// The images of a sequence's last step.
fn last(
    look: &Look,
    snapshot: &Snapshot<'_>,
    sequence: &SequenceInfo,
    rows: &mut Vec<Row>,
) -> Result<(), Failure> {
    let known = &sequence.sequence;
    let Some(point) = snapshot.object_point(sequence.key, known.last_step)? else {
        return Ok(());
    };
    let name = format!("{} {}", sequence.name, context(&sequence.context));
    let head = [
        visible(look, name.trim_end()),
        format!("step {}", point.step),
        format::counted(known.points, "step"),
        format::counted(point.objects.len() as u64, "image"),
    ];
    rows.push(title([head.join("  ")]));
    for object in point.objects.iter().take(IMAGES) {
        let bytes = snapshot.object_bytes(object)?;
        let drawn = points(object, &bytes);
        let sides = format!(
            "{} {} {}",
            object.width,
            look.either("×", "x"),
            object.height
        );
        let mut words = vec![object.format.clone(), sides, format::bytes(object.size())];
        if !object.caption.is_empty() {
            words.push(visible(look, &object.caption));
        }
        if drawn.is_none() {
            words.push("not drawn here; libaim up shows it".to_owned());
        }
        rows.push(row([words.join("  ")]));
        rows.extend(drawn.unwrap_or_default().into_iter().map(|picture| Row {
            picture,
            ..Row::default()
        }));
    }
    Ok(())
}

/// A stored image as lines of points; `None` if it is of a format that is not drawn here, or too large.
fn points(object: &Object, bytes: &[u8]) -> Option<Vec<Vec<[Rgb; 2]>>> {
    let size = u64::from(object.width) * u64::from(object.height);
    if object.format != "png" || size > DRAWN {
        return None;
    }
    let image = Pixmap::decode_png(bytes).ok()?;
    let (wide, high) = (image.width() as usize, image.height() as usize);
    let scale = (WIDEST as f64 / wide as f64).min(HIGHEST as f64 / high as f64);
    let scale = match SMALL / wide.max(high) {
        enlarged @ 2.. => enlarged as f64,
        _ => scale.min(1.0),
    };
    let side = |length: usize| ((length as f64 * scale).round() as usize).max(1);
    let (columns, lines) = (side(wide), side(high));
    let point = |x: usize, y: usize| match y < lines {
        true => mean(&image, (x, columns), (y, lines)),
        false => [0; 3],
    };
    let line = |y: usize| {
        (0..columns)
            .map(|x| [point(x, y), point(x, y + 1)])
            .collect()
    };
    Some((0..lines).step_by(2).map(line).collect())
}

/// The mean colour of what becomes one point: the x-th of so many columns, the y-th of so many lines.
fn mean(image: &Pixmap, (x, columns): (usize, usize), (y, lines): (usize, usize)) -> Rgb {
    let part = |i: usize, parts: usize, length: u32| {
        let length = length as usize;
        let from = i * length / parts;
        from..((i + 1) * length / parts).clamp(from + 1, length.max(from + 1))
    };
    let mut sum = [0u32; 3];
    let mut count = 0;
    for row in part(y, lines, image.height()) {
        for column in part(x, columns, image.width()) {
            let Some(pixel) = image.pixel(column as u32, row as u32) else {
                continue;
            };
            // As it is on a dark ground, where it is transparent.
            let colours = [pixel.red(), pixel.green(), pixel.blue()];
            sum.iter_mut()
                .zip(colours)
                .for_each(|(sum, colour)| *sum += u32::from(colour));
            count += 1;
        }
    }
    sum.map(|sum| (sum / count.max(1)) as u8)
}
