//! Bytes of this process that are resident, as Linux counts them.

use std::fs;

/// The most that was ever resident; `None` where the system doesn't say.
pub(crate) fn peak_bytes() -> Option<f64> {
    field("VmHWM:")
}

/// What is resident now.
pub(crate) fn bytes() -> Option<f64> {
    field("VmRSS:")
}

fn field(name: &str) -> Option<f64> {
    kibibytes(&fs::read_to_string("/proc/self/status").ok()?, name).map(|kibibytes| kibibytes * 1_024.0)
}

fn kibibytes(status: &str, name: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_name() {
        let status = "Name:\tbench\nVmHWM:\t  81920 kB\nVmRSS:\t 12 kB\n";
        assert_eq!(kibibytes(status, "VmHWM:"), Some(81_920.0));
        assert_eq!(kibibytes(status, "VmRSS:"), Some(12.0));
        assert_eq!(kibibytes(status, "VmSwap:"), None);
    }
}
