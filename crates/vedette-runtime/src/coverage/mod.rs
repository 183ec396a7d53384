//! What the rules see: which logs each of them needs, and how well each technique of ATT&CK is proven.

pub mod needs;
