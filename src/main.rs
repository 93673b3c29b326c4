//! A shim: everything is in the library.

fn main() {}
