//! A set of ATT&CK tactics as bits, in the order of an intrusion.

/// Tactics of one finding or one incident. A bit's number is the tactic's place in [`vedette_attack::tactics`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct TacticSet(pub u16);

impl TacticSet {
    pub const EMPTY: Self = Self(0);

    /// From ids, short names or names in any case; tactics that were split off count with the one they came from, and
    /// what is no tactic is passed over.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        names.into_iter().fold(Self::EMPTY, |set, name| set.union(Self::named(name)))
    }

    fn named(name: &str) -> Self {
        let family = vedette_attack::tactic(name).map(|t| t.family());
        let place = family.and_then(|f| vedette_attack::tactics().iter().position(|t| t.shortname == f));
        place.filter(|p| *p < 16).map_or(Self::EMPTY, |p| Self(1 << p))
    }

    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether the two have a tactic in common.
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// Short names in the order of an intrusion.
    pub fn names(self) -> Vec<&'static str> {
        let all = vedette_attack::tactics().iter().enumerate();
        all.filter(|(p, _)| *p < 16 && self.0 >> p & 1 == 1).map(|(_, t)| t.shortname).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tactics_come_back_in_the_order_of_an_intrusion() {
        let set = TacticSet::from_names(["Impact", "TA0001", "credential_access", "no-such", "stealth"]);
        assert_eq!(set.names(), ["initial-access", "defense-evasion", "credential-access", "impact"]);
        assert_eq!(set.count(), 4);
        assert!(TacticSet::from_names(["no-such"]).is_empty());
    }
}
