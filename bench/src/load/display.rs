//! A display for peers that can't do without: the one that there is, or an X server without a screen.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// See the module. Its server ends with it.
pub(super) struct Display {
    name: Option<String>,
    server: Option<Child>,
}

impl Display {
    pub(super) fn open() -> Display {
        if let Ok(name) = std::env::var("DISPLAY") {
            return Display { name: Some(name), server: None };
        }
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", "1600x1000x24"]).stdin(Stdio::null()).stderr(Stdio::null());
        let Ok(mut server) = command.stdout(Stdio::piped()).spawn() else {
            return Display { name: None, server: None };
        };
        let mut number = String::new();
        let told = server.stdout.take().is_some_and(|out| BufReader::new(out).read_line(&mut number).is_ok());
        let name = (told && !number.trim().is_empty()).then(|| format!(":{}", number.trim()));
        Display { name, server: Some(server) }
    }

    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            // one that has ended is no trouble
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}
