use secrecy::SecretString;

use super::Limits;
use super::absence::Absence;
use crate::osc::{Class, Error, ReadApi};

/// A secret of the workspace; nothing only when it is certain that there is none.
///
/// # Errors
/// Of the first answer that is neither.
pub(super) async fn read_certainly(
    reads: &ReadApi,
    key: &str,
    limits: &Limits,
) -> Result<Option<SecretString>, Error> {
    let mut absence = Absence::default();
    loop {
        match reads.tenant_secret(key).await {
            Ok(secret) => return Ok(Some(secret)),
            Err(error) if error.class == Class::Absent => {
                if absence.is_certain(limits) {
                    return Ok(None);
                }
                tokio::time::sleep(Absence::pause(limits)).await;
            }
            Err(error) => return Err(error),
        }
    }
}
