use http::Method;

use super::super::call::Call;
use super::super::classify::Place;
use super::super::conceal::sensitive;
use super::super::{Class, Error, Role, Suspended};
use super::{WriteApi, change};

impl WriteApi {
    /// Starts a suspended instance again with the options of its record.
    ///
    /// May take minutes, longer than an answer is waited for, and overlapping calls have lost
    /// records: one at a time (API notes 6.12).
    ///
    /// # Errors
    /// [`Class::Absent`] where there is no such record (any more).
    pub async fn resume(&self, suspended: &Suspended) -> Result<(), Error> {
        let call = self.about(suspended, ("resuming", Method::POST, &["resume"]));
        self.session.ask_platform(&call).await.map(drop)
    }

    /// Removes a suspended instance for good, which frees its name; one without a record counts
    /// as removed. One at a time, as [`WriteApi::resume`].
    ///
    /// # Errors
    /// As described at [`WriteApi`].
    pub async fn discard_suspended(&self, suspended: &Suspended) -> Result<(), Error> {
        let call = self.about(suspended, ("deleting suspended", Method::DELETE, &[]));
        match self.session.ask_platform(&call).await {
            Err(error) if error.class == Class::Absent => Ok(()),
            done_or_failed => done_or_failed.map(drop),
        }
    }

    fn about<'a>(
        &self,
        suspended: &'a Suspended,
        (doing, method, below): (&str, Method, &[&str]),
    ) -> Call<'a> {
        let Suspended { service, name, .. } = suspended;
        let path = [&["mysuspended", service, name], below].concat();
        Call {
            secrets: sensitive(suspended.options.values()),
            place: Place::Platform,
            ..change(
                format!("{doing} `{name}` of {service}"),
                method,
                self.session.platform_url(Role::Deploy, &path),
            )
        }
    }
}
