use super::args::Global;
use super::environment::Environment;
use super::error::CliError;

/// The only workspace that may be worked in, and who says so.
#[derive(Debug)]
pub(super) struct WorkspaceGuard {
    pub(super) workspace: String,
    pub(super) whose: &'static str,
}

impl WorkspaceGuard {
    /// That of the flag, or else of the environment.
    pub(super) fn of(global: &Global, environment: &Environment) -> Option<Self> {
        let flag = global.workspace.as_deref().map(|it| (it, "--workspace"));
        let set = || environment.get("OSC_WORKSPACE");
        let (workspace, whose) = flag.or_else(|| Some((set()?, "OSC_WORKSPACE")))?;
        Some(Self {
            workspace: workspace.to_owned(),
            whose,
        })
    }

    /// Lets this workspace pass and no other.
    pub(super) fn check(&self, actual: &str) -> Result<(), CliError> {
        let Self { workspace, whose } = self;
        if workspace == actual {
            return Ok(());
        }
        Err(CliError::Guard {
            message: format!(
                "{whose} is for the workspace `{workspace}`, and the token is for `{actual}`"
            ),
            hint: format!(
                "sign in to `{workspace}` with `osc-apply login`, or use a token of it; nothing \
                 was read or changed"
            ),
        })
    }
}

/// Lets the environment pass that a manifest declares, and no other.
pub(super) fn check_environment(declared: &str, actual: &str) -> Result<(), CliError> {
    if declared == actual {
        return Ok(());
    }
    Err(CliError::Guard {
        message: format!(
            "the manifest is for the environment `{declared}`, and this run is for `{actual}`"
        ),
        hint: "leave `--env` out; nothing was read or changed".to_owned(),
    })
}
