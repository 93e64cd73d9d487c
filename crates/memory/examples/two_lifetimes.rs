//! A program that opens one project after the other: closing one is a single step, whatever it held, and nothing of it can be
//! kept by accident.
//!
//! `cargo run -p voltrum-memory --example two_lifetimes`

use std::fmt;
use voltrum_memory::{Arena, ArenaMap, ArenaVec, Bytes, MemoryError, Scope, Tag};

/// Lives for `'project`.
struct Project<'project> {
    name: &'project str,
    nodes: &'project [Node<'project>],
    by_name: ArenaMap<'project, &'project str, usize>,
}

struct Node<'project> {
    name: &'project str,
    parent: Option<usize>,
}

/// A project as text: one node a line, indented below its parent.
struct Text<'t> {
    name: &'t str,
    lines: &'t str,
}

enum OpenError {
    Memory(MemoryError),
    Indentation { line: usize },
}

impl fmt::Display for OpenError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Memory(error) => error.fmt(out),
            OpenError::Indentation { line } => write!(out, "line {line} is two levels below the one before it"),
        }
    }
}

impl From<MemoryError> for OpenError {
    fn from(error: MemoryError) -> OpenError {
        OpenError::Memory(error)
    }
}

fn read<'project>(text: &Text<'_>, memory: &Scope<'project>) -> Result<&'project [Node<'project>], OpenError> {
    let mut nodes = ArenaVec::new_in(memory.tagged(Tag::SCENE));
    let mut parents: Vec<usize> = Vec::new();
    for (line, text) in text.lines.lines().enumerate() {
        let name = text.trim_start();
        let depth = (text.len() - name.len()) / 2;
        if depth > parents.len() {
            return Err(OpenError::Indentation { line: line + 1 });
        }
        parents.truncate(depth);
        nodes.try_push(Node { name: memory.try_alloc_str(name)?, parent: parents.last().copied() })?;
        parents.push(line);
    }
    // The vector's handle borrows the scope for less long than 'project; the elements are moved, once.
    Ok(memory.try_alloc_iter_exact(nodes)?)
}

/// What the program does with an open project. Nothing here can outlive it.
fn work(project: Project<'_>) {
    let at = project.by_name.get("bulb").copied();
    let parent = at.and_then(|at| project.nodes[at].parent).map(|parent| project.nodes[parent].name);
    println!("{}: {} nodes, the bulb is in {parent:?}", project.name, project.nodes.len());
}

fn main() -> Result<(), MemoryError> {
    let texts = [
        Text { name: "lamp", lines: "room\n  table\n    lamp\n      bulb" },
        Text { name: "broken", lines: "room\n      bulb" },
        Text { name: "street", lines: "street\n  lantern\n    bulb\n  bench" },
    ];
    let mut scenes = Arena::try_reserve("scene", 256 << 20)?;
    for text in texts {
        let scope = scenes.open(); // 'project begins
        let nodes = match read(&text, &scope) {
            Ok(nodes) => nodes,
            // What was read so far goes with the scope.
            Err(error) => {
                println!("{} can't be opened: {error}", text.name);
                continue;
            }
        };
        let mut by_name = ArenaMap::new_in(scope.tagged(Tag::PROJECT));
        by_name.try_extend(nodes.iter().enumerate().map(|(index, node)| (node.name, index)))?;
        work(Project { name: scope.try_alloc_str(text.name)?, nodes, by_name });
        println!("  {} go in one step", Bytes(scope.view().used()));
    } // 'project ends
    Ok(())
}
