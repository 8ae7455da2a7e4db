//! One thread's hashing, in memory that is kept while there is work: asking the system for it anew costs a tenth.

use argon2::password_hash::phc::{Output, ParamsString, Salt};
use argon2::{Algorithm, Argon2, Block, Params, PasswordHash, Version};
use types::{Error, Result};

use super::{Cost, Likeness, Spent, memory};

/// Bytes of a hash.
const OUTPUT: usize = 32;

/// Hashes and compares.
pub struct Hasher {
    argon: Argon2<'static>,
    memory: Vec<Block>,
    /// Stands in for the hash of an account that is not there; no password has it.
    nobody: PasswordHash,
    spent: Spent,
}

impl Hasher {
    /// Hashes at this cost.
    pub fn new(cost: Cost, spent: Spent) -> Result<Self> {
        let wrong = |e: argon2::Error| Error::internal(format!("passwords cannot be hashed like this: {e}"));
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(OUTPUT)).map_err(wrong)?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = written(&argon, &[0; 16], &[0; OUTPUT])?;
        Ok(Self { argon, memory: Vec::new(), nobody, spent })
    }

    /// The hash of a new password, with a salt of its own.
    #[expect(clippy::disallowed_methods, reason = "the one place where salts are drawn")]
    pub fn hash(&mut self, password: &str) -> Result<String> {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|e| Error::internal_by("the system gives no randomness", e))?;
        let argon = self.argon.clone();
        let output = self.output(&argon, password, &salt)?;
        written(&argon, &salt, &output).map(|hash| hash.to_string())
    }

    /// How like its password's hash this one is; another, after as much work, when there is none.
    pub fn compare(&mut self, password: &str, hash: Option<&str>) -> Result<Likeness> {
        let unreadable =
            |e: &dyn std::fmt::Display| Error::internal(format!("a stored hash cannot be read: {e}"));
        let hash = match hash {
            Some(hash) => PasswordHash::new(hash).map_err(|e| unreadable(&e))?,
            None => self.nobody.clone(),
        };
        // A hash says what it cost when it was made.
        let params = Params::try_from(&hash).map_err(|e| unreadable(&e))?;
        let algorithm = Algorithm::try_from(hash.algorithm.as_str()).map_err(|e| unreadable(&e))?;
        let (Some(salt), Some(wanted)) = (&hash.salt, &hash.hash) else {
            return Err(unreadable(&"it has no salt"));
        };
        let argon = Argon2::new(algorithm, Version::V0x13, params);
        let output = self.output(&argon, password, salt)?;
        let output = Output::new(&output).map_err(|e| unreadable(&e))?;
        // `Output` is compared in constant time.
        let same = output == *wanted && hash != self.nobody;
        if !same {
            self.spend_the_rest(argon.params(), password)?;
        }
        let cheap = cheaper(argon.params(), self.argon.params());
        Ok(match (same, cheap) {
            (true, true) => Likeness::SameButCheap,
            (true, false) => Likeness::Same,
            (false, _) => Likeness::Other,
        })
    }

    /// A wrong password costs the same beside a hash of cheaper times as beside none: otherwise the quick answer tells
    /// that there is an account.
    fn spend_the_rest(&mut self, spent: &Params, password: &str) -> Result<()> {
        let wanted = self.argon.params();
        let passes = wanted.t_cost();
        let already = u64::from(spent.m_cost()) * u64::from(spent.t_cost()) / u64::from(passes.max(1));
        let rest = u64::from(wanted.m_cost()).saturating_sub(already);
        let rest = u32::try_from(rest).unwrap_or(u32::MAX);
        // Less than this cannot be hashed with, and cannot be measured.
        if rest < Params::MIN_M_COST * wanted.p_cost() {
            return Ok(());
        }
        let failed = |e: argon2::Error| Error::internal(format!("hashing failed: {e}"));
        let params = Params::new(rest, passes, wanted.p_cost(), Some(OUTPUT)).map_err(failed)?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        self.output(&argon, password, &[0; 16]).map(drop)
    }

    /// Gives the memory back until there is work again.
    pub fn rest(&mut self) {
        self.memory = Vec::new();
    }

    fn output(&mut self, argon: &Argon2<'_>, password: &str, salt: &[u8]) -> Result<[u8; OUTPUT]> {
        let failed = |e: argon2::Error| Error::internal(format!("hashing failed: {e}"));
        let params = argon.params();
        self.spent.add(u64::from(params.m_cost()) * u64::from(params.t_cost()));
        let blocks = params.block_count();
        if self.memory.len() != blocks {
            self.memory = memory::blocks(blocks);
        }
        let mut output = [0; OUTPUT];
        argon
            .hash_password_into_with_memory(password.as_bytes(), salt, &mut output, &mut self.memory)
            .map_err(failed)?;
        Ok(output)
    }
}

/// Whether a hash of the one kind is easier to guess than one of the other.
fn cheaper(one: &Params, other: &Params) -> bool {
    one.m_cost() < other.m_cost() || one.t_cost() < other.t_cost()
}

fn written(argon: &Argon2<'_>, salt: &[u8], output: &[u8]) -> Result<PasswordHash> {
    let failed = |e: &dyn std::fmt::Display| Error::internal(format!("a hash cannot be written: {e}"));
    Ok(PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(argon.params()).map_err(|e| failed(&e))?,
        salt: Some(Salt::new(salt).map_err(|e| failed(&e))?),
        hash: Some(Output::new(output).map_err(|e| failed(&e))?),
    })
}
