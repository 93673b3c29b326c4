use std::collections::{BTreeMap, BTreeSet};

use super::{Locale, clock, day_and_time, left, maybe, t, time_of_day, time_of_day_short, words, zone_name};

const EN: &str = include_str!("../../assets/locales/en.ftl");
const ZH: &str = include_str!("../../assets/locales/zh-CN.ftl");

/// Key to the variables it uses, read from the source text of a catalogue.
fn messages(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key = String::new();
    for line in source.lines().filter(|l| !l.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" = ").filter(|_| !line.starts_with(' ')) {
            key = name.to_owned();
            assert!(found.insert(key.clone(), BTreeSet::new()).is_none(), "{key} stands twice");
        }
        for part in line.split('$').skip(1) {
            let name: String = part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            found.entry(key.clone()).or_default().insert(name);
        }
    }
    found
}

fn files(dir: &std::path::Path, into: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, into) } else { into.push(path) }
    }
}

#[test]
fn both_catalogues_say_the_same_things() {
    let (en, zh) = (messages(EN), messages(ZH));
    let keys = |m: &BTreeMap<String, BTreeSet<String>>| m.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(&en).symmetric_difference(&keys(&zh)).collect::<Vec<_>>(), Vec::<&String>::new(), "only in one catalogue");
    for (key, names) in &en {
        assert_eq!(names, &zh[key], "variables of {key}");
    }
}

#[test]
fn every_text_of_both_catalogues_can_be_said() {
    for (key, names) in messages(EN) {
        // A fluent argument needs a name that lives for ever; a test may leak a few bytes.
        let args: Vec<_> = names.iter().map(|n| (&*n.clone().leak(), super::Arg::Number(2))).collect();
        for locale in Locale::ALL {
            assert!(maybe(locale, &key, &args).is_some(), "{key} in {locale}");
        }
    }
}

#[test]
fn every_key_in_use_exists() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let known = messages(EN);
    let mut sources = Vec::new();
    files(&root.join("src"), &mut sources);
    files(&root.join("templates"), &mut sources);
    let calls = ["t(\"", "t1(\"", "t2(\"", "t(locale, \"", "t(l, \"", "t1(locale, \"", "maybe(locale, \""];
    let mut checked = 0;
    for path in sources.iter().filter(|p| !p.ends_with("locale/tests.rs")) {
        let text = std::fs::read_to_string(path).unwrap();
        for call in calls {
            for (at, _) in text.match_indices(call) {
                let before = text[..at].chars().next_back().unwrap_or(' ');
                let key = text[at + call.len()..].split('"').next().unwrap();
                let looks = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
                if before.is_alphanumeric() || before == '_' || !looks {
                    continue;
                }
                assert!(known.contains_key(key), "{} says {key:?}, which no catalogue has", path.display());
                checked += 1;
            }
        }
    }
    assert!(checked > 150, "only {checked} keys were found: the pattern no longer fits the code");
}

#[test]
fn every_error_says_what_to_do() {
    let known = messages(EN);
    for code in crate::error::Code::ALL {
        let key = format!("error-{}", code.as_str());
        assert!(known.contains_key(&key) && known.contains_key(&format!("{key}-title")), "{key}");
    }
}

#[test]
fn negotiation_prefers_the_choice_then_the_weights() {
    assert_eq!(Locale::negotiate(None, None), Locale::En);
    assert_eq!(Locale::negotiate(Some("zh-CN"), Some("en")), Locale::Zh);
    assert_eq!(Locale::negotiate(Some("xx"), Some("fr, zh-Hans;q=0.8, en;q=0.5")), Locale::Zh);
    assert_eq!(Locale::negotiate(None, Some("zh;q=0.2,en-GB;q=0.9")), Locale::En);
    assert_eq!(Locale::negotiate(None, Some("en,zh")), Locale::En);
    assert_eq!(Locale::negotiate(None, Some("zh;q=0, en;q=0.1")), Locale::En);
    assert_eq!(Locale::negotiate(None, Some(";;;q=,,,")), Locale::En);
}

#[test]
fn lengths_read_well() {
    assert_eq!(clock(2_530_000), "42:10");
    assert_eq!(clock(3_725_999), "1:02:05");
    assert_eq!(clock(-300_000), "\u{2212}5:00");
    assert_eq!(left(1), "0:01");
    assert_eq!(left(0), "0:00");
    assert_eq!(left(-5), "0:00");
    assert_eq!(left(60_000), "1:00");
    assert_eq!(left(i64::MAX), left(i64::MAX - 1));
    assert_eq!(words(Locale::En, 200_000), "3 min 20 s");
    assert_eq!(words(Locale::Zh, 200_000), "3 分 20 秒");
    assert_eq!(words(Locale::En, 3_900_000), "1 h 5 min");
    assert_eq!(words(Locale::En, 400), "0 s");
}

#[test]
fn instants_read_in_the_rooms_zone() {
    let at = 1_795_228_500_000; // 2026-11-21T02:35:00Z
    assert_eq!(time_of_day(at, "Asia/Shanghai"), "10:35:00");
    assert_eq!(time_of_day_short(at, "Asia/Shanghai"), "10:35");
    assert_eq!(time_of_day_short(at + 20_000, "Asia/Shanghai"), "10:35:20");
    assert_eq!(time_of_day(at, "no/such"), "02:35:00");
    assert_eq!(day_and_time(Locale::En, at, "Asia/Shanghai"), "21 Nov 2026, 10:35");
    assert_eq!(day_and_time(Locale::Zh, at, "Asia/Shanghai"), "2026年11月21日 10:35");
    assert_eq!(zone_name(at, "Asia/Shanghai"), "Asia/Shanghai (UTC+08:00)");
}

#[test]
fn plurals_and_values() {
    assert_eq!(t(Locale::En, "preview-affected", &[("n", 1.into())]), "Affects 1 student.");
    assert_eq!(t(Locale::En, "preview-affected", &[("n", 31.into())]), "Affects 31 students.");
    assert_eq!(Locale::En.t1("points-n", "n", 1), "1 point");
    assert_eq!(Locale::En.t1("points-n", "n", "1.5"), "1.5 points");
    assert_eq!(Locale::Zh.t1("js-saved", "time", "10:03:21"), "已保存 10:03:21");
}

/// Labels over the change to and from summer time, over a leap day and a year's end: the instant decides, the zone only names it.
#[test]
fn times_of_day_follow_the_zone_over_its_changes() {
    use super::{time_of_day, zone_name};
    let at = |text: &str| crate::time::parse_rfc3339(text).unwrap();
    for (instant, zone, shown, offset) in [
        ("2026-03-29T00:59:59Z", "Europe/Berlin", "01:59:59", "+01:00"),
        ("2026-03-29T01:00:00Z", "Europe/Berlin", "03:00:00", "+02:00"),
        ("2026-10-25T00:30:00Z", "Europe/Berlin", "02:30:00", "+02:00"),
        ("2026-10-25T01:30:00Z", "Europe/Berlin", "02:30:00", "+01:00"),
        ("2026-10-03T15:29:59Z", "Australia/Lord_Howe", "01:59:59", "+10:30"),
        ("2026-10-03T15:30:00Z", "Australia/Lord_Howe", "02:30:00", "+11:00"),
        ("2026-06-30T23:59:59.999Z", "Asia/Kathmandu", "05:44:59", "+05:45"),
        ("2028-02-29T16:00:00Z", "Asia/Shanghai", "00:00:00", "+08:00"),
        ("2026-12-31T23:59:59Z", "UTC", "23:59:59", "+00:00"),
        ("2026-12-31T10:00:00Z", "Pacific/Kiritimati", "00:00:00", "+14:00"),
    ] {
        assert_eq!(time_of_day(at(instant), zone), shown, "{instant} {zone}");
        assert!(zone_name(at(instant), zone).contains(offset), "{instant} {zone}: {}", zone_name(at(instant), zone));
    }
}
