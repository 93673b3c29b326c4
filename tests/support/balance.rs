//! A door to several nodes: each connection goes to the next node that takes it, without regard to who comes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A running balancer; it ends with its handle.
#[derive(Debug)]
pub struct Balance {
    /// Where clients connect.
    pub address: SocketAddr,
    opened: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Balance {
    /// Takes connections at once; nodes are known later, since they have to know this address first.
    pub async fn door() -> (Self, tokio::sync::watch::Sender<Vec<SocketAddr>>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a loopback port");
        let address = listener.local_addr().expect("its address");
        let (nodes, known) = tokio::sync::watch::channel(Vec::<SocketAddr>::new());
        let opened = Arc::new(AtomicUsize::new(0));
        let counted = opened.clone();
        let task = tokio::spawn(async move {
            let mut turn = 0;
            while let Ok((mut client, _)) = listener.accept().await {
                turn += 1;
                let (nodes, counted) = (known.borrow().clone(), counted.clone());
                tokio::spawn(async move {
                    let _ = client.set_nodelay(true);
                    for n in 0..nodes.len() {
                        if let Ok(mut node) = TcpStream::connect(nodes[(turn + n) % nodes.len()]).await {
                            counted.fetch_add(1, Ordering::Relaxed);
                            let _ = node.set_nodelay(true);
                            let _ = copy_bidirectional(&mut client, &mut node).await;
                            return;
                        }
                    }
                });
            }
        });
        (Self { address, opened, task }, nodes)
    }

    /// Connections that a node has taken.
    pub fn opened(&self) -> usize {
        self.opened.load(Ordering::Relaxed)
    }
}

impl Drop for Balance {
    fn drop(&mut self) {
        self.task.abort();
    }
}
