//! Traffic Light Protocol 2.0: the four labels and the stricter amber.

/// With whom a report may be shared. Source: FIRST, TLP 2.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tlp {
    Red,
    AmberStrict,
    Amber,
    Green,
    Clear,
}

impl Tlp {
    pub const ALL: [Self; 5] = [Self::Red, Self::AmberStrict, Self::Amber, Self::Green, Self::Clear];

    pub fn label(self) -> &'static str {
        match self {
            Self::Red => "TLP:RED",
            Self::AmberStrict => "TLP:AMBER+STRICT",
            Self::Amber => "TLP:AMBER",
            Self::Green => "TLP:GREEN",
            Self::Clear => "TLP:CLEAR",
        }
    }

    /// What the label allows, in short.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Red => "for the named recipients only",
            Self::AmberStrict => "for the recipient's organisation only, on a need-to-know basis",
            Self::Amber => "for the recipient's organisation and its clients, on a need-to-know basis",
            Self::Green => "for the community, not for the public",
            Self::Clear => "may be shared without limit",
        }
    }

    /// `TLP:AMBER+STRICT`, `amber-strict`, `amber`; the old `white` is clear.
    pub fn of(word: &str) -> Option<Self> {
        let word = word.trim().to_ascii_lowercase();
        match word.strip_prefix("tlp:").unwrap_or(&word) {
            "red" => Some(Self::Red),
            "amber+strict" | "amber-strict" | "amber_strict" | "amber strict" => Some(Self::AmberStrict),
            "amber" => Some(Self::Amber),
            "green" => Some(Self::Green),
            "clear" | "white" => Some(Self::Clear),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_as_written() {
        for tlp in Tlp::ALL {
            assert_eq!(Tlp::of(tlp.label()), Some(tlp));
        }
        assert_eq!(Tlp::of("amber-strict"), Some(Tlp::AmberStrict));
        assert_eq!(Tlp::of("purple"), None);
    }
}
