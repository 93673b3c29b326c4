//! The secrets of a deployment live in its store, so that every node shares them. Made at the first start.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::auth::secrets::{ServerSecret, random_bytes};
use crate::auth::tokens::{Key, Keys};
use crate::domain::Ms;
use crate::store::Store;

/// Kids of signing keys begin so.
const TOKEN: &str = "t-";
/// Kid of the server's own secret.
const SERVER: &str = "s-1";

/// Loads the keys; makes those that are missing. Of two nodes that start together one wins, and both read what won.
pub(super) async fn load(store: &Store, now: Ms) -> anyhow::Result<(Keys, ServerSecret)> {
    let have = store.server_keys().await?;
    if !have.iter().any(|(kid, ..)| kid.starts_with(TOKEN)) {
        store.add_server_key(&format!("{TOKEN}1"), &STANDARD.encode(random_bytes::<32>()), now).await?;
    }
    if !have.iter().any(|(kid, ..)| kid == SERVER) {
        store.add_server_key(SERVER, &STANDARD.encode(random_bytes::<32>()), now).await?;
    }
    let rows = store.server_keys().await?;
    let mut tokens = Vec::new();
    let mut server = None;
    for (kid, text, _) in rows {
        let secret: [u8; 32] = STANDARD
            .decode(text)?
            .try_into()
            .map_err(|_| anyhow::anyhow!("the key {kid} in the database is not 32 bytes long"))?;
        if kid == SERVER {
            server = Some(ServerSecret::from_bytes(secret));
        } else if kid.starts_with(TOKEN) {
            tokens.push(Key::kept(kid, secret));
        }
    }
    let mut tokens = tokens.into_iter();
    let current = tokens.next().ok_or_else(|| anyhow::anyhow!("no signing key in the database"))?;
    let server = server.ok_or_else(|| anyhow::anyhow!("no server secret in the database"))?;
    Ok((Keys { current, previous: tokens.collect() }, server))
}
