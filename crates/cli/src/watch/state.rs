//! What a person has set: filter, marks, axes. Most of it is remembered per repository.

use aim::repo::RepoRef;
use aim_value::Tree;
use std::path::PathBuf;

/// What the horizontal axis counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Axis {
    #[default]
    Step,
    Epoch,
    Time,
}

impl Axis {
    pub fn next(self) -> Axis {
        match self {
            Axis::Step => Axis::Epoch,
            Axis::Epoch => Axis::Time,
            Axis::Time => Axis::Step,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Axis::Step => "step",
            Axis::Epoch => "epoch",
            Axis::Time => "time",
        }
    }

    fn from_name(name: &str) -> Option<Axis> {
        [Axis::Step, Axis::Epoch, Axis::Time]
            .into_iter()
            .find(|axis| axis.name() == name)
    }
}

/// Weights of smoothing that a key goes through.
const SMOOTHING: [f64; 3] = [0.0, 0.6, 0.9];

/// How the curves are shown, and of which runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// AimQL; empty for all runs that are not archived.
    pub filter: String,
    pub axis: Axis,
    pub log_y: bool,
    pub smoothing: f64,
}

impl Settings {
    pub fn smooth_more(&mut self) {
        let at = SMOOTHING.iter().position(|s| *s == self.smoothing);
        let next = at.map_or(0, |at| (at + 1) % SMOOTHING.len());
        self.smoothing = SMOOTHING[next];
    }

    /// What was remembered of a repository; the usual settings where nothing was, or nothing that makes sense.
    pub fn load(repo: &RepoRef) -> Settings {
        let text = file(repo).and_then(|path| std::fs::read_to_string(path).ok());
        let tree = text.and_then(|text| Tree::from_json(&text).ok());
        tree.map(|tree| Settings::from_tree(&tree))
            .unwrap_or_default()
    }

    /// Remembers the settings, as far as there is a place for that.
    pub fn store(&self, repo: &RepoRef) {
        let Some(path) = file(repo) else { return };
        let folder = path.parent().unwrap_or(&path);
        // A directory that cannot be made costs the memory, nothing else.
        let _ = std::fs::create_dir_all(folder);
        let _ = std::fs::write(&path, self.to_tree().to_json());
    }

    fn to_tree(&self) -> Tree {
        Tree::Dict(vec![
            ("filter".into(), Tree::Str(self.filter.clone())),
            ("axis".into(), Tree::Str(self.axis.name().into())),
            ("log_y".into(), Tree::Bool(self.log_y)),
            ("smoothing".into(), Tree::Float(self.smoothing)),
        ])
    }

    fn from_tree(tree: &Tree) -> Settings {
        let Tree::Dict(entries) = tree else {
            return Settings::default();
        };
        let mut settings = Settings::default();
        for (key, value) in entries {
            match (key.as_str(), value) {
                ("filter", Tree::Str(filter)) => settings.filter.clone_from(filter),
                ("axis", Tree::Str(name)) => {
                    settings.axis = Axis::from_name(name).unwrap_or_default();
                }
                ("log_y", Tree::Bool(log)) => settings.log_y = *log,
                ("smoothing", Tree::Float(weight)) if SMOOTHING.contains(weight) => {
                    settings.smoothing = *weight;
                }
                _ => {}
            }
        }
        settings
    }
}

/// `$XDG_STATE_HOME/libaim/watch/…json`, named after the repository's path.
fn file(repo: &RepoRef) -> Option<PathBuf> {
    let home = |name: &str| std::env::var_os(name).filter(|dir| !dir.is_empty());
    let state = home("XDG_STATE_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(home("HOME")?).join(".local/state")))?;
    let root = repo.root().canonicalize().ok()?;
    let name: String = root
        .to_string_lossy()
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || c == '.' {
                c
            } else {
                '-'
            }
        })
        .collect();
    // Long paths end the same less often than they begin the same.
    let skipped = name.chars().count().saturating_sub(150);
    let name: String = name.chars().skip(skipped).collect();
    Some(state.join("libaim/watch").join(format!("{name}.json")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_survive_and_nonsense_does_not() {
        let settings = Settings {
            filter: "run.hparams.lr > 1e-4".into(),
            axis: Axis::Time,
            log_y: true,
            smoothing: 0.6,
        };
        let json = settings.to_tree().to_json();
        assert_eq!(
            Settings::from_tree(&Tree::from_json(&json).unwrap()),
            settings
        );
        let odd = Tree::from_json(r#"{"axis": "mood", "smoothing": 7.5, "filter": 3}"#).unwrap();
        assert_eq!(Settings::from_tree(&odd), Settings::default());
    }
}
