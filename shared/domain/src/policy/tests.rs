//! What a policy document is refused for, and what it promises to whom.

mod faults;
mod ranked;
mod terms;
