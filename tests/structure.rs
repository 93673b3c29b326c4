//! What the compiler does not check, read from the text of `src/` and `templates/`: who may import whom, which layer may know which
//! library, what is never written. Each rule is a pure function from files to faults, and each has been seen to go red.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

#[path = "structure/handbook.rs"]
mod handbook;
#[path = "structure/imports.rs"]
mod imports;
#[path = "structure/rules.rs"]
mod rules;
#[path = "structure/source.rs"]
mod source;
#[path = "structure/templates.rs"]
mod templates;

use source::{File, read};

#[track_caller]
fn none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Every Rust file under `src/`.
fn src() -> Vec<File> {
    let files = read("src", "rs");
    assert!(files.len() > 30, "src/ was not found: {} files", files.len());
    files
}

#[test]
fn arrows_point_down() {
    none(&src().iter().flat_map(imports::faults).collect::<Vec<_>>());
}

#[test]
fn every_module_is_in_the_map() {
    none(&src().iter().filter_map(imports::unknown).collect::<Vec<_>>());
}

#[test]
fn the_domain_is_pure() {
    none(&src().iter().flat_map(rules::impure_domain).collect::<Vec<_>>());
}

#[test]
fn libraries_stay_where_they_belong() {
    none(&src().iter().flat_map(rules::strayed_libraries).collect::<Vec<_>>());
}

#[test]
fn sql_stays_in_the_store() {
    none(&src().iter().flat_map(rules::strayed_sql).collect::<Vec<_>>());
}

#[test]
fn one_file_reads_clocks() {
    none(&src().iter().flat_map(rules::strayed_clocks).collect::<Vec<_>>());
}

/// The text rule and clippy's know the same clocks, and clippy's fails the build.
#[test]
fn clippy_refuses_the_same_clocks() {
    let clippy = std::fs::read_to_string(source::root().join("clippy.toml")).unwrap();
    let refused = |clock: &&str| !clippy.lines().any(|line| line.contains("path = ") && line.contains(&format!("::{clock}\"")));
    none(
        &rules::CLOCKS
            .iter()
            .copied()
            .filter(|clock| refused(clock))
            .map(|clock| format!("clippy.toml allows {clock}"))
            .collect::<Vec<_>>(),
    );
    let cargo = std::fs::read_to_string(source::root().join("Cargo.toml")).unwrap();
    let lints =
        ["disallowed_methods", "unwrap_used", "expect_used", "panic", "todo", "unimplemented", "dbg_macro", "allow_attributes"];
    let denied = |lint: &&str| cargo.lines().any(|line| line.trim() == format!("{lint} = \"deny\""));
    none(
        &lints
            .iter()
            .filter(|lint| !denied(lint))
            .map(|lint| format!("Cargo.toml does not deny clippy::{lint}"))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn nothing_is_left_for_later_or_silenced() {
    let mut files = src();
    files.extend(read("tests", "rs").into_iter().filter(|f| !f.path.starts_with("tests/structure")));
    none(&files.iter().flat_map(rules::left_for_later).collect::<Vec<_>>());
}

#[test]
fn files_are_short() {
    none(&rules::long_files(&src(), rules::LONG));
}

#[test]
fn templates_hold_no_code_no_styles_and_escape_everything() {
    let pages = read("templates", "html");
    assert!(!pages.is_empty(), "templates/ was not found");
    none(&pages.iter().flat_map(templates::faults).collect::<Vec<_>>());
}

fn document(path: &str) -> String {
    std::fs::read_to_string(source::root().join(path)).expect("a document of the repository")
}

/// Whoever is woken by an alarm finds it in the handbook.
#[test]
fn the_handbook_names_every_alarm() {
    let handbook = document("docs/OPERATIONS.md");
    let files = src();
    let mut faults: Vec<String> = files.iter().flat_map(|file| handbook::unlisted_alarms(file, &handbook)).collect();
    faults.extend(
        files.iter().filter(|file| file.path == "src/metrics.rs").flat_map(|file| handbook::unlisted_metrics(file, &handbook)),
    );
    faults.extend(
        files.iter().filter(|file| file.path == "src/app/health.rs").flat_map(|file| handbook::unlisted_fields(file, &handbook)),
    );
    none(&faults);
}

#[test]
fn deploy_sets_only_what_there_is() {
    let settings = document("docs/CONFIGURATION.md");
    let files: Vec<File> = ["yaml", "conf", "service", "example"].iter().flat_map(|ending| read("deploy", ending)).collect();
    assert!(files.len() >= 4, "deploy/ was not found: {} files", files.len());
    none(&files.iter().flat_map(|file| handbook::unknown_settings(file, &settings)).collect::<Vec<_>>());
}
