//! A byte trie over literals, walked from a value's start or from its end. A branch with one literal left is not
//! walked but compared.

use std::ops::ControlFlow;

#[derive(Debug, Default)]
pub(super) struct Trie {
    nodes: Vec<Node>,
    /// First byte and target of each edge, in blocks of one node, sorted by byte.
    edges: Vec<(u8, u32)>,
    /// Literals as given, in the order of the walk.
    literals: Vec<Literal>,
}

#[derive(Debug)]
struct Literal {
    bytes: Box<[u8]>,
    id: u32,
    /// Nothing may follow.
    exact: bool,
}

/// The literals `first..ends_here` end at this node; `ends_here..` go on. With one literal going on there are no edges.
#[derive(Debug, Clone, Copy)]
struct Node {
    depth: u32,
    literals: (u32, u32, u32),
    edges: (u32, u32),
}

impl Trie {
    pub(super) fn forward(literals: Vec<(&[u8], u32, bool)>) -> Self {
        Self::build(
            literals.into_iter().map(|(b, id, exact)| Literal { bytes: b.into(), id, exact }).collect(),
        )
    }

    /// Literals are turned around, so that the walk from the end reads them forwards.
    pub(super) fn backward(literals: Vec<(&[u8], u32, bool)>) -> Self {
        Self::build(
            literals
                .into_iter()
                .map(|(b, id, exact)| Literal { bytes: b.iter().rev().copied().collect(), id, exact })
                .collect(),
        )
    }

    fn build(mut literals: Vec<Literal>) -> Self {
        literals.sort_by(|a, b| a.bytes.cmp(&b.bytes).then(a.id.cmp(&b.id)));
        let mut trie = Self { nodes: Vec::new(), edges: Vec::new(), literals };
        if trie.literals.is_empty() {
            return trie;
        }
        trie.add_node(0, trie.literals.len(), 0);
        let mut done = 0;
        while let Some(node) = trie.nodes.get(done).copied() {
            let (_, mut at, end) = node.literals;
            if end - at > 1 {
                let first_edge = trie.edges.len() as u32;
                let depth = node.depth as usize;
                while at < end {
                    let byte = trie.literals[at as usize].bytes[depth];
                    let same = trie.literals[at as usize..end as usize]
                        .iter()
                        .take_while(|l| l.bytes[depth] == byte)
                        .count() as u32;
                    // A whole run of common bytes is skipped over; the skipped bytes are compared by the walk.
                    let target = trie.add_node(at as usize, (at + same) as usize, depth + 1);
                    trie.edges.push((byte, target));
                    at += same;
                }
                trie.nodes[done].edges = (first_edge, trie.edges.len() as u32);
            }
            done += 1;
        }
        trie
    }

    /// Adds the node for `literals[from..to]`, which agree in their first `depth` bytes and perhaps in more.
    fn add_node(&mut self, from: usize, to: usize, depth: usize) -> u32 {
        let range = &self.literals[from..to];
        // Sorted: what the first and the last have in common, all have.
        let depth = match range {
            [first, .., last] => {
                depth
                    + first.bytes[depth..]
                        .iter()
                        .zip(&last.bytes[depth..])
                        .take_while(|(a, b)| a == b)
                        .count()
            }
            _ => depth,
        };
        let ends = range.iter().take_while(|l| l.bytes.len() == depth).count();
        self.nodes.push(Node {
            depth: depth as u32,
            literals: (from as u32, (from + ends) as u32, to as u32),
            edges: (0, 0),
        });
        (self.nodes.len() - 1) as u32
    }

    pub(super) fn scan_forward(
        &self,
        text: &[u8],
        hit: &mut impl FnMut(u32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        self.walk(text.len(), |i| text[i], |from, bytes| text[from..].starts_with(bytes), hit)
    }

    pub(super) fn scan_backward(
        &self,
        text: &[u8],
        hit: &mut impl FnMut(u32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let len = text.len();
        self.walk(
            len,
            |i| text[len - 1 - i],
            |from, bytes| {
                bytes.len() <= len - from && text[..len - from].iter().rev().zip(bytes).all(|(a, b)| a == b)
            },
            hit,
        )
    }

    fn walk(
        &self,
        len: usize,
        byte: impl Fn(usize) -> u8,
        same: impl Fn(usize, &[u8]) -> bool,
        hit: &mut impl FnMut(u32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some(mut node) = self.nodes.first() else { return ControlFlow::Continue(()) };
        let mut checked = 0;
        loop {
            let (first, ends, last) = node.literals;
            let depth = node.depth as usize;
            if depth > len {
                return ControlFlow::Continue(());
            }
            // Bytes that were skipped because all literals below share them.
            if checked < depth && !same(checked, &self.literals[first as usize].bytes[checked..depth]) {
                return ControlFlow::Continue(());
            }
            for literal in &self.literals[first as usize..ends as usize] {
                if !literal.exact || depth == len {
                    hit(literal.id)?;
                }
            }
            if last - ends == 1 {
                let literal = &self.literals[ends as usize];
                if same(depth, &literal.bytes[depth..]) && (!literal.exact || literal.bytes.len() == len) {
                    hit(literal.id)?;
                }
                return ControlFlow::Continue(());
            }
            if depth == len {
                return ControlFlow::Continue(());
            }
            let edges = &self.edges[node.edges.0 as usize..node.edges.1 as usize];
            let next = byte(depth);
            let found = if edges.len() <= 8 {
                edges.iter().find(|(b, _)| *b == next)
            } else {
                edges.binary_search_by_key(&next, |(b, _)| *b).ok().map(|i| &edges[i])
            };
            let Some((_, target)) = found else { return ControlFlow::Continue(()) };
            checked = depth + 1;
            node = &self.nodes[*target as usize];
        }
    }
}
