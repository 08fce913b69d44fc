//! Colours and styles of text, as the escape sequence `CSI ... m` sets them.

use std::fmt::Write;
use vte::Params;

/// What a cell looks like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// A bit for each of bold, faint, ..., by the number of the sequence that sets it.
    attributes: u16,
    foreground: Colour,
    background: Colour,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Colour {
    Default,
    Palette(u8),
    True(u8, u8, u8),
}

impl Style {
    pub const PLAIN: Style = Style {
        attributes: 0,
        foreground: Colour::Default,
        background: Colour::Default,
    };

    pub fn apply(&mut self, params: &Params) {
        let mut numbers = params.iter().flat_map(|group| group.iter().copied());
        while let Some(number) = numbers.next() {
            match number {
                0 => *self = Style::PLAIN,
                1..=9 => self.attributes |= 1 << number,
                21 => self.attributes |= 1 << 4,
                22 => self.attributes &= !(1 << 1 | 1 << 2),
                // Both kinds of blinking.
                25 => self.attributes &= !(1 << 5 | 1 << 6),
                23 | 24 | 27..=29 => self.attributes &= !(1 << (number - 20)),
                30..=37 => self.foreground = Colour::Palette(number as u8 - 30),
                40..=47 => self.background = Colour::Palette(number as u8 - 40),
                90..=97 => self.foreground = Colour::Palette(number as u8 - 82),
                100..=107 => self.background = Colour::Palette(number as u8 - 92),
                38 => self.foreground = Colour::read(&mut numbers),
                48 => self.background = Colour::read(&mut numbers),
                39 => self.foreground = Colour::Default,
                49 => self.background = Colour::Default,
                _ => {}
            }
        }
    }

    /// Writes the sequence that makes any style this one.
    pub fn write(&self, out: &mut String) {
        out.push_str("\x1b[0");
        for number in 1..=9 {
            if self.attributes & 1 << number != 0 {
                let _ = write!(out, ";{number}");
            }
        }
        self.foreground.write(out, 30, 82, 38);
        self.background.write(out, 40, 92, 48);
        out.push('m');
    }
}

impl Colour {
    /// What follows 38 or 48.
    fn read(numbers: &mut impl Iterator<Item = u16>) -> Colour {
        let kind = numbers.next();
        let mut byte = || numbers.next().unwrap_or(0) as u8;
        match kind {
            Some(5) => Colour::Palette(byte()),
            Some(2) => Colour::True(byte(), byte(), byte()),
            _ => Colour::Default,
        }
    }

    fn write(self, out: &mut String, plain: u16, bright: u16, other: u16) {
        let _ = match self {
            Colour::Default => Ok(()),
            Colour::Palette(n) if n < 8 => write!(out, ";{}", plain + u16::from(n)),
            Colour::Palette(n) if n < 16 => write!(out, ";{}", bright + u16::from(n)),
            Colour::Palette(n) => write!(out, ";{other};5;{n}"),
            Colour::True(r, g, b) => write!(out, ";{other};2;{r};{g};{b}"),
        };
    }
}
