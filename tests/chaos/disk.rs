//! A file system of its own in an image, so that it can lose its power or be filled without harm to anything else.
//!
//! The power cut is XFS's own shutdown: from that instant nothing reaches the image any more, and what no fsync has confirmed is gone.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::temp::TempDir;

/// Unmounts and removes everything when its standard input closes, so that however the test ends, killed included, neither a mount nor a
/// loop device remains. Each line it reads is the process to be killed first, or nothing. Arguments: mount point, folder.
const SUPERVISOR: &str = r#"
mount=$1 dir=$2 holder=
finish() {
    [ -z "$holder" ] || kill -9 "$holder" 2>/dev/null
    tries=0
    while grep -q " $mount " /proc/mounts && [ "$tries" -lt 50 ]; do
        umount "$mount" 2>/dev/null || { tries=$((tries + 1)); sleep 0.1; }
    done
    umount -l "$mount" 2>/dev/null
    rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
cd /
echo ready
while read -r holder; do :; done
"#;

/// Size of the image, which is sparse. XFS wants 300 at least.
const SIZE: &str = "1G";

/// A mounted XFS.
pub struct Disk {
    image: PathBuf,
    mount: PathBuf,
    supervisor: Child,
}

/// A program that the test needs; the test fails by its name where it is missing.
pub fn tool(name: &str, package: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin", "/usr/bin", "/bin"].map(PathBuf::from))
        .map(|dir| dir.join(name))
        .find(|file| file.exists());
    found.unwrap_or_else(|| panic!("this test needs the program {name} (Debian package {package}); tests/tools.sh installs it"))
}

/// Runs a program to its end; panics with what it said if it fails.
fn run(name: &str, package: &str, args: &[&str]) {
    let done = Command::new(tool(name, package)).args(args).output().expect("a program that starts");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(
        done.status.success(),
        "{name} {} failed ({}): {said}\nThis test needs root, loop devices and XFS.",
        args.join(" "),
        done.status
    );
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

impl Disk {
    /// A new, empty one.
    pub fn new() -> Self {
        let home = TempDir::new();
        let (image, mount) = (home.path().join("image"), home.path().join("mount"));
        std::fs::create_dir(&mount).expect("a mount point");
        run("truncate", "coreutils", &["-s", SIZE, text(&image)]);
        run("mkfs.xfs", "xfsprogs", &["-q", text(&image)]);
        let mut supervisor = Command::new("sh")
            .args(["-c", SUPERVISOR, "sh", text(&mount)])
            .arg(home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .expect("a shell");
        // From here on the supervisor removes the folder.
        home.leave();
        let mut ready = String::new();
        BufReader::new(supervisor.stdout.take().expect("a piped output"))
            .read_line(&mut ready)
            .expect("a supervisor that is ready");
        let disk = Self { image, mount, supervisor };
        disk.mount();
        disk
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        &self.mount
    }

    /// Where a file on it is, as text.
    pub fn file(&self, name: &str) -> String {
        self.mount.join(name).display().to_string()
    }

    /// Names the process that has to end before the disk can be unmounted, for the case that the test cannot do it any more.
    pub fn held_by(&mut self, process: Option<u32>) {
        let line = process.map_or_else(String::new, |id| id.to_string());
        writeln!(self.supervisor.stdin.as_mut().expect("a piped input"), "{line}").expect("a supervisor that reads");
    }

    /// Everything written so far reaches the image, as the system does by itself after half a minute.
    pub fn sync(&self) {
        run("sync", "coreutils", &["-f", text(&self.mount)]);
    }

    /// The power goes: nothing is written any more, nothing that was not confirmed is kept.
    pub fn lose_power(&self) {
        run("xfs_io", "xfsprogs", &["-x", "-c", "shutdown", text(&self.mount)]);
    }

    /// The power comes back. Nobody may use the disk at this moment; whoever was killed may need one to be gone.
    pub fn regain_power(&self) {
        let unmount =
            || Command::new(tool("umount", "mount")).arg(&self.mount).stderr(Stdio::null()).status().expect("umount").success();
        let mut tries = 0;
        while !unmount() {
            tries += 1;
            assert!(tries < 100, "somebody still uses {}", self.mount.display());
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        self.mount();
    }

    /// Fills it to the last block, without writing: the space is only reserved.
    pub fn fill(&self) {
        std::fs::create_dir(self.mount.join("filler")).expect("a folder for fillers");
        let (fallocate, mut size, mut n) = (tool("fallocate", "util-linux"), 256_u64 << 20, 0);
        while size >= 4096 {
            n += 1;
            let filler = self.mount.join("filler").join(n.to_string());
            let done = Command::new(&fallocate).args(["-l", &size.to_string()]).arg(filler).stderr(Stdio::null()).status();
            if !done.expect("fallocate starts").success() {
                size /= 2;
            }
        }
    }

    /// Gives the space back.
    pub fn empty(&self) {
        std::fs::remove_dir_all(self.mount.join("filler")).expect("the fillers");
    }

    fn mount(&self) {
        run("mount", "mount", &["-o", "loop", text(&self.image), text(&self.mount)]);
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        let _ = self.supervisor.wait();
    }
}
