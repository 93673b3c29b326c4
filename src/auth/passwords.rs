use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::constant_time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use tokio::sync::oneshot;

use super::secrets::random_bytes;
use crate::limits::HASH_QUEUE;

mod policy;
pub use policy::{PasswordFault, judge};

/// Threads that hash. Two hundred teachers at once wait a little; the cores that keep the clocks stay free.
const THREADS: usize = 2;
/// A stored hash that asks for more memory than this is not ours: 64 MiB, in KiB.
const MAX_MEMORY_KIB: u32 = 64 * 1024;
/// The same for rounds.
const MAX_ROUNDS: u32 = 16;
const HASH_BYTES: usize = 32;

/// The hashing threads have more waiting than they should. Answered with 503 and a time to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked at once")]
pub struct Busy;

enum Job {
    Hash { password: String, reply: oneshot::Sender<String> },
    Verify { password: String, phc: String, reply: oneshot::Sender<bool> },
}

/// Hashes and verifies passwords with Argon2id on threads of its own. Each reuses one block of memory: hashing on the
/// runtime's pool at 19 MiB a login would be an outage that anyone could cause. Clones share the threads, which end with
/// the last clone.
#[derive(Clone)]
pub struct Passwords {
    queue: SyncSender<Job>,
    /// A hash that no password has, of the same cost as a real one.
    nobody: Arc<str>,
}

impl Passwords {
    /// Starts the threads, with 19 MiB and two rounds a hash.
    pub fn start() -> std::io::Result<Self> {
        Self::with_cost(19_456, 2)
    }

    /// Starts the threads with another cost: memory in KiB, and rounds. Tests use a small one.
    pub fn with_cost(memory_kib: u32, rounds: u32) -> std::io::Result<Self> {
        let params = Params::new(memory_kib, rounds, 1, Some(HASH_BYTES)).map_err(std::io::Error::other)?;
        let (queue, jobs) = bounded();
        let jobs = Arc::new(Mutex::new(jobs));
        for number in 1..=THREADS {
            let (jobs, params) = (Arc::clone(&jobs), params.clone());
            std::thread::Builder::new().name(format!("passwords-{number}")).spawn(move || work(&jobs, &params))?;
        }
        Ok(Self { queue, nobody: phc(&params, &random_bytes(), &random_bytes()).into() })
    }

    /// The hash to store, a PHC string with its salt and cost.
    pub async fn hash(&self, password: String) -> Result<String, Busy> {
        let (reply, outcome) = oneshot::channel();
        self.submit(Job::Hash { password, reply })?;
        outcome.await.map_err(|_| Busy)
    }

    /// Whether `password` is the one of the stored hash. Without a stored hash (no such account) the same work is done
    /// and the answer is no, so that time does not tell who has an account.
    pub async fn verify(&self, password: String, stored: Option<&str>) -> Result<bool, Busy> {
        let (reply, outcome) = oneshot::channel();
        let phc = stored.unwrap_or(&self.nobody).to_owned();
        self.submit(Job::Verify { password, phc, reply })?;
        outcome.await.map_err(|_| Busy)
    }

    fn submit(&self, job: Job) -> Result<(), Busy> {
        self.queue.try_send(job).map_err(|_| Busy)
    }
}

fn bounded() -> (SyncSender<Job>, Receiver<Job>) {
    sync_channel(HASH_QUEUE)
}

fn work(jobs: &Mutex<Receiver<Job>>, params: &Params) {
    let mut memory = Vec::new();
    loop {
        // One thread waits inside `recv`, the other for the lock: either way it waits for a job.
        let Ok(job) = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv() else { return };
        // Who asked may have gone while the job waited; then a failed send is nobody's loss.
        match job {
            Job::Hash { reply, .. } if reply.is_closed() => {}
            Job::Verify { reply, .. } if reply.is_closed() => {}
            Job::Hash { password, reply } => {
                let salt = random_bytes::<16>();
                if let Some(hash) = derive(&mut memory, params, &password, &salt) {
                    let _ = reply.send(phc(params, &salt, &hash));
                }
            }
            Job::Verify { password, phc, reply } => {
                let _ = reply.send(matches(&mut memory, &password, &phc));
            }
        }
    }
}

fn derive(memory: &mut Vec<Block>, params: &Params, password: &str, salt: &[u8]) -> Option<[u8; HASH_BYTES]> {
    let blocks = params.block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::new());
    }
    let mut hash = [0; HASH_BYTES];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    argon2.hash_password_into_with_memory(password.as_bytes(), salt, &mut hash, memory.as_mut_slice()).ok()?;
    Some(hash)
}

fn matches(memory: &mut Vec<Block>, password: &str, phc: &str) -> bool {
    stored(phc)
        .and_then(|(params, salt, hash)| Some((derive(memory, &params, password, &salt)?, hash)))
        .is_some_and(|(ours, theirs)| constant_time::verify_slices_are_equal(&ours, &theirs).is_ok())
}

/// Cost, salt and hash of a stored text; `None` if it is not one that this server would have made.
fn stored(phc: &str) -> Option<(Params, Vec<u8>, Vec<u8>)> {
    let parsed = PasswordHash::new(phc).ok()?;
    if parsed.algorithm.as_str() != "argon2id" || parsed.version != Some(Version::V0x13.into()) {
        return None;
    }
    let params = Params::try_from(&parsed).ok()?;
    let affordable = params.m_cost() <= MAX_MEMORY_KIB && params.t_cost() <= MAX_ROUNDS && params.p_cost() == 1;
    let (salt, hash) = (parsed.salt?, parsed.hash?);
    affordable.then(|| (params, salt.as_ref().to_vec(), hash.as_bytes().to_vec()))
}

fn phc(params: &Params, salt: &[u8; 16], hash: &[u8; HASH_BYTES]) -> String {
    let (memory, rounds, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
    format!("$argon2id$v=19$m={memory},t={rounds},p={lanes}${}${}", BASE64.encode(salt), BASE64.encode(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cheap() -> Passwords {
        Passwords::with_cost(64, 1).unwrap()
    }

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash() {
        let passwords = cheap();
        let hash = passwords.hash("correct horse 电池".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
        assert_eq!(passwords.verify("correct horse 电池".to_owned(), Some(&hash)).await, Ok(true));
        assert_eq!(passwords.verify("correct horse 电地".to_owned(), Some(&hash)).await, Ok(false));
        assert_ne!(hash, passwords.hash("correct horse 电池".to_owned()).await.unwrap(), "each hash has its salt");
    }

    #[tokio::test]
    async fn hashes_of_another_cost_and_another_maker_verify() {
        // The cost may be raised later; what is stored keeps verifying. This one is made by the library's own path.
        let made =
            argon2::PasswordHasher::hash_password(&Argon2::from(Params::new(128, 2, 1, None).unwrap()), b"staple").unwrap();
        assert_eq!(cheap().verify("staple".to_owned(), Some(&made.to_string())).await, Ok(true));
        assert_eq!(cheap().verify("stapler".to_owned(), Some(&made.to_string())).await, Ok(false));
    }

    #[tokio::test]
    async fn nobody_and_nonsense_are_no() {
        let passwords = cheap();
        assert_eq!(passwords.verify(String::new(), None).await, Ok(false));
        let good = passwords.hash("x".to_owned()).await.unwrap();
        for bad in
            ["", "x", "$argon2id$", &good.replace("argon2id", "argon2i"), &good.replace("v=19", "v=16"), &good[..good.len() - 9]]
        {
            assert_eq!(passwords.verify("x".to_owned(), Some(bad)).await, Ok(false), "{bad}");
        }
        let huge = good.replace("m=64", "m=4000000");
        assert_eq!(passwords.verify("x".to_owned(), Some(&huge)).await, Ok(false), "memory is bounded");
    }

    #[test]
    fn an_unknown_account_costs_what_a_known_one_does() {
        let passwords = Passwords::with_cost(19_456, 2).unwrap();
        let (params, salt, hash) = stored(&passwords.nobody).unwrap();
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), (19_456, 2, 1));
        assert_eq!((salt.len(), hash.len()), (16, HASH_BYTES));
    }

    #[tokio::test]
    async fn a_full_queue_is_answered_not_absorbed() {
        // One lane, nobody working: the queue is filled to its bound and the next is refused at once.
        let (queue, jobs) = bounded();
        let passwords = Passwords { queue, nobody: "".into() };
        let mut waiting = Vec::new();
        for _ in 0..HASH_QUEUE {
            let passwords = passwords.clone();
            let mut asked = Box::pin(async move { passwords.hash("x".to_owned()).await });
            assert!(futures_util::poll!(&mut asked).is_pending());
            waiting.push(asked);
        }
        let refused = futures_util::poll!(std::pin::pin!(passwords.hash("x".to_owned())));
        assert_eq!(refused, std::task::Poll::Ready(Err(Busy)));
        // Stopped threads are busy too, not a hang.
        drop(jobs);
        for asked in waiting {
            assert_eq!(asked.await, Err(Busy));
        }
        assert_eq!(passwords.verify("x".to_owned(), None).await, Err(Busy));
    }
}
