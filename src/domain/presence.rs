//! Whether a candidate's device is heard, told by many nodes of which each hears only its own sockets.
//!
//! A socket that comes is a connection with a number, greater than any before it on whatever node. One node answers for a candidate: the one
//! at which the connection came, or which has heard the device without a socket since. It alone may say that the device has fallen silent;
//! where it has died, any other may say so for it. What is said is believed or not under the lock of the candidate's row, so two nodes
//! never contradict each other, and nothing is told twice.

use serde::{Deserialize, Serialize};

use super::Ms;
use super::event::Presence;
use super::ids::NodeId;
use crate::limits;

/// Over which connection a candidate is heard, and who answers for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Counts the changes of this candidate's presence: the greater is the newer.
    pub n: i64,
    /// Number of the connection; 0: none yet.
    pub connection: i64,
    /// The node that answers for it; None: nobody.
    pub node: Option<NodeId>,
}

/// What is known of a candidate's device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// How it is heard.
    pub presence: Presence,
    /// Since when, Unix ms.
    pub at_ms: Ms,
    /// Over what.
    pub line: Line,
    /// Its socket has been closed since.
    pub left: bool,
}

/// What a node says of a candidate's device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// How it is heard now.
    pub presence: Presence,
    /// Of which connection that is said.
    pub connection: i64,
    /// Who says so, or for whom it is said.
    pub node: NodeId,
}

/// How a device is heard by one node, Unix ms; None: never.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ear {
    /// Its newest socket.
    pub socket: Option<Socket>,
    /// When anything came without a socket.
    pub http: Option<Ms>,
}

/// A device's newest socket at one node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Socket {
    /// When anything came over it, its opening counted in, Unix ms.
    pub heard_ms: Ms,
    /// Whether it carries both ways.
    pub proof: Proof,
}

/// What shows that a socket carries both ways. Behind a proxy that buffers sockets open, and let through what the page says: only a page
/// that was reached answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It opened then, and was not answered over yet.
    Opened(Ms),
    /// A ping was answered over it then.
    Answered(Ms),
    /// It carried, and has been closed.
    Closed,
}

impl Ear {
    /// What that amounts to at `now`; None: it was never heard. A page that works without a socket, here or as another node has told (`known`),
    /// is back on it when it answers. Nobody is silent while nothing can be heard: silence counts from `since`, when the service came back.
    pub fn hears(self, known: Presence, since: Ms, now: Ms) -> Option<Presence> {
        let within = |at: Ms, ms: Ms| now - at < ms;
        let by_http = self.http.is_some_and(|at| within(at, limits::UNSTEADY_MS));
        let without = by_http || known == Presence::Slow;
        let carries = self.socket.is_some_and(|Socket { heard_ms, proof }| match proof {
            Proof::Answered(at) => within(if without { at } else { at.max(since) }, limits::UNSTEADY_MS),
            Proof::Opened(at) => !without && within(at.max(since), limits::UNPROVEN_MS),
            Proof::Closed => !without && within(heard_ms.max(since), limits::UNSTEADY_MS),
        });
        let last = self.socket.map(|socket| socket.heard_ms).max(self.http)?.max(since);
        Some(if carries {
            Presence::Connected
        } else if by_http || (known == Presence::Slow && within(last, limits::UNSTEADY_MS)) {
            Presence::Slow
        } else if within(last, limits::LOST_MS) {
            Presence::Unsteady
        } else {
            Presence::Lost
        })
    }
}

impl Presence {
    const ALL: [Self; 5] = [Self::Never, Self::Connected, Self::Slow, Self::Unsteady, Self::Lost];

    /// The word as stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Connected => "connected",
            Self::Slow => "slow",
            Self::Unsteady => "unsteady",
            Self::Lost => "lost",
        }
    }

    /// Reads a stored word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|presence| presence.as_str() == text)
    }

    /// Heard, or silent for less than it takes to be lost.
    pub fn is_here(self) -> bool {
        matches!(self, Self::Connected | Self::Slow | Self::Unsteady)
    }
}

impl Heard {
    /// A socket comes to `node`. Whoever is heard without one has to be heard over it first: behind a proxy that buffers, sockets open and
    /// carry nothing.
    #[must_use]
    pub fn arrives(&self, node: NodeId, now: Ms) -> Self {
        let n = self.line.n + 1;
        let presence = if self.presence == Presence::Slow { Presence::Slow } else { Presence::Connected };
        Self { presence, at_ms: now, line: Line { n, connection: n, node: Some(node) }, left: false }
    }

    /// Whether a node's word is news that it may tell.
    pub fn believes(&self, word: &Word) -> bool {
        let answers = self.line.node.as_ref() == Some(&word.node);
        let same = self.line.connection == word.connection;
        let news = self.presence != word.presence;
        match word.presence {
            Presence::Never => false,
            // A socket still speaks, although its device was last heard elsewhere or not at all.
            Presence::Connected => news && same,
            Presence::Slow => news && (answers || self.presence != Presence::Connected),
            Presence::Unsteady => news && same && answers,
            Presence::Lost => self.presence.is_here() && same && (answers || self.line.node.is_none()),
        }
    }

    /// As it is once a word has been believed. Nobody answers for whoever is lost.
    #[must_use]
    pub fn after(&self, word: &Word, now: Ms) -> Self {
        let node = (word.presence != Presence::Lost).then(|| word.node.clone());
        let line = Line { n: self.line.n + 1, connection: self.line.connection, node };
        // Whoever works without a socket has not left.
        Self { presence: word.presence, at_ms: now, line, left: self.left && word.presence != Presence::Slow }
    }

    /// Whether the device counts as connected, as far as its node is alive.
    pub fn is_here(&self) -> bool {
        self.presence.is_here() && !self.left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::Id;

    fn nd(name: &str) -> NodeId {
        NodeId::trusted(format!("nd_{name}"))
    }

    fn nobody() -> Heard {
        Heard { presence: Presence::Never, at_ms: 0, line: Line::default(), left: false }
    }

    fn word(node: &str, connection: i64, presence: Presence) -> Word {
        Word { presence, connection, node: nd(node) }
    }

    /// What is known after these were said, each believed or not.
    fn told(mut known: Heard, words: &[(Word, bool)]) -> Heard {
        for (word, believed) in words {
            assert_eq!(known.believes(word), *believed, "{word:?} of {known:?}");
            if *believed {
                known = known.after(word, known.at_ms + 1);
            }
        }
        known
    }

    #[test]
    fn an_older_node_does_not_override_a_newer_connection() {
        let on_a = nobody().arrives(nd("a"), 1);
        let on_b = on_a.arrives(nd("b"), 2);
        let (old, new) = (on_a.line.connection, on_b.line.connection);
        assert!(new > old);
        let lost = |node, connection| word(node, connection, Presence::Lost);
        let unsteady = |node, connection| word(node, connection, Presence::Unsteady);
        let connected = |node, connection| word(node, connection, Presence::Connected);
        let words = [(lost("a", old), false), (unsteady("a", old), false), (lost("a", new), false), (connected("a", old), false)];
        assert_eq!(told(on_b.clone(), &words), on_b);
        let gone = told(on_b, &[(unsteady("b", new), true), (lost("b", new), true), (lost("b", new), false)]);
        assert_eq!((gone.presence, gone.line.node.clone()), (Presence::Lost, None));
        let back = told(gone, &[(unsteady("b", new), false), (connected("a", old), false), (connected("b", new), true)]);
        assert_eq!(back.line.node, Some(nd("b")), "a node that was taken for dead answers again for whom it hears");
    }

    #[test]
    fn a_dead_node_s_candidates_are_lost_once() {
        let on_a = nobody().arrives(nd("a"), 1);
        let lost = word("a", on_a.line.connection, Presence::Lost);
        let gone = told(on_a.clone(), &[(lost.clone(), true), (lost.clone(), false)]);
        assert!(!gone.is_here());
        told(on_a.arrives(nd("b"), 2), &[(lost, false)]);
    }

    #[test]
    fn whoever_is_heard_without_a_socket_may_be_heard_anywhere() {
        let on_a = nobody().arrives(nd("a"), 1);
        let c = on_a.line.connection;
        let slow = |node| word(node, c, Presence::Slow);
        let known =
            told(on_a, &[(slow("b"), false), (word("a", c, Presence::Unsteady), true), (slow("b"), true), (slow("c"), false)]);
        assert_eq!(known.line.node, Some(nd("b")));
        let known = told(known, &[(word("a", c, Presence::Lost), false), (word("b", c, Presence::Unsteady), true)]);
        let known = told(known, &[(slow("c"), true), (word("a", c, Presence::Connected), true)]);
        assert_eq!((known.presence, known.line.node.clone()), (Presence::Connected, Some(nd("a"))));
        assert_eq!(told(nobody(), &[(slow_of_nobody(), true)]).presence, Presence::Slow);
    }

    fn slow_of_nobody() -> Word {
        word("a", 0, Presence::Slow)
    }

    #[test]
    fn a_socket_alone_does_not_end_slowness() {
        let slow = told(nobody(), &[(slow_of_nobody(), true)]);
        let came = slow.arrives(nd("b"), 9);
        assert_eq!((came.presence, came.line.node.clone()), (Presence::Slow, Some(nd("b"))));
        told(came.clone(), &[(word("b", came.line.connection, Presence::Connected), true)]);
    }

    #[test]
    fn whoever_has_left_is_not_here() {
        let mut here = nobody().arrives(nd("a"), 1);
        assert!(here.is_here());
        here.left = true;
        assert!(!here.is_here());
        assert!(here.arrives(nd("b"), 2).is_here());
        let c = here.line.connection;
        assert!(here.after(&word("a", c, Presence::Slow), 3).is_here());
        assert!(!here.after(&word("a", c, Presence::Unsteady), 3).is_here());
    }

    const NOW: Ms = 1_000_000;

    /// What a node hears of a device whose socket it heard `socket` ms ago and which came without one `http` ms ago.
    fn hears(known: Presence, socket: Option<(Ms, Proof)>, http: Option<Ms>) -> Option<Presence> {
        let socket = socket.map(|(ago, proof)| Socket { heard_ms: NOW - ago, proof });
        Ear { socket, http: http.map(|ago| NOW - ago) }.hears(known, 0, NOW)
    }

    #[test]
    fn a_socket_that_only_opens_is_no_line() {
        let opened = |ago: Ms| Some((0, Proof::Opened(NOW - ago)));
        let answered = |ago: Ms| Some((0, Proof::Answered(NOW - ago)));
        let here = |socket, http| hears(Presence::Connected, socket, http);
        assert_eq!(here(None, None), None);
        assert_eq!(here(opened(0), None), Some(Presence::Connected), "one that has just opened");
        assert_eq!(here(opened(limits::UNPROVEN_MS), None), Some(Presence::Unsteady), "it speaks, and does not answer");
        // Behind a proxy that buffers the page opens one after the other, and asks over each.
        assert_eq!(here(opened(0), Some(2_000)), Some(Presence::Slow));
        assert_eq!(here(answered(limits::UNSTEADY_MS), Some(2_000)), Some(Presence::Slow));
        assert_eq!(here(answered(1), Some(2_000)), Some(Presence::Connected), "back on its socket");
        assert_eq!(here(answered(limits::UNSTEADY_MS - 1), None), Some(Presence::Connected));
        assert_eq!(here(Some((limits::UNSTEADY_MS, Proof::Closed)), None), Some(Presence::Unsteady));
        assert_eq!(here(Some((limits::UNSTEADY_MS - 1, Proof::Closed)), None), Some(Presence::Connected), "a page that reloads");
        assert_eq!(here(Some((limits::LOST_MS, Proof::Closed)), Some(limits::LOST_MS)), Some(Presence::Lost));
    }

    /// The socket stands at one node, the requests come to another.
    #[test]
    fn what_another_node_hears_makes_a_mute_socket_no_line() {
        let slow = |ago, proof| hears(Presence::Slow, Some((ago, proof)), None);
        assert_eq!(slow(0, Proof::Opened(NOW)), Some(Presence::Slow), "it opened, and says what gets through");
        assert_eq!(slow(0, Proof::Answered(NOW - limits::UNSTEADY_MS)), Some(Presence::Slow));
        assert_eq!(slow(0, Proof::Answered(NOW)), Some(Presence::Connected), "back on its socket");
        assert_eq!(slow(0, Proof::Closed), Some(Presence::Slow));
        assert_eq!(slow(limits::UNSTEADY_MS, Proof::Closed), Some(Presence::Unsteady));
        assert_eq!(slow(limits::LOST_MS, Proof::Closed), Some(Presence::Lost));
    }

    #[test]
    fn silence_counts_from_when_the_service_came_back() {
        let old = NOW - 60_000;
        for proof in [Proof::Opened(old), Proof::Answered(old), Proof::Closed] {
            let ear = Ear { socket: Some(Socket { heard_ms: old, proof }), http: None };
            let hears = |back_ms: Ms| ear.hears(Presence::Connected, NOW - back_ms, NOW);
            assert_eq!(hears(0), Some(Presence::Connected));
            assert_eq!(hears(limits::UNSTEADY_MS), Some(Presence::Unsteady));
            assert_eq!(hears(limits::LOST_MS), Some(Presence::Lost));
        }
        let by_http = Ear { socket: None, http: Some(old) };
        assert_eq!(by_http.hears(Presence::Slow, NOW, NOW), Some(Presence::Slow));
    }

    #[test]
    fn words_are_read_back() {
        assert!(Presence::ALL.into_iter().all(|presence| Presence::parse(presence.as_str()) == Some(presence)));
    }
}
