use std::time::Duration;

/// A time as people read it: `0.4s`, `34s`, `1m 04s`, `2h 05m`.
pub(super) fn short(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        // Rounded up: `0.0s` reads as if nothing had been done.
        0 => format!(
            "{:.1}s",
            f64::from(duration.subsec_millis().div_ceil(100)) / 10.0
        ),
        1..60 => format!("{seconds}s"),
        60..3600 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h {:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_as_exact_as_its_length_needs() {
        let cases = [
            (30, "0.1s"),
            (400, "0.4s"),
            (1_999, "1s"),
            (34_000, "34s"),
            (64_000, "1m 04s"),
            (7_500_000, "2h 05m"),
        ];
        for (millis, expected) in cases {
            assert_eq!(short(Duration::from_millis(millis)), expected);
        }
    }
}
