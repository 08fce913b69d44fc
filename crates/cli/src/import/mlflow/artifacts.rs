//! Artifacts. Images that MLflow was given step by step, which are artifacts called
//! `images/KEY+step+STEP+timestamp+MILLISECONDS+ID.png`, become images; the others are referred to, a directory as one.

use super::moment;
use crate::failure::Failure;
use crate::import::{Place, Report, Target, Time, beside};
use aim::objects::ObjectKind;
use aim::run::EPOCH_NONE;
use aim::run::objects::NewObject;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const IMAGES: &str = "images/";
/// Levels of directories of artifacts that are counted.
const DEPTH: usize = 16;

/// An image's key, step and time. Older versions put `%` for `+`, and all of them `#` for the `/` of a key.
fn parse(name: &str) -> Option<(String, i64, Time)> {
    let separator = ['+', '%'].into_iter().find(|c| name.contains(*c))?;
    let stem = name.strip_suffix(".png").or(name.strip_suffix(".jpeg"))?;
    let parts: Vec<&str> = stem.split(separator).collect();
    let [key, "step", step, "timestamp", millis, _id] = parts[..] else {
        return None;
    };
    let time = moment(millis.parse().ok()?)?;
    Some((key.replace('#', "/"), step.parse().ok()?, time))
}

/// What MLflow calls a directory in which a model is.
const MODEL: &str = "MLmodel";

/// Brings in what is an image of a step, and refers to the rest.
pub fn bring(directory: &Path, target: &mut Target, report: &mut Report) -> Result<(), Failure> {
    let mut others = BTreeSet::new();
    // Several of one step, as they were logged.
    let mut found: BTreeMap<(String, i64), Vec<(i64, String)>> = BTreeMap::new();
    super::files::each(directory, "", DEPTH, &mut |name, _| {
        let image = name.strip_prefix("images/").and_then(parse);
        match image {
            Some((key, step, time)) => {
                let point = found.entry((key, step)).or_default();
                point.push((time.micros(), name.to_owned()));
            }
            // A smaller copy, for MLflow's own pages.
            None if name.starts_with(IMAGES) && name.ends_with("compressed.webp") => {}
            // Beside such images there may be others.
            None if name.starts_with(IMAGES) => drop(others.insert(name.to_owned())),
            None => {
                let top = name.split('/').next().unwrap_or_default();
                others.insert(top.to_owned());
            }
        }
    });
    for name in others {
        let path = directory.join(&name);
        let is_model = path.join(MODEL).is_file();
        target.refer(report, &path, &name, is_model.then_some("model"))?;
    }
    for ((name, step), mut images) in found {
        images.sort();
        let mut bytes = Vec::new();
        let mut time = None;
        for (micros, image) in images {
            match beside::read(directory, &image) {
                Ok(data) => {
                    bytes.push(data);
                    time = Time::new(micros as f64 / 1e6);
                }
                Err(why) => report.damage(why),
            }
        }
        let Some(time) = time else { continue };
        let objects: Vec<NewObject<'_>> = bytes
            .iter()
            .map(|data| NewObject {
                data,
                format: None,
                caption: "",
                meta: "",
            })
            .collect();
        let place = Place {
            kind: ObjectKind::Image,
            name: &name,
            context: "{}",
            step,
            epoch: EPOCH_NONE,
            time,
        };
        target.objects(report, &place, &objects)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_images() {
        let (key, step, time) = parse("a#b+step+-7+timestamp+1700000000130+0dbf-4f.png").unwrap();
        assert_eq!(
            (key.as_str(), step, time.micros()),
            ("a/b", -7, 1_700_000_000_130_000)
        );
        assert!(parse("a%step%7%timestamp%1700000000130%0dbf.png").is_some());
        for other in [
            "img.png",
            "a+step+x+timestamp+1+id.png",
            "a+step+1+timestamp+nan+id.png",
            "a+step+1.png",
        ] {
            assert!(parse(other).is_none(), "{other}");
        }
    }
}
