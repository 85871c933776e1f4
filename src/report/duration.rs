use std::time::Duration;

/// A time as people read it: `0.4s`, `34s`, `1m 04s`, `2h 05m`.
pub(super) fn short(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{:.1}s", f64::from(duration.subsec_millis() / 100) / 10.0),
        1..60 => format!("{seconds}s"),
        60..3600 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h {:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}
