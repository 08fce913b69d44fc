//! Where Aim's UI lies: the static files of the PyPI package `aim-ui`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The page, as a template.
const TEMPLATE: &str = "index-template.html";
const BASE_PATH: &str = "{{ base_path }}";
/// What stands in, within a page, for what other hosts would give it.
const SCRIPT: &str = include_str!("page.js");

pub struct Ui {
    /// What is served as `/static-files`.
    pub files: PathBuf,
    template: String,
}

impl Ui {
    /// The UI in a directory: that of the package, or its `build`.
    pub fn at(directory: &Path) -> Result<Ui, String> {
        let candidates = ["", "build", "aim_ui/build"].map(|below| directory.join(below));
        let found = candidates
            .into_iter()
            .find(|dir| dir.join(TEMPLATE).is_file());
        let files = found.ok_or_else(|| format!("{} holds no {TEMPLATE}", directory.display()))?;
        let path = files.join(TEMPLATE);
        let template = std::fs::read_to_string(&path)
            .map_err(|e| format!("{} cannot be read: {e}", path.display()))?;
        let template = with_script(&without_outside(&template), SCRIPT);
        Ok(Ui { files, template })
    }

    /// The UI beside the program, as `make` and `make install` leave it, or else where pip installed it.
    pub fn find() -> Option<Ui> {
        let program = std::env::current_exe().ok();
        let beside = program.as_deref().and_then(Path::parent);
        let beside = beside
            .into_iter()
            .flat_map(|bin| [bin.join("../share/libaim/ui"), bin.join("../ui")]);
        beside
            .filter(|directory| directory.is_dir())
            .chain(std::iter::once_with(from_pip).flatten())
            .find_map(|directory| Ui::at(&directory).ok())
    }

    /// The page with the path at which it is served.
    pub fn page(&self, base_path: &str) -> String {
        self.template.replace(BASE_PATH, base_path)
    }
}

/// Where Python has the package. Nothing of it is run.
fn from_pip() -> Option<PathBuf> {
    const FIND: &str = "import importlib.util as u; s = u.find_spec('aim_ui'); print(list(s.submodule_search_locations)[0])";
    ["python3", "python"].into_iter().find_map(|python| {
        let found = Command::new(python)
            .args(["-I", "-c", FIND])
            .output()
            .ok()?;
        let path = String::from_utf8(found.stdout).ok()?;
        let path = PathBuf::from(path.trim_end());
        (found.status.success() && path.is_dir()).then_some(path)
    })
}

/// The page without scripts and stylesheets of other hosts: they block it where those hosts do not answer, and nothing of
/// what is shown needs them.
fn without_outside(page: &str) -> String {
    let mut rest = page;
    let mut kept = String::with_capacity(page.len());
    while let Some((at, end)) = next_outside(rest) {
        kept.push_str(&rest[..at]);
        rest = &rest[end..];
    }
    kept.push_str(rest);
    kept
}

/// The page with a script that runs before all others.
fn with_script(page: &str, script: &str) -> String {
    page.replacen("<head>", &format!("<head><script>{script}</script>"), 1)
}

/// Where the next tag that names another host begins and ends.
fn next_outside(page: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(found) = page[from..].find('<') {
        let at = from + found;
        let tag = &page[at..];
        let end = tag.find('>').map(|end| end + 1)?;
        let name = |name: &str| {
            tag.get(1..=name.len())
                .is_some_and(|t| t.eq_ignore_ascii_case(name))
        };
        let text = &tag[..end];
        let outside = ["http://", "https://", "\"//", "'//"]
            .iter()
            .any(|o| text.contains(o));
        if outside && name("script") {
            let close = "</script>";
            let end = tag.find(close).map_or(end, |end| end + close.len());
            return Some((at, at + end));
        }
        if outside && name("link") {
            return Some((at, at + end));
        }
        from = at + end;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_hosts_have_is_cut_out() {
        let page = "<head><script src=\"https://x/y.js\"></script><script src=\"/z.js\"></script>\
            <link rel=stylesheet href='https://x/y.css'/><link href=\"/z.css\"><a href=\"https://x\">x</a></head>";
        assert_eq!(
            without_outside(page),
            "<head><script src=\"/z.js\"></script><link href=\"/z.css\"><a href=\"https://x\">x</a></head>"
        );
    }
}
