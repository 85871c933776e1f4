mod given;
mod hostile;
mod joining;
mod masking;
mod places;
mod schema;
mod structure;
