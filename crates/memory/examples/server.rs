//! A server with an arena per worker, opened anew for each request: no request can leave anything behind, and a request that
//! asks for too much gets an error of its own.
//!
//! `cargo run -p voltrum-memory --example server`

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use voltrum_memory::{Arena, ArenaConfig, ArenaMap, ArenaString, Bytes, MemoryError, Scope, Tag};

const REQUESTS: usize = 6;

/// Counts the words of a line; the answer lives as long as the request.
fn answer<'request>(line: &str, memory: &Scope<'request>) -> Result<&'request str, MemoryError> {
    let mut counts = ArenaMap::new_in(memory.tagged(Tag::CLIENT));
    for word in line.split_whitespace() {
        *counts.try_get_or_insert_with(word, || 0u32)? += 1;
    }
    let ranked = memory.try_alloc_iter_exact(counts.iter().map(|(word, count)| (*count, *word)))?;
    ranked.sort_unstable_by(|a, b| b.cmp(a));
    let mut text = ArenaString::new_in(memory.tagged(Tag::CLIENT));
    for (count, word) in ranked.iter().take(3) {
        text.try_fmt(format_args!("{word}: {count}; "))?;
    }
    memory.try_alloc_str(text.trim_end()).map(|text| &*text)
}

fn serve(stream: &TcpStream, memory: &Scope<'_>) -> io::Result<()> {
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    let mut stream = stream;
    match answer(&line, memory) {
        Ok(text) => writeln!(stream, "200 {text}"),
        // The message names the arena, the numbers and the remedy; the next request starts with all of the budget.
        Err(error) => writeln!(stream, "507 {error}"),
    }
}

fn ask(server: std::net::SocketAddr, line: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(server)?;
    stream.write_all(line.as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    Ok(answer)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut requests = Arena::try_reserve_with(&ArenaConfig {
        limit_bytes: Some(1 << 20), // what one request may take
        ..ArenaConfig::new("request", 16 << 20)
    })?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let server = listener.local_addr()?;

    std::thread::scope(|threads| -> io::Result<()> {
        let worker = threads.spawn(move || -> io::Result<()> {
            for stream in listener.incoming().take(REQUESTS) {
                let scope = requests.open(); // 'request begins: everything of the last one is gone
                serve(&stream?, &scope)?;
                println!("  (server: {} used)", Bytes(scope.view().used()));
            }
            Ok(())
        });
        let many: String = (0..100_000).map(|i| format!("word{i} ")).collect();
        for line in ["a lamp and a bulb", "to be or not to be", "", &many, "one two one", "the end"] {
            let asked: String = line.chars().take(30).collect();
            print!("{asked:?} -> {}", ask(server, line)?);
        }
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })?;
    Ok(())
}
