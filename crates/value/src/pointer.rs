//! JSON Pointers (RFC 6901) into trees: get, set and delete.

use crate::error::{Error, Result};
use crate::{MAX_DEPTH, Tree};

/// Where in a tree: keys of dicts and indexes of lists, from the root down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(Vec<String>);

/// A pointer's token for a key: `~` and `/` are escaped.
pub fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The list index that a token spells, by RFC 6901: digits without a leading zero.
pub(crate) fn list_index(token: &str) -> Option<usize> {
    let plain = token.bytes().all(|b| b.is_ascii_digit());
    (plain && (token == "0" || !token.starts_with('0')))
        .then(|| token.parse().ok())
        .flatten()
}

impl Path {
    /// A leading `/` makes a JSON Pointer; any other text is one top-level key, dots and slashes included.
    pub fn parse(text: &str) -> Result<Path> {
        let Some(pointer) = text.strip_prefix('/') else {
            return Ok(Path(vec![text.to_owned()]));
        };
        let tokens = pointer.split('/').map(unescape).collect::<Result<Vec<_>>>();
        let tokens = tokens.map_err(|e| e.context(format!("JSON Pointer {text:?}")))?;
        // As many as it takes to reach what lies deepest: a top-level key, and one for each level below.
        if tokens.len() > MAX_DEPTH + 1 {
            return Err(Error::limit(format!(
                "a JSON Pointer has {} levels, more than {}",
                tokens.len(),
                MAX_DEPTH + 1
            )));
        }
        Ok(Path(tokens))
    }

    /// Whether `value` may be put at this path of a run's params: together they stay within the rule for top-level values.
    pub fn check_depth(&self, value: &Tree) -> Result<()> {
        let above = self.0.len().saturating_sub(1);
        match above + value.depth() > MAX_DEPTH {
            true => Err(Error::too_deep(format_args!(
                "the param {:?} with the value at {:?}",
                self.0.first().map_or("", String::as_str),
                self.to_string()
            ))),
            false => Ok(()),
        }
    }

    pub fn from_tokens<S: Into<String>>(tokens: impl IntoIterator<Item = S>) -> Path {
        Path(tokens.into_iter().map(Into::into).collect())
    }

    pub fn tokens(&self) -> &[String] {
        &self.0
    }

    /// The top-level key and the path below it; `None` for the root.
    pub fn split_first(&self) -> Option<(&str, Path)> {
        Some((self.0.first()?, self.below_first()))
    }

    /// The path below the top-level key.
    pub fn below_first(&self) -> Path {
        Path(self.0.get(1..).unwrap_or_default().to_vec())
    }

    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

/// Writes the path as a JSON Pointer.
impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0
            .iter()
            .try_for_each(|token| write!(f, "/{}", escape(token)))
    }
}

fn unescape(token: &str) -> Result<String> {
    let mut out = String::with_capacity(token.len());
    let mut chars = token.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '~' { chars.next() } else { None }) {
            ('~', Some('0')) => out.push('~'),
            ('~', Some('1')) => out.push('/'),
            ('~', _) => return Err(Error::invalid("'~' must be followed by 0 or 1")),
            (c, _) => out.push(c),
        }
    }
    Ok(out)
}

impl Tree {
    /// Puts `value` at `path`. Missing dicts on the way are made; a scalar on the way is replaced by a dict; in a
    /// list the token must be an index, its length or `-` to append.
    pub fn set(&mut self, path: &Path, value: Tree) -> Result<()> {
        let mut node = self;
        for (level, token) in path.tokens().iter().enumerate() {
            if !matches!(node, Tree::List(_) | Tree::Dict(_)) {
                *node = Tree::Dict(Vec::new());
            }
            node = match node {
                Tree::List(items) => {
                    let index = if token == "-" {
                        Some(items.len())
                    } else {
                        list_index(token)
                    };
                    let Some(index) = index.filter(|i| *i <= items.len()) else {
                        let list = Path(path.0[..level].to_vec());
                        return Err(Error::invalid(format!(
                            "{token:?} is no index of the list of {} at {:?}",
                            items.len(),
                            list.to_string()
                        )));
                    };
                    if index == items.len() {
                        items.push(Tree::Null);
                    }
                    &mut items[index]
                }
                Tree::Dict(entries) => {
                    let at = entries
                        .iter()
                        .position(|(k, _)| k == token)
                        .unwrap_or_else(|| {
                            entries.push((token.clone(), Tree::Null));
                            entries.len() - 1
                        });
                    &mut entries[at].1
                }
                _ => return Err(Error::corrupt("a tree changed while it was walked")),
            };
        }
        *node = value;
        Ok(())
    }

    /// Removes what lies at `path` and tells whether there was anything. The root cannot be removed.
    pub fn remove(&mut self, path: &Path) -> bool {
        let Some((last, parents)) = path.tokens().split_last() else {
            return false;
        };
        let mut node = self;
        for token in parents {
            let Some(child) = node.child_mut(token) else {
                return false;
            };
            node = child;
        }
        match node {
            Tree::List(items) => match list_index(last).filter(|i| *i < items.len()) {
                Some(i) => {
                    items.remove(i);
                    true
                }
                None => false,
            },
            Tree::Dict(entries) => {
                let before = entries.len();
                entries.retain(|(k, _)| k != last);
                entries.len() < before
            }
            _ => false,
        }
    }

    /// What lies at `path`.
    pub fn at(&self, path: &Path) -> Option<&Tree> {
        path.tokens()
            .iter()
            .try_fold(self, |node, token| match node {
                Tree::List(items) => items.get(list_index(token)?),
                Tree::Dict(entries) => entries.iter().find(|(k, _)| k == token).map(|(_, v)| v),
                _ => None,
            })
    }

    fn child_mut(&mut self, token: &str) -> Option<&mut Tree> {
        match self {
            Tree::List(items) => items.get_mut(list_index(token)?),
            Tree::Dict(entries) => entries.iter_mut().find(|(k, _)| k == token).map(|(_, v)| v),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_get_and_remove() {
        let mut tree = Tree::from_json(r#"{"a":{"b":[1,2]}}"#).unwrap();
        let mut set = |p: &str, v: &str| {
            tree.set(&Path::parse(p).unwrap(), Tree::from_json(v).unwrap())
                .map(|()| tree.to_json())
        };
        assert_eq!(set("/a/b/1", "5").unwrap(), r#"{"a":{"b":[1,5]}}"#);
        assert_eq!(set("/a/b/-", "6").unwrap(), r#"{"a":{"b":[1,5,6]}}"#);
        assert_eq!(
            set("/a/c~1d/~0", "7").unwrap(),
            r#"{"a":{"b":[1,5,6],"c/d":{"~":7}}}"#
        );
        assert_eq!(
            set("/a/b/0/x", "8").unwrap(),
            r#"{"a":{"b":[{"x":8},5,6],"c/d":{"~":7}}}"#
        );
        assert!(
            set("/a/b/9", "0")
                .unwrap_err()
                .message
                .contains("list of 3")
        );
        assert!(tree.remove(&Path::parse("/a/b/1").unwrap()));
        assert!(tree.remove(&Path::parse("/a/c~1d").unwrap()));
        assert!(!tree.remove(&Path::parse("/a/nope/x").unwrap()));
        assert_eq!(tree.to_json(), r#"{"a":{"b":[{"x":8},6]}}"#);
    }

    #[test]
    fn only_a_leading_slash_makes_a_pointer() {
        assert_eq!(Path::parse("a/b.c").unwrap().tokens(), ["a/b.c"]);
        assert_eq!(Path::parse("").unwrap().tokens(), [""]);
        assert_eq!(Path::parse("/").unwrap().tokens(), [""]);
        assert_eq!(Path::parse("/a~1b").unwrap().to_string(), "/a~1b");
        assert!(Path::parse("/a~2").is_err());
    }
}
