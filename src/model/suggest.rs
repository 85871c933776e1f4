/// How many names are looked at: there may be one wrong name for each of ten thousand right ones.
const MAX_CANDIDATES: usize = 2_000;

/// The candidate a user most likely meant by `wrong`, when one is near enough to name.
///
/// Case is ignored. A candidate that contains what was typed, or lies within it, counts as near
/// from four characters on.
pub fn nearest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Comparing costs the product of both lengths, and no name is that long.
    if wrong.len() > 256 {
        return None;
    }
    let wrong = wrong.to_lowercase();
    candidates
        .into_iter()
        .take(MAX_CANDIDATES)
        .filter_map(|candidate| {
            let score = likeness(&wrong, &candidate.to_lowercase());
            (score >= NEAR).then_some((score, candidate))
        })
        .max_by(|(a, x), (b, y)| a.total_cmp(b).then_with(|| y.cmp(x)))
        .map(|(_, candidate)| candidate)
}

/// How alike two names have to be, from 0 to 1.
const NEAR: f64 = 0.7;

fn likeness(wrong: &str, candidate: &str) -> f64 {
    let contained = wrong.len() >= 4 && (candidate.contains(wrong) || wrong.contains(candidate));
    let at_least = if contained { NEAR } else { 0.0 };
    let (one, other) = (wrong.chars().count(), candidate.chars().count());
    let longest = one.max(other).max(1) as f64;
    // What differs in length alone is an edit each; most candidates end here, at little cost.
    if (one.abs_diff(other) as f64) > (1.0 - NEAR) * longest {
        return at_least;
    }
    let edits = strsim::osa_distance(wrong, candidate) as f64;
    (1.0 - edits / longest).max(at_least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_its_name() {
        assert_eq!(
            nearest("RootPasword", ["RootUser", "RootPassword"]),
            Some("RootPassword")
        );
    }

    #[test]
    fn case_does_not_matter() {
        assert_eq!(
            nearest("redisurl", ["RedisUrl", "EncoreUrl"]),
            Some("RedisUrl")
        );
    }

    #[test]
    fn part_of_a_service_id_finds_the_whole() {
        assert_eq!(
            nearest("valkey", ["valkey-io-valkey", "minio-minio"]),
            Some("valkey-io-valkey")
        );
    }

    #[test]
    fn something_else_altogether_finds_nothing() {
        assert_eq!(nearest("zebra", ["RootUser", "RootPassword"]), None);
    }
}
