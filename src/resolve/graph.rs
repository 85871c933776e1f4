use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Keys and what each depends on, in the manifest's order.
pub(super) type Edges<'a> = Vec<(&'a str, &'a BTreeMap<String, String>)>;

/// What comes before what.
pub(super) struct Order<'a> {
    /// Keys, each after everything it depends on; the manifest's own order wherever the edges
    /// leave a choice.
    pub(super) sorted: Vec<&'a str>,
    /// Each cycle once, from its first key in the manifest's order.
    pub(super) cycles: Vec<Vec<String>>,
    /// Keys in a cycle or behind one.
    pub(super) waiting: Vec<&'a str>,
}

/// Puts keys in order. Edges to keys that do not exist are ignored.
pub(super) fn order<'a>(edges: &Edges<'a>) -> Order<'a> {
    let index: HashMap<&str, usize> = edges
        .iter()
        .enumerate()
        .map(|(at, (key, _))| (*key, at))
        .collect();
    let needs: Vec<Vec<usize>> = edges
        .iter()
        .map(|(_, needs)| {
            needs
                .keys()
                .filter_map(|key| index.get(key.as_str()).copied())
                .collect()
        })
        .collect();
    let mut waiting: Vec<usize> = needs.iter().map(Vec::len).collect();
    let mut dependants = vec![Vec::new(); edges.len()];
    for (at, needed) in needs.iter().enumerate() {
        for need in needed {
            dependants[*need].push(at);
        }
    }
    let mut ready: BTreeSet<usize> = (0..edges.len()).filter(|at| waiting[*at] == 0).collect();
    let mut sorted = Vec::with_capacity(edges.len());
    while let Some(next) = ready.pop_first() {
        sorted.push(edges[next].0);
        for dependant in &dependants[next] {
            waiting[*dependant] -= 1;
            if waiting[*dependant] == 0 {
                ready.insert(*dependant);
            }
        }
    }
    let cycles = cycles(&needs, &waiting)
        .into_iter()
        .map(|cycle| cycle.into_iter().map(|at| edges[at].0.to_owned()).collect())
        .collect();
    let waiting = (0..edges.len()).filter(|at| waiting[*at] > 0);
    Order {
        sorted,
        cycles,
        waiting: waiting.map(|at| edges[at].0).collect(),
    }
}

/// One cycle for each group of keys that wait for each other.
fn cycles(needs: &[Vec<usize>], waiting: &[usize]) -> Vec<Vec<usize>> {
    let mut seen = vec![false; needs.len()];
    let mut all = Vec::new();
    for start in 0..needs.len() {
        if waiting[start] == 0 || seen[start] {
            continue;
        }
        // Whatever still waits, waits for something that still waits: the walk must come back.
        let mut path = Vec::new();
        let mut at = start;
        while !seen[at] {
            seen[at] = true;
            path.push(at);
            match needs[at].iter().find(|need| waiting[**need] > 0) {
                Some(next) => at = *next,
                None => break,
            }
        }
        if let Some(begin) = path.iter().position(|step| *step == at) {
            let mut cycle = path.split_off(begin);
            let first = cycle
                .iter()
                .enumerate()
                .min_by_key(|(_, step)| **step)
                .map(|(i, _)| i);
            cycle.rotate_left(first.unwrap_or_default());
            all.push(cycle);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(edges: &[(&str, &[&str])]) -> (Vec<String>, Vec<Vec<String>>) {
        let maps: Vec<(&str, BTreeMap<String, String>)> = edges
            .iter()
            .map(|(key, needs)| {
                (
                    *key,
                    needs
                        .iter()
                        .map(|need| ((*need).to_owned(), String::new()))
                        .collect(),
                )
            })
            .collect();
        let edges = maps.iter().map(|(key, needs)| (*key, needs)).collect();
        let Order { sorted, cycles, .. } = order(&edges);
        (sorted.into_iter().map(str::to_owned).collect(), cycles)
    }

    #[test]
    fn what_is_depended_on_comes_first_and_the_rest_keeps_its_order() {
        let (sorted, cycles) = ordered(&[("d", &["a"]), ("c", &[]), ("a", &["b"]), ("b", &[])]);
        assert_eq!(sorted, ["c", "b", "a", "d"]);
        assert!(cycles.is_empty());
    }

    #[test]
    fn each_cycle_is_found_whole_and_once() {
        let (sorted, cycles) = ordered(&[
            ("a", &["b"]),
            ("b", &["c"]),
            ("c", &["a"]),
            ("x", &["y"]),
            ("y", &["x"]),
            ("waits", &["a"]),
            ("free", &[]),
        ]);
        assert_eq!(sorted, ["free"]);
        assert_eq!(cycles, [vec!["a", "b", "c"], vec!["x", "y"]]);
    }

    #[test]
    fn what_only_waits_for_a_cycle_is_not_part_of_it() {
        let (_, cycles) = ordered(&[("waits", &["a"]), ("a", &["b"]), ("b", &["a"])]);
        assert_eq!(cycles, [vec!["a", "b"]]);
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_needs_no_recursion() {
        let keys: Vec<String> = (0..100_000).map(|n| format!("k{n}")).collect();
        let maps: Vec<BTreeMap<String, String>> = (0..100_000)
            .map(|n: usize| {
                keys.get(n + 1)
                    .map(|k| (k.clone(), String::new()))
                    .into_iter()
                    .collect()
            })
            .collect();
        let edges = keys.iter().map(String::as_str).zip(&maps).collect();
        let Order { sorted, cycles, .. } = order(&edges);
        assert_eq!((sorted.len(), cycles.len()), (100_000, 0));
        assert_eq!(sorted[0], "k99999");
    }
}
