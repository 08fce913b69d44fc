//! `bytes`: its making, its methods, and the encodings.

use crate::call::Args;
use crate::fault::{Kind, Res, no_attribute, raise, type_error, value_error};
use crate::machine::Machine;
use crate::methods;
use crate::value::Value;

#[derive(Clone, Copy, PartialEq)]
enum Encoding {
    Ascii,
    Latin1,
    Utf8,
}

/// No encoding has a longer name, punctuation aside.
const MAX_ENCODING: usize = 256;

fn encoding(name: &str) -> Option<Encoding> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '.';
    let words: Vec<&str> = name
        .split(|c| !is_word(c))
        .filter(|word| !word.is_empty())
        .collect();
    Some(match words.join("-").to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" | "u8" | "utf" | "cp65001" => Encoding::Utf8,
        "ascii" | "us-ascii" | "646" => Encoding::Ascii,
        "latin-1" | "latin1" | "latin" | "iso-8859-1" | "iso8859-1" | "8859" | "cp819" | "l1" => {
            Encoding::Latin1
        }
        _ => return None,
    })
}

impl<'a> Machine<'a> {
    fn encoding(&self, name: Option<Value<'a>>) -> Res<Encoding> {
        match name {
            None => Ok(Encoding::Utf8),
            Some(Value::Str(name)) if name.len() > MAX_ENCODING => {
                raise(Kind::Lookup, "unknown encoding")
            }
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

    pub(crate) fn encode(
        &self,
        text: &str,
        encoding: Option<Value<'a>>,
        errors: Option<Value<'a>>,
    ) -> Res<Value<'a>> {
        let encoding = self.encoding(encoding)?;
        let errors = self.error_handler(errors)?;
        let (limit, name) = match encoding {
            Encoding::Utf8 => {
                self.meter.room(text.len())?;
                return self.bytes(text.as_bytes());
            }
            Encoding::Ascii => (0x80, "ascii"),
            Encoding::Latin1 => (0x100, "latin-1"),
        };
        self.meter.memory(text.len() * 4)?;
        self.meter.work(text.len() as u64 / 2)?;
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
                _ => return unknown_handler(errors),
            }
        }
        self.bytes(out)
    }

    pub(crate) fn decode(
        &self,
        bytes: &[u8],
        encoding: Option<Value<'a>>,
        errors: Option<Value<'a>>,
    ) -> Res<Value<'a>> {
        let encoding = self.encoding(encoding)?;
        let errors = self.error_handler(errors)?;
        self.meter.memory(bytes.len() * 4)?;
        self.meter.work(bytes.len() as u64 / 2)?;
        let mut out = String::with_capacity(bytes.len());
        match encoding {
            Encoding::Latin1 => out.extend(bytes.iter().map(|b| char::from(*b))),
            Encoding::Ascii => {
                for byte in bytes {
                    if byte.is_ascii() {
                        out.push(char::from(*byte));
                    } else {
                        push_undecodable(&mut out, &[*byte], "ascii", errors)?;
                    }
                }
            }
            Encoding::Utf8 => {
                for chunk in bytes.utf8_chunks() {
                    out.push_str(chunk.valid());
                    if !chunk.invalid().is_empty() {
                        push_undecodable(&mut out, chunk.invalid(), "utf-8", errors)?;
                    }
                }
            }
        }
        self.string(out)
    }

    pub(crate) fn to_bytes(&self, args: Args<'a, '_>) -> Res<Value<'a>> {
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
                    self.meter.work(1)?;
                    match u8::try_from(self.index_arg(item)?) {
                        Ok(byte) => bytes.push(byte),
                        Err(_) => return value_error("bytes must be in range(0, 256)"),
                    }
                }
                self.bytes(bytes)
            }
        }
    }

    pub(crate) fn bytes_from_hex(&self, args: Args<'a, '_>) -> Res<Value<'a>> {
        let text = self.str_arg(args.one("fromhex")?, "fromhex")?;
        self.meter.handle(text.len())?;
        self.meter.memory(text.len())?;
        let mut out = Vec::new();
        let mut chars = text.chars().filter(|c| !c.is_ascii_whitespace());
        while let Some(high) = chars.next() {
            match (high.to_digit(16), chars.next().and_then(|c| c.to_digit(16))) {
                (Some(high), Some(low)) => out.push((high * 16 + low) as u8),
                _ => return value_error("non-hexadecimal number found in fromhex() arg"),
            }
        }
        self.bytes(out)
    }

    /// Most methods are those of `str`, on a text that has a character for each byte.
    pub(crate) fn bytes_method(
        &self,
        bytes: &'a [u8],
        name: &'a str,
        args: Args<'a, '_>,
    ) -> Res<Value<'a>> {
        self.meter.handle(bytes.len())?;
        match name {
            "decode" => {
                let [encoding, errors] = args.bind(name, ["encoding", "errors"], 0, 0, 2)?;
                return self.decode(bytes, encoding, errors);
            }
            "hex" => {
                args.none(name)?;
                self.meter.memory(bytes.len() * 2)?;
                self.meter.handle(bytes.len() * 2)?;
                let digit = |d: u8| char::from_digit(u32::from(d), 16).unwrap_or('0');
                let digits = bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]);
                return self.string(digits.collect::<String>());
            }
            "isascii" => return args.none(name).map(|()| Value::Bool(bytes.is_ascii())),
            "splitlines" => {
                let [keep_ends] = args.bind(name, ["keepends"], 0, 0, 1)?;
                let lines = byte_lines(bytes, keep_ends.is_some_and(Value::truth));
                return self.list(self.parts(lines.map(Value::Bytes))?);
            }
            "translate" => {
                let [table, removed] = args.bind(name, ["table", "delete"], 1, 1, 2)?;
                return self.translate_bytes(bytes, table.unwrap_or(Value::None), removed);
            }
            _ if !methods::BYTES.contains(&name) => return no_attribute("bytes", name),
            _ => {}
        }
        let positional: Res<Vec<_>> = args
            .positional
            .iter()
            .map(|arg| self.bytes_arg(*arg))
            .collect();
        let mut named = Vec::with_capacity(args.named.len());
        for (key, value) in args.named {
            named.push((*key, self.bytes_arg(*value)?));
        }
        let args = Args {
            positional: &positional?,
            named: &named,
        };
        self.meter.room(bytes.len() * 3)?;
        let result = self.str_method(self.text(text_of(bytes))?, name, args)?;
        self.bytes_result(result)
    }

    fn translate_bytes(
        &self,
        bytes: &[u8],
        table: Value<'a>,
        removed: Option<Value<'a>>,
    ) -> Res<Value<'a>> {
        let operand = |value: Value<'a>| match value {
            Value::Bytes(bytes) => Ok(bytes),
            _ => {
                let name = value.type_name();
                type_error(format!("a bytes-like object is required, not '{name}'"))
            }
        };
        let table = match table {
            Value::None => None,
            other => Some(operand(other)?),
        };
        if table.is_some_and(|table| table.len() != 256) {
            return value_error("translation table must be 256 characters long");
        }
        let removed = removed.map_or(Ok(&[][..]), operand)?;
        let mapped = |byte: &u8| table.map_or(*byte, |table| table[usize::from(*byte)]);
        self.meter.handle(bytes.len() + removed.len())?;
        self.meter.memory(bytes.len())?;
        let mut is_removed = [false; 256];
        removed
            .iter()
            .for_each(|byte| is_removed[usize::from(*byte)] = true);
        let kept = bytes.iter().filter(|byte| !is_removed[usize::from(**byte)]);
        self.bytes(kept.map(mapped).collect::<Vec<u8>>())
    }

    /// An argument as the method of `str` takes it. Text among bytes is an error.
    fn bytes_arg(&self, value: Value<'a>) -> Res<Value<'a>> {
        match value {
            Value::Bytes(bytes) => {
                self.meter.handle(bytes.len())?;
                self.meter.room(bytes.len() * 3)?;
                self.string(text_of(bytes))
            }
            Value::Str(_) => type_error("a bytes-like object is required, not 'str'"),
            Value::List(_) | Value::Tuple(_) => {
                let mut items = Vec::new();
                for item in self.collect(value)? {
                    items.push(self.bytes_arg(item)?);
                }
                if matches!(value, Value::Tuple(_)) {
                    self.tuple(items)
                } else {
                    self.list(items)
                }
            }
            _ => Ok(value),
        }
    }

    fn bytes_result(&self, value: Value<'a>) -> Res<Value<'a>> {
        match value {
            Value::Str(text) => {
                self.meter.handle(text.len())?;
                self.meter.room(text.len())?;
                self.bytes(bytes_of(text))
            }
            Value::List(list) => {
                self.meter.room(list.len() * size_of::<Value>())?;
                let list = list.items.borrow();
                let items: Res<Vec<_>> = list.iter().map(|item| self.bytes_result(*item)).collect();
                self.list(items?)
            }
            Value::Tuple(items) => {
                let items: Res<Vec<_>> =
                    items.iter().map(|item| self.bytes_result(*item)).collect();
                self.tuple(items?)
            }
            _ => Ok(value),
        }
    }
}

/// The first of the private characters that stand for bytes that are no ASCII text: they have no case, and are
/// neither letters nor space.
const PRIVATE: u32 = 0xe000;

fn text_of(bytes: &[u8]) -> String {
    bytes
        .iter()
        .filter_map(|byte| match byte {
            // Space to text, but not to bytes.
            0x1c..=0x1f | 0x80.. => char::from_u32(PRIVATE + u32::from(*byte)),
            _ => Some(char::from(*byte)),
        })
        .collect()
}

fn bytes_of(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u32::from(c).checked_sub(PRIVATE).unwrap_or(u32::from(c)) as u8)
        .collect()
}

fn byte_lines(bytes: &[u8], keep_ends: bool) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest
            .iter()
            .position(|b| matches!(b, b'\n' | b'\r'))
            .unwrap_or(rest.len());
        let next = match &rest[end..] {
            [b'\r', b'\n', ..] => end + 2,
            [_, ..] => end + 1,
            [] => end,
        };
        let line = &rest[..if keep_ends { next } else { end }];
        rest = &rest[next..];
        Some(line)
    })
}

fn push_undecodable(out: &mut String, bytes: &[u8], codec: &str, errors: &str) -> Res<()> {
    match errors {
        "ignore" => {}
        "replace" => out.push('\u{fffd}'),
        "backslashreplace" => {
            for byte in bytes {
                out.push_str(&format!("\\x{byte:02x}"));
            }
        }
        "strict" => {
            let byte = bytes.first().copied().unwrap_or(0);
            return raise(
                Kind::UnicodeDecode,
                format!("'{codec}' codec can't decode byte {byte:#04x}"),
            );
        }
        _ => return unknown_handler(errors),
    }
    Ok(())
}

fn unknown_handler<T>(name: &str) -> Res<T> {
    raise(Kind::Lookup, format!("unknown error handler name '{name}'"))
}
