use std::collections::{BTreeMap, BTreeSet};

use invigil::domain::access::Action;
use serde_json::Value;

use crate::world::World;

/// Actions of pages and of the channel, which have no operation here.
const ELSEWHERE: [Action; 9] = [
    Action::Setup,
    Action::WatchRoom,
    Action::Sit,
    Action::TellAttention,
    Action::TellSeen,
    Action::SyncClock,
    Action::AskRooms,
    Action::AnswerTakeover,
    Action::ReportCheck,
];

/// (method, path, operation) of the document.
pub fn operations() -> Vec<(String, String, Value)> {
    let document: Value = serde_json::from_str(&invigil::api::document()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push((method.to_uppercase(), path.clone(), operation.clone()));
        }
    }
    all
}

#[test]
fn the_kept_document_is_the_one_that_is_served() {
    let kept = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json")).unwrap_or_default();
    assert!(kept.trim() == invigil::api::document().trim(), "write it anew: cargo run -- openapi > openapi/openapi.json");
}

#[test]
fn every_operation_is_an_action_and_every_action_has_its_operation() {
    let operations = operations();
    let ids: BTreeSet<&str> = operations.iter().map(|(_, _, o)| o["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), operations.len(), "each operation has a name of its own");
    let actions: BTreeSet<&str> = Action::ALL.iter().filter(|a| !ELSEWHERE.contains(a)).map(|a| a.id()).collect();
    assert_eq!(ids, actions);
}

#[test]
fn everything_is_said_in_words() {
    for (method, path, operation) in operations() {
        let name = format!("{method} {path}");
        assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 5), "{name} has no summary");
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{name} has one tag");
        let default = &operation["responses"]["default"]["content"]["application/problem+json"];
        assert!(default.is_object(), "{name} does not say how it fails");
        for parameter in operation["parameters"].as_array().into_iter().flatten().filter(|p| p["in"] != "path") {
            assert!(parameter["description"].is_string(), "{name}: {} is not explained", parameter["name"]);
        }
    }
}

/// The library binds path parameters by position while the document names them: the order has to be that of the path.
#[test]
fn parameters_stand_in_the_order_of_their_path() {
    let mut most = 0;
    for (method, path, operation) in operations() {
        let named: Vec<&str> = path.split('/').filter_map(|s| s.strip_prefix('{')?.strip_suffix('}')).collect();
        let bound = operation["parameters"].as_array().into_iter().flatten().filter(|p| p["in"] == "path");
        let bound: Vec<&str> = bound.map(|p| p["name"].as_str().unwrap()).collect();
        assert_eq!(bound, named, "{method} {path}");
        most = most.max(named.len());
    }
    assert_eq!(most, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_ids_of_one_path_reach_their_own_parameters() {
    let w = World::start().await;
    let room = w.room().await;
    let there = w.get(&format!("{}/candidates/{}", room.path, room.wang)).by("ada").send().await.ok();
    assert_eq!(there["id"], room.wang.as_str());
    w.get(&format!("/rooms/{}/candidates/{}", room.wang, room.id)).by("ada").send().await.refused(404, "not_found");
    let other = w.room().await;
    w.get(&format!("{}/candidates/{}", other.path, room.wang)).by("ada").send().await.refused(404, "not_found");
    w.app.stop().await;
}

/// What is asked for is held against the document, so each body in it refuses what it does not know.
#[test]
fn request_bodies_refuse_unknown_fields() {
    let document: Value = serde_json::from_str(&invigil::api::document()).unwrap();
    let mut bodies = BTreeMap::new();
    for (_, path, operation) in operations() {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
        if let Some(name) = schema.as_str().and_then(|r| r.rsplit('/').next()) {
            bodies.insert(name.to_owned(), path);
        }
    }
    assert!(bodies.len() > 20, "{}", bodies.len());
    for (name, path) in bodies {
        let schema = &document["components"]["schemas"][&name];
        assert!(schema["properties"].is_object(), "{path}: {name} has no members to hold a body against");
    }
}
