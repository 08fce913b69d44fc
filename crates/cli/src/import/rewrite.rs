//! Paths of another machine, put for those of this one: `--rewrite-path FROM=TO`.

/// Rules `FROM=TO`. Of those that fit, the one with the longest `FROM` counts.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Rewrites {
    /// Where files are now: TO in place of the directory FROM, which the source names
    #[arg(long = "rewrite-path", value_name = "FROM=TO", value_parser = rule)]
    rules: Vec<(String, String)>,
}

fn rule(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((from, to)) if !from.is_empty() => {
            let plain = |path: &str| match path.trim_end_matches('/') {
                "" => "/".to_owned(),
                path => path.to_owned(),
            };
            Ok((plain(from), plain(to)))
        }
        _ => Err("a rule is FROM=TO, as in /cluster/home=/home".into()),
    }
}

impl Rewrites {
    /// A path, or a URI `file://...` as one.
    pub fn apply(&self, path: &str) -> String {
        let path = path.strip_prefix("file://").unwrap_or(path);
        let fits = |(from, to): &(String, String)| {
            let rest = path.strip_prefix(from.as_str())?;
            let whole = rest.is_empty() || rest.starts_with('/') || from.ends_with('/');
            whole.then(|| (from.len(), format!("{to}{rest}")))
        };
        let found = self.rules.iter().filter_map(fits);
        let longest = found.max_by_key(|(length, _)| *length);
        longest.map_or_else(|| path.to_owned(), |(_, path)| path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_directory_counts() {
        let rules = ["/a=/x", "/a/b/=/y/", "mlflow-artifacts:=/z"];
        let rules = Rewrites {
            rules: rules.map(|text| rule(text).unwrap()).to_vec(),
        };
        for (path, want) in [
            ("/a/c", "/x/c"),
            ("/a", "/x"),
            ("/ab/c", "/ab/c"),
            ("file:///a/b/c", "/y/c"),
            ("/other", "/other"),
            ("mlflow-artifacts:/1", "/z/1"),
        ] {
            assert_eq!(rules.apply(path), want);
        }
        assert!(rule("/a").is_err() && rule("=/a").is_err());
    }
}
