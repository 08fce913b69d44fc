//! What TensorBoard shows beside curves: images, histograms, texts, audio and tensors, as objects.

use super::event::{Content, Value};
use super::tensor::Tensor;
use crate::import::histogram;
use crate::import::protobuf::{Field, Message};
use aim::objects::ObjectKind;
use aim::objects::distribution::Distribution;
use std::borrow::Cow;

/// An object as it is encoded.
pub struct Encoded<'b> {
    pub data: Cow<'b, [u8]>,
    pub format: Option<&'static str>,
    pub caption: String,
}

/// The objects of a point.
pub struct Media<'b> {
    pub kind: ObjectKind,
    pub objects: Vec<Encoded<'b>>,
    /// A JSON object that tells of all of them, or empty.
    pub meta: &'static str,
}

/// What has no place, as a noun in the plural.
pub type Lost = &'static str;

fn encoded(data: &[u8]) -> Encoded<'_> {
    Encoded {
        data: Cow::Borrowed(data),
        format: None,
        caption: String::new(),
    }
}

fn one(kind: ObjectKind, object: Encoded<'_>) -> Media<'_> {
    Media {
        kind,
        objects: vec![object],
        meta: "",
    }
}

/// The objects of a value for one of TensorBoard's plugins.
pub fn of<'b>(value: &Value<'b>, plugin: &[u8]) -> Result<Media<'b>, Lost> {
    match &value.content {
        Content::Image(image) => {
            let data = image.get(4).and_then(Field::bytes);
            Ok(one(ObjectKind::Image, encoded(data.ok_or("images")?)))
        }
        Content::Audio(audio) => {
            let data = audio.get(4).and_then(Field::bytes);
            Ok(one(ObjectKind::Audio, encoded(data.ok_or("audio clips")?)))
        }
        Content::Histogram(message) => {
            let found = of_message(*message).ok_or("histograms")?;
            Ok(one(ObjectKind::Distribution, distribution(&found)))
        }
        Content::Tensor(tensor) => of_tensor(tensor, plugin),
        Content::Number(_) | Content::None => Err("values of other kinds"),
    }
}

fn distribution<'b>(found: &Distribution) -> Encoded<'b> {
    Encoded {
        data: Cow::Owned(found.encode()),
        format: Some("histogram"),
        caption: String::new(),
    }
}

fn doubles(message: Message<'_>, number: u32) -> Vec<f64> {
    let mut found = Vec::new();
    for field in message.every(number) {
        match field {
            Field::Bytes(packed) => {
                let (words, _) = packed.as_chunks();
                found.extend(words.iter().map(|word| f64::from_le_bytes(*word)));
            }
            field => found.extend(field.double()),
        }
    }
    found
}

/// A histogram of summary.proto: the right edges of its bins. Writers put an empty bin in front, whose edge is the left one
/// of the next; the edge of the last may be the greatest number that there is.
fn of_message(message: Message<'_>) -> Option<Distribution> {
    let number = |n| message.get(n).and_then(Field::double);
    let (limits, weights) = (doubles(message, 6), doubles(message, 7));
    if limits.len() != weights.len() || limits.is_empty() {
        return None;
    }
    let (min, max) = (number(1), number(2));
    let (mut edges, mut weights) = match weights[0] == 0.0 && weights.len() > 1 {
        true => (limits, weights[1..].to_vec()),
        false => {
            let low = min.filter(|min| *min <= limits[0]).unwrap_or(limits[0]);
            ([&[low], &limits[..]].concat(), weights)
        }
    };
    if let [.., before, last] = edges.as_mut_slice()
        && !(*last - *before).is_finite() | (*last == f64::MAX)
    {
        *last = max.unwrap_or(*before).max(*before);
        if weights.last() == Some(&0.0) && weights.len() > 1 {
            edges.pop();
            weights.pop();
        }
    }
    let mut found = histogram::of_bins(&edges, &weights)?;
    let known = |n| number(n).unwrap_or(f64::NAN);
    (found.min, found.max) = (known(1), known(2));
    (found.count, found.sum, found.sum_squares) = (known(3), known(4), known(5));
    Some(found)
}

fn of_tensor<'b>(tensor: &Tensor<'b>, plugin: &[u8]) -> Result<Media<'b>, Lost> {
    match plugin {
        b"images" => {
            // Width and height come first.
            let texts = tensor.texts().ok_or("images")?;
            let pictures = texts.get(2..).ok_or("images")?;
            Ok(Media {
                kind: ObjectKind::Image,
                objects: pictures.iter().map(|data| encoded(data)).collect(),
                meta: "",
            })
        }
        b"audio" => {
            let texts = tensor.texts().ok_or("audio clips")?;
            // Each with its label, where there are two columns.
            let columns = if tensor.dimensions.len() == 2 { 2 } else { 1 };
            let clips = texts.chunks(columns).map(|clip| Encoded {
                data: Cow::Borrowed(clip[0]),
                format: None,
                caption: String::from_utf8_lossy(clip.get(1).unwrap_or(&&b""[..])).into_owned(),
            });
            Ok(Media {
                kind: ObjectKind::Audio,
                objects: clips.collect(),
                meta: "",
            })
        }
        b"histograms" => {
            let found = of_rows(tensor).ok_or("histograms")?;
            Ok(one(ObjectKind::Distribution, distribution(&found)))
        }
        b"text" => texts(tensor),
        b"custom_scalars" => Err("layouts of custom scalars"),
        _ => match tensor.texts() {
            Some(_) if plugin.is_empty() => texts(tensor),
            Some(_) => Err("tensors"),
            None => {
                let npy = tensor.npy().ok_or("tensors")?;
                let object = Encoded {
                    data: Cow::Owned(npy),
                    format: Some("npy"),
                    caption: String::new(),
                };
                Ok(Media {
                    meta: match plugin {
                        b"pr_curves" => r#"{"plugin": "pr_curves"}"#,
                        b"mesh" => r#"{"plugin": "mesh"}"#,
                        _ => "",
                    },
                    ..one(ObjectKind::Array, object)
                })
            }
        },
    }
}

/// Rows of left edge, right edge and weight.
fn of_rows(tensor: &Tensor<'_>) -> Option<Distribution> {
    let numbers = tensor.numbers()?;
    let ([_, 3], (rows, [])) = (tensor.dimensions.as_slice(), numbers.as_chunks::<3>()) else {
        return None;
    };
    let edges = rows.iter().map(|[_, right, _]| *right);
    let edges: Vec<f64> = rows
        .first()
        .map(|row| row[0])
        .into_iter()
        .chain(edges)
        .collect();
    let weights: Vec<f64> = rows.iter().map(|row| row[2]).collect();
    let mut found = histogram::of_bins(&edges, &weights)?;
    found.count = weights.iter().sum();
    Some(found)
}

/// Texts, or a table of them.
fn texts<'b>(tensor: &Tensor<'b>) -> Result<Media<'b>, Lost> {
    let texts = tensor.texts().ok_or("texts")?;
    let [_, columns] = tensor.dimensions.as_slice() else {
        let texts = texts.iter().map(|text| Encoded {
            data: match String::from_utf8_lossy(text) {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            },
            // TensorBoard shows all texts as that.
            format: Some("markdown"),
            caption: String::new(),
        });
        return Ok(Media {
            kind: ObjectKind::Text,
            objects: texts.collect(),
            meta: "",
        });
    };
    let columns = usize::try_from(*columns).unwrap_or(1).max(1);
    let mut table = csv::Writer::from_writer(Vec::new());
    for row in texts.chunks(columns) {
        table.write_record(row).map_err(|_| "tables")?;
    }
    let object = Encoded {
        data: Cow::Owned(table.into_inner().map_err(|_| "tables")?),
        format: Some("csv"),
        caption: String::new(),
    };
    Ok(one(ObjectKind::Table, object))
}
