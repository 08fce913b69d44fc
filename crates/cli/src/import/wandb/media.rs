//! W&B's objects: images, tables, sounds and the like, most of them files in the run folder.

use crate::failure::Failure;
use crate::import::target::caption;
use crate::import::{Place, Report, Target, Time, beside, histogram};
use aim::objects::{Element, ObjectKind, array};
use aim::run::objects::NewObject;
use aim_value::Tree;
use std::path::PathBuf;

/// When something was logged.
#[derive(Clone, Copy)]
pub struct Row {
    pub step: i64,
    /// `EPOCH_NONE` where there is none.
    pub epoch: i64,
    pub time: Time,
}

/// Where the files of a run are, and what goes into it.
pub struct Media<'m> {
    pub files: PathBuf,
    pub target: &'m mut Target,
    pub report: &'m mut Report,
}

/// An object of W&B's, encoded.
struct Encoded {
    data: Vec<u8>,
    format: Option<&'static str>,
    caption: String,
    meta: String,
}

fn at<'t>(tree: &'t Tree, key: &str) -> Option<&'t Tree> {
    match tree {
        Tree::Dict(entries) => entries
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, value)| value),
        _ => None,
    }
}

fn text<'t>(tree: &'t Tree, key: &str) -> Option<&'t str> {
    match at(tree, key)? {
        Tree::Str(text) => Some(text),
        _ => None,
    }
}

fn items<'t>(tree: &'t Tree, key: &str) -> &'t [Tree] {
    match at(tree, key) {
        Some(Tree::List(items)) => items,
        _ => &[],
    }
}

fn entries<'t>(tree: &'t Tree, key: &str) -> &'t [(String, Tree)] {
    match at(tree, key) {
        Some(Tree::Dict(entries)) => entries,
        _ => &[],
    }
}

fn number(tree: &Tree) -> Option<f64> {
    match tree {
        Tree::Int(i) => Some(*i as f64),
        Tree::Float(f) => Some(*f),
        _ => None,
    }
}

fn numbers(items: &[Tree]) -> Option<Vec<f64>> {
    items.iter().map(number).collect()
}

impl Media<'_> {
    /// Brings in an object, which its `_type` tells.
    pub fn object(&mut self, name: &str, object: &Tree, row: &Row) -> Result<(), Failure> {
        let kind = text(object, "_type").unwrap_or_default();
        match kind {
            "image-file" => {
                let image = self.image(object);
                self.put(ObjectKind::Image, name, row, image.into_iter().collect())?;
                self.masks(name, object, row)
            }
            "images/separated" => self.images(name, object, row),
            "audio-file" => self.file(ObjectKind::Audio, name, object, row),
            "video-file" => self.file(ObjectKind::Video, name, object, row),
            "html-file" => self.file(ObjectKind::Text, name, object, row),
            "plotly-file" => self.file(ObjectKind::Figure, name, object, row),
            "audio" | "videos" | "html" | "plotly" => {
                let of = match kind {
                    "audio" => ObjectKind::Audio,
                    "videos" => ObjectKind::Video,
                    "html" => ObjectKind::Text,
                    _ => ObjectKind::Figure,
                };
                let each = items(object, kind).iter();
                let each = each.filter_map(|item| self.encoded(of, item)).collect();
                self.put(of, name, row, each)
            }
            "table-file" | "table" => {
                let table = self.bytes(object).and_then(|bytes| self.table(&bytes));
                self.put(ObjectKind::Table, name, row, table.into_iter().collect())
            }
            "object3D-file" => {
                let points = self.bytes(object).and_then(|bytes| self.points(&bytes));
                self.put(ObjectKind::Array, name, row, points.into_iter().collect())
            }
            "histogram" => self.histogram(name, object, row),
            _ => {
                self.report.lost(&format!("objects of the type {kind}"), 1);
                Ok(())
            }
        }
    }

    fn put(
        &mut self,
        kind: ObjectKind,
        name: &str,
        row: &Row,
        objects: Vec<Encoded>,
    ) -> Result<(), Failure> {
        if objects.is_empty() {
            return Ok(());
        }
        let place = Place {
            kind,
            name,
            context: "{}",
            step: row.step,
            epoch: row.epoch,
            time: row.time,
        };
        let objects: Vec<NewObject<'_>> = objects
            .iter()
            .map(|object| NewObject {
                data: &object.data,
                format: object.format,
                caption: caption(&object.caption),
                meta: &object.meta,
            })
            .collect();
        self.target.objects(self.report, &place, &objects)
    }

    /// The bytes of the file that an object names.
    fn bytes(&mut self, object: &Tree) -> Option<Vec<u8>> {
        self.named(text(object, "path").unwrap_or_default())
    }

    fn named(&mut self, path: &str) -> Option<Vec<u8>> {
        match beside::read(&self.files, path) {
            Ok(bytes) => Some(bytes),
            Err(why) => {
                self.report.damage(why);
                None
            }
        }
    }

    fn file(
        &mut self,
        kind: ObjectKind,
        name: &str,
        object: &Tree,
        row: &Row,
    ) -> Result<(), Failure> {
        let found = self.encoded(kind, object);
        self.put(kind, name, row, found.into_iter().collect())
    }

    fn encoded(&mut self, kind: ObjectKind, object: &Tree) -> Option<Encoded> {
        Some(Encoded {
            data: self.bytes(object)?,
            format: match kind {
                ObjectKind::Text => Some("html"),
                ObjectKind::Figure => Some("plotly"),
                _ => None,
            },
            caption: text(object, "caption").unwrap_or_default().to_owned(),
            meta: String::new(),
        })
    }

    /// An image, and the boxes on it.
    fn image(&mut self, object: &Tree) -> Option<Encoded> {
        let data = self.bytes(object)?;
        let boxes = entries(object, "boxes").iter();
        let boxes = boxes.filter_map(|(key, file)| {
            let bytes = self.bytes(file)?;
            let json = std::str::from_utf8(&bytes).ok()?;
            Some((key.clone(), Tree::from_json(json).ok()?))
        });
        let boxes: Vec<_> = boxes.collect();
        let meta = match boxes.is_empty() {
            true => String::new(),
            false => Tree::Dict(vec![("boxes".to_owned(), Tree::Dict(boxes))]).to_json(),
        };
        let fits = meta.len() <= aim::run::objects::MAX_META;
        if !fits {
            self.report
                .lost("boxes of an image that are longer than 64 KiB", 1);
        }
        Some(Encoded {
            data,
            format: None,
            caption: text(object, "caption").unwrap_or_default().to_owned(),
            meta: if fits { meta } else { String::new() },
        })
    }

    /// Masks are pictures of their own, in sequences that are called after their image.
    fn masks(&mut self, name: &str, object: &Tree, row: &Row) -> Result<(), Failure> {
        for (key, mask) in entries(object, "masks") {
            let name = format!("{name}.masks.{key}");
            self.file(ObjectKind::Image, &name, mask, row)?;
        }
        Ok(())
    }

    fn images(&mut self, name: &str, object: &Tree, row: &Row) -> Result<(), Failure> {
        let captions = items(object, "captions");
        let mut found = Vec::new();
        for (i, file) in items(object, "filenames").iter().enumerate() {
            let Tree::Str(path) = file else { continue };
            let Some(data) = self.named(path) else {
                continue;
            };
            found.push(Encoded {
                data,
                format: None,
                caption: match captions.get(i) {
                    Some(Tree::Str(caption)) => caption.clone(),
                    _ => String::new(),
                },
                meta: String::new(),
            });
        }
        for key in ["all_boxes", "all_masks"] {
            self.report.lost(
                "boxes and masks of lists of images",
                items(object, key).len() as u64,
            );
        }
        self.put(ObjectKind::Image, name, row, found)
    }

    /// Edges and weights, or, of even bins, where they begin and how wide they are.
    fn histogram(&mut self, name: &str, object: &Tree, row: &Row) -> Result<(), Failure> {
        let weights = numbers(items(object, "values"));
        let edges = match at(object, "packedBins") {
            Some(packed) => {
                let part = |key| at(packed, key).and_then(number);
                let bins = items(object, "values").len();
                part("min")
                    .zip(part("size"))
                    .map(|(min, width)| (0..=bins).map(|i| min + width * i as f64).collect())
            }
            None => numbers(items(object, "bins")),
        };
        let found = edges.zip(weights);
        let found = found.and_then(|(edges, weights)| histogram::of_bins(&edges, &weights));
        let Some(found) = found else {
            self.report.lost("histograms whose bins are none", 1);
            return Ok(());
        };
        let object = Encoded {
            data: found.encode(),
            format: Some("histogram"),
            caption: String::new(),
            meta: String::new(),
        };
        self.put(ObjectKind::Distribution, name, row, vec![object])
    }

    /// A table as CSV. What is no text is JSON.
    fn table(&mut self, bytes: &[u8]) -> Option<Encoded> {
        let found = as_csv(bytes);
        if found.is_none() {
            self.report.lost("tables that are none", 1);
        }
        Some(Encoded {
            data: found?,
            format: Some("csv"),
            caption: String::new(),
            meta: String::new(),
        })
    }

    /// Points with their coordinates, colours or categories.
    fn points(&mut self, bytes: &[u8]) -> Option<Encoded> {
        let found = as_npy(bytes);
        if found.is_none() {
            self.report
                .lost("objects in space that are no list of points", 1);
        }
        Some(Encoded {
            data: found?,
            format: Some("npy"),
            caption: String::new(),
            meta: String::new(),
        })
    }
}

fn json(bytes: &[u8]) -> Option<Tree> {
    Tree::from_json(std::str::from_utf8(bytes).ok()?).ok()
}

fn as_csv(bytes: &[u8]) -> Option<Vec<u8>> {
    let table = json(bytes)?;
    let cell = |value: &Tree| match value {
        Tree::Str(text) => text.clone(),
        Tree::Null => String::new(),
        other => other.to_json(),
    };
    let mut to = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    at(&table, "columns")?;
    to.write_record(items(&table, "columns").iter().map(cell))
        .ok()?;
    for row in items(&table, "data") {
        let Tree::List(cells) = row else { return None };
        to.write_record(cells.iter().map(cell)).ok()?;
    }
    to.into_inner().ok()
}

fn as_npy(bytes: &[u8]) -> Option<Vec<u8>> {
    let Tree::List(rows) = json(bytes)? else {
        return None;
    };
    let mut values = Vec::new();
    let mut columns = None;
    for row in &rows {
        let Tree::List(row) = row else { return None };
        let row = numbers(row)?;
        if *columns.get_or_insert(row.len()) != row.len() {
            return None;
        }
        values.extend(row.into_iter().flat_map(f64::to_ne_bytes));
    }
    let sides = [rows.len() as u64, columns? as u64];
    let shape = array::shape(&sides, None, Element::F64).ok()?;
    array::npy(&values, &shape, Element::F64).ok()
}
