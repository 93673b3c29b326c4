//! The document as data: references resolved within it, payloads as validators, and the keys that real frames have.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

/// Lists whose elements may carry anything beside what is documented.
const OPEN_LISTS: [&str; 4] = ["rows", "questions", "feed", "messages"];

pub struct Document(Value);

/// An object schema with everything that `allOf` adds to it.
#[derive(Default)]
struct Flat {
    properties: BTreeMap<String, Vec<Value>>,
    required: BTreeSet<String>,
}

/// Per object schema: the keys seen in any frame, and those seen in every one.
#[derive(Default)]
pub struct Keys {
    seen: BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)>,
    reached: BTreeSet<String>,
}

impl Document {
    pub fn load() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/asyncapi.yaml");
        Self(serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
    }

    pub fn at(&self, pointer: &str) -> &Value {
        self.0.pointer(pointer).unwrap_or_else(|| panic!("the document has nothing at {pointer}"))
    }

    pub fn names(&self, pointer: &str) -> BTreeSet<String> {
        self.at(pointer).as_object().unwrap().keys().cloned().collect()
    }

    /// A map of references: its keys, each with the last part of where it leads.
    pub fn refs(&self, pointer: &str) -> BTreeMap<String, String> {
        let last = |v: &Value| v["$ref"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        self.at(pointer).as_object().unwrap().iter().map(|(key, value)| (key.clone(), last(value))).collect()
    }

    /// A list of references to messages of channels, as (channel, message).
    pub fn message_refs(list: &Value) -> Vec<(String, String)> {
        let parts = |v: &Value| {
            let path = v["$ref"].as_str().unwrap().strip_prefix("#/channels/").unwrap().to_owned();
            let (channel, message) = path.split_once("/messages/").unwrap();
            (channel.to_owned(), message.to_owned())
        };
        list.as_array().into_iter().flatten().map(parts).collect()
    }

    pub fn payload(&self, message: &str) -> Value {
        self.at(&format!("/components/messages/{message}/payload")).clone()
    }

    /// The payload's schema with the whole document around it, so that its references resolve.
    pub fn validator(&self, message: &str) -> Validator {
        let mut schema = self.0.as_object().unwrap().clone();
        schema.insert("allOf".into(), json!([self.payload(message)]));
        jsonschema::options().with_draft(Draft::Draft7).build(&Value::Object(schema)).unwrap()
    }

    /// Follows references; the name is that of the last one followed.
    fn resolve<'a>(&'a self, schema: &'a Value) -> (Option<&'a str>, &'a Value) {
        let (mut name, mut schema) = (None, schema);
        while let Some(reference) = schema["$ref"].as_str() {
            name = Some(reference.strip_prefix("#/components/schemas/").unwrap());
            schema = self.at(reference.strip_prefix('#').unwrap());
        }
        (name, schema)
    }

    fn flatten(&self, schema: &Value, flat: &mut Flat, reached: &mut BTreeSet<String>) {
        let (name, schema) = self.resolve(schema);
        reached.extend(name.map(str::to_owned));
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            flat.properties.entry(key.clone()).or_default().push(property.clone());
        }
        flat.required.extend(schema["required"].as_array().into_iter().flatten().map(|key| key.as_str().unwrap().to_owned()));
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.flatten(part, flat, reached);
        }
    }

    /// Notes which keys a frame has at every object that the document names.
    pub fn walk(&self, schema: &Value, instance: &Value, keys: &mut Keys) {
        let (name, resolved) = self.resolve(schema);
        keys.reached.extend(name.map(str::to_owned));
        match instance {
            Value::Object(members) => self.walk_object(name, schema, members, keys),
            Value::Array(items) => items.iter().for_each(|item| self.walk(&resolved["items"], item, keys)),
            _ => {}
        }
    }

    fn walk_object(&self, name: Option<&str>, schema: &Value, members: &Map<String, Value>, keys: &mut Keys) {
        let mut flat = Flat::default();
        self.flatten(schema, &mut flat, &mut keys.reached);
        if let Some(name) = name.filter(|_| !flat.properties.is_empty()) {
            let here: BTreeSet<String> = members.keys().cloned().collect();
            let (any, every) = keys.seen.entry(name.to_owned()).or_insert_with(|| (here.clone(), here.clone()));
            any.extend(here.iter().cloned());
            every.retain(|key| here.contains(key));
        }
        for (key, member) in members {
            for property in flat.properties.get(key).into_iter().flatten() {
                self.walk(property, member, keys);
            }
        }
    }
}

impl Keys {
    /// Properties are the keys that occur, required those that always do, and no schema is left that no frame uses.
    pub fn agree_with(&self, doc: &Document) {
        for (name, (any, every)) in &self.seen {
            let mut flat = Flat::default();
            doc.flatten(&json!({"$ref": format!("#/components/schemas/{name}")}), &mut flat, &mut BTreeSet::new());
            let documented: BTreeSet<String> = flat.properties.keys().cloned().collect();
            assert_eq!(&documented, any, "properties of {name} (left) against the keys of its frames (right)");
            assert_eq!(&flat.required, every, "required of {name} (left) against the keys that are always there (right)");
            for (key, schemas) in &flat.properties {
                let told = |schema: &Value| {
                    let (_, resolved) = doc.resolve(schema);
                    resolved.get("const").is_some()
                        || resolved.get("description").is_some()
                        || resolved.get("properties").is_some()
                };
                assert!(schemas.iter().any(told), "{name}.{key} has no description");
            }
        }
        let unused: Vec<String> =
            doc.names("/components/schemas").into_iter().filter(|name| !self.reached.contains(name)).collect();
        assert!(unused.is_empty(), "schemas that no frame uses: {unused:?}");
    }
}

/// Every member at every depth as (path, path of its object, key), without the inside of open lists.
pub fn members(instance: &Value) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    collect(instance, "", &mut found);
    found
}

fn collect(instance: &Value, path: &str, found: &mut Vec<(String, String, String)>) {
    match instance {
        Value::Object(members) => {
            for (key, member) in members {
                let here = format!("{path}/{key}");
                found.push((here.clone(), path.to_owned(), key.clone()));
                if !OPEN_LISTS.contains(&key.as_str()) || !member.is_array() {
                    collect(member, &here, found);
                }
            }
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(at, item)| collect(item, &format!("{path}/{at}"), found)),
        _ => {}
    }
}
