use std::sync::LazyLock;

use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Expression, UndefinedBehavior};

/// The expression language: minijinja's, with the filters that OSC URLs need.
static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.add_filter("host", host);
    engine.add_filter("trim_slash", trim_slash);
    engine
});

/// A compiled expression.
pub(super) type Compiled = Expression<'static, 'static>;

/// Compiles the text between `${` and `}`.
pub(super) fn compile(expression: &str) -> Result<Compiled, Error> {
    ENGINE.compile_expression_owned(expression.trim().to_owned())
}

fn host(url: Value) -> Result<Value, Error> {
    let text = text_of(&url, "host")?;
    let parsed = url::Url::parse(text)
        .map_err(|_| Error::new(ErrorKind::InvalidOperation, "`host` needs a URL"))?;
    Ok(parsed.host_str().map(Value::from).unwrap_or_default())
}

fn trim_slash(text: Value) -> Result<Value, Error> {
    Ok(text_of(&text, "trim_slash")?.trim_end_matches('/').into())
}

fn text_of<'a>(value: &'a Value, filter: &str) -> Result<&'a str, Error> {
    match value.kind() {
        ValueKind::Undefined => Err(Error::from(ErrorKind::UndefinedError)),
        _ => value.as_str().ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidOperation,
                format!("`{filter}` needs text"),
            )
        }),
    }
}
