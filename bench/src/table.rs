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

pub(crate) fn text(machine: &str, rows: &[Row]) -> String {
    let mut text = format!(
        "{machine}\n\n{:<14}{:<8}{:>12}{:>12}  peers (ours in times of theirs)\n",
        "case", "metric", "ours", "limit"
    );
    for row in rows {
        let limit = row.limit.map_or("-".to_owned(), |limit| format!("{limit:.2}"));
        // Writing to a string can't fail.
        let _ = write!(text, "{:<14}{:<8}{:>12.2}{limit:>12}", row.case, row.metric, row.ours);
        for (name, took) in &row.peers {
            let _ = write!(text, "  {name} {took:.2} ({:.2})", row.ours / took);
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(limit: Option<f64>) -> Row {
        Row { case: "push_8", metric: "ns", ours: 1.0, limit, peers: vec![("bumpalo", 2.0)] }
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
    fn the_table_shows_the_ratio_to_each_peer() {
        assert!(text("a machine", &[row(None)]).contains("bumpalo 2.00 (0.50)"));
    }
}
