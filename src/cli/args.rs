use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

/// An Eyevinn Open Source Cloud workspace as a YAML file: plan shows what would change, apply
/// makes it so.
#[derive(Parser)]
#[command(name = "osc-apply", version, max_term_width = 100)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check the manifest without signing in or reading anything
    Validate,
    /// Show what apply would change, and why
    Plan(PlanArgs),
    /// Make the workspace as the manifest says
    Apply(ApplyArgs),
    /// Delete everything that is this stack's
    Destroy(ApplyArgs),
    /// Take instances over that exist already, as they are
    Adopt(AdoptArgs),
    /// Give secrets new values and restart whatever has them
    Rotate(RotateArgs),
    /// Show the state and health of every instance
    Status,
    /// Print what an instance has logged
    Logs(LogsArgs),
    /// Write a manifest of what the workspace holds
    Import(ImportArgs),
    /// Print the outputs, or the bare value of one
    Output {
        /// The output to print
        name: Option<String>,
    },
    /// Sign in through the browser
    Login(LoginArgs),
    /// Forget a sign-in
    Logout {
        /// Forget every sign-in of every environment, also those that cannot be read
        #[arg(long)]
        all: bool,
    },
    /// Show who is signed in, to which workspace, and until when
    #[command(name = "whoami")]
    WhoAmI,
    /// Print the JSON Schema of the manifest, for editors
    Schema,
    /// The OSC emulator behind --sandbox
    #[cfg(feature = "sandbox")]
    Sandbox {
        #[command(subcommand)]
        command: SandboxCommand,
    },
}

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    /// Exit with 2 when there are changes that would run
    #[arg(long)]
    pub(super) detailed_exitcode: bool,
    #[command(flatten)]
    pub(super) consent: ConsentArgs,
}

#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    /// Do not ask
    #[arg(long, short)]
    pub(super) yes: bool,
    /// Exit with 5 also where something was kept because it is protected or holds data
    #[arg(long)]
    pub(super) strict: bool,
    /// Changes under way at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(super) parallelism: u16,
    #[command(flatten)]
    pub(super) lease: LeaseArgs,
    #[command(flatten)]
    pub(super) consent: ConsentArgs,
}

#[derive(Debug, Args)]
pub(super) struct LeaseArgs {
    /// Go on although another run holds this stack's lease: one that was killed keeps it for five
    /// minutes
    #[arg(long)]
    pub(super) take_over: bool,
}

#[derive(Debug, Args)]
pub(super) struct AdoptArgs {
    /// The instances: `instances.KEY`
    #[arg(required = true, value_name = "ADDRESS")]
    pub(super) addresses: Vec<String>,
    /// Move them from this stack; without it only what is part of no stack is taken over
    #[arg(long, value_name = "STACK")]
    pub(super) from_stack: Option<String>,
    /// Do not ask
    #[arg(long, short)]
    pub(super) yes: bool,
    #[command(flatten)]
    pub(super) lease: LeaseArgs,
}

#[derive(Debug, Args)]
pub(super) struct RotateArgs {
    /// The secrets: `secrets.NAME`
    #[arg(required = true, value_name = "SECRET")]
    pub(super) secrets: Vec<String>,
    #[command(flatten)]
    pub(super) apply: ApplyArgs,
}

#[derive(Debug, Args)]
pub(super) struct LogsArgs {
    /// The instance: `instances.KEY`, or `SERVICE/NAME` for one that is not declared
    pub(super) address: String,
    /// Only what was logged in this time up to now, such as `10m`
    #[arg(long, value_name = "DURATION")]
    pub(super) since: Option<humantime::Duration>,
    /// Begin each line with its time
    #[arg(long)]
    pub(super) timestamps: bool,
    /// Only the last lines
    #[arg(long, value_name = "N")]
    pub(super) tail: Option<usize>,
}

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// Only instances of this service (repeatable)
    #[arg(long = "service", value_name = "ID")]
    pub(super) services: Vec<String>,
    /// Only instances whose names match: `*` is any text, `?` one character (repeatable)
    #[arg(long = "name", value_name = "GLOB")]
    pub(super) names: Vec<String>,
    /// Write the manifest into this file, which must not exist, instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct LoginArgs {
    /// Print the address to open instead of opening it
    #[arg(long)]
    pub(super) no_browser: bool,
    /// Register an OAuth client for this machine and sign in as that; kept with the sign-in
    #[arg(long)]
    pub(super) register: bool,
    /// The port of this machine that the browser comes back to; the one that a registered client
    /// was registered with [default: any]
    #[arg(long, value_name = "PORT", env = "OSC_CALLBACK_PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) callback_port: Option<u16>,
    /// Take the sign-in's endpoints from what this issuer publishes about itself
    #[arg(long, value_name = "URL", env = "OSC_ISSUER")]
    pub(super) issuer: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct ConsentArgs {
    /// Allow the data of this instance to be lost (repeatable); `destroy` also takes `all`
    #[arg(long, value_name = "ADDRESS")]
    pub(super) discard_data: Vec<String>,
    /// Allow this instance to be made again where nothing else gives it the new value of a secret
    /// (repeatable)
    #[arg(long, value_name = "ADDRESS")]
    pub(super) replace: Vec<String>,
    /// Somebody has put the new value of its secrets into this instance by hand: store it, and
    /// restart nothing (repeatable)
    #[arg(long, value_name = "ADDRESS")]
    pub(super) changed_inside: Vec<String>,
    /// Take this instance for one that is as this stack left it, although it is not (repeatable)
    #[arg(long, value_name = "ADDRESS")]
    pub(super) include_modified: Vec<String>,
    /// Allow exactly so many deletions where a run would make unusually many
    #[arg(long, value_name = "N")]
    pub(super) allow_deletes: Option<usize>,
    /// Allow a manifest that declares no instances to delete those of the stack
    #[arg(long)]
    pub(super) allow_empty: bool,
}

#[cfg(feature = "sandbox")]
#[derive(Debug, Subcommand)]
pub(super) enum SandboxCommand {
    /// Serve the emulator to other clients over HTTP
    Serve {
        /// Where to listen; port 0 picks a free one
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7878")]
        listen: std::net::SocketAddr,
    },
    /// Suspend an instance in the sandbox, as OSC does with idle ones
    Suspend {
        /// The instance
        #[arg(value_name = "SERVICE/NAME", value_parser = service_and_name)]
        instance: (String, String),
        /// The reason OSC gives
        #[arg(long, default_value = "idle")]
        reason: String,
    },
    /// Register an app that signs people in, as OSC's console does; prints its id and secret
    Client {
        /// What people are shown as its name
        name: String,
        /// Where they are sent back to: https, or http on this machine
        redirect_uri: String,
    },
    /// Forget everything in the sandbox
    Reset,
    /// List the ways in which the sandbox can misbehave, for --sandbox-fault; one that lasts for a
    /// time needs a speed at which there is time
    Faults,
}

#[cfg(feature = "sandbox")]
fn service_and_name(text: &str) -> Result<(String, String), String> {
    let both = text.split_once('/');
    both.map(|(service, name)| (service.to_owned(), name.to_owned()))
        .ok_or_else(|| "service and name are needed, such as `valkey-io-valkey/cache`".to_owned())
}

// Without `Debug`: the values of variables may be secrets.
#[derive(Args)]
#[command(next_help_heading = "Global options")]
pub(super) struct Global {
    /// Manifest file or folder of them (repeatable); `-` is standard input [default: osc.yaml]
    #[arg(long = "file", short = 'f', value_name = "PATH", global = true)]
    pub(super) files: Vec<PathBuf>,
    /// Set a variable (repeatable)
    #[arg(long = "var", value_name = "NAME=VALUE", global = true)]
    pub(super) vars: Vec<String>,
    /// Take variables from a YAML file (repeatable)
    #[arg(long = "var-file", value_name = "FILE", global = true)]
    pub(super) var_files: Vec<PathBuf>,
    /// The OSC environment [default: the manifest's, else prod]
    #[arg(long = "env", value_name = "NAME", global = true)]
    pub(super) environment: Option<String>,
    /// The workspace to work in: picks its sign-in, and no other workspace is touched
    #[arg(long, value_name = "NAME", global = true)]
    pub(super) workspace: Option<String>,
    /// The name of the stack, in place of the manifest's
    #[arg(long, value_name = "NAME", global = true)]
    pub(super) stack: Option<String>,
    /// Let secrets come from files below this folder, too (repeatable)
    #[arg(long, value_name = "DIR", global = true)]
    pub(super) allow_files: Vec<PathBuf>,
    /// Run the commands that secrets come from
    #[arg(long, global = true)]
    pub(super) allow_commands: bool,
    /// Take the access token from a file
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) token_file: Option<PathBuf>,
    /// Use the emulator inside this command instead of OSC: no account, no network
    #[arg(long, global = true)]
    pub(super) sandbox: bool,
    /// Where the sandbox keeps its workspace
    #[arg(long, value_name = "DIR", env = "OSC_SANDBOX_DIR", global = true)]
    pub(super) sandbox_dir: Option<PathBuf>,
    /// How many times faster than OSC the sandbox is, `inf` for at once [default: 10]; also for a
    /// served one on this machine, which a client then waits for as much less
    #[arg(long, value_name = "FACTOR", env = "OSC_SANDBOX_SPEED", global = true)]
    pub(super) sandbox_speed: Option<f64>,
    /// How long a sign-in's access token lasts in the sandbox [default: 1h], however fast it is
    #[arg(
        long,
        value_name = "DURATION",
        env = "OSC_SANDBOX_TOKEN_LIFETIME",
        global = true
    )]
    pub(super) sandbox_token_lifetime: Option<humantime::Duration>,
    /// Let the sandbox misbehave: NAME, or NAME:KEY=VALUE,… (repeatable); `sandbox faults` lists
    /// the names
    #[arg(long, value_name = "FAULT", global = true)]
    pub(super) sandbox_fault: Vec<String>,
    /// Let the sandbox misbehave as a YAML file says: a list of `{ fault: NAME, KEY: VALUE }`
    /// (repeatable)
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) sandbox_faults: Vec<PathBuf>,
    /// What the probabilities of faults draw on [default: 0]
    #[arg(long, value_name = "N", global = true)]
    pub(super) sandbox_seed: Option<u64>,
    /// Print JSON for programs instead of text for people
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// When to use colour
    #[arg(long, value_name = "WHEN", value_enum, default_value_t, global = true)]
    pub(super) color: ColorChoice,
    /// No progress
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
    /// Say more: each request; twice for what happens below it
    #[arg(long, short, action = ArgAction::Count, global = true)]
    pub(super) verbose: u8,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
