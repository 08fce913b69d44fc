//! What must not be recorded: values whose name says that they are secret, and passwords in addresses.

/// Patterns of secret names, without regard to case; `*` stands for anything. The documentation lists them too.
const SECRET: [&str; 19] = [
    "*KEY*",
    "*TOKEN*",
    "*SECRET*",
    "*PASSWORD*",
    "*PASSWD*",
    "*PASSPHRASE*",
    "*_PASS",
    "PASS",
    "*_PWD",
    "*CREDENTIAL*",
    "*COOKIE*",
    "*AUTH",
    "*AUTH_*",
    "*AUTHORIZATION*",
    "*PRIVATE*",
    "*_PAT",
    "*_DSN",
    "*WEBHOOK*",
    "*CONNECTION_STRING*",
];

/// Stands for what is not recorded.
pub const MASKED: &str = "***";

/// More patterns, separated by commas, from whoever runs the site.
const MORE: &str = "AIM_MASK_NAMES";

pub struct Masks {
    patterns: Vec<String>,
}

impl Masks {
    pub fn new(more: &[String]) -> Masks {
        let site = std::env::var(MORE).unwrap_or_default();
        let patterns = SECRET
            .into_iter()
            .chain(more.iter().map(String::as_str))
            .chain(site.split(','))
            .map(|p| p.trim().to_ascii_uppercase())
            .filter(|p| !p.is_empty());
        Masks {
            patterns: patterns.collect(),
        }
    }

    /// Whether a value of this name is not to be recorded.
    pub fn is_secret(&self, name: &str) -> bool {
        // An option's hyphens count as underscores.
        let name = name.to_ascii_uppercase().replace('-', "_");
        self.patterns
            .iter()
            .any(|p| matches(p.as_bytes(), name.as_bytes()))
    }

    /// A value as it may be recorded.
    pub fn value(&self, name: &str, value: &str) -> String {
        if self.is_secret(name) && !value.is_empty() {
            MASKED.to_owned()
        } else {
            without_passwords(value)
        }
    }
}

/// Whether a pattern with `*` matches the whole text.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    // Where to go on if what follows the last `*` turns out not to fit.
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            retry = Some((p, t));
            p += 1;
        } else if pattern.get(p) == Some(&text[t]) {
            p += 1;
            t += 1;
        } else if let Some((star, from)) = retry {
            retry = Some((star, from + 1));
            p = star + 1;
            t = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|b| *b == b'*')
}

/// Takes user and password out of the addresses in a text: `scheme://user:password@host`.
pub fn without_passwords(text: &str) -> String {
    let mut clean = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (scheme, address) = rest.split_at(at + 3);
        clean.push_str(scheme);
        let is_end = |c: char| c == '/' || c.is_whitespace() || "\"'?#,;".contains(c);
        let end = address.find(is_end).unwrap_or(address.len());
        let (authority, more) = address.split_at(end);
        match authority.rsplit_once('@') {
            Some((_, host)) => clean.extend([MASKED, "@", host]),
            None => clean.push_str(authority),
        }
        rest = more;
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_names_are_found() {
        let masks = Masks::new(&["*_LICENCE".to_owned()]);
        for secret in [
            "AWS_SECRET_ACCESS_KEY",
            "HF_TOKEN",
            "wandb_api_key",
            "DB_PASSWORD",
            "GITHUB_PAT",
            "MYSQL_PWD",
            "--api-key",
            "HTTP_AUTH_HEADER",
            "SOLVER_LICENCE",
        ] {
            assert!(masks.is_secret(secret), "{secret}");
        }
        for open in [
            "PATH",
            "HOME",
            "PWD",
            "OLDPWD",
            "SLURM_JOB_ID",
            "COMPASS",
            "GIT_AUTHOR_NAME",
            "PATTERN",
        ] {
            assert!(!masks.is_secret(open), "{open}");
        }
    }

    #[test]
    fn passwords_in_addresses_are_masked() {
        let clean = without_passwords;
        assert_eq!(
            clean("https://me:secret@host/x.git"),
            "https://***@host/x.git"
        );
        assert_eq!(
            clean("a=redis://u:p@h:1,b=http://h/?q=x@y"),
            "a=redis://***@h:1,b=http://h/?q=x@y"
        );
        assert_eq!(clean("git@host:path"), "git@host:path");
        assert_eq!(clean("a://"), "a://");
    }
}
