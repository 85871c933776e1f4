use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::error::CliError;
use crate::manifest::{self, Manifest};
use crate::model::{Diagnostic, Diagnostics, FileId, Sources, Span};
use crate::resolve::{VariableFile, VariableFileError};

const DEFAULT: &str = "osc.yaml";
const STDIN: &str = "-";

/// A manifest and the texts it came from.
pub(super) struct Loaded {
    pub(super) manifest: Option<Manifest>,
    pub(super) variable_files: Vec<VariableFile>,
    /// The folder that each file of the manifest stands in.
    pub(super) folders: HashMap<FileId, PathBuf>,
    pub(super) sources: Sources,
    pub(super) found: Diagnostics,
}

/// Reads the manifest and variable files; findings about them are collected.
pub(super) fn load(files: &[PathBuf], variable_files: &[PathBuf]) -> Result<Loaded, CliError> {
    let mut sources = Sources::default();
    let mut found = Diagnostics::default();
    let mut ids = Vec::new();
    let mut folders = HashMap::new();
    for path in manifest_paths(files)? {
        if let Some(id) = take(&path, &mut sources, &mut found)? {
            folders.insert(id, folder_of(&path));
            ids.push(id);
        }
    }
    let complete = !found.has_errors();
    let manifest = complete
        .then(|| manifest::load(&ids, &mut sources, &mut found))
        .flatten();
    let mut variables = Vec::new();
    for path in variable_files {
        let Some(id) = take(path, &mut sources, &mut found)? else {
            continue;
        };
        match VariableFile::read(id, &mut sources) {
            Ok(file) => variables.push(file),
            Err(VariableFileError(finding)) => found.push(*finding),
        }
    }
    Ok(Loaded {
        manifest,
        variable_files: variables,
        folders,
        sources,
        found,
    })
}

/// Where a file stands; of standard input, where the command runs.
fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Whether the manifest comes from standard input, which can then not answer a question.
pub(super) fn reads_stdin(files: &[PathBuf]) -> bool {
    files.iter().any(|path| path.as_os_str() == STDIN)
}

fn manifest_paths(files: &[PathBuf]) -> Result<Vec<PathBuf>, CliError> {
    if files.is_empty() {
        return Ok(vec![PathBuf::from(DEFAULT)]);
    }
    let mut paths = Vec::new();
    for file in files {
        if file.is_dir() {
            paths.extend(manifests_in(file)?);
        } else {
            paths.push(file.clone());
        }
    }
    // A file that is named beside its folder is still one file.
    let mut seen = HashSet::new();
    paths.retain(|path| seen.insert(path.clone()));
    Ok(paths)
}

fn manifests_in(folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let unreadable = |error: io::Error| {
        CliError::usage(format!(
            "the folder {} cannot be read: {error}",
            folder.display()
        ))
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_yaml = path
            .extension()
            .is_some_and(|it| it == "yaml" || it == "yml");
        if is_yaml && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    if paths.is_empty() {
        let message = format!(
            "the folder {} holds no .yaml or .yml file",
            folder.display()
        );
        return Err(CliError::usage(message));
    }
    Ok(paths)
}

/// Reads one file; text that is not UTF-8 becomes a finding.
fn take(
    path: &Path,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> Result<Option<FileId>, CliError> {
    let name = if path.as_os_str() == STDIN {
        "<standard input>".to_owned()
    } else {
        path.display().to_string()
    };
    let bytes = read(path).map_err(|error| unreadable(&name, path, &error))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(sources.add(name, text))),
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let mut text = error.into_bytes();
            text.truncate(good);
            let file = sources.add(name, String::from_utf8(text).unwrap_or_default());
            let at = u32::try_from(good).unwrap_or(u32::MAX);
            let place = Span {
                file,
                start: at,
                end: at,
            };
            // Nobody knows what is secret in a text that cannot be read to its end.
            sources.mask(Span { start: 0, ..place });
            found.push(
                Diagnostic::error(place, "the file is not UTF-8 from here on")
                    .help("save it as UTF-8"),
            );
            Ok(None)
        }
    }
}

/// At most one byte more than a manifest may have, so that too large a file is noticed without
/// reading all of it.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let limit = manifest::MAX_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    if path.as_os_str() == STDIN {
        io::stdin().lock().take(limit).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// Why a file cannot be read, and what to do.
pub(super) fn unreadable(name: &str, path: &Path, error: &io::Error) -> CliError {
    match error.kind() {
        io::ErrorKind::NotFound if path == Path::new(DEFAULT) => CliError::usage_with(
            format!("there is no {DEFAULT} in this folder"),
            "name the manifest with `-f FILE`",
        ),
        io::ErrorKind::NotFound => CliError::usage(format!("there is no file {name}")),
        io::ErrorKind::IsADirectory => {
            CliError::usage_with(format!("{name} is a folder"), "name a file in it")
        }
        _ => CliError::usage(format!("{name} cannot be read: {error}")),
    }
}
