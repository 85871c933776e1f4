use std::io::{self, Write};

use super::args::{ColorChoice, Global};
use super::environment::Environment;
use crate::report::Look;

/// The two streams of a command: standard output is the product, standard error everything
/// said about making it.
///
/// A reader that closes the pipe ends what is printed there and nothing else: a change that is
/// under way goes on.
pub(super) struct Ui {
    out: Stream<io::Stdout>,
    err: Stream<io::Stderr>,
    out_look: Look,
    err_look: Look,
    pub(super) progress_is_live: bool,
    pub(super) quiet: bool,
    pub(super) json: bool,
}

/// A stream that may lose its reader.
struct Stream<W> {
    to: W,
    closed: bool,
    failed: Option<io::Error>,
}

impl Ui {
    pub(super) fn new(global: &Global, environment: &Environment) -> Self {
        let look = |is_terminal| Look {
            color: use_color(global.color, environment, is_terminal),
            width: environment.columns(is_terminal),
        };
        Self {
            out: Stream {
                to: io::stdout(),
                closed: false,
                failed: None,
            },
            err: Stream {
                to: io::stderr(),
                closed: false,
                failed: None,
            },
            out_look: look(environment.stdout_is_terminal),
            err_look: look(environment.stderr_is_terminal),
            // Lines of a log would tear the moving ones apart.
            progress_is_live: environment.stderr_is_terminal && global.verbose == 0,
            quiet: global.quiet,
            json: global.json,
        }
    }

    /// Writes to standard output; what goes wrong there is kept for the end.
    pub(super) fn print(&mut self, write: impl FnOnce(&mut dyn Write, Look) -> io::Result<()>) {
        let look = self.out_look;
        if let Err(error) = write(&mut self.out, look) {
            self.out.lose(error);
        }
    }

    /// Standard error and how to write to it.
    pub(super) fn err(&mut self) -> (&mut dyn Write, Look) {
        (&mut self.err, self.err_look)
    }

    /// What went wrong with standard output, once; a closed pipe is nothing wrong.
    pub(super) fn output_failure(&mut self) -> Option<io::Error> {
        let flushed = self.out.flush();
        self.out.failed.take().or(flushed.err())
    }
}

impl<W: Write> Write for Stream<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.closed {
            return Ok(bytes.len());
        }
        self.to.write(bytes).or_else(|error| match error.kind() {
            // Whoever writes a whole text tries again by itself.
            io::ErrorKind::Interrupted => Err(error),
            _ => {
                self.lose(error);
                Ok(bytes.len())
            }
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.closed
            && let Err(error) = self.to.flush()
        {
            self.lose(error);
        }
        Ok(())
    }
}

impl<W> Stream<W> {
    fn lose(&mut self, error: io::Error) {
        self.closed = true;
        if error.kind() != io::ErrorKind::BrokenPipe {
            self.failed = Some(error);
        }
    }
}

/// `--color`, then FORCE_COLOR, then NO_COLOR, then whether it is a terminal that can.
fn use_color(choice: ColorChoice, environment: &Environment, is_terminal: bool) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => match environment.get("FORCE_COLOR") {
            Some(forced) => forced != "0",
            None => {
                is_terminal
                    && environment.get("NO_COLOR").is_none()
                    && environment.get("TERM") != Some("dumb")
            }
        },
    }
}
