/// How text is written: decided by the caller, who knows the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Whether colours are used.
    pub color: bool,
    /// Columns a line should fit in.
    pub width: usize,
}
