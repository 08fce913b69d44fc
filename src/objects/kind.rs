//! What objects are.

/// What a sequence holds. The numbers are those of `AIM_QUERY_...`, pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum ObjectKind {
    Image = 3,
    Text = 4,
    Audio = 5,
    Distribution = 6,
    Figure = 7,
    Video = 8,
    Table = 9,
    Array = 10,
}

impl ObjectKind {
    pub const ALL: [ObjectKind; 8] = [
        ObjectKind::Image,
        ObjectKind::Text,
        ObjectKind::Audio,
        ObjectKind::Distribution,
        ObjectKind::Figure,
        ObjectKind::Video,
        ObjectKind::Table,
        ObjectKind::Array,
    ];

    pub fn from_number(number: u8) -> Option<ObjectKind> {
        ObjectKind::ALL.into_iter().find(|k| *k as u8 == number)
    }

    /// The name of its sequences in an expression.
    pub fn plural(self) -> &'static str {
        match self {
            ObjectKind::Image => "images",
            ObjectKind::Text => "texts",
            ObjectKind::Audio => "audios",
            ObjectKind::Distribution => "distributions",
            ObjectKind::Figure => "figures",
            ObjectKind::Video => "videos",
            ObjectKind::Table => "tables",
            ObjectKind::Array => "arrays",
        }
    }
}
