//! A line that says what the figures were measured on.

use std::fs;
use std::thread;

pub(crate) fn describe() -> String {
    let processor = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| model_of(&text));
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let system = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!(
        "{}, {cores} cores, {} {}",
        processor.as_deref().unwrap_or(std::env::consts::ARCH),
        std::env::consts::OS,
        system.trim()
    )
}

fn model_of(cpuinfo: &str) -> Option<String> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_named_by_its_model() {
        let cpuinfo = "processor\t: 0\nmodel name\t: Fast CPU @ 3 GHz\n";
        assert_eq!(model_of(cpuinfo).as_deref(), Some("Fast CPU @ 3 GHz"));
        assert_eq!(model_of("processor : 0\n"), None);
    }
}
