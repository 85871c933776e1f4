use rand::CryptoRng;
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::model::Recipe;

/// How many values are drawn before it is given up that one fits.
const DRAWS: u32 = 1000;
/// How many bytes are drawn for one character, each of which is good by at least even chance.
const BYTES: u32 = 128;

/// A value by a recipe that fits; nothing where none comes up in a thousand.
///
/// Every character of the alphabet is as likely as another, but the first and the last are a
/// letter or a digit, which no tool takes for an option or cuts off. Values that do not fit are
/// wiped.
pub fn draw(
    recipe: &Recipe,
    fits: &dyn Fn(&str) -> bool,
    random: &mut dyn CryptoRng,
) -> Option<SecretString> {
    for _ in 0..DRAWS {
        let mut value = candidate(recipe, random)?;
        if fits(&value) {
            return Some(SecretString::from(std::mem::take(&mut *value)));
        }
    }
    None
}

fn candidate(recipe: &Recipe, random: &mut dyn CryptoRng) -> Option<Zeroizing<String>> {
    let all = recipe.characters.alphabet().as_bytes();
    let plain: Vec<u8> = all
        .iter()
        .copied()
        .filter(u8::is_ascii_alphanumeric)
        .collect();
    let last = recipe.length.checked_sub(1)?;
    // Large enough from the beginning: growing would leave copies behind.
    let mut value = Zeroizing::new(String::with_capacity(recipe.length.into()));
    for at in 0..=last {
        let alphabet = if at == 0 || at == last { &plain } else { all };
        value.push(one_of(alphabet, random)?.into());
    }
    Some(value)
}

/// One of at most 256, each with the same chance.
fn one_of(alphabet: &[u8], random: &mut dyn CryptoRng) -> Option<u8> {
    let below = u32::try_from(alphabet.len())
        .ok()?
        .checked_next_power_of_two()?;
    (0..BYTES).find_map(|_| {
        let at = usize::try_from(random.next_u32() & (below - 1)).ok()?;
        alphabet.get(at).copied()
    })
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;
    use secrecy::ExposeSecret;

    use super::*;
    use crate::model::Characters;

    const ALL: [Characters; 5] = [
        Characters::UrlSafe,
        Characters::Alphanumeric,
        Characters::Lower,
        Characters::Hex,
        Characters::Digits,
    ];

    fn drawn(length: u16, characters: Characters, seed: u64) -> String {
        let recipe = Recipe { length, characters };
        let mut random = StdRng::seed_from_u64(seed);
        let value = draw(&recipe, &|_| true, &mut random).unwrap();
        value.expose_secret().to_owned()
    }

    #[test]
    fn every_character_comes_up_about_as_often() {
        for characters in ALL {
            let mut counts: BTreeMap<char, usize> = BTreeMap::new();
            let value = drawn(u16::MAX, characters, 1);
            for c in value.chars() {
                *counts.entry(c).or_default() += 1;
            }
            let alphabet = characters.alphabet();
            assert_eq!(counts.len(), alphabet.len());
            let fair = value.len() / alphabet.len();
            for (c, count) in counts {
                assert!(count > fair * 4 / 5 && count < fair * 5 / 4, "{c}: {count}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_drawn_again() {
        let recipe = Recipe {
            length: 8,
            characters: Characters::Alphanumeric,
        };
        let refused = RefCell::new(BTreeSet::new());
        let fits = |value: &str| {
            let fits = value.chars().any(|c| c.is_ascii_digit());
            if !fits {
                refused.borrow_mut().insert(value.to_owned());
            }
            fits
        };
        for seed in 0..50 {
            let mut random = StdRng::seed_from_u64(seed);
            let value = draw(&recipe, &fits, &mut random).unwrap();
            assert!(fits(value.expose_secret()));
        }
        assert!(!refused.borrow().is_empty());
    }

    #[test]
    fn drawing_ends_where_nothing_can_fit() {
        let recipe = Recipe {
            length: 8,
            characters: Characters::Digits,
        };
        let mut random = StdRng::seed_from_u64(1);
        let impossible = draw(&recipe, &|value| value.contains('x'), &mut random);
        assert!(impossible.is_none());
        let nothing = Recipe {
            length: 0,
            ..recipe
        };
        assert!(draw(&nothing, &|_| true, &mut random).is_none());
    }

    proptest! {
        #[test]
        fn a_value_has_its_length_its_characters_and_plain_ends(
            length in 1u16..200,
            which in 0..ALL.len(),
            seed in any::<u64>(),
        ) {
            let value = drawn(length, ALL[which], seed);
            prop_assert_eq!(value.len(), usize::from(length));
            prop_assert!(value.chars().all(|c| ALL[which].alphabet().contains(c)));
            prop_assert!(value.starts_with(|c: char| c.is_ascii_alphanumeric()));
            prop_assert!(value.ends_with(|c: char| c.is_ascii_alphanumeric()));
        }

        #[test]
        fn no_two_are_alike(seed in any::<u64>()) {
            prop_assert_ne!(
                drawn(24, Characters::UrlSafe, seed),
                drawn(24, Characters::UrlSafe, seed.wrapping_add(1))
            );
        }
    }
}
