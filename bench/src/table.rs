//! What is printed: a table for people, and an object for programs.

use std::fmt::Write;

use serde_json::{Map, Value, json};

/// One case: what it took us, the peers, and a program that does nothing but the work.
pub(crate) struct Row {
    pub(crate) case: &'static str,
    pub(crate) metric: &'static str,
    pub(crate) ours: f64,
    /// The bare physical limit, where the case has one.
    pub(crate) limit: Option<f64>,
    pub(crate) peers: Vec<(&'static str, f64)>,
    /// Whether ours is compared with the peers by what is above the limit, which all of them take.
    pub(crate) is_above_limit: bool,
}

impl Row {
    /// Ours in times of a peer's.
    fn ratio(&self, took: f64) -> f64 {
        let shared = self.limit.filter(|_| self.is_above_limit).unwrap_or(0.0);
        (self.ours - shared) / (took - shared)
    }
}

/// `{ "machine": ..., "rows": [ { "case", "metric", "ours", "limit", "peers" } ] }`
pub(crate) fn json(machine: &str, rows: &[Row]) -> Value {
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| {
            let peers: Map<String, Value> =
                row.peers.iter().map(|(name, took)| ((*name).to_owned(), json!(took))).collect();
            json!({
                "case": row.case,
                "metric": row.metric,
                "ours": row.ours,
                "limit": row.limit,
                "peers": peers,
            })
        })
        .collect();
    json!({ "machine": machine, "rows": rows })
}

/// A line for each case and a column for each peer: its figure, and ours in times of it.
pub(crate) fn text(machine: &str, rows: &[Row]) -> String {
    let mut peers: Vec<&str> = Vec::new();
    for (name, _) in rows.iter().flat_map(|row| &row.peers) {
        if !peers.contains(name) {
            peers.push(name);
        }
    }
    let mut lines = vec![["case", "metric", "ours", "limit"].map(str::to_owned).to_vec()];
    lines[0].extend(peers.iter().map(|name| (*name).to_owned()));
    for row in rows {
        let limit = row.limit.map_or("-".to_owned(), figure);
        let mut line = vec![row.case.to_owned(), row.metric.to_owned(), figure(row.ours), limit];
        for name in &peers {
            let took = row.peers.iter().find(|(peer, _)| peer == name);
            line.push(took.map_or("-".to_owned(), |(_, took)| format!("{} ({:.2})", figure(*took), row.ratio(*took))));
        }
        lines.push(line);
    }
    format!("{machine}\n{LEGEND}\n\n{}", aligned(&lines))
}

const LEGEND: &str = "Medians of interleaved runs, each round beginning with another contender. In brackets: ours in times of \
                      the peer's. Instructions are those above the bare loop, whose own are the limit. Times include it; what is in brackets behind those of a single push is above it. Works \
                      of milliseconds are timed by the time on the core.";

/// Three digits that matter, or all before the point.
fn figure(value: f64) -> String {
    match value.abs() {
        0.0..10.0 => format!("{value:.2}"),
        10.0..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// Columns as wide as their widest cell; the first two begin where the others end.
fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| lines.iter().filter_map(|line| line.get(column)).map(String::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for line in lines {
        for (column, (cell, &width)) in line.iter().zip(&widths).enumerate() {
            // Writing to a string can't fail.
            let _ = if column < 2 { write!(text, "{cell:<width$}  ") } else { write!(text, "{cell:>width$}  ") };
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(limit: Option<f64>) -> Row {
        Row { case: "push_8", metric: "ns", ours: 1.0, limit, peers: vec![("bumpalo", 2.0)], is_above_limit: false }
    }

    #[test]
    fn the_object_follows_its_contract() {
        let object = json("a machine", &[row(Some(0.5)), row(None)]);
        let row = json!({ "case": "push_8", "metric": "ns", "ours": 1.0, "limit": 0.5, "peers": { "bumpalo": 2.0 } });
        assert_eq!(object["machine"], "a machine");
        assert_eq!(object["rows"][0], row);
        assert_eq!(object["rows"][1]["limit"], Value::Null);
    }

    #[test]
    fn a_peer_that_cannot_do_a_case_has_a_dash_there() {
        let other = Row {
            case: "fill",
            metric: "ms",
            ours: 1.0,
            limit: None,
            peers: vec![("glibc", 4.0)],
            is_above_limit: false,
        };
        let text = text("a machine", &[row(Some(0.5)), other]);
        let last = text.lines().last().unwrap_or_default();
        assert_eq!(last.split_whitespace().collect::<Vec<_>>(), ["fill", "ms", "1.00", "-", "-", "4.00", "(0.25)"]);
    }

    #[test]
    fn figures_keep_the_digits_that_matter() {
        assert_eq!([0.5, 12.34, 1_234.5].map(figure), ["0.50", "12.3", "1234"]);
    }

    #[test]
    fn what_all_of_them_take_can_be_left_out_of_the_ratio() {
        let row = Row { is_above_limit: true, ..row(Some(0.5)) };
        assert!(text("a machine", &[row]).contains("2.00 (0.33)"));
    }

    #[test]
    fn the_table_shows_the_ratio_to_each_peer() {
        assert!(text("a machine", &[row(None)]).contains("2.00 (0.50)"));
    }
}
