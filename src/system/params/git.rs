//! The git repository around the working directory, read by `libgit2`: git itself need not be installed.

use super::mask;
use super::{entry, text};
use crate::process::SetUp;
use aim_value::Tree;
use git2::{Repository, StatusOptions};

/// Branch, remote, commit and whether tracked files were changed; none outside of a repository.
pub fn describe() -> Option<Tree> {
    static TRUST: SetUp = SetUp::new();
    // In a container the repository often belongs to another user. Nothing in it is executed.
    // SAFETY: sets a number of this library's own libgit2, before it is used.
    TRUST.ensure(|| unsafe {
        let _ = git2::opts::set_verify_owner_validation(false);
    });
    let repository = Repository::discover(std::env::current_dir().ok()?).ok()?;
    let mut found = Vec::new();
    if let Ok(head) = repository.head() {
        // A detached HEAD is on no branch.
        if head.is_branch() {
            found.extend(head.shorthand().map(|name| entry("branch", text(name))));
        }
        found.extend(
            head.peel_to_commit()
                .ok()
                .map(|c| entry("commit", commit(&c))),
        );
    }
    found.extend(remote(&repository).map(|url| entry("remote_origin_url", text(url))));
    found.extend(is_dirty(&repository).map(|dirty| entry("dirty", Tree::Bool(dirty))));
    Some(Tree::Dict(found))
}

fn commit(commit: &git2::Commit<'_>) -> Tree {
    let author = commit.author();
    let name = String::from_utf8_lossy(author.name_bytes());
    let email = String::from_utf8_lossy(author.email_bytes());
    let time = chrono::DateTime::from_timestamp(commit.time().seconds(), 0);
    let mut found = vec![entry("hash", text(commit.id().to_string()))];
    found.extend(time.map(|t| entry("timestamp", text(t.to_rfc3339()))));
    found.push(entry("author", text(format!("{name} <{email}>"))));
    Tree::Dict(found)
}

/// The address of `origin`, else of the first remote.
fn remote(repository: &Repository) -> Option<String> {
    let remote = repository.find_remote("origin").or_else(|e| {
        let names = repository.remotes()?;
        let first = names.iter().flatten().flatten().next();
        first.map_or(Err(e), |name| repository.find_remote(name))
    });
    let remote = remote.ok()?;
    remote.url().ok().map(mask::address)
}

/// Whether tracked files differ from the commit. Files that git does not know do not count.
fn is_dirty(repository: &Repository) -> Option<bool> {
    if repository.is_bare() {
        return None;
    }
    let mut options = StatusOptions::new();
    options
        .include_untracked(false)
        .include_ignored(false)
        .exclude_submodules(true);
    Some(!repository.statuses(Some(&mut options)).ok()?.is_empty())
}
