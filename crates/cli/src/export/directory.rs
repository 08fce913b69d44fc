//! Everything of runs in a directory, for a paper's supplement: a directory for each run with files that people and
//! programs read, described as an RO-Crate. `import directory` makes the same runs of it.
//!
//! | file | what |
//! |---|---|
//! | `HASH/run.json` | properties, params, notes |
//! | `HASH/points.csv` | the points of all metrics |
//! | `HASH/log.jsonl`, `HASH/terminal.jsonl` | records of the log, lines of the terminal, if there are any |
//! | `HASH/objects.jsonl` | points of images, texts and other objects, with the files that hold them, if there are any |
//! | `HASH/objects/KIND/NAME/STEP.FORMAT` | an object; the name is free of what no file is called |
//! | `HASH/artifacts.jsonl`, `HASH/artifacts/NAME/VERSION/...` | files that the run keeps |
//! | `ro-crate-metadata.json` | what all of that is, for machines |

use super::names::directory_name;
use super::{Exported, lines, points, written};
use crate::failure::{Doing as _, Failure};
use crate::format;
use aim::artifacts::Artifact;
use aim::objects::ObjectKind;
use aim::query::Stream;
use aim_value::Tree;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Describes what was written.
pub struct Crate {
    entities: Vec<Value>,
    parts: Vec<Value>,
    /// Artifacts whose files cannot be had: which, and why.
    pub missing: Vec<String>,
}

impl Crate {
    pub fn new() -> Crate {
        Crate {
            entities: Vec::new(),
            parts: Vec::new(),
            missing: Vec::new(),
        }
    }

    fn file(&mut self, id: &str, what: &str, format: &str) -> Value {
        self.entities.push(json!({
            "@id": id, "@type": "File", "description": what, "encodingFormat": format,
        }));
        json!({"@id": id})
    }

    pub fn write(self, directory: &Path) -> Result<(), Failure> {
        let now = format::moment_utc(aim::repo::now_micros());
        let mut graph = vec![
            json!({
                "@id": "ro-crate-metadata.json", "@type": "CreativeWork",
                "about": {"@id": "./"}, "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            }),
            json!({
                "@id": "./", "@type": "Dataset", "name": "Runs tracked with libaim",
                "description": "Params, metrics and logs of experiments, a directory for each run.",
                "datePublished": now, "hasPart": self.parts,
            }),
        ];
        graph.extend(self.entities);
        let whole = json!({"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph});
        let text = serde_json::to_string_pretty(&whole).map_err(Failure::new)?;
        std::fs::write(directory.join("ro-crate-metadata.json"), text + "\n").map_err(written)
    }
}

fn create(path: &Path) -> Result<BufWriter<File>, Failure> {
    let file = File::create(path).map_err(written);
    Ok(BufWriter::new(file.doing(|| {
        format!("{} cannot be written", path.display())
    })?))
}

/// An object with a key a line: exact, and still to be read by people.
fn head(run: &Exported<'_>, to: &mut impl Write) -> std::io::Result<()> {
    let Tree::Dict(entries) = lines::head(run) else {
        return Ok(());
    };
    let mut before = "{";
    for (key, value) in entries {
        let key = Tree::Str(key).to_json();
        write!(to, "{before}\n  {key}: {}", format::json(&value))?;
        before = ",";
    }
    writeln!(to, "\n}}")
}

/// How a format is called where files are sent.
fn media_type(kind: ObjectKind, format: &str) -> String {
    match (kind, format) {
        (_, "svg") => "image/svg+xml".into(),
        (ObjectKind::Image, _) | (_, "gif") => format!("image/{format}"),
        (ObjectKind::Audio, "mp3") => "audio/mpeg".into(),
        (ObjectKind::Audio, _) => format!("audio/{format}"),
        (ObjectKind::Video, _) => format!("video/{format}"),
        (_, "text") => "text/plain".into(),
        (_, "html" | "markdown" | "csv") => format!("text/{format}"),
        (_, "plotly" | "vega-lite") => "application/json".into(),
        _ => "application/octet-stream".into(),
    }
}

/// The ending of a file of a format.
fn ending(format: &str) -> &str {
    match format {
        "text" => "txt",
        "markdown" => "md",
        "plotly" | "vega-lite" => "json",
        other => other,
    }
}

/// Objects, each in a file of its own below `below`.
fn objects(
    run: &Exported<'_>,
    below: &Path,
    add: &mut impl FnMut(&str, &str, &str),
) -> Result<(), Failure> {
    let hash = run.hash();
    let mut list = None;
    let mut taken = HashSet::new();
    for sequence in run.sequences()? {
        let plural = sequence.kind.plural();
        let name = directory_name(&sequence.info.name);
        let mut place = format!("{OBJECTS}/{plural}/{name}");
        let mut number = 1;
        while !taken.insert(place.clone()) {
            number += 1;
            place = format!("{OBJECTS}/{plural}/{name}-{number}");
        }
        let directory = below.join(&place);
        let what = || format!("{} cannot be written", directory.display());
        std::fs::create_dir_all(&directory)
            .map_err(written)
            .doing(what)?;
        run.objects(&sequence, |shown| {
            let mut files = Vec::new();
            for (index, (object, bytes)) in shown.objects().enumerate() {
                let of = match shown.bytes.len() {
                    1 => String::new(),
                    _ => format!("-{index}"),
                };
                let step = shown.point.step;
                let file = format!("{place}/{step}{of}.{}", ending(&object.format));
                std::fs::write(below.join(&file), bytes)
                    .map_err(written)
                    .doing(what)?;
                let about = format!("{plural} {:?}, step {step}", sequence.info.name);
                add(&file, &about, &media_type(sequence.kind, &object.format));
                files.push(file);
            }
            let to = match &mut list {
                Some(to) => to,
                None => list.insert(create(&below.join(OBJECT_LIST))?),
            };
            let files = files.into_iter().map(Tree::Str).collect();
            lines::line(&lines::objects(&hash, shown, "file", files), to)
        })?;
    }
    if let Some(mut list) = list {
        list.flush().map_err(written)?;
        let what = "Points of images, texts and other objects";
        add(OBJECT_LIST, what, "application/jsonl");
    }
    Ok(())
}

/// Where objects are, and the list of them.
const OBJECTS: &str = "objects";
pub const OBJECT_LIST: &str = "objects.jsonl";
/// The same of files that runs keep.
const ARTIFACTS: &str = "artifacts";
pub const ARTIFACT_LIST: &str = "artifacts.jsonl";

/// Where a version lies; `taken` are places of others.
fn place_of(artifact: &Artifact, taken: &mut HashSet<String>) -> String {
    let name = directory_name(&artifact.name);
    let version = artifact.version.unwrap_or_default();
    let place = format!("{ARTIFACTS}/{name}/v{version}");
    match taken.insert(place.clone()) {
        true => place,
        false => format!("{place}-{}", artifact.id),
    }
}

/// Files and directories that the run keeps, as they were logged. What it only refers to is not touched: of a directory it is
/// told which files it had.
fn artifacts(
    run: &Exported<'_>,
    below: &Path,
    missing: &mut Vec<String>,
    add: &mut impl FnMut(&str, &str, &str),
) -> Result<(), Failure> {
    let hash = run.hash();
    let mut list = Vec::new();
    let mut taken = HashSet::new();
    for artifact in run.kept_artifacts()? {
        let place = place_of(&artifact, &mut taken);
        let fetched = run.fetch(&artifact, &below.join(&place));
        let path = match fetched {
            Ok(path) => path,
            Err(e) => {
                missing.push(format!("{:?} of run {hash}: {e}", artifact.name));
                continue;
            }
        };
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let file = format!("{place}/{file}");
        let manifest = format!("{place}.manifest");
        let what = format!(
            "artifact {:?}, version {}",
            artifact.name,
            artifact.version.unwrap_or_default()
        );
        match artifact.files {
            None => add(&file, &what, "application/octet-stream"),
            Some(_) => {
                run.fetch_manifest(&artifact, &below.join(&manifest))?;
                add(&manifest, &what, "application/jsonl");
            }
        }
        let manifest = artifact.files.map(|_| manifest.as_str());
        list.push(lines::artifact(&hash, &artifact.id, Some(&file), manifest));
    }
    for artifact in run.referred_directories()? {
        let manifest = format!("{}.manifest", place_of(&artifact, &mut taken));
        run.fetch_manifest(&artifact, &below.join(&manifest))?;
        let what = format!(
            "files of the artifact {:?}, which lies elsewhere",
            artifact.name
        );
        add(&manifest, &what, "application/jsonl");
        list.push(lines::artifact(&hash, &artifact.id, None, Some(&manifest)));
    }
    if !list.is_empty() {
        let mut to = create(&below.join(ARTIFACT_LIST))?;
        list.iter()
            .try_for_each(|line| lines::line(line, &mut to))?;
        to.flush().map_err(written)?;
        add(
            ARTIFACT_LIST,
            "Files that the run keeps",
            "application/jsonl",
        );
    }
    Ok(())
}

pub fn write(run: &Exported<'_>, directory: &Path, about: &mut Crate) -> Result<(), Failure> {
    // 24 hexadecimal digits: no name that a run was given becomes a path.
    let hash = run.hash();
    let below = directory.join(&hash);
    std::fs::create_dir_all(&below)
        .map_err(written)
        .doing(|| format!("{} cannot be made", below.display()))?;
    let mut parts = Vec::new();
    let mut add = |about: &mut Crate, name: &str, what: &str, format: &str| {
        parts.push(about.file(&format!("{hash}/{name}"), what, format));
    };

    let mut file = create(&below.join("run.json"))?;
    head(run, &mut file)
        .and_then(|()| file.flush())
        .map_err(written)?;
    add(
        about,
        "run.json",
        "Properties, params and notes",
        "application/json",
    );

    let mut file = create(&below.join("points.csv"))?;
    let mut writer = points::writer(&mut file)?;
    points::write(run, &mut writer)?;
    writer.flush().map_err(written)?;
    add(about, "points.csv", "The points of all metrics", "text/csv");

    for (stream, name, what) in [
        (Stream::Records, "log.jsonl", "Records of the log"),
        (
            Stream::Terminal,
            "terminal.jsonl",
            "What the terminal showed",
        ),
    ] {
        let mut file = None;
        run.log(stream, |record| {
            let to = match &mut file {
                Some(to) => to,
                None => file.insert(create(&below.join(name))?),
            };
            let line = match stream {
                Stream::Terminal => lines::terminal(&hash, record),
                _ => lines::log(&hash, record),
            };
            lines::line(&line, to)
        })?;
        if let Some(mut file) = file {
            file.flush().map_err(written)?;
            add(about, name, what, "application/jsonl");
        }
    }
    objects(run, &below, &mut |name, what, format| {
        parts.push(about.file(&format!("{hash}/{name}"), what, format));
    })?;
    let mut missing = std::mem::take(&mut about.missing);
    artifacts(run, &below, &mut missing, &mut |name, what, format| {
        parts.push(about.file(&format!("{hash}/{name}"), what, format));
    })?;
    about.missing = missing;
    about.parts.push(json!({"@id": format!("{hash}/")}));
    about.entities.push(json!({
        "@id": format!("{hash}/"), "@type": "Dataset",
        "name": run.record.display_name(), "description": run.record.description,
        "keywords": run.record.tags, "hasPart": parts,
        "dateCreated": format::moment_utc(run.record.created_at),
    }));
    Ok(())
}
