//! Scans that are kept for further questions: a few, the oldest goes first.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::desk::{ScanAsk, Scanned};
use crate::fault::Fault;
use crate::limits::{LISTINGS_KEPT_MAX, SCANS_KEPT_MAX};

/// A kept scan.
#[derive(Clone)]
pub struct Kept {
    pub handle: String,
    /// What was scanned.
    pub ask: ScanAsk,
    pub scanned: Arc<Mutex<Box<dyn Scanned>>>,
}

/// All that is kept between calls.
pub struct Shelf {
    /// Tells the handles of this server from those of an earlier one.
    salt: u16,
    made: u64,
    scans: VecDeque<Kept>,
    listings: VecDeque<(u64, Arc<Value>)>,
}

impl Shelf {
    pub fn new(salt: u64) -> Self {
        let salt = (salt ^ salt >> 16 ^ salt >> 32 ^ salt >> 48) as u16;
        Self { salt, made: 0, scans: VecDeque::new(), listings: VecDeque::new() }
    }

    /// Keeps a scan; returns it with its handle, and the handle that had to go.
    pub fn keep(&mut self, ask: ScanAsk, scanned: Box<dyn Scanned>) -> (Kept, Option<String>) {
        self.made += 1;
        let handle = self.handle(self.made);
        let kept = Kept { handle, ask, scanned: Arc::new(Mutex::new(scanned)) };
        self.scans.push_back(kept.clone());
        let dropped = if self.scans.len() > SCANS_KEPT_MAX { self.scans.pop_front() } else { None };
        (kept, dropped.map(|d| d.handle))
    }

    fn handle(&self, number: u64) -> String {
        format!("S{number}-{:04x}", self.salt)
    }

    /// # Errors
    /// When there is no such scan, or no longer.
    pub fn get(&self, handle: &str) -> Result<Kept, Fault> {
        if let Some(kept) = self.scans.iter().find(|k| k.handle == handle) {
            return Ok(kept.clone());
        }
        let was = (1..=self.made).rev().take(1_000).any(|n| self.handle(n) == handle);
        let what = if was {
            format!(
                "this scan is no longer kept: there is room for {SCANS_KEPT_MAX}, and the oldest goes first"
            )
        } else {
            "there is no such scan: handles are good as long as the server that gave them runs".to_owned()
        };
        let known: Vec<&str> = self.scans.iter().map(|k| k.handle.as_str()).collect();
        let remedy = match known.as_slice() {
            [] => "call scan with paths; its answer begins with a handle".to_owned(),
            known => format!("call scan again, or use one of {}", known.join(", ")),
        };
        Err(Fault::new(what, format!("scan: {handle}"), remedy))
    }

    /// The answer to a question that was asked before.
    pub fn listing(&self, mark: u64) -> Option<Arc<Value>> {
        self.listings.iter().find(|(m, _)| *m == mark).map(|(_, v)| v.clone())
    }

    pub fn keep_listing(&mut self, mark: u64, value: Arc<Value>) {
        self.listings.retain(|(m, _)| *m != mark);
        self.listings.push_back((mark, value));
        if self.listings.len() > LISTINGS_KEPT_MAX {
            self.listings.pop_front();
        }
    }
}
