//! What must not be recorded: values whose name says that they are secret, and what looks like a secret wherever it
//! stands. The kinds are those that gitleaks and detect-secrets look for; docs/system.md lists them.

mod addresses;
mod arguments;
mod names;
mod pairs;
mod shapes;

pub use arguments::masked as masked_arguments;
use names::Names;
use std::ops::Range;

/// Stands for what is not recorded.
pub const MASKED: &str = "***";

/// More patterns of secret names, separated by commas, from whoever runs the site.
const MORE: &str = "AIM_MASK_NAMES";
/// The only variables to record, from whoever runs the site.
const ONLY: &str = "AIM_ENV_NAMES";

/// What to mask and what to leave out.
pub struct Masks {
    secret: Names,
    /// A variable is recorded if each of these has its name.
    only: Vec<Names>,
}

impl Masks {
    /// `more` are patterns of secret names beside the usual ones; of the environment only names that match `only` are
    /// recorded, if it is given.
    pub fn new(more: &[String], only: Option<&[String]>) -> Masks {
        let site = std::env::var(MORE).unwrap_or_default();
        let more = more.iter().map(String::as_str).chain(site.split(','));
        let site = std::env::var(ONLY).ok();
        let site = site.map(|list| Names::new(list.split(',')));
        let only = only.map(|list| Names::new(list.iter().map(String::as_str)));
        Masks {
            secret: Names::new(names::SECRET.into_iter().chain(more)),
            only: only.into_iter().chain(site).collect(),
        }
    }

    /// Whether a variable of the environment may be recorded at all.
    pub fn is_recorded(&self, variable: &str) -> bool {
        self.only.iter().all(|names| names.has(variable))
    }

    /// Whether a value of this name is not to be recorded.
    fn is_secret(&self, name: &str) -> bool {
        self.secret.has(&names::without_innocent(name))
    }

    fn hides(&self, name: &str, value: &str) -> bool {
        self.is_secret(name) && !names::is_plain(name, value)
    }

    /// A value as it may be recorded.
    pub fn value(&self, name: &str, value: &str) -> String {
        if self.hides(name, value) {
            MASKED.to_owned()
        } else {
            self.text(value)
        }
    }

    /// A text without the secrets in it.
    pub fn text(&self, text: &str) -> String {
        let mut found = Vec::new();
        pairs::find(text, self, &mut found);
        addresses::find(text, &mut found);
        shapes::find(text, &mut found);
        replace(text, found)
    }
}

/// The address of a repository without user, password and token.
#[cfg_attr(not(feature = "git"), allow(dead_code))]
pub fn address(text: &str) -> String {
    Masks::new(&[], None).text(text)
}

fn replace(text: &str, mut found: Vec<Range<usize>>) -> String {
    found.retain(|range| !range.is_empty());
    found.sort_by_key(|range| range.start);
    let mut clean = String::new();
    let mut done = 0;
    for range in found {
        if range.start >= done {
            clean.push_str(text.get(done..range.start).unwrap_or_default());
            clean.push_str(MASKED);
        }
        done = done.max(range.end);
    }
    clean.push_str(text.get(done..).unwrap_or_default());
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_lists_every_name_and_shape() {
        let page = include_str!("../../../../docs/system.md");
        let words: Vec<&str> = page.split_whitespace().collect();
        let listed = |word: &&str| !words.contains(word);
        let missing: Vec<&str> = names::SECRET
            .into_iter()
            .chain(names::INNOCENT)
            .chain(shapes::documented())
            .chain(addresses::HOOKS)
            .filter(listed)
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn secrets_in_texts_are_masked() {
        let masks = Masks::new(&[], None);
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl";
        let hidden = [
            "Authorization: Bearer X1",
            "X-Api-Key: X1",
            "x-api-key:X1",
            "curl -H 'Authorization: Bearer X1' http://host/",
            "HF_TOKEN=X1",
            r#"{"lr": 0.1, "password": "X1 \" X1", "n": 2}"#,
            r#"{"credentials": {"user": "u", "pw": "X1"}}"#,
            r#"{\"api_key\": \"X1\"}"#,
            "{'secret': 'X1'}",
            "a=1,password=X1",
            "Server=db;User Id=me;Password=X1;Pooling=true",
            "https://host/?a=b&password=X1",
            "https://host/blob?sv=2020&sig=X1%3D",
            "https://bucket.s3.amazonaws.com/o?X-Amz-Credential=X1&X-Amz-Signature=X1",
            "https://hooks.slack.com/services/X1/X1/X1",
            "https://discord.com/api/webhooks/1/X1",
            "me:X1@proxy:3128",
            "http=me:X1@proxy",
            "https://me:X1@host/x.git",
            "postgres://me:X1/X1@host/db",
            "-----BEGIN RSA PRIVATE KEY-----\nX1\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN OPENSSH PRIVATE KEY-----\\nX1",
            "api-key=X1,authorization=Bearer X1",
            "token%3DX1",
            "password = X1",
        ];
        for text in hidden {
            let clean = masks.text(text);
            assert!(!clean.contains("X1") && clean.contains(MASKED), "{clean}");
        }
        let tokens = [
            format!("ghp_{}", "a1B2".repeat(9)),
            format!("hf_{}", "aB".repeat(17)),
            format!("AKIA{}", "Q234".repeat(4)),
            format!("sk-ant-api03-{}", "a-B_1".repeat(10)),
            format!("xoxb-{}", "123456789012-abc"),
            format!("glpat-{}", "a1B2-".repeat(4)),
            format!("AIza{}", "a1B2_".repeat(7)),
            jwt.to_owned(),
        ];
        for token in tokens {
            assert_eq!(masks.text(&token), MASKED);
            assert_eq!(masks.text(&format!("x {token}, y")), "x ***, y");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        let masks = Masks::new(&[], None);
        let open = [
            "/opt/keys:/usr/bin:/home/me/tokens",
            "git@host:path",
            "image:tag@sha256:0123456789abcdef",
            "mailto:me@host",
            "https://host:8080/a?q=x@y&n=1",
            "s3://bucket/key/of/object",
            "--tokenizer=bert-base",
            r#"{"max_tokens": 4096, "use_auth": true, "tokenizer": "bpe"}"#,
            "monitor: val_loss; author: Ada",
            "0123456789abcdef0123456789abcdef01234567",
            "risk-free sk-learn hf_ hf_transfer",
            "*.tar=01;31:*.zip=01;31",
            "a://",
            "",
        ];
        for text in open {
            assert_eq!(masks.text(text), text);
        }
        let address = "a=redis://u:p@h:1,b=http://h/?q=x@y";
        assert_eq!(masks.text(address), "a=redis://***@h:1,b=http://h/?q=x@y");
    }

    #[test]
    fn only_named_variables_are_recorded() {
        let only = ["OMP_*".to_owned(), "PATH".to_owned()];
        let masks = Masks::new(&[], Some(&only));
        assert!(masks.is_recorded("OMP_NUM_THREADS") && masks.is_recorded("PATH"));
        assert!(!masks.is_recorded("HOME") && !masks.is_recorded("MY_PATH"));
        assert!(!Masks::new(&[], Some(&[])).is_recorded("PATH"));
        assert!(Masks::new(&[], None).is_recorded("PATH"));
    }
}
