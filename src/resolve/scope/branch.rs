use std::collections::BTreeMap;

use minijinja::Value;

/// A mapping on its way to the engine: dotted paths become nested mappings.
#[derive(Default)]
pub(super) struct Branch {
    value: Option<Value>,
    below: BTreeMap<String, Branch>,
}

impl Branch {
    /// Puts a value at a path. The path exists even where there is no value, so that only its
    /// end is undefined and `| default(…)` can stand in for it.
    pub(super) fn put(&mut self, path: &[&str], value: Option<Value>) {
        let [first, rest @ ..] = path else {
            self.value = value;
            return;
        };
        let below = self.below.entry((*first).to_owned()).or_default();
        below.put(rest, value);
    }

    pub(super) fn into_value(self) -> Value {
        if let Some(value) = self.value {
            return value;
        }
        if self.below.is_empty() {
            return Value::UNDEFINED;
        }
        let below = self.below.into_iter();
        Value::from_pairs(below.map(|(name, branch)| (name, branch.into_value())))
    }
}
