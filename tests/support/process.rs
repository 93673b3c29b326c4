use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

/// A program that a test runs; killed, by its id, when this is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    output: BufReader<ChildStdout>,
    /// Another of it that shares its fate.
    twin: Option<Box<Process>>,
}

impl Process {
    /// Starts `command` and reads what it writes to its standard output.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("cannot start {}: {e}", command.get_program().display()));
        let output = BufReader::new(child.stdout.take().expect("a piped output"));
        Self { child, output, twin: None }
    }

    /// The same with another that shares its fate.
    pub fn with(mut self, twin: Self) -> Self {
        self.twin = Some(Box::new(twin));
        self
    }

    /// The next line it writes; None when it has closed its output.
    pub fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.output.read_line(&mut line).expect("readable output");
        (read > 0).then(|| line.trim_end().to_owned())
    }

    /// Reads lines until one contains `text` and returns it.
    pub fn line_with(&mut self, text: &str) -> String {
        loop {
            match self.line() {
                Some(line) if line.contains(text) => return line,
                Some(_) => {}
                None => panic!("the program ended without saying {text:?}"),
            }
        }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it without warning, as a power cut would.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(twin) = &mut self.twin {
            twin.kill();
        }
    }

    /// Asks it to end (SIGTERM).
    pub fn ask_to_end(&self) {
        self.signal("-TERM");
    }

    /// It does not run any more and does not end.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// It goes on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, name: &str) {
        let done = Command::new("kill").args([name, &self.id().to_string()]).status().expect("the program kill");
        assert!(done.success(), "kill {name} {}", self.id());
        if let Some(twin) = &self.twin {
            twin.signal(name);
        }
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> ExitStatus {
        let twin = self.twin.as_mut().map(|twin| twin.wait());
        let own = self.child.wait().expect("its exit status");
        twin.filter(|status| !status.success()).unwrap_or(own)
    }
}

/// Runs `command` to its good end with `input` on its standard input.
pub fn feed(command: &mut Command, input: &str) {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("the program starts");
    child.stdin.take().expect("a piped input").write_all(input.as_bytes()).expect("an input taken");
    let status = child.wait().expect("its exit status");
    assert!(status.success(), "{}: {status}", command.get_program().display());
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
