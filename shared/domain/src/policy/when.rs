//! Conditions of policies: lists of what is allowed; what is absent allows everything.

/// Whether a condition takes `value`; one that is there never takes what is not.
pub(super) fn takes<T: PartialEq>(allowed: Option<&Vec<T>>, value: Option<&T>) -> bool {
    allowed.is_none_or(|allowed| value.is_some_and(|value| allowed.contains(value)))
}

/// Whether a condition takes everything that `other` takes.
pub(super) fn covers<T: PartialEq>(one: Option<&Vec<T>>, other: Option<&Vec<T>>) -> bool {
    one.is_none_or(|one| other.is_some_and(|other| other.iter().all(|value| one.contains(value))))
}
