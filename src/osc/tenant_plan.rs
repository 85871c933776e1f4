/// The plan that the workspace is on (API notes 11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantPlan {
    /// Its name, such as `FREE`; printable and short.
    pub name: String,
    /// How many OSC tokens are left, where the platform says it.
    pub remaining_tokens: Option<u64>,
}
