use std::io;

use crate::model::printable;
use crate::plan::PlannedSecrets;
use crate::report::ink::Ink;
use crate::report::page::Page;

/// Writes which secrets get a value and which are removed, by name.
pub(super) fn write(page: &mut Page<'_>, secrets: &PlannedSecrets) -> io::Result<()> {
    if !secrets.draws.is_empty() {
        let names: Vec<String> = secrets
            .draws
            .iter()
            .map(|draw| format!("secrets.{}", draw.secret))
            .collect();
        page.blank()?;
        let text = format!("generates {}, kept in the vault", names.join(", "));
        page.text(2, Ink::Add, &printable(&text))?;
    }
    if !secrets.leftovers.is_empty() {
        let names: Vec<String> = secrets
            .leftovers
            .iter()
            .map(|secret| format!("{} of {}", secret.name, secret.service))
            .collect();
        page.blank()?;
        let text = format!(
            "removes service secrets that nothing refers to: {}",
            names.join(", ")
        );
        page.text(2, Ink::Remove, &printable(&text))?;
    }
    if secrets.removes_vault {
        page.blank()?;
        let text = "removes the vault and the secrets in it once nothing of the stack is left";
        page.text(2, Ink::Remove, text)?;
    }
    Ok(())
}
