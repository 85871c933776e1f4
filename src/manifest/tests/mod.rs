mod given;
mod hostile;
mod joining;
mod masking;
mod places;
mod readiness;
mod schema;
mod structure;
