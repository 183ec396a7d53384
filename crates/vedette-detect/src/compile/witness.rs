//! Which atoms a rule cannot match without: the plan looks at a rule only when one of them was found.

use super::Builder;
use crate::plan::Node;

/// A set of atoms of which one must hold, and the estimated share of events in which one is found.
struct Witness {
    atoms: Vec<u32>,
    frequency: f64,
}

/// The rarest witness of `root`, or `None` when it can hold with nothing found.
pub(super) fn choose(root: &Node, builder: &Builder) -> Option<Vec<u32>> {
    let mut witness = of(root, true, builder)?;
    witness.atoms.sort_unstable();
    witness.atoms.dedup();
    Some(witness.atoms)
}

/// The witness of `node` holding, or with `holds` false of its not holding.
fn of(node: &Node, holds: bool, builder: &Builder) -> Option<Witness> {
    match (node, holds) {
        (Node::Never, true) => Some(Witness { atoms: Vec::new(), frequency: 0.0 }),
        (Node::Never, false) | (Node::Atom(_), false) => None,
        (Node::Atom(atom), true) => {
            let keys = builder.keys[*atom as usize].as_ref()?;
            Some(Witness { atoms: vec![*atom], frequency: keys.frequency })
        }
        (Node::Not(inner), _) => of(inner, !holds, builder),
        // Every part holds, so the rarest one is witness enough.
        (Node::All(nodes), true) | (Node::Any(nodes), false) => nodes
            .iter()
            .filter_map(|n| of(n, holds, builder))
            .min_by(|a, b| a.frequency.total_cmp(&b.frequency).then(a.atoms.len().cmp(&b.atoms.len()))),
        // One part holds, and nobody knows which.
        (Node::Any(nodes), true) | (Node::All(nodes), false) => {
            let mut all = Witness { atoms: Vec::new(), frequency: 0.0 };
            for n in nodes {
                let one = of(n, holds, builder)?;
                all.atoms.extend(one.atoms);
                all.frequency += one.frequency;
            }
            Some(all)
        }
    }
}
