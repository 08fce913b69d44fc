//! Artifacts. Until they are sent, their files lie in W&B's staging directory under names of its own; here an artifact is kept
//! as the directory that it was. A file is taken only out of such a directory, and only if its MD5 is the one that was logged:
//! a record that names somebody's other files gets none of them.

use super::message::part;
use crate::failure::{Doing as _, Failure};
use crate::import::protobuf::{Field, Message};
use crate::import::{Report, Rewrites, Target};
use aim_value::Tree;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use md5::{Digest as _, Md5};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Component, Path, PathBuf};

/// What metadata of ours calls W&B's own sum of an artifact.
const DIGEST: &str = "wandb_digest";

/// A file that was copied into staging.
struct Staged {
    path: String,
    digest: String,
    local: String,
}

struct Logged {
    name: String,
    kind: String,
    digest: String,
    aliases: Vec<String>,
    /// What the program said of it, its description and addresses of what lies elsewhere.
    metadata: Vec<(String, Tree)>,
    files: Vec<Staged>,
    /// Files that no longer, or never, lay in staging.
    missing: u64,
}

impl Logged {
    fn new(message: Message<'_>) -> Logged {
        let digest = part(message, 6);
        let mut metadata = match Tree::from_json(&part(message, 8)) {
            Ok(Tree::Dict(entries)) => entries,
            _ => Vec::new(),
        };
        let description = part(message, 7);
        if !description.is_empty() {
            metadata.push(("description".into(), Tree::Str(description)));
        }
        metadata.push((DIGEST.into(), Tree::Str(digest.clone())));
        let mut logged = Logged {
            name: part(message, 5),
            kind: part(message, 4),
            digest,
            aliases: message.every(11).filter_map(Field::text).collect(),
            metadata,
            files: Vec::new(),
            missing: 0,
        };
        let manifest = message.get(12).and_then(Field::bytes);
        logged.read_manifest(Message(manifest.unwrap_or_default()));
        logged
    }

    fn read_manifest(&mut self, manifest: Message<'_>) {
        let mut references = Vec::new();
        for entry in manifest.every(4).filter_map(Field::bytes).map(Message) {
            let (path, reference, local) = (part(entry, 1), part(entry, 3), part(entry, 6));
            if !reference.is_empty() {
                references.push((path, Tree::Str(reference)));
            } else if local.is_empty() {
                self.missing += 1;
            } else {
                let digest = part(entry, 2);
                self.files.push(Staged {
                    path,
                    digest,
                    local,
                });
            }
        }
        if !references.is_empty() {
            let references = Tree::Dict(references);
            self.metadata.push(("references".into(), references));
        }
    }
}

/// Whether a path is one that W&B gives what it stages.
fn is_staged(path: &Path) -> bool {
    let parts: Vec<Component<'_>> = path.components().collect();
    let is = |part: &Component<'_>, name: &str| part.as_os_str() == name;
    parts.iter().all(|part| !is(part, ".."))
        && parts
            .windows(2)
            .any(|two| is(&two[0], "artifacts") && is(&two[1], "staging"))
}

/// Copies what is regular and has this MD5. Whether it was that.
fn copy(from: &Path, to: &Path, digest: &str) -> std::io::Result<bool> {
    if !from.symlink_metadata()?.is_file() {
        return Ok(false);
    }
    let (mut from, mut into) = (File::open(from)?, File::create(to)?);
    let (mut sum, mut buffer) = (Md5::new(), vec![0; 1 << 18]);
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        sum.update(&buffer[..read]);
        into.write_all(&buffer[..read])?;
    }
    let is_it = BASE64_STANDARD.encode(sum.finalize()) == digest;
    if !is_it {
        std::fs::remove_file(to)?;
    }
    Ok(is_it)
}

/// Puts a staged file where it was in its artifact. Whether it could be taken.
fn place(file: &Staged, tree: &Path, rewrites: &Rewrites) -> Result<bool, Failure> {
    let relative = Path::new(&file.path);
    let is_plain = |part| matches!(part, Component::Normal(_));
    if !is_staged(Path::new(&file.local)) || !relative.components().all(is_plain) {
        return Ok(false);
    }
    let from = PathBuf::from(rewrites.apply(&file.local));
    if !from.exists() {
        return Ok(false);
    }
    let to = tree.join(relative);
    let copied = std::fs::create_dir_all(to.parent().unwrap_or(tree))
        .and_then(|()| copy(&from, &to, &file.digest));
    copied
        .map_err(Failure::new)
        .doing(|| format!("{} cannot be kept", from.display()))
}

/// Brings in an artifact: its files, or, if none can be reached, what is known of it as a param.
pub fn bring(
    message: Message<'_>,
    rewrites: &Rewrites,
    target: &mut Target,
    report: &mut Report,
) -> Result<(), Failure> {
    let mut logged = Logged::new(message);
    if target.has_artifact(&logged.name, DIGEST, &logged.digest)? {
        return Ok(());
    }
    let scratch = target.scratch()?;
    // Who fetches it gets a directory of this name.
    let called = Path::new(&logged.name)
        .file_name()
        .unwrap_or("artifact".as_ref());
    let tree = scratch.as_ref().map(|scratch| scratch.path().join(called));
    let mut taken = 0;
    for file in &logged.files {
        match &tree {
            Some(tree) => taken += u64::from(place(file, tree, rewrites)?),
            None => taken += u64::from(Path::new(&rewrites.apply(&file.local)).is_file()),
        }
    }
    logged.missing += logged.files.len() as u64 - taken;
    if logged.missing > 0 {
        report.lost(
            "files of artifacts that are not in W&B's staging directory",
            logged.missing,
        );
    }
    if taken > 0 {
        let metadata = Tree::Dict(logged.metadata);
        return target.keep_directory(
            report,
            tree.as_deref(),
            &logged.name,
            &logged.kind,
            &logged.aliases,
            &metadata,
        );
    }
    let mut known = vec![("type".to_owned(), Tree::Str(logged.kind))];
    let aliases = logged.aliases.into_iter().map(Tree::Str);
    known.push(("aliases".into(), Tree::List(aliases.collect())));
    known.append(&mut logged.metadata);
    target.param(
        report,
        &["wandb", "artifacts", &logged.name],
        Tree::Dict(known),
    );
    report.lost("artifacts without files, which are params", 1);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_staging() {
        for (path, want) in [
            ("/home/a/.local/share/wandb/artifacts/staging/tmp1", true),
            ("/home/a/artifacts/staging/../../.ssh/id", false),
            ("/home/a/staging/tmp1", false),
            ("/etc/passwd", false),
        ] {
            assert_eq!(is_staged(Path::new(path)), want, "{path}");
        }
    }
}
