//! Patterns: of an object only what is written has to be there; `$name` is noted or compared; `*` is anything.

use std::collections::HashMap;

use serde_json::Value;

/// What `$names` stand for.
pub type Names = HashMap<String, Value>;

/// Whether `value` fits `pattern`; notes new names only when the whole fits.
pub fn fits(pattern: &Value, value: &Value, names: &mut Names) -> Result<(), String> {
    let mut noted = names.clone();
    compare(pattern, value, &mut noted, "")?;
    *names = noted;
    Ok(())
}

fn compare(pattern: &Value, value: &Value, names: &mut Names, path: &str) -> Result<(), String> {
    match (pattern, value) {
        (Value::String(p), _) if p == "*" => Ok(()),
        (Value::String(p), _) if p.starts_with('$') => match names.get(&p[1..]) {
            Some(known) if known == value => Ok(()),
            Some(known) => Err(format!("{path}: {value} is not {p} = {known}")),
            None => {
                names.insert(p[1..].to_owned(), value.clone());
                Ok(())
            }
        },
        (Value::Object(p), Value::Object(v)) => p.iter().try_for_each(|(key, inner)| {
            let found = v.get(key).ok_or_else(|| format!("{path}.{key} is missing in {value}"))?;
            compare(inner, found, names, &format!("{path}.{key}"))
        }),
        (Value::Array(p), Value::Array(v)) => {
            if p.iter().any(|p| p == "...") {
                return contains(p, v, names, path);
            }
            if p.len() != v.len() {
                return Err(format!("{path}: {} elements, {} expected, in {value}", v.len(), p.len()));
            }
            p.iter().zip(v).enumerate().try_for_each(|(i, (p, v))| compare(p, v, names, &format!("{path}[{i}]")))
        }
        (Value::Number(p), Value::Number(v)) if p.as_f64() == v.as_f64() => Ok(()),
        _ if pattern == value => Ok(()),
        _ => Err(format!("{path}: {value} instead of {pattern}")),
    }
}

/// A list with `...` in it: the others have to be there, in this order.
fn contains(pattern: &[Value], value: &[Value], names: &mut Names, path: &str) -> Result<(), String> {
    let mut rest = value.iter();
    for wanted in pattern.iter().filter(|p| *p != "...") {
        let found = rest.any(|v| {
            let mut tried = names.clone();
            let fits = compare(wanted, v, &mut tried, path).is_ok();
            if fits {
                *names = tried;
            }
            fits
        });
        if !found {
            return Err(format!("{path}: {wanted} is not in {}", Value::Array(value.to_vec())));
        }
    }
    Ok(())
}

/// Puts what `$names` stand for into a text: quoted values keep their type.
pub fn fill(text: &str, names: &Names) -> String {
    let mut sorted: Vec<_> = names.iter().collect();
    // The longest first, so that `$li_code` is not read as `$li` and a rest.
    sorted.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let mut text = text.to_owned();
    for (name, value) in sorted {
        text = text.replace(&format!("\"${name}\""), &value.to_string());
        let bare = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text = text.replace(&format!("${name}"), &bare);
    }
    text
}

#[test]
fn patterns_fit_what_they_should() {
    let mut names = Names::new();
    let pattern = serde_json::json!({"a": "$x", "b": ["*", {"c": 1}]});
    assert!(fits(&pattern, &serde_json::json!({"a": 7, "b": [null, {"c": 1.0, "d": 2}], "e": 0}), &mut names).is_ok());
    assert_eq!(names["x"], 7);
    assert!(fits(&pattern, &serde_json::json!({"a": 8, "b": [null, {"c": 1}]}), &mut names).is_err(), "another x");
    assert!(fits(&pattern, &serde_json::json!({"a": 7, "b": [{"c": 1}]}), &mut names).is_err(), "too short");
    assert!(fits(&pattern, &serde_json::json!({"b": ["", {"c": 1}]}), &mut names).is_err(), "a is missing");
    assert_eq!(fill("{\"rev\": \"$x\"} /$x/$y", &names), "{\"rev\": 7} /7/$y");
}
