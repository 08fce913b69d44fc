//! How an artifact is named: by the run, its name, and a version or an alias.

use crate::error::{Error, Result, Status};

/// Longest name of an artifact, longest alias, in bytes.
const MAX_ARTIFACT_NAME: usize = 512;
const MAX_ALIAS: usize = 128;
/// The alias that moves by itself.
const LATEST: &str = "latest";
/// Hex digits of a run's hash.
const HASH: usize = 24;

/// Which of the versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    Latest,
    Version(i64),
    Alias(String),
}

/// As in `0123456789abcdef01234567/model:best`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    pub run: String,
    pub name: String,
    pub which: Which,
}

fn version(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('v')?;
    match digits.bytes().all(|b| b.is_ascii_digit()) {
        true => digits.parse().ok(),
        false => None,
    }
}

impl Which {
    pub fn parse(text: &str) -> Which {
        match (text, version(text)) {
            (LATEST, _) => Which::Latest,
            (_, Some(version)) => Which::Version(version),
            _ => Which::Alias(text.to_owned()),
        }
    }

    /// A name, and behind a colon the version or alias.
    pub fn split(text: &str) -> (&str, Which) {
        match text.rsplit_once(':') {
            Some((name, which)) => (name, Which::parse(which)),
            None => (text, Which::Latest),
        }
    }
}

impl Reference {
    pub fn parse(text: &str) -> Result<Reference> {
        let parts = text.split_once('/').filter(|(run, name)| {
            run.len() == HASH && run.bytes().all(|b| b.is_ascii_hexdigit()) && !name.is_empty()
        });
        let Some((run, name)) = parts else {
            return Err(Error::invalid(format!(
                "{text:?} names no artifact; it is RUN/NAME, RUN/NAME:v3 or RUN/NAME:ALIAS, with the 24 digits of the run's hash"
            )));
        };
        let (name, which) = Which::split(name);
        Ok(Reference {
            run: run.to_ascii_lowercase(),
            name: name.to_owned(),
            which,
        })
    }

    /// The error where there is no such artifact.
    pub fn missing(&self) -> Error {
        let which = match &self.which {
            Which::Latest => "no version that is stored".to_owned(),
            Which::Version(version) => format!("no version v{version}"),
            Which::Alias(alias) => format!("no alias {alias:?}"),
        };
        Error::new(
            Status::NotFound,
            format!(
                "run {} has of the artifact {:?} {which}",
                self.run, self.name
            ),
        )
    }
}

/// Whether a path leads to below where it begins.
pub(super) fn stays_below(path: &str) -> bool {
    path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// Names become paths and keys of stores: they stay below where they are put.
pub fn check_artifact_name(name: &str) -> Result<()> {
    let wrong = |why: &str| {
        Err(Error::invalid(format!(
            "the artifact's name {name:?} {why}"
        )))
    };
    if name.is_empty() {
        return wrong("is empty");
    }
    if name.len() > MAX_ARTIFACT_NAME {
        return Err(Error::new(
            Status::Limit,
            format!(
                "the artifact's name has {} bytes, more than {MAX_ARTIFACT_NAME}",
                name.len()
            ),
        ));
    }
    if name.contains(':') {
        return wrong("has a colon, behind which a version would stand");
    }
    if !stays_below(name) {
        return wrong("has an empty part, or one that is . or ..");
    }
    Ok(())
}

pub fn check_alias(alias: &str) -> Result<()> {
    let wrong = |why: &str| Err(Error::invalid(format!("the alias {alias:?} {why}")));
    match alias {
        "" => wrong("is empty"),
        LATEST => wrong("moves by itself"),
        _ if alias.len() > MAX_ALIAS => wrong("has more than 128 bytes"),
        _ if alias.contains([',', ':', '/']) => wrong("has a comma, colon or slash"),
        _ if version(alias).is_some() => wrong("looks like a version"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read() {
        let run = "0123456789abcdef01234567";
        for (text, name, which) in [
            ("model", "model", Which::Latest),
            ("a/b.pt:latest", "a/b.pt", Which::Latest),
            ("model:v12", "model", Which::Version(12)),
            ("model:vienna", "model", Which::Alias("vienna".into())),
        ] {
            let read = Reference::parse(&format!("{run}/{text}")).unwrap();
            assert_eq!((read.run.as_str(), read.name.as_str()), (run, name));
            assert_eq!(read.which, which);
        }
        for wrong in ["model", "0123/model", "0123456789abcdef01234567/", ""] {
            assert!(Reference::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_stay_below_where_they_are_put() {
        for wrong in ["", "/a", "a/", "a//b", "../a", "a/./b", "a:b"] {
            assert!(check_artifact_name(wrong).is_err(), "{wrong}");
        }
        check_artifact_name("checkpoints/épo que.pt").unwrap();
        for wrong in ["", "latest", "v1", "a,b", "a:b", "a/b"] {
            assert!(check_alias(wrong).is_err(), "{wrong}");
        }
        check_alias("step-100").unwrap();
    }
}
