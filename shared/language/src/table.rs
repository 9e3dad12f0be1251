//! The weights: a hash table of fixed size that knows which features it has weights for.
//!
//! 16,384 groups of four rows; a group is one cache line of 64 bytes. A row of 16 bytes is shared
//! by two owners that have nothing to do with each other, a category feature and a sentiment
//! feature, each known by a tag of 12 bits:
//!
//! | bytes | what |
//! | --- | --- |
//! | 0..10 | weights of the categories, int8 |
//! | 10..13 | weights of the sentiments, int8 |
//! | 13..16 | tags, little endian: low 12 bits the category's, high 12 the sentiment's; 0 is empty |
//!
//! A feature that has no weight finds its tag in its group by accident once in a thousand times.

/// How many categories and sentiments a row has weights for.
pub(crate) const CATEGORIES: usize = 10;
/// See [`CATEGORIES`].
pub(crate) const SENTIMENTS: usize = 3;
/// Bytes of the table.
pub(crate) const TABLE_BYTES: usize = GROUPS * GROUP;

const GROUPS: usize = 1 << 14;
const WAYS: usize = 4;
const ROW: usize = 16;
const GROUP: usize = WAYS * ROW;
const TAG_BITS: u32 = 12;
const TAG_MASK: u32 = (1 << TAG_BITS) - 1;

/// Rows that lie in one cache line.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Group([[u8; ROW]; WAYS]);

/// The table; see the module.
pub(crate) struct Table {
    groups: Vec<Group>,
}

/// Where a feature's weights are, as a number under [`Table::SLOTS`].
pub(crate) type Slot = usize;

/// Which of the two owners of a row is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Half {
    /// The first ten weights.
    Category,
    /// The last three weights.
    Sentiment,
}

impl Half {
    const fn shift(self) -> u32 {
        match self {
            Self::Category => 0,
            Self::Sentiment => TAG_BITS,
        }
    }
}

impl Table {
    /// How many slots each half has.
    pub(crate) const SLOTS: usize = GROUPS * WAYS;

    /// A table without a feature.
    pub(crate) fn empty() -> Self {
        Self { groups: vec![Group([[0; ROW]; WAYS]); GROUPS] }
    }

    /// A table from its bytes; none where their number is wrong.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != TABLE_BYTES {
            return None;
        }
        let mut table = Self::empty();
        for (group, bytes) in table.groups.iter_mut().zip(bytes.chunks_exact(GROUP)) {
            for (row, bytes) in group.0.iter_mut().zip(bytes.chunks_exact(ROW)) {
                row.copy_from_slice(bytes);
            }
        }
        Some(table)
    }

    /// Appends the bytes that [`Table::from_bytes`] reads.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        self.groups.iter().for_each(|group| out.extend_from_slice(group.0.as_flattened()));
    }

    /// The slots of a feature in both halves, from one cache line.
    #[inline]
    pub(crate) fn find(&self, key: u32) -> (Option<Slot>, Option<Slot>) {
        let (group, tag) = place(key);
        let (mut category, mut sentiment) = (None, None);
        for (way, row) in self.groups[group].0.iter().enumerate() {
            let tags = tags(row);
            if tags & TAG_MASK == tag {
                category = Some(group * WAYS + way);
            }
            if tags >> TAG_BITS == tag {
                sentiment = Some(group * WAYS + way);
            }
        }
        (category, sentiment)
    }

    /// The category weights in a slot.
    #[inline]
    pub(crate) fn categories(&self, slot: Slot) -> [i8; CATEGORIES] {
        std::array::from_fn(|class| self.row(slot)[class].cast_signed())
    }

    /// The sentiment weights in a slot.
    #[inline]
    pub(crate) fn sentiments(&self, slot: Slot) -> [i8; SENTIMENTS] {
        std::array::from_fn(|class| self.row(slot)[CATEGORIES + class].cast_signed())
    }

    /// Gives a feature a slot of a half; none where its group is full or has its tag already.
    pub(crate) fn claim(&mut self, half: Half, key: u32) -> Option<Slot> {
        let (group, tag) = place(key);
        let tag_of = |row: &[u8; ROW]| (tags(row) >> half.shift()) & TAG_MASK;
        let rows = &mut self.groups[group].0;
        if rows.iter().any(|row| tag_of(row) == tag) {
            return None;
        }
        let way = rows.iter().position(|row| tag_of(row) == 0)?;
        let tags = (tags(&rows[way]) | tag << half.shift()).to_le_bytes();
        rows[way][ROW - 3..].copy_from_slice(&tags[..3]);
        Some(group * WAYS + way)
    }

    /// Writes the weights of a half into a slot.
    pub(crate) fn set(&mut self, half: Half, slot: Slot, weights: &[i8]) {
        let from = if half == Half::Category { 0 } else { CATEGORIES };
        let row = &mut self.groups[slot / WAYS].0[slot % WAYS];
        for (byte, weight) in row[from..].iter_mut().zip(weights) {
            *byte = weight.cast_unsigned();
        }
    }

    fn row(&self, slot: Slot) -> &[u8; ROW] {
        &self.groups[slot / WAYS].0[slot % WAYS]
    }
}

/// Group and tag of a feature; a tag is never 0.
fn place(key: u32) -> (usize, u32) {
    ((key >> TAG_BITS) as usize % GROUPS, (key & TAG_MASK).max(1))
}

fn tags(row: &[u8; ROW]) -> u32 {
    u32::from_le_bytes([row[13], row[14], row[15], 0])
}
