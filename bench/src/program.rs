//! The processes that do the works: what they are told and what they answer.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::contenders::{Contender, Program};
use crate::work::Work;

/// The first argument of a process that does a work.
pub(crate) const WORK: &str = "work";

/// What one process is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) work: Work,
    pub(crate) contender: &'static Contender,
    pub(crate) count: u64,
    /// How often it does that, for works that end in a moment; the answer is that of the median pass.
    pub(crate) passes: u64,
}

/// What it took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Taken {
    pub(crate) nanoseconds: f64,
    /// Of works that are not timed: how many. Of others, bytes that became resident meanwhile, at most; 0 where the system
    /// doesn't say.
    pub(crate) amount: f64,
}

impl Order {
    pub(crate) fn parse(arguments: &[String]) -> Option<Order> {
        let [keyword, work, contender, count, passes] = arguments else { return None };
        if keyword != WORK {
            return None;
        }
        Some(Order {
            work: Work::named(work)?,
            contender: Contender::named(contender)?,
            count: count.parse().ok()?,
            passes: passes.parse().ok()?,
        })
    }

    pub(crate) fn arguments(&self) -> [String; 5] {
        let (work, contender) = (self.work.name().to_owned(), self.contender.name.to_owned());
        [WORK.to_owned(), work, contender, self.count.to_string(), self.passes.to_string()]
    }

    /// Does it in a process of its own; `None` where the contender can't do this work.
    ///
    /// # Errors
    /// The process can't be started, or fails.
    pub(crate) fn run(&self) -> Result<Option<Taken>, String> {
        let program = path(self.contender.program)?;
        let mut command = Command::new(&program);
        let output = command.args(self.arguments()).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
        let output = output.map_err(|error| format!("{} did not start: {error}", program.display()))?;
        if !output.status.success() {
            return Err(format!("{} {} failed: {}", self.work.name(), self.contender.name, output.status));
        }
        Ok(understood(&String::from_utf8_lossy(&output.stdout)))
    }
}

/// Where a program lies: beside this one, where cargo builds them all.
///
/// # Errors
/// It isn't there.
pub(crate) fn path(program: Program) -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| format!("where is this program: {error}"))?;
    let path = match program.file_name() {
        None => own,
        Some(name) => own.with_file_name(name).with_extension(std::env::consts::EXE_EXTENSION),
    };
    if path.is_file() { Ok(path) } else { Err(format!("there is no {}", path.display())) }
}

/// The line that a process prints.
pub(crate) fn answer(taken: Option<Taken>) -> String {
    taken.map_or("-".to_owned(), |taken| format!("{} {}", taken.nanoseconds, taken.amount))
}

fn understood(answer: &str) -> Option<Taken> {
    let (nanoseconds, bytes) = answer.trim().split_once(' ')?;
    Some(Taken { nanoseconds: nanoseconds.parse().ok()?, amount: bytes.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_survives_the_command_line() {
        let order = Order { work: Work::Push16, contender: Contender::named("bumpalo").unwrap(), count: 12, passes: 3 };
        assert_eq!(Order::parse(&order.arguments()), Some(order));
        assert_eq!(Order::parse(&["work".to_owned(), "push_8".to_owned()]), None);
    }

    #[test]
    fn an_answer_survives_the_pipe() {
        let taken = Taken { nanoseconds: 1_234.5, amount: 4_096.0 };
        assert_eq!(understood(&answer(Some(taken))), Some(taken));
        assert_eq!(understood(&answer(None)), None);
    }
}
