//! Breaks one law on purpose, so that `make prove` can watch its test go red. Without the cargo feature `weaken` every question here is
//! answered `false` by the compiler; a release build with the feature does not compile.

#[cfg(all(feature = "weaken", not(debug_assertions)))]
compile_error!("the feature `weaken` breaks the laws on purpose and never belongs into a release build");

/// Whether the law called `name` is broken in this process (environment variable `INVIGIL_WEAKEN`).
#[cfg(feature = "weaken")]
pub fn on(name: &str) -> bool {
    std::env::var("INVIGIL_WEAKEN").is_ok_and(|value| value == name)
}

/// Never: the laws hold.
#[cfg(not(feature = "weaken"))]
pub const fn on(_name: &str) -> bool {
    false
}
