use super::{Node, NodeKind};

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 8 << 20;

/// How deep values may be nested.
pub(super) const MAX_DEPTH: usize = 128;

/// How many values and keys a file may hold; each costs memory however short it is.
const MAX_NODES: usize = 1_000_000;

/// What all anchors and aliases of a file may repeat. Counted in bytes: a node may be of any
/// size.
const MAX_REPEATED: usize = 1 << 20;

/// What one file may still make the reader keep.
#[derive(Default)]
pub(super) struct Budget {
    nodes: usize,
    repeated: usize,
}

impl Budget {
    /// Counts one node that stands in the file.
    pub(super) fn count(&mut self) -> Result<(), String> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(format!("the file holds more than {MAX_NODES} values"));
        }
        Ok(())
    }

    /// Counts one more copy of a node, made for an anchor or an alias.
    pub(super) fn repeat(&mut self, node: &Node) -> Result<(), String> {
        let left = MAX_REPEATED - self.repeated;
        match weight_within(node, left) {
            Some(weight) => {
                self.repeated += weight;
                Ok(())
            }
            None => Err(format!(
                "anchors and aliases repeat more than {} MiB in this file",
                MAX_REPEATED >> 20
            )),
        }
    }
}

/// What a copy of the node weighs; nothing, and no further look, where it is more than `limit`.
fn weight_within(node: &Node, limit: usize) -> Option<usize> {
    let own = size_of::<Node>()
        + match &node.kind {
            NodeKind::Number(text) | NodeKind::Text(text) => text.len(),
            _ => 0,
        };
    let mut left = limit.checked_sub(own)?;
    match &node.kind {
        NodeKind::List(items) => {
            for item in items {
                left -= weight_within(item, left)?;
            }
        }
        NodeKind::Map(entries) => {
            for (key, value) in entries {
                left = left.checked_sub(size_of::<Node>() + key.value.len())?;
                left -= weight_within(value, left)?;
            }
        }
        _ => {}
    }
    Some(limit - left)
}
