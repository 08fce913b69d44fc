//! Names that say that their value is secret.

/// Patterns of secret names, without regard to case; `*` stands for anything, `-` and `.` count as `_`.
pub const SECRET: [&str; 40] = [
    "*KEY*",
    "*TOKEN*",
    "*SECRET*",
    "*PASSWORD*",
    "*PASSWD*",
    "*PASSPHRASE*",
    "*PASSCODE*",
    "*PASS",
    "*_PASS_*",
    "*PWD",
    "*_PW_*",
    "*PW",
    "*CREDENTIAL*",
    "*CREDS*",
    "*_CRED",
    "*COOKIE*",
    "*AUTH",
    "*AUTH_*",
    "*AUTHORIZATION*",
    "*BEARER*",
    "*JWT*",
    "*PRIVATE*",
    "*_PAT",
    "*_DSN",
    "*WEBHOOK*",
    "*CONNECTION_STRING*",
    "*CONNSTR*",
    "*SIGNATURE*",
    "SIG",
    "*_SIG",
    "OTP",
    "*_OTP",
    "*TOTP*",
    "*_PIN",
    "*_PSK",
    "*_SALT",
    "*HEADERS",
    "*SESSID*",
    "*SAS_URL*",
    "*_SAS",
];

/// Words of ordinary names in which a pattern would see a secret; the rest of the name counts.
pub const INNOCENT: [&str; 19] = [
    "TOKENIZERS",
    "TOKENIZER",
    "TOKENIZED",
    "TOKENIZE",
    "TOKENISER",
    "KEYBOARD",
    "KEYFRAME",
    "KEYPOINT",
    "KEYWORD",
    "MONKEY",
    "TURKEY",
    "COMPASS",
    "BYPASS",
    "HIGHPASS",
    "LOWPASS",
    "BANDPASS",
    "ALLPASS",
    "SURPASS",
    "OLDPWD",
];

/// Patterns that a name is compared with.
pub struct Names(Vec<String>);

fn normal(name: &str) -> String {
    name.trim().to_ascii_uppercase().replace(['-', '.'], "_")
}

impl Names {
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Names {
        let patterns = patterns.into_iter().map(normal);
        Names(patterns.filter(|p| !p.is_empty()).collect())
    }

    pub fn has(&self, name: &str) -> bool {
        let name = normal(name);
        let name = name.as_bytes();
        self.0.iter().any(|p| matches(p.as_bytes(), name))
    }
}

/// The name with its innocent words taken out.
pub fn without_innocent(name: &str) -> String {
    let mut name = normal(name);
    // The working directory.
    if name == "PWD" {
        return String::new();
    }
    for word in INNOCENT {
        if name.contains(word) {
            name = name.replace(word, "");
        }
    }
    name
}

/// Whether a value cannot be secret, whatever it is called: none, yes or no, and how many tokens there are.
pub fn is_plain(name: &str, value: &str) -> bool {
    const WORDS: [&str; 9] = [
        "", "true", "false", "yes", "no", "on", "off", "none", "null",
    ];
    let counts = normal(name).contains("TOKENS") && value.parse::<f64>().is_ok();
    counts || WORDS.iter().any(|w| value.eq_ignore_ascii_case(w))
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

#[cfg(test)]
mod tests {
    use super::super::Masks;

    #[test]
    fn secret_names_are_found() {
        let masks = Masks::new(&["*_LICENCE".to_owned()], None);
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
            "DBPASS",
            "--dbpass",
            "PGPW",
            "--pw",
            "APP_JWT",
            "BEARER",
            "CREDS",
            "OTEL_EXPORTER_OTLP_HEADERS",
            "SIGNATURE",
            "OTP",
            "model.api_key",
            "TOKENIZER_TOKEN",
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
            "TOKENIZERS_PARALLELISM",
            "--highpass",
        ] {
            assert!(!masks.is_secret(open), "{open}");
        }
        assert_eq!(masks.value("max_tokens", "4096"), "4096");
        assert_eq!(masks.value("API_TOKENS", "a,b"), "***");
        assert_eq!(masks.value("USE_AUTH", "true"), "true");
    }
}
