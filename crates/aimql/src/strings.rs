//! The methods of `str`.

use crate::call::Args;
use crate::fault::{Kind, Res, no_attribute, raise, type_error, value_error};
use crate::machine::Machine;
use crate::text;
use crate::unicode;
use crate::value::Value;

impl<'a> Machine<'a> {
    pub(crate) fn str_method(
        &self,
        s: &'a str,
        name: &'a str,
        args: Args<'a, '_>,
    ) -> Res<Value<'a>> {
        match name {
            "startswith" | "endswith" => return self.affix(s, name, args),
            "removeprefix" => {
                let prefix = self.str_arg(args.one(name)?, name)?;
                self.meter.scan(prefix.len().min(s.len()))?;
                return Ok(Value::Str(s.strip_prefix(prefix).unwrap_or(s)));
            }
            "removesuffix" => {
                let suffix = self.str_arg(args.one(name)?, name)?;
                self.meter.scan(suffix.len().min(s.len()))?;
                return Ok(Value::Str(s.strip_suffix(suffix).unwrap_or(s)));
            }
            "isascii" => {
                args.none(name)?;
                self.meter.scan(s.len())?;
                return Ok(Value::Bool(s.is_ascii()));
            }
            _ => {}
        }
        self.meter.handle(s.len())?;
        if !s.is_ascii() {
            // Characters of other scripts are looked up in tables.
            self.meter.handle(s.len())?;
        }
        // What is searched for and put in is gone through too.
        for arg in args.positional {
            if let Value::Str(text) = arg {
                self.meter.handle(text.len())?;
            }
        }
        match name {
            "lower" => self.mapped(s, name, args, || text::lower(s)),
            "upper" => self.mapped(s, name, args, || text::upper(s)),
            "capitalize" => self.mapped(s, name, args, || text::capitalize(s)),
            "title" => self.mapped(s, name, args, || text::title(s)),
            "swapcase" => self.mapped(s, name, args, || text::swap_case(s)),
            "casefold" => self.mapped(s, name, args, || text::fold(s)),
            "strip" => self.strip_method(s, name, args, true, true),
            "lstrip" => self.strip_method(s, name, args, true, false),
            "rstrip" => self.strip_method(s, name, args, false, true),
            "split" | "rsplit" => self.split_method(s, name, args),
            "splitlines" => {
                let [keep_ends] = args.bind(name, ["keepends"], 0, 0, 1)?;
                let keep_ends = keep_ends.is_some_and(Value::truth);
                self.str_list(text::split_lines(s, keep_ends))
            }
            "partition" | "rpartition" => self.partition(s, name, args),
            "replace" => self.replace_method(s, args),
            "join" => self.join(s, args.one(name)?),
            "find" | "rfind" | "index" | "rindex" => self.find_method(s, name, args),
            "count" => self.count_method(s, args),
            "center" | "ljust" | "rjust" => self.justify(s, name, args),
            "zfill" => self.zfill(s, args),
            "expandtabs" => {
                let [size] = args.bind(name, ["tabsize"], 0, 0, 1)?;
                let size = size.map_or(Ok(8), |size| self.index_arg(size))?;
                let size = usize::try_from(size).unwrap_or(0);
                let tabs = s.bytes().filter(|b| *b == b'\t').count();
                let spaces = tabs.saturating_mul(size);
                self.meter.memory(spaces.saturating_add(s.len()))?;
                self.meter.handle(spaces)?;
                self.string(text::expand_tabs(s, size))
            }
            "isalnum" => self.all_chars(s, name, args, |c| {
                unicode::is_alpha(c)
                    || unicode::is_decimal(c)
                    || unicode::is_digit(c)
                    || unicode::is_numeric(c)
            }),
            "isalpha" => self.all_chars(s, name, args, unicode::is_alpha),
            "isdecimal" => self.all_chars(s, name, args, unicode::is_decimal),
            "isdigit" => self.all_chars(s, name, args, unicode::is_digit),
            "isnumeric" => self.all_chars(s, name, args, unicode::is_numeric),
            "isspace" => self.all_chars(s, name, args, unicode::is_space),
            "isprintable" => args
                .none(name)
                .map(|()| Value::Bool(s.chars().all(unicode::is_printable))),
            "isupper" => args.none(name).map(|()| Value::Bool(text::is_upper(s))),
            "islower" => args.none(name).map(|()| Value::Bool(text::is_lower(s))),
            "istitle" => args.none(name).map(|()| Value::Bool(text::is_title(s))),
            "isidentifier" => args
                .none(name)
                .map(|()| Value::Bool(text::is_identifier(s))),
            "encode" => {
                let [encoding, errors] = args.bind(name, ["encoding", "errors"], 0, 0, 2)?;
                self.encode(s, encoding, errors)
            }
            "format" => self.string(self.format_template(s, args)?),
            "format_map" => {
                let map = args.one(name)?;
                self.string(self.format_template_map(s, map)?)
            }
            "translate" => self.translate(s, args.one(name)?),
            "maketrans" => self.make_trans(args),
            _ => no_attribute("str", name),
        }
    }

    pub(crate) fn str_arg(&self, value: Value<'a>, function: &str) -> Res<&'a str> {
        match value {
            Value::Str(text) => Ok(text),
            _ => {
                let name = value.type_name();
                type_error(format!("{function}() argument must be str, not {name}"))
            }
        }
    }

    /// An argument that must be an integer.
    pub(crate) fn index_arg(&self, value: Value<'a>) -> Res<i64> {
        match value {
            Value::Int(i) => Ok(i),
            Value::Bool(b) => Ok(i64::from(b)),
            Value::Big(_) => raise(
                Kind::Overflow,
                "Python int too large to convert to C ssize_t",
            ),
            _ => {
                let name = value.type_name();
                type_error(format!(
                    "'{name}' object cannot be interpreted as an integer"
                ))
            }
        }
    }

    fn mapped(
        &self,
        s: &str,
        name: &str,
        args: Args<'a, '_>,
        map: impl FnOnce() -> String,
    ) -> Res<Value<'a>> {
        args.none(name)?;
        // Three characters may stand for one.
        self.meter
            .room(s.len().saturating_mul(if s.is_ascii() { 1 } else { 3 }))?;
        self.string(map())
    }

    fn all_chars(
        &self,
        s: &str,
        name: &str,
        args: Args<'a, '_>,
        test: impl Fn(char) -> bool,
    ) -> Res<Value<'a>> {
        args.none(name)?;
        Ok(Value::Bool(!s.is_empty() && s.chars().all(test)))
    }

    /// The parts as values, each paid for.
    pub(crate) fn parts(&self, parts: impl Iterator<Item = Value<'a>>) -> Res<Vec<Value<'a>>> {
        let mut found = Vec::new();
        for part in parts {
            self.meter.work(1)?;
            self.meter.memory(2 * size_of::<Value>())?;
            found.push(part);
        }
        Ok(found)
    }

    fn str_list(&self, parts: impl Iterator<Item = &'a str>) -> Res<Value<'a>> {
        self.list(self.parts(parts.map(Value::Str))?)
    }

    fn reversed(&self, parts: impl Iterator<Item = &'a str>) -> Res<Value<'a>> {
        let mut parts = self.parts(parts.map(Value::Str))?;
        parts.reverse();
        self.list(parts)
    }

    /// The part of the text between the optional arguments `start` and `end`, and the number of code points before
    /// it. None if `start` lies behind the end of the text.
    fn window(
        &self,
        s: &'a str,
        start: Option<Value<'a>>,
        end: Option<Value<'a>>,
    ) -> Res<Option<(usize, &'a str)>> {
        let (start, end) = (start.unwrap_or(Value::None), end.unwrap_or(Value::None));
        if matches!((start, end), (Value::None, Value::None)) {
            return Ok(Some((0, s)));
        }
        let len = text::count_chars(s);
        let bound = |part: Value<'a>, missing: usize| -> Res<usize> {
            let i = match part {
                Value::None => return Ok(missing),
                Value::Int(i) => i,
                Value::Bool(b) => i64::from(b),
                Value::Big(big) if big.sign() == num_bigint::Sign::Minus => i64::MIN,
                Value::Big(_) => i64::MAX,
                _ => {
                    return type_error(
                        "slice indices must be integers or None or have an __index__ method",
                    );
                }
            };
            let i = if i < 0 {
                i.saturating_add(len as i64)
            } else {
                i
            };
            Ok(usize::try_from(i).unwrap_or(0))
        };
        let (first, last) = (bound(start, 0)?, bound(end, len)?.min(len));
        if first > len || first > last {
            return Ok(None);
        }
        Ok(Some((
            first,
            &s[text::offset(s, first)..text::offset(s, last)],
        )))
    }

    fn affix(&self, s: &'a str, name: &str, args: Args<'a, '_>) -> Res<Value<'a>> {
        let given = args.take(name, 1, 3)?;
        if given.len() > 1 {
            // Where the window lies takes counting.
            self.meter.handle(s.len())?;
        }
        let window = self.window(s, given.get(1).copied(), given.get(2).copied())?;
        let test = |affix: &str| -> Res<bool> {
            self.meter.scan(affix.len().min(s.len()))?;
            Ok(match window {
                Some((_, s)) if name == "startswith" => s.starts_with(affix),
                Some((_, s)) => s.ends_with(affix),
                None => false,
            })
        };
        match given[0] {
            Value::Str(affix) => Ok(Value::Bool(test(affix)?)),
            Value::Tuple(affixes) => {
                for affix in affixes {
                    self.meter.work(1)?;
                    match affix {
                        Value::Str(affix) if test(affix)? => return Ok(Value::Bool(true)),
                        Value::Str(_) => {}
                        _ => {
                            let other = affix.type_name();
                            return type_error(format!(
                                "tuple for {name} must only contain str, not {other}"
                            ));
                        }
                    }
                }
                Ok(Value::Bool(false))
            }
            other => {
                let other = other.type_name();
                type_error(format!(
                    "{name} first arg must be str or a tuple of str, not {other}"
                ))
            }
        }
    }

    fn strip_method(
        &self,
        s: &'a str,
        name: &str,
        args: Args<'a, '_>,
        left: bool,
        right: bool,
    ) -> Res<Value<'a>> {
        let given = args.take(name, 0, 1)?;
        let strip = |test: &dyn Fn(char) -> bool| {
            let s = if left { s.trim_start_matches(test) } else { s };
            if right { s.trim_end_matches(test) } else { s }
        };
        match given.first() {
            None | Some(Value::None) => Ok(Value::Str(strip(&unicode::is_space))),
            Some(Value::Str(chars)) => {
                self.meter
                    .work((s.len() as u64).saturating_mul(chars.len() as u64) / 64)?;
                Ok(Value::Str(strip(&|c| chars.contains(c))))
            }
            Some(_) => type_error(format!("{name} arg must be None or str")),
        }
    }

    fn split_method(&self, s: &'a str, name: &str, args: Args<'a, '_>) -> Res<Value<'a>> {
        let [separator, max] = args.bind(name, ["sep", "maxsplit"], 0, 0, 2)?;
        let max = max.map_or(Ok(-1), |max| self.index_arg(max))?;
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        let from_left = name == "split";
        match separator.unwrap_or(Value::None) {
            Value::None if from_left => self.str_list(text::split_space(s, max)),
            Value::None => self.reversed(text::rsplit_space(s, max)),
            Value::Str("") => value_error("empty separator"),
            Value::Str(separator) => {
                let pieces = max.saturating_add(1);
                if from_left {
                    self.str_list(s.splitn(pieces, separator))
                } else {
                    self.reversed(s.rsplitn(pieces, separator))
                }
            }
            other => {
                let other = other.type_name();
                type_error(format!("must be str or None, not {other}"))
            }
        }
    }

    fn partition(&self, s: &'a str, name: &str, args: Args<'a, '_>) -> Res<Value<'a>> {
        let separator = self.str_arg(args.one(name)?, name)?;
        if separator.is_empty() {
            return value_error("empty separator");
        }
        let first = name == "partition";
        let split = if first {
            s.split_once(separator)
        } else {
            s.rsplit_once(separator)
        };
        let parts = match split {
            Some((before, after)) => [before, separator, after],
            None if first => [s, "", ""],
            None => ["", "", s],
        };
        self.tuple(parts.map(Value::Str))
    }

    fn replace_method(&self, s: &'a str, args: Args<'a, '_>) -> Res<Value<'a>> {
        let given = args.take("replace", 2, 3)?;
        let (from, to) = (
            self.str_arg(given[0], "replace")?,
            self.str_arg(given[1], "replace")?,
        );
        let count = given
            .get(2)
            .map_or(Ok(-1), |count| self.index_arg(*count))?;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let found = if from.is_empty() {
            text::count_chars(s) + 1
        } else {
            s.matches(from).count()
        };
        let found = found.min(count);
        self.meter
            .memory(found.saturating_mul(to.len()).saturating_add(s.len()))?;
        self.meter.handle(found.saturating_mul(to.len()))?;
        self.string(s.replacen(from, to, count))
    }

    pub(crate) fn join(&self, separator: &str, items: Value<'a>) -> Res<Value<'a>> {
        if !self.is_iterable(items) {
            return type_error("can only join an iterable");
        }
        let mut out = String::new();
        for (i, item) in self.collect(items)?.into_iter().enumerate() {
            let Value::Str(item) = item else {
                let other = item.type_name();
                return type_error(format!(
                    "sequence item {i}: expected str instance, {other} found"
                ));
            };
            self.meter.work(1)?;
            if i > 0 {
                self.push(&mut out, separator)?;
            }
            self.push(&mut out, item)?;
        }
        self.string(out)
    }

    fn find_method(&self, s: &'a str, name: &str, args: Args<'a, '_>) -> Res<Value<'a>> {
        let given = args.take(name, 1, 3)?;
        let part = self.str_arg(given[0], name)?;
        let window = self.window(s, given.get(1).copied(), given.get(2).copied())?;
        let found = window.and_then(|(before, s)| {
            let at = if name.starts_with('r') {
                s.rfind(part)
            } else {
                s.find(part)
            };
            at.map(|at| before + text::count_chars(&s[..at]))
        });
        match found {
            Some(at) => Ok(Value::Int(at as i64)),
            None if name.ends_with("find") => Ok(Value::Int(-1)),
            None => value_error("substring not found"),
        }
    }

    fn count_method(&self, s: &'a str, args: Args<'a, '_>) -> Res<Value<'a>> {
        let given = args.take("count", 1, 3)?;
        let part = self.str_arg(given[0], "count")?;
        let window = self.window(s, given.get(1).copied(), given.get(2).copied())?;
        Ok(Value::Int(match window {
            None => 0,
            Some((_, s)) if part.is_empty() => text::count_chars(s) as i64 + 1,
            Some((_, s)) => s.matches(part).count() as i64,
        }))
    }

    fn justify(&self, s: &'a str, name: &str, args: Args<'a, '_>) -> Res<Value<'a>> {
        let given = args.take(name, 1, 2)?;
        let width = self.index_arg(given[0])?;
        let fill = match given.get(1) {
            None => " ",
            Some(Value::Str(fill)) if text::count_chars(fill) == 1 => fill,
            Some(_) => {
                return type_error("The fill character must be exactly one character long");
            }
        };
        let len = text::count_chars(s);
        let width = usize::try_from(width).unwrap_or(0);
        let missing = width.saturating_sub(len);
        if missing == 0 {
            return Ok(Value::Str(s));
        }
        let added = missing.saturating_mul(fill.len());
        self.meter.memory(added)?;
        self.meter.handle(added)?;
        self.meter.room(s.len() + added)?;
        let before = match name {
            "ljust" => 0,
            "rjust" => missing,
            // An odd place goes to the left where the width is odd.
            _ => missing / 2 + (missing & width & 1),
        };
        self.string(format!(
            "{}{s}{}",
            fill.repeat(before),
            fill.repeat(missing - before)
        ))
    }

    fn zfill(&self, s: &'a str, args: Args<'a, '_>) -> Res<Value<'a>> {
        let width = usize::try_from(self.index_arg(args.one("zfill")?)?).unwrap_or(0);
        let missing = width.saturating_sub(text::count_chars(s));
        self.meter.memory(missing)?;
        self.meter.handle(missing)?;
        self.meter.room(s.len() + missing)?;
        let zeros = "0".repeat(missing);
        match s.strip_prefix(['+', '-']) {
            Some(rest) => self.string(format!("{}{zeros}{rest}", &s[..1])),
            None => self.string(format!("{zeros}{s}")),
        }
    }

    fn translate(&self, s: &'a str, table: Value<'a>) -> Res<Value<'a>> {
        let mut out = String::new();
        for c in s.chars() {
            self.meter.work(1)?;
            self.meter.memory(2 * c.len_utf8() + 4)?;
            let code = Value::Int(i64::from(u32::from(c)));
            let mapped = match table {
                Value::Dict(dict) => dict.get(self, code)?,
                _ => match self.item(table, code) {
                    Ok(value) => Some(value),
                    Err(fault) if fault.is_lookup_error() => None,
                    Err(fault) => return Err(fault),
                },
            };
            match mapped {
                None => out.push(c),
                Some(Value::None) => {}
                Some(Value::Str(text)) => {
                    self.push(&mut out, text)?;
                }
                Some(Value::Int(code)) => match u32::try_from(code).ok().and_then(char::from_u32) {
                    Some(c) => out.push(c),
                    None => {
                        return value_error("character mapping must be in range(0x110000)");
                    }
                },
                Some(_) => {
                    return type_error("character mapping must return integer, None or str");
                }
            }
        }
        self.string(out)
    }

    pub(crate) fn make_trans(&self, args: Args<'a, '_>) -> Res<Value<'a>> {
        let given = args.take("maketrans", 1, 3)?;
        let dict = self.new_dict(false)?;
        let code = |c: char| Value::Int(i64::from(u32::from(c)));
        match given {
            [Value::Dict(map)] => {
                map.each(self, |key, value| {
                    let key = match key {
                        Value::Int(_) => key,
                        Value::Str(text) if self.count_chars(text)? == 1 => {
                            text.chars().next().map_or(key, code)
                        }
                        Value::Str(_) => {
                            return value_error(
                                "string keys in translate table must be of length 1",
                            );
                        }
                        _ => {
                            return type_error(
                                "keys in translate table must be strings or integers",
                            );
                        }
                    };
                    dict.insert(self, key, value)
                })?;
            }
            [_] => {
                return type_error("if you give only one argument to maketrans it must be a dict");
            }
            [from, to, removed @ ..] => {
                let from = self.str_arg(*from, "maketrans")?;
                let to = self.str_arg(*to, "maketrans")?;
                if self.count_chars(from)? != self.count_chars(to)? {
                    return value_error("the first two maketrans arguments must have equal length");
                }
                for (from, to) in from.chars().zip(to.chars()) {
                    self.meter.work(1)?;
                    dict.insert(self, code(from), code(to))?;
                }
                if let Some(removed) = removed.first() {
                    for c in self.str_arg(*removed, "maketrans")?.chars() {
                        self.meter.work(1)?;
                        dict.insert(self, code(c), Value::None)?;
                    }
                }
            }
            [] => {}
        }
        Ok(Value::Dict(dict))
    }
}
