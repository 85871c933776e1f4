use std::collections::BTreeSet;

/// Which instance refers to which, without a cycle.
#[derive(Clone)]
pub(super) struct Edges {
    needs: Vec<BTreeSet<usize>>,
}

impl Edges {
    pub(super) fn between(count: usize) -> Self {
        Self {
            needs: vec![BTreeSet::new(); count],
        }
    }

    /// Lets all of these refer to one; says no, and adds nothing, where that would be a cycle.
    pub(super) fn add(&mut self, from: &[usize], to: usize) -> bool {
        let fits = from.iter().all(|one| !self.reaches(to, *one));
        if fits {
            for one in from {
                self.needs[*one].insert(to);
            }
        }
        fits
    }

    fn reaches(&self, from: usize, to: usize) -> bool {
        let mut seen = BTreeSet::from([from]);
        let mut waiting = vec![from];
        while let Some(at) = waiting.pop() {
            if at == to {
                return true;
            }
            let next = self.needs[at].iter().copied();
            waiting.extend(next.filter(|next| seen.insert(*next)));
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cycle_of_whatever_length_is_made() {
        let mut edges = Edges::between(4);
        assert!(!edges.add(&[0], 0));
        assert!(edges.add(&[0], 1) && edges.add(&[1], 2) && edges.add(&[0], 1));
        assert!(!edges.add(&[2], 0) && !edges.add(&[2], 1));
        assert!(!edges.add(&[3, 2], 0), "one of them would close a cycle");
        assert!(edges.add(&[2], 3), "and the other was not added either");
    }
}
