use std::sync::LazyLock;

use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};

/// What one evaluation may cost: about as many steps, or 64 times as many bytes.
const FUEL: u64 = 20_000;

/// The expression language: minijinja's, with the filters that OSC URLs need.
static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_fuel(Some(FUEL));
    engine.add_filter("host", host);
    engine.add_filter("trim_slash", trim_slash);
    engine
});

/// What the engine makes of an expression.
pub(super) type Compiled = minijinja::Expression<'static, 'static>;

/// Compiles the text between `${` and `}`.
pub(super) fn compile(expression: &str) -> Result<Compiled, Error> {
    ENGINE.compile_expression_owned(expression.trim().to_owned())
}

/// Whether there is a filter of that name; the engine itself only finds out when it needs it.
pub(super) fn has_filter(name: &str) -> bool {
    let result = ENGINE.empty_state().apply_filter(name, &[]);
    !matches!(result, Err(error) if error.kind() == ErrorKind::UnknownFilter)
}

/// Whether there is a test of that name.
pub(super) fn has_test(name: &str) -> bool {
    let result = ENGINE.empty_state().perform_test(name, &[]);
    !matches!(result, Err(error) if error.kind() == ErrorKind::UnknownTest)
}

/// What an error says; its details may quote values, so they can be kept back.
pub(super) fn describe(error: &Error, secret: bool) -> String {
    match error.kind() {
        ErrorKind::OutOfFuel => "this expression does too much work".to_owned(),
        kind => match error.detail() {
            Some(detail) if !secret => detail.to_owned(),
            _ => kind.to_string(),
        },
    }
}

fn host(url: Value) -> Result<Value, Error> {
    let text = text_of(&url, "host")?;
    let host = url::Url::parse(text)
        .ok()
        .and_then(|parsed| parsed.host_str().map(Value::from));
    host.ok_or_else(|| {
        let message = "`host` needs a URL with a host, such as https://example.com";
        Error::new(ErrorKind::InvalidOperation, message)
    })
}

fn trim_slash(text: Value) -> Result<Value, Error> {
    Ok(text_of(&text, "trim_slash")?.trim_end_matches('/').into())
}

fn text_of<'a>(value: &'a Value, filter: &str) -> Result<&'a str, Error> {
    match value.kind() {
        ValueKind::Undefined => Err(Error::from(ErrorKind::UndefinedError)),
        _ => value.as_str().ok_or_else(|| {
            let message = format!("`{filter}` needs text, this is {}", value.kind());
            Error::new(ErrorKind::InvalidOperation, message)
        }),
    }
}
