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
            (score >= 0.7).then_some((score, candidate))
        })
        .max_by(|(a, x), (b, y)| a.total_cmp(b).then_with(|| y.cmp(x)))
        .map(|(_, candidate)| candidate)
}

fn likeness(wrong: &str, candidate: &str) -> f64 {
    let typed = strsim::normalized_damerau_levenshtein(wrong, candidate);
    let contained = wrong.len() >= 4 && (candidate.contains(wrong) || wrong.contains(candidate));
    if contained { typed.max(0.7) } else { typed }
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
