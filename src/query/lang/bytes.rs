//! `bytes`: its making, its methods, and the encodings.

use super::call::Args;
use super::fault::{Kind, Res, no_attribute, raise, type_error, value_error};
use super::machine::Machine;
use super::value::Value;

#[derive(Clone, Copy, PartialEq)]
enum Encoding {
    Ascii,
    Latin1,
    Utf8,
}

fn encoding(name: &str) -> Option<Encoding> {
    Some(
        match name.to_ascii_lowercase().replace(['_', ' '], "-").as_str() {
            "utf-8" | "utf8" | "u8" | "utf" | "cp65001" => Encoding::Utf8,
            "ascii" | "us-ascii" | "646" => Encoding::Ascii,
            "latin-1" | "latin1" | "latin" | "iso-8859-1" | "iso8859-1" | "8859" | "cp819"
            | "l1" => Encoding::Latin1,
            _ => return None,
        },
    )
}

impl<'a> Machine<'a> {
    fn encoding(&self, name: Option<Value<'a>>) -> Res<Encoding> {
        match name {
            None => Ok(Encoding::Utf8),
            Some(Value::Str(name)) => match encoding(name) {
                Some(encoding) => Ok(encoding),
                None => raise(Kind::Lookup, format!("unknown encoding: {name}")),
            },
            Some(other) => {
                let other = other.type_name();
                type_error(format!("argument 'encoding' must be str, not {other}"))
            }
        }
    }

    fn error_handler(&self, errors: Option<Value<'a>>) -> Res<&'a str> {
        match errors {
            None => Ok("strict"),
            Some(Value::Str(name)) => Ok(name),
            Some(other) => {
                let other = other.type_name();
                type_error(format!("argument 'errors' must be str, not {other}"))
            }
        }
    }

    pub(super) fn encode(
        &self,
        text: &str,
        encoding: Option<Value<'a>>,
        errors: Option<Value<'a>>,
    ) -> Res<Value<'a>> {
        let encoding = self.encoding(encoding)?;
        let errors = self.error_handler(errors)?;
        let (limit, name) = match encoding {
            Encoding::Utf8 => return self.bytes(text.as_bytes()),
            Encoding::Ascii => (0x80, "ascii"),
            Encoding::Latin1 => (0x100, "latin-1"),
        };
        self.meter.memory(text.len() * 4)?;
        let mut out = Vec::with_capacity(text.len());
        for c in text.chars() {
            let code = u32::from(c);
            if code < limit {
                out.push(code as u8);
                continue;
            }
            match errors {
                "ignore" => {}
                "replace" => out.push(b'?'),
                "backslashreplace" => out.extend_from_slice(
                    match code {
                        0..=0xff => format!("\\x{code:02x}"),
                        0x100..=0xffff => format!("\\u{code:04x}"),
                        _ => format!("\\U{code:08x}"),
                    }
                    .as_bytes(),
                ),
                "xmlcharrefreplace" => out.extend_from_slice(format!("&#{code};").as_bytes()),
                "strict" => {
                    return raise(
                        Kind::UnicodeEncode,
                        format!(
                            "'{name}' codec can't encode character '{}'",
                            c.escape_unicode()
                        ),
                    );
                }
                _ => {
                    return raise(
                        Kind::Lookup,
                        format!("unknown error handler name '{errors}'"),
                    );
                }
            }
        }
        self.bytes(out)
    }

    pub(super) fn decode(
        &self,
        bytes: &[u8],
        encoding: Option<Value<'a>>,
        errors: Option<Value<'a>>,
    ) -> Res<Value<'a>> {
        let encoding = self.encoding(encoding)?;
        let errors = self.error_handler(errors)?;
        self.meter.memory(bytes.len() * 4)?;
        let mut out = String::with_capacity(bytes.len());
        let bad = |out: &mut String, byte: u8, name: &str| match errors {
            "ignore" => Ok(()),
            "replace" => {
                out.push('\u{fffd}');
                Ok(())
            }
            "backslashreplace" => {
                out.push_str(&format!("\\x{byte:02x}"));
                Ok(())
            }
            "strict" => raise(
                Kind::UnicodeDecode,
                format!("'{name}' codec can't decode byte {byte:#04x}"),
            ),
            _ => raise(
                Kind::Lookup,
                format!("unknown error handler name '{errors}'"),
            ),
        };
        match encoding {
            Encoding::Latin1 => out.extend(bytes.iter().map(|b| char::from(*b))),
            Encoding::Ascii => {
                for byte in bytes {
                    if byte.is_ascii() {
                        out.push(char::from(*byte));
                    } else {
                        bad(&mut out, *byte, "ascii")?;
                    }
                }
            }
            Encoding::Utf8 => {
                for chunk in bytes.utf8_chunks() {
                    out.push_str(chunk.valid());
                    match (errors, chunk.invalid()) {
                        (_, []) => {}
                        ("backslashreplace", invalid) => {
                            for byte in invalid {
                                bad(&mut out, *byte, "utf-8")?;
                            }
                        }
                        (_, [byte, ..]) => bad(&mut out, *byte, "utf-8")?,
                    }
                }
            }
        }
        self.string(out)
    }

    pub(super) fn to_bytes(&self, args: Args<'a, '_>) -> Res<Value<'a>> {
        let [source, encoding, errors] =
            args.bind("bytes", ["source", "encoding", "errors"], 0, 0, 3)?;
        match source {
            None => self.bytes([]),
            Some(Value::Str(text)) if encoding.is_some() => self.encode(text, encoding, errors),
            Some(Value::Str(_)) => type_error("string argument without an encoding"),
            Some(_) if encoding.is_some() || errors.is_some() => {
                type_error("encoding without a string argument")
            }
            Some(Value::Bytes(bytes)) => Ok(Value::Bytes(bytes)),
            Some(count @ (Value::Int(_) | Value::Bool(_) | Value::Big(_))) => {
                let Ok(count) = usize::try_from(self.index_arg(count)?) else {
                    return value_error("negative count");
                };
                self.meter.memory(count)?;
                self.meter.handle(count)?;
                self.bytes(vec![0; count])
            }
            Some(items) => {
                if !self.is_iterable(items) {
                    let name = items.type_name();
                    return type_error(format!("cannot convert '{name}' object to bytes"));
                }
                let mut bytes = Vec::new();
                for item in self.collect(items)? {
                    match u8::try_from(self.index_arg(item)?) {
                        Ok(byte) => bytes.push(byte),
                        Err(_) => return value_error("bytes must be in range(0, 256)"),
                    }
                }
                self.bytes(bytes)
            }
        }
    }

    pub(super) fn bytes_from_hex(&self, args: Args<'a, '_>) -> Res<Value<'a>> {
        let text = self.str_arg(args.one("fromhex")?, "fromhex")?;
        self.meter.handle(text.len())?;
        let mut out = Vec::new();
        let mut chars = text.chars().filter(|c| !c.is_ascii_whitespace()).peekable();
        while let Some(high) = chars.next() {
            match (high.to_digit(16), chars.next().and_then(|c| c.to_digit(16))) {
                (Some(high), Some(low)) => out.push((high * 16 + low) as u8),
                _ => return value_error("non-hexadecimal number found in fromhex() arg"),
            }
        }
        self.bytes(out)
    }

    pub(super) fn bytes_method(
        &self,
        bytes: &'a [u8],
        name: &'a str,
        args: Args<'a, '_>,
    ) -> Res<Value<'a>> {
        self.meter.handle(bytes.len())?;
        match name {
            "decode" => {
                let [encoding, errors] = args.bind(name, ["encoding", "errors"], 0, 0, 2)?;
                self.decode(bytes, encoding, errors)
            }
            "hex" => {
                args.none(name)?;
                self.meter.memory(bytes.len() * 2)?;
                self.string(bytes.iter().map(|b| format!("{b:02x}")).collect::<String>())
            }
            "lower" => args
                .none(name)
                .and_then(|()| self.bytes(bytes.to_ascii_lowercase())),
            "upper" => args
                .none(name)
                .and_then(|()| self.bytes(bytes.to_ascii_uppercase())),
            "isascii" => args.none(name).map(|()| Value::Bool(bytes.is_ascii())),
            "isalnum" | "isalpha" | "isdigit" | "isspace" => {
                args.none(name)?;
                let test: fn(&u8) -> bool = match name {
                    "isalnum" => u8::is_ascii_alphanumeric,
                    "isalpha" => u8::is_ascii_alphabetic,
                    "isdigit" => u8::is_ascii_digit,
                    _ => is_space,
                };
                Ok(Value::Bool(!bytes.is_empty() && bytes.iter().all(test)))
            }
            "isupper" | "islower" => {
                args.none(name)?;
                let upper = bytes.iter().any(u8::is_ascii_uppercase);
                let lower = bytes.iter().any(u8::is_ascii_lowercase);
                Ok(Value::Bool(upper != lower && upper == (name == "isupper")))
            }
            "startswith" | "endswith" => {
                let affix = args.one(name)?;
                let test = |affix: &[u8]| {
                    if name == "startswith" {
                        bytes.starts_with(affix)
                    } else {
                        bytes.ends_with(affix)
                    }
                };
                match affix {
                    Value::Bytes(affix) => Ok(Value::Bool(test(affix))),
                    Value::Tuple(affixes) => {
                        for affix in affixes {
                            if test(self.bytes_arg(*affix)?) {
                                return Ok(Value::Bool(true));
                            }
                        }
                        Ok(Value::Bool(false))
                    }
                    other => self.bytes_arg(other).map(|_| Value::None),
                }
            }
            "strip" | "lstrip" | "rstrip" => {
                let given = args.take(name, 0, 1)?;
                let set = match given.first() {
                    None | Some(Value::None) => b" \t\n\r\x0b\x0c",
                    Some(set) => self.bytes_arg(*set)?,
                };
                let keep = |b: &u8| !set.contains(b);
                let start = match name {
                    "rstrip" => 0,
                    _ => bytes.iter().position(keep).unwrap_or(bytes.len()),
                };
                let end = match name {
                    "lstrip" => bytes.len(),
                    _ => bytes.iter().rposition(keep).map_or(start, |at| at + 1),
                };
                Ok(Value::Bytes(&bytes[start..end]))
            }
            "find" | "rfind" | "index" | "rindex" => {
                let part = self.bytes_arg(args.one(name)?)?;
                self.meter.handle(bytes.len() * part.len() / 16)?;
                let mut found = bytes.windows(part.len().max(1));
                let hit = |window: &[u8]| window == part;
                let at = match (part.is_empty(), name.starts_with('r')) {
                    (true, false) => Some(0),
                    (true, true) => Some(bytes.len()),
                    (false, false) => found.position(hit),
                    (false, true) => found.rposition(hit),
                };
                match at {
                    Some(at) => Ok(Value::Int(at as i64)),
                    None if name.ends_with("find") => Ok(Value::Int(-1)),
                    None => value_error("subsection not found"),
                }
            }
            "count" => {
                let part = self.bytes_arg(args.one(name)?)?;
                Ok(Value::Int(split_bytes(bytes, part).len() as i64 - 1))
            }
            "replace" => {
                let given = args.take(name, 2, 2)?;
                let (from, to) = (self.bytes_arg(given[0])?, self.bytes_arg(given[1])?);
                let parts = split_bytes(bytes, from);
                let total = parts
                    .len()
                    .saturating_mul(to.len())
                    .saturating_add(bytes.len());
                self.meter.memory(total)?;
                self.bytes(parts.join(to))
            }
            "split" => {
                let [separator] = args.bind(name, ["sep"], 0, 0, 1)?;
                let parts: Vec<&'a [u8]> = match separator {
                    None | Some(Value::None) => bytes
                        .split(is_space)
                        .filter(|part| !part.is_empty())
                        .collect(),
                    Some(separator) => match self.bytes_arg(separator)? {
                        [] => return value_error("empty separator"),
                        separator => split_bytes(bytes, separator),
                    },
                };
                self.list(parts.into_iter().map(Value::Bytes).collect())
            }
            "join" => {
                let mut parts = Vec::new();
                for item in self.collect(args.one(name)?)? {
                    let part = self.bytes_arg(item)?;
                    self.meter.memory(part.len() + bytes.len())?;
                    parts.push(part);
                }
                self.bytes(parts.join(bytes))
            }
            "removeprefix" | "removesuffix" => {
                let affix = self.bytes_arg(args.one(name)?)?;
                let rest = if name == "removeprefix" {
                    bytes.strip_prefix(affix)
                } else {
                    bytes.strip_suffix(affix)
                };
                Ok(Value::Bytes(rest.unwrap_or(bytes)))
            }
            _ => no_attribute("bytes", name),
        }
    }

    fn bytes_arg(&self, value: Value<'a>) -> Res<&'a [u8]> {
        match value {
            Value::Bytes(bytes) => Ok(bytes),
            _ => {
                let name = value.type_name();
                type_error(format!("a bytes-like object is required, not '{name}'"))
            }
        }
    }
}

fn is_space(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

/// The parts between the occurrences of `separator`; between all bytes if it is empty.
fn split_bytes<'b>(bytes: &'b [u8], separator: &[u8]) -> Vec<&'b [u8]> {
    let mut parts = Vec::new();
    if separator.is_empty() {
        parts.push(&bytes[..0]);
        parts.extend(bytes.chunks(1));
        parts.push(&bytes[bytes.len()..]);
        return parts;
    }
    let mut start = 0;
    let mut at = 0;
    while at + separator.len() <= bytes.len() {
        if bytes[at..].starts_with(separator) {
            parts.push(&bytes[start..at]);
            at += separator.len();
            start = at;
        } else {
            at += 1;
        }
    }
    parts.push(&bytes[start..]);
    parts
}
