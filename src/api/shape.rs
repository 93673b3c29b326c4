//! Holds a JSON body against its schema and names every field at fault; the library's own message names none.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use serde_json::Value;

use crate::error::Fault;
use crate::time::parse_rfc3339;

/// Faults one body is told at most.
const MOST: usize = 50;
/// Characters of a value that are repeated to whoever sent it.
const SHOWN: usize = 60;

/// What is wrong with `value` as a `T`.
pub(super) fn faults<T: Type>(value: &Value) -> Vec<Fault> {
    let mut registry = Registry::new();
    T::register(&mut registry);
    let mut found = Vec::new();
    look(&registry, &T::schema_ref(), value, "", &mut found);
    found.truncate(MOST);
    found
}

fn look(registry: &Registry, schema: &MetaSchemaRef, value: &Value, path: &str, found: &mut Vec<Fault>) {
    let schema = match schema {
        MetaSchemaRef::Inline(schema) => schema,
        MetaSchemaRef::Reference(name) => match registry.schemas.get(name) {
            Some(schema) => schema,
            None => return,
        },
    };
    for part in &schema.all_of {
        look(registry, part, value, path, found);
    }
    if found.len() >= MOST || (value.is_null() && schema.nullable) {
        return;
    }
    if !schema.enum_items.is_empty() && !schema.enum_items.contains(value) {
        return found.push(fault(path, "unknown_word", value));
    }
    match (schema.ty, value) {
        ("object", Value::Object(_)) => object(registry, schema, value, path, found),
        ("array", Value::Array(items)) => {
            if schema.max_items.is_some_and(|most| items.len() > most) {
                return found.push(fault(path, "too_many", &Value::Null));
            }
            for (index, item) in items.iter().enumerate() {
                if let Some(schema) = &schema.items {
                    look(registry, schema, item, &format!("{path}[{index}]"), found);
                }
            }
        }
        ("string", Value::String(text)) => found.extend(text_fault(schema, text).map(|code| fault(path, code, value))),
        ("integer", Value::Number(n)) if n.is_i64() => {
            let n = n.as_i64().unwrap_or_default();
            // Bounds of ours are far below 2^53.
            #[expect(clippy::cast_precision_loss, reason = "only compared with bounds far below 2^53")]
            let n = n as f64;
            if schema.minimum.is_some_and(|min| n < min) || schema.maximum.is_some_and(|max| n > max) {
                found.push(fault(path, "out_of_range", value));
            }
        }
        ("number", Value::Number(_)) | ("boolean", Value::Bool(_)) | ("", _) => {}
        _ => found.push(fault(path, "wrong_type", value)),
    }
}

fn object(registry: &Registry, schema: &MetaSchema, value: &Value, path: &str, found: &mut Vec<Fault>) {
    let Value::Object(fields) = value else { return };
    let at = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    for name in schema.required.iter().filter(|name| !fields.contains_key(**name)) {
        found.push(fault(&at(name), "required", &Value::Null));
    }
    for (name, field) in fields {
        let Some((_, known)) = schema.properties.iter().find(|(known, _)| known == name) else {
            if !schema.properties.is_empty() {
                found.push(fault(&at(name), "unknown_field", &Value::Null));
            }
            continue;
        };
        let optional = !schema.required.contains(&name.as_str());
        if !(field.is_null() && optional) {
            look(registry, known, field, &at(name), found);
        }
    }
}

fn text_fault(schema: &MetaSchema, text: &str) -> Option<&'static str> {
    if schema.format == Some("date-time") && parse_rfc3339(text).is_err() {
        return Some("not_an_instant");
    }
    if schema.max_length.is_some_and(|most| text.chars().count() > most) {
        return Some("too_long");
    }
    if schema.min_length.is_some_and(|least| text.chars().count() < least) {
        return Some("too_short");
    }
    // The only patterns here are those of ids: a prefix, then letters and digits.
    let prefix = schema.pattern.as_deref()?.strip_prefix('^')?.split_once('[')?.0;
    let is_id = text.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric()));
    (!is_id || text.len() > crate::domain::ids::MAX_ID_BYTES).then_some("not_an_id")
}

fn fault(path: &str, code: &str, value: &Value) -> Fault {
    let value = match value {
        Value::Null | Value::Object(_) | Value::Array(_) => String::new(),
        Value::String(text) => text.chars().take(SHOWN).collect(),
        other => other.to_string(),
    };
    Fault { path: path.to_owned(), code: code.to_owned(), value }
}
