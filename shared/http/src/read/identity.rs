//! An identity as the API takes it.

use super::feedback::REFERENCE;
use super::{Object, Reader, object, one_of, words};
use redress_domain::identity::{Identity, IdentityKind};

/// The longest value: an e-mail address.
pub(super) const VALUE: usize = 254;

/// One more way to know a person.
pub(crate) fn identity() -> impl Reader<Of = Identity> {
    object(|fields| named(fields, &IdentityKind::ALL, words(VALUE)))
}

/// The identity, of one of these kinds, that `fields` name.
pub(super) fn named(
    fields: &mut Object<'_>,
    kinds: &[(IdentityKind, &'static str)],
    value: impl Reader<Of = String>,
) -> Option<Identity> {
    let kind = fields.required("kind", one_of(kinds));
    let value = fields.required("value", value);
    let (kind, value) = kind.zip(value)?;
    let read = Identity::read(kind, &value).filter(|_| kind.is_contact() || value.chars().count() <= REFERENCE);
    if read.is_none() {
        fields.refuse("value", must(kind));
    }
    read
}

fn must(kind: IdentityKind) -> &'static str {
    match kind {
        IdentityKind::Ref | IdentityKind::Openid => "must have at most 128 characters",
        IdentityKind::Phone => "must be one telephone number of 7 to 15 digits, without an extension",
        IdentityKind::Email => "must be an e-mail address like name@example.com",
    }
}
