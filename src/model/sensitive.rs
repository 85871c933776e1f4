//! Which names and texts are treated as secrets.
//!
//! The catalog flags some secret options and misses most (API notes 4.2), so names decide too.

/// Parts of a lower-cased name that make its value a secret.
const PARTS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "api_key",
    "accesskey",
    "access_key",
    "privatekey",
    "private_key",
    "credential",
    "encryptionkey",
    "signingkey",
    "authkey",
    "streamkey",
    "masterkey",
    "mastervaultkey",
    "openaikey",
    "hmac",
    "webhookapikey",
];

/// Ends of a lower-cased name that make its value a secret.
const ENDS: &[&str] = &["pass", "pwd"];

/// Whole names whose values are secrets: Neo4j's `Auth` is a user and a password, the others are
/// header lines.
const WHOLE: &[&str] = &["auth", "authorization", "proxyauthorization", "cookie"];

/// Names that the rules above would catch although their values are no secrets.
const HARMLESS: &[&str] = &[
    "showpasswordhint",
    "recaptchasitekey",
    "stripepublishablekey",
];

/// Whether a value under this name is a secret, judged by the name alone.
///
/// Works for option names (`RootPassword`, `opts.webhook.apikey`), for names of variables and
/// outputs (`db_password`) and for those of header lines (`X-Api-Key`).
pub fn name_is_sensitive(name: &str) -> bool {
    let name = name.to_lowercase().replace('-', "");
    !HARMLESS.contains(&name.as_str())
        && (PARTS.iter().any(|part| name.contains(part))
            || ENDS.iter().any(|end| name.ends_with(end))
            || WHOLE.contains(&name.as_str()))
}

/// Whether a text holds a URL with a user part, which usually carries a password.
///
/// True for `redis://default:pw@host:6379` wherever it stands in the text, also behind a second
/// scheme as in `jdbc:postgresql://u:p@host`, and for a password with a `/`, `?` or `#` in it,
/// which ends the user part for a parser and not for whoever reads the password.
pub fn holds_url_with_user(text: &str) -> bool {
    text.match_indices("://").any(|(at, separator)| {
        let scheme_before = text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
        let rest = &text[at + separator.len()..];
        let word = rest.split(char::is_whitespace).next().unwrap_or_default();
        let authority = word.split(['/', '?', '#']).next().unwrap_or_default();
        scheme_before && (authority.contains('@') || is_cut_password(authority, word))
    })
}

/// Whether what looks like `host:port` is `user:password` with a character that ends it early.
fn is_cut_password(authority: &str, word: &str) -> bool {
    let after_colon = authority.split_once(':').map(|(_, rest)| rest);
    word.contains('@')
        && after_colon.is_some_and(|port| !port.chars().all(|digit| digit.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_like_names_are_sensitive_whatever_their_case() {
        for name in [
            "RootPassword",
            "s3SecretAccessKey",
            "AccessKeyId",
            "db_password",
            "SmtpPass",
            "Auth",
            "opts.webhook.apikey",
            "OscAccessToken",
            "whipAuthKey",
            "TokenHmacSecretKey",
            "Authorization",
            "X-Api-Key",
            "cookie",
        ] {
            assert!(name_is_sensitive(name), "{name}");
        }
    }

    #[test]
    fn ordinary_names_are_not() {
        for name in [
            "RootUser",
            "RedisUrl",
            "KeyField",
            "Keys",
            "S3ObjectKey",
            "showPasswordHint",
        ] {
            assert!(!name_is_sensitive(name), "{name}");
        }
    }

    #[test]
    fn a_url_with_a_user_part_is_found_anywhere_in_a_text() {
        assert!(holds_url_with_user("redis://default:pw@203.0.113.9:6379"));
        assert!(holds_url_with_user(
            "redis://default:a/b#c@203.0.113.9:6379"
        ));
        assert!(holds_url_with_user("see jdbc:postgresql://u:p@db/x now"));
        assert!(holds_url_with_user(
            "a https://x.example, https://admin:pw@db.example/d"
        ));
    }

    #[test]
    fn a_mail_address_or_an_at_sign_in_a_path_is_not_a_user_part() {
        assert!(!holds_url_with_user("me@example.com"));
        assert!(!holds_url_with_user("https://example.com:8080/@me"));
        assert!(!holds_url_with_user("https://example.com/@me?x=a@b"));
    }
}
