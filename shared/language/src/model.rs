//! The model as a file.
//!
//! | part | what |
//! | --- | --- |
//! | magic, version | `RDMODEL\0`, u32; all numbers are little endian |
//! | classes | u32 length, then the names with a line feed after each: ten categories, three sentiments |
//! | seed, digest | u64; SHA-256 of the training rows |
//! | two outputs, calibration | see [`Output`] and [`Calibration`], each number an f32 |
//! | table | see [`crate::table`] |
//! | checksum | SHA-256 of all before |

use std::sync::{Arc, LazyLock};

use redress_domain::category::Category;
use sha2::{Digest, Sha256};

use crate::calibration::Calibration;
use crate::features::{KINDS, Kind, walk};
use crate::table::{CATEGORIES, SENTIMENTS, TABLE_BYTES, Table};

/// Characters of a text that are looked at; the rest is left out.
pub(crate) const MAX_CHARACTERS: usize = 2_000;

const MAGIC: [u8; 8] = *b"RDMODEL\0";
const VERSION: u32 = 1;
const DIGEST: usize = 32;

/// How features of each kind count for `N` classes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Output<const N: usize> {
    /// What a feature of a kind adds to the length of a text, before squaring; 0 where unused.
    pub(crate) values: [f32; KINDS],
    /// What one int8 step of a kind is worth for a class, the kind's value folded in.
    pub(crate) scales: [[f32; N]; KINDS],
    /// What every text starts with.
    pub(crate) biases: [f32; N],
}

/// A model that was read or trained.
pub struct Model {
    /// Seed of the training.
    pub(crate) seed: u64,
    /// SHA-256 of the rows it was trained on.
    pub(crate) data: [u8; DIGEST],
    /// How to score categories.
    pub(crate) category: Output<CATEGORIES>,
    /// How to score sentiments.
    pub(crate) sentiment: Output<SENTIMENTS>,
    /// From scores to confidence.
    pub(crate) calibration: Calibration,
    /// The weights.
    pub(crate) table: Table,
}

/// Why bytes are not a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// They do not start like a model.
    #[error("it does not begin as a model file does")]
    Magic,
    /// A model of a format this program does not read.
    #[error("its format is {0}, and {VERSION} is read here: train it again")]
    Version(u32),
    /// They end too early or too late.
    #[error("it is cut short or too long")]
    Length,
    /// They were changed after they were written.
    #[error("its checksum is not that of its bytes")]
    Checksum,
    /// Trained for other classes, or in another order.
    #[error("it was trained for other categories or sentiments")]
    Classes,
    /// A number in the head is not finite.
    #[error("it holds a number that is not finite")]
    Number,
}

/// The model that is built in.
static SHIPPED: LazyLock<Arc<Model>> =
    LazyLock::new(|| Arc::new(Model::load(BYTES).expect("the embedded model is whole: a test loads it")));

/// What [`Model::shipped`] is made of.
const BYTES: &[u8] = include_bytes!("../model/feedback.model");

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model").field("data", &self.data_digest()).finish_non_exhaustive()
    }
}

impl Model {
    /// The model that is built in.
    #[must_use]
    pub fn shipped() -> Arc<Self> {
        Arc::clone(&SHIPPED)
    }

    /// What the built-in model is as a file.
    #[must_use]
    pub fn shipped_bytes() -> &'static [u8] {
        BYTES
    }

    /// Reads and checks a model.
    ///
    /// # Errors
    /// [`Damage`], by what is wrong first.
    ///
    /// ```
    /// use redress_language::{Damage, Model};
    ///
    /// assert!(Model::load(Model::shipped_bytes()).is_ok());
    /// assert_eq!(Model::load(b"a letter").unwrap_err(), Damage::Magic);
    /// ```
    pub fn load(bytes: &[u8]) -> Result<Self, Damage> {
        if !bytes.starts_with(&MAGIC) {
            return Err(Damage::Magic);
        }
        let (body, checksum) = bytes.split_at_checked(bytes.len().saturating_sub(DIGEST)).ok_or(Damage::Length)?;
        let mut reader = Reader(body);
        reader.take(MAGIC.len())?;
        let version = reader.u32()?;
        if version != VERSION {
            return Err(Damage::Version(version));
        }
        if Sha256::digest(body).as_slice() != checksum {
            return Err(Damage::Checksum);
        }
        reader.model()
    }

    /// How many bytes it is as a file.
    #[must_use]
    pub fn size(&self) -> usize {
        self.to_bytes().len()
    }

    /// SHA-256 of the rows that it was trained on, in hexadecimal.
    #[must_use]
    pub fn data_digest(&self) -> String {
        self.data.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether the model has weights for a folded word, marks included.
    pub(crate) fn knows(&self, word: &str) -> bool {
        let mut known = false;
        walk(word, &mut |feature| known |= feature.kind == Kind::Word && self.table.find(feature.key).0.is_some());
        known
    }

    /// The bytes that [`Model::load`] reads.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let names = class_names();
        let mut out = Vec::with_capacity(TABLE_BYTES + 2_048);
        out.extend(MAGIC);
        out.extend(VERSION.to_le_bytes());
        out.extend(u32::try_from(names.len()).expect("a few names").to_le_bytes());
        out.extend(names.as_bytes());
        out.extend(self.seed.to_le_bytes());
        out.extend(self.data);
        self.category.write(&mut out);
        self.sentiment.write(&mut out);
        self.calibration.numbers().iter().for_each(|number| out.extend(number.to_le_bytes()));
        self.table.write(&mut out);
        let checksum = Sha256::digest(&out);
        out.extend_from_slice(&checksum);
        out
    }
}

fn class_names() -> String {
    let sentiments = ["negative", "neutral", "positive"];
    Category::ALL
        .iter()
        .map(|category| category.as_str())
        .chain(sentiments)
        .flat_map(|name| {
            [
                name, "
",
            ]
        })
        .collect()
}

impl<const N: usize> Output<N> {
    fn write(&self, out: &mut Vec<u8>) {
        let numbers = self.values.iter().chain(self.scales.as_flattened()).chain(&self.biases);
        numbers.for_each(|number| out.extend(number.to_le_bytes()));
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn model(&mut self) -> Result<Model, Damage> {
        let length = usize::try_from(self.u32()?).map_err(|_| Damage::Length)?;
        if self.take(length)? != class_names().as_bytes() {
            return Err(Damage::Classes);
        }
        Ok(Model {
            seed: u64::from_le_bytes(self.array()?),
            data: self.array()?,
            category: self.output()?,
            sentiment: self.output()?,
            calibration: Calibration::from_numbers(self.floats()?),
            table: Table::from_bytes(self.0).ok_or(Damage::Length)?,
        })
    }

    fn output<const N: usize>(&mut self) -> Result<Output<N>, Damage> {
        let values = self.floats()?;
        let mut scales = [[0.0; N]; KINDS];
        for scale in &mut scales {
            *scale = self.floats()?;
        }
        Ok(Output { values, scales, biases: self.floats()? })
    }

    fn floats<const N: usize>(&mut self) -> Result<[f32; N], Damage> {
        let mut numbers = [0.0; N];
        for number in &mut numbers {
            *number = f32::from_le_bytes(self.array()?);
            if !number.is_finite() {
                return Err(Damage::Number);
            }
        }
        Ok(numbers)
    }

    fn u32(&mut self) -> Result<u32, Damage> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Damage> {
        let (array, rest) = self.0.split_first_chunk().ok_or(Damage::Length)?;
        self.0 = rest;
        Ok(*array)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Damage> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Damage::Length)?;
        self.0 = rest;
        Ok(taken)
    }
}
