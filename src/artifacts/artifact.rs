//! What is known of one version of an artifact, and how it is written as a tree.

use aim_value::Tree;

/// What becomes of the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// It stays where it is.
    #[default]
    Reference,
    /// It gets a second name, beside the database.
    Link,
    /// It is copied, beside the database.
    Copy,
}

impl Mode {
    pub fn text(self) -> &'static str {
        match self {
            Mode::Reference => "reference",
            Mode::Link => "link",
            Mode::Copy => "copy",
        }
    }

    fn from_text(text: &str) -> Mode {
        match text {
            "link" => Mode::Link,
            "copy" => Mode::Copy,
            _ => Mode::Reference,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// It is not summed yet, or the process ended before it was.
    #[default]
    Queued,
    Stored,
    /// Why there is no version of it.
    Failed(String),
}

/// A version, or what is to become one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Artifact {
    /// Drawn at random: the name of its file among those of the run.
    pub id: String,
    pub name: String,
    /// Counted from 0 within the run and name; `None` until it is summed.
    pub version: Option<i64>,
    /// "model", "dataset", ...
    pub kind: String,
    pub mode: Mode,
    /// Where it was when it was logged; absolute.
    pub path: String,
    /// Bytes, of a directory those of all its files.
    pub size: Option<i64>,
    /// Nanoseconds since 1970 (UTC).
    pub mtime: Option<i64>,
    /// SHA-256 in hex; of a directory that of its manifest.
    pub checksum: Option<String>,
    /// How many files a directory has; `None` for a file.
    pub files: Option<i64>,
    pub step: Option<i64>,
    /// When it was logged, in microseconds since 1970 (UTC).
    pub time: i64,
    pub metadata: Option<Tree>,
    /// To where it was pushed.
    pub uri: Option<String>,
    pub aliases: Vec<String>,
    pub state: State,
}

fn field<'t>(tree: &'t Tree, key: &str) -> Option<&'t Tree> {
    match tree {
        Tree::Dict(entries) => entries.iter().find(|(k, _)| k == key).map(|(_, v)| v),
        _ => None,
    }
}

fn text(tree: &Tree, key: &str) -> Option<String> {
    match field(tree, key) {
        Some(Tree::Str(text)) => Some(text.clone()),
        _ => None,
    }
}

fn integer(tree: &Tree, key: &str) -> Option<i64> {
    match field(tree, key) {
        Some(Tree::Int(i)) => Some(*i),
        _ => None,
    }
}

/// Whether a text is an id as [`super`] draws them. What is none came from elsewhere, and would be a path.
fn is_id(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

impl Artifact {
    /// Whether its bytes are kept beside the database.
    pub fn is_kept(&self) -> bool {
        self.mode != Mode::Reference
    }

    /// What is stored; with `whole`, as it is shown: the name, too.
    pub fn to_tree(&self, whole: bool) -> Tree {
        let mut entries = Vec::new();
        let mut put = |key: &str, value: Option<Tree>| {
            if let Some(value) = value {
                entries.push((key.to_owned(), value));
            }
        };
        let text = |text: &str| Some(Tree::Str(text.to_owned()));
        let state = match &self.state {
            State::Queued => "queued".to_owned(),
            State::Stored => "stored".to_owned(),
            State::Failed(why) => format!("failed: {why}"),
        };
        put("name", whole.then(|| Tree::Str(self.name.clone())));
        put("version", self.version.map(Tree::Int));
        put("type", text(&self.kind));
        put("size", self.size.map(Tree::Int));
        put("checksum", self.checksum.clone().map(Tree::Str));
        put("files", self.files.map(Tree::Int));
        put("step", self.step.map(Tree::Int));
        put("path", text(&self.path));
        put("mtime", self.mtime.map(Tree::Int));
        put("mode", text(self.mode.text()));
        put("uri", self.uri.clone().map(Tree::Str));
        put("metadata", self.metadata.clone());
        put("time", Some(Tree::Int(self.time)));
        let aliases = self.aliases.iter().cloned().map(Tree::Str).collect();
        put(
            "aliases",
            (whole || !self.aliases.is_empty()).then_some(Tree::List(aliases)),
        );
        put("state", text(&state));
        put("id", text(&self.id));
        Tree::Dict(entries)
    }

    pub fn from_tree(name: &str, tree: &Tree) -> Artifact {
        let state = text(tree, "state").unwrap_or_default();
        Artifact {
            id: text(tree, "id").filter(|id| is_id(id)).unwrap_or_default(),
            name: name.to_owned(),
            version: integer(tree, "version"),
            kind: text(tree, "type").unwrap_or_default(),
            mode: Mode::from_text(&text(tree, "mode").unwrap_or_default()),
            path: text(tree, "path").unwrap_or_default(),
            size: integer(tree, "size"),
            mtime: integer(tree, "mtime"),
            checksum: text(tree, "checksum"),
            files: integer(tree, "files"),
            step: integer(tree, "step"),
            time: integer(tree, "time").unwrap_or_default(),
            metadata: field(tree, "metadata").cloned(),
            uri: text(tree, "uri"),
            aliases: match field(tree, "aliases") {
                Some(Tree::List(all)) => all
                    .iter()
                    .filter_map(|alias| match alias {
                        Tree::Str(alias) => Some(alias.clone()),
                        _ => None,
                    })
                    .collect(),
                _ => Vec::new(),
            },
            state: match state.as_str() {
                "stored" => State::Stored,
                "queued" => State::Queued,
                other => State::Failed(other.strip_prefix("failed: ").unwrap_or(other).to_owned()),
            },
        }
    }
}
