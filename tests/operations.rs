//! What whoever runs it looks at: probes, metrics, and refusals of the edge in the reader's language.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod support;

use serde_json::Value;
use support::app::TestApp;
use support::ports;
use support::temp::TempDir;

async fn get(url: &str, language: &str) -> (u16, String) {
    let reply = reqwest::Client::new().get(url).header("Accept-Language", language).send().await.unwrap();
    (reply.status().as_u16(), reply.text().await.unwrap())
}

#[tokio::test]
async fn metrics_move_to_the_address_they_are_given() {
    let address = format!("127.0.0.1:{}", ports::free());
    let app = TestApp::with(&["--metrics-listen", &address], TempDir::new()).await;
    assert_eq!(get(&format!("{}/metrics", app.base), "en").await.0, 404);
    let (status, text) = get(&format!("http://{address}/metrics"), "en").await;
    assert!(status == 200 && text.contains("route=\"page\""), "{status} {text}");
    app.stop().await;
}

#[tokio::test]
async fn probes_say_what_they_know() {
    let app = TestApp::start().await;
    assert_eq!(get(&format!("{}/health/live", app.base), "en").await.0, 200);
    let (status, text) = get(&format!("{}/health/ready", app.base), "en").await;
    let body: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, body["status"].as_str(), body["database"].as_str()), (200, Some("ready"), Some("ok")));
    assert_eq!(get(&format!("{}/metrics", app.base), "en").await.0, 200);
    app.stop().await;
}

#[tokio::test]
async fn the_edge_refuses_in_the_reader_s_language() {
    let app = TestApp::start().await;
    let url = format!("{}/api/v1/auth/login", app.base);
    let mut details = Vec::new();
    for language in ["en", "zh-CN"] {
        let client = reqwest::Client::new();
        let ask = client.post(&url).header("Accept-Language", language).header("Content-Type", "application/json");
        let reply = ask.body("x".repeat(300 * 1024)).send().await.unwrap();
        assert_eq!(reply.status(), 413);
        let body: Value = reply.json().await.unwrap();
        assert_eq!(body["code"], "too_large");
        details.push(body["detail"].as_str().unwrap().to_owned());
    }
    assert_ne!(details[0], details[1]);
    app.stop().await;
}
