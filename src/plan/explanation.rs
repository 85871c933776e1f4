use crate::model::{OptionValue, Span};

/// What a person should know about a step.
#[derive(Debug, Clone, Default)]
pub struct Explanation {
    /// Why, in words.
    pub reason: String,
    /// What else to know about it, in words.
    pub note: Option<String>,
    /// The options that differ; for a create all that are set.
    pub fields: Vec<FieldChange>,
    /// How many declared options are equal.
    pub equal: usize,
    /// Options that are set on the instance and not in the manifest.
    pub unmanaged: Vec<String>,
    /// What shows that a deleted instance is the stack's.
    pub proof: Option<String>,
    /// Whether the instance restarts.
    pub restarts: bool,
    /// Whether data is lost.
    pub loses_data: bool,
    /// Where the manifest declares it.
    pub span: Option<Span>,
}

/// One option that differs. Either both sides are sensitive or none is.
#[derive(Debug, Clone)]
pub struct FieldChange {
    /// The option's full name.
    pub option: String,
    /// The live value, where one is set.
    pub before: Option<OptionValue>,
    /// The value wanted.
    pub after: After,
}

/// The value an option is to have.
#[derive(Debug, Clone)]
pub enum After {
    /// This.
    Value(OptionValue),
    /// None.
    Unset,
    /// One that is known only after something else is ready.
    Unknown {
        /// Whether it will be sensitive.
        sensitive: bool,
    },
}
