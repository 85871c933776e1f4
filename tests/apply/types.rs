//! What holds the values of secrets can be neither shown nor written as it is.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};

use osc_apply::live::Live;
use osc_apply::model::OptionValue;
use osc_apply::plan::{Filled, InstanceTarget, Plan, PlannedSecrets, Step};
use osc_apply::resolve::{Desired, GivenSecret, Inputs, Scope};
use osc_apply::vault::{DigestKey, Vault};
use secrecy::SecretString;
use serde::Serialize;

/// Does not compile where the type implements one of the traits: which of two implementations is
/// meant cannot be told then.
macro_rules! has_no {
    ($shown:path: $($held:ty),+) => {
        $(const _: fn() = || {
            trait Ambiguous<Which> {
                fn meant() {}
            }
            struct Shown;
            impl<T: ?Sized> Ambiguous<()> for T {}
            impl<T: ?Sized + $shown> Ambiguous<Shown> for T {}
            let _ = <$held as Ambiguous<_>>::meant;
        };)+
    };
}

has_no!(Display: SecretString, Vault, DigestKey, PlannedSecrets, GivenSecret, Inputs, Scope);
has_no!(Display: Filled, OptionValue, InstanceTarget, Step, Plan, Live, Desired);
has_no!(Serialize: SecretString, Vault, DigestKey, PlannedSecrets, GivenSecret, Inputs, Scope);
has_no!(Serialize: Filled, OptionValue, InstanceTarget, Step, Plan, Live, Desired);
has_no!(Debug: PlannedSecrets, GivenSecret, Inputs, Scope, InstanceTarget, Step, Plan);

#[test]
fn debug_shows_no_value() {
    const CANARY: &str = "canary-value";
    let mut vault = Vault::new(*b"canary-value-canary-value-canary");
    vault.set_value("a", CANARY.into());
    let value = OptionValue::new(CANARY.to_owned(), true);
    let filled = Filled {
        declared: [("a".to_owned(), Some(value.clone()))].into(),
        defaults: [("b".to_owned(), value.clone())].into(),
        secrets: [("c".to_owned(), Some(CANARY.into()))].into(),
    };
    let values = BTreeMap::from([("a".to_owned(), SecretString::from(CANARY))]);
    let shown = format!(
        "{vault:?} {:?} {value:?} {filled:#?} {values:?}",
        vault.key()
    );
    assert!(!shown.contains("canary"), "{shown}");
    // As numbers either.
    assert!(!shown.contains("99, 97"), "{shown}");
}
