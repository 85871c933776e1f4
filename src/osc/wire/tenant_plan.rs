use serde_json::Value;

use super::super::TenantPlan;
use super::{Malformed, malformed, text};
use crate::model::printable;

/// More is no name of a plan, and shown nowhere: it may well be a token.
const LONGEST_NAME: usize = 40;

/// What may be left is called as in the list that administrators have; whether it is told to
/// anybody else is unseen (API notes 11).
const LEFT: [&str; 2] = ["remainingTokens", "availableTokens"];

/// `GET /mytenantplan`: an object with a `name`.
pub(in crate::osc) fn tenant_plan(answer: &Value) -> Result<TenantPlan, Malformed> {
    let words = text(answer, "name").unwrap_or_default().split_whitespace();
    let name = words.collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return malformed("it has no `name` that a plan could have");
    }
    let mut left = LEFT.into_iter().filter_map(|field| answer.get(field));
    Ok(TenantPlan {
        name: printable(&name).into_owned(),
        remaining_tokens: left.find_map(whole),
    })
}

/// A number of whole tokens, also as digits; nothing where it is neither.
fn whole(value: &Value) -> Option<u64> {
    let number = match value {
        Value::String(digits) => digits.trim().parse().ok()?,
        number => number.as_f64()?,
    };
    format!("{:.0}", number.floor()).parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn left(answer: &Value) -> Option<u64> {
        tenant_plan(answer).unwrap().remaining_tokens
    }

    #[test]
    fn a_plan_has_a_name_and_perhaps_what_is_left() {
        let bare = tenant_plan(&json!({"name": "FREE"})).unwrap();
        assert_eq!((&*bare.name, bare.remaining_tokens), ("FREE", None));
        let both = json!({"name": "PRO", "availableTokens": 900, "remainingTokens": 850});
        assert_eq!(left(&both), Some(850));
        assert_eq!(
            left(&json!({"name": "PRO", "availableTokens": 900})),
            Some(900)
        );
        assert_eq!(
            left(&json!({"name": "PRO", "remainingTokens": " 7.9"})),
            Some(7)
        );
    }

    #[test]
    fn what_is_left_is_never_required() {
        for odd in [
            json!(null),
            json!("many"),
            json!("NaN"),
            json!(-5),
            json!(1e99),
            json!([1]),
        ] {
            assert_eq!(left(&json!({"name": "FREE", "remainingTokens": odd})), None);
        }
        let second = json!({"name": "FREE", "remainingTokens": null, "availableTokens": 3});
        assert_eq!(left(&second), Some(3));
    }

    #[test]
    fn a_name_is_one_printable_line() {
        let plan = tenant_plan(&json!({"name": " \x1b[31mTOP\n  DOG "})).unwrap();
        assert_eq!(plan.name, "\u{fffd}[31mTOP DOG");
    }

    #[test]
    fn another_shape_is_an_error_that_quotes_nothing() {
        for wrong in [
            json!(null),
            json!([]),
            json!("canary"),
            json!({}),
            json!({"name": 1}),
            json!({"name": " \n"}),
            json!({"name": {"canary": "FREE"}}),
            json!({"name": format!("canary{}", "x".repeat(60))}),
        ] {
            let Malformed(why) = tenant_plan(&wrong).unwrap_err();
            assert!(!why.contains("canary"), "{why}");
        }
    }
}
