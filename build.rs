//! Leaves the day of the build for the check of the system clock, and has the migrations embedded again when they change.

use std::time::SystemTime;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let given = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse::<u64>().ok());
    println!("cargo:rustc-env=INVIGIL_BUILT_SECONDS={}", given.unwrap_or_else(now));
}

#[expect(clippy::disallowed_methods, reason = "the day of the build, not a time of the program")]
fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
