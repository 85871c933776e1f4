use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Command};

use url::Url;

use super::Run;

/// A `login` that waits for somebody; given up when dropped.
pub(crate) struct Login {
    process: Option<Child>,
    said: String,
    rest: BufReader<ChildStderr>,
    /// The page to open.
    pub(crate) url: Url,
}

impl Login {
    /// Starts it and reads where to go.
    pub(crate) fn begin(mut command: Command) -> Self {
        let mut process = command.spawn().unwrap();
        let mut rest = BufReader::new(process.stderr.take().unwrap());
        let mut said = String::new();
        let url = loop {
            let start = said.len();
            let read = rest.read_line(&mut said).unwrap();
            assert!(read > 0, "it names no page: {said}");
            if let Ok(url) = said[start..].trim().parse() {
                break url;
            }
        };
        Self {
            process: Some(process),
            said,
            rest,
            url,
        }
    }

    /// The port that the browser is sent back to.
    pub(crate) fn port(&self) -> u16 {
        let mut query = self.url.query_pairs();
        let redirect = query.find(|(name, _)| name == "redirect_uri").unwrap().1;
        redirect.parse::<Url>().unwrap().port().unwrap()
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Run {
        self.rest.read_to_string(&mut self.said).unwrap();
        let process = self.process.take().unwrap();
        let mut run = Run::of(process.wait_with_output().unwrap());
        run.stderr = std::mem::take(&mut self.said);
        run
    }
}

impl Drop for Login {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
