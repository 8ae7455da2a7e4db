//! Memory to hash in, on large pages where the system has them: a hash jumps about in it, and on small ones looking up
//! where each page lies costs a tenth of its time.

use argon2::Block;

/// So many empty blocks.
pub fn blocks(count: usize) -> Vec<Block> {
    let mut blocks = Vec::with_capacity(count);
    #[cfg(target_os = "linux")]
    on_large_pages(blocks.spare_capacity_mut());
    blocks.resize(count, Block::default());
    blocks
}

/// Asks for large pages before the first touch, after which the small ones would stay. Where there are none, nothing is
/// lost but time.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "madvise has no safe form; this advice changes no byte of the memory")]
fn on_large_pages(room: &mut [std::mem::MaybeUninit<Block>]) {
    /// What a large page has on most machines; with larger ones less of the room has them.
    const PAGE: usize = 2 << 20;

    let start = room.as_mut_ptr().cast::<u8>();
    let skipped = start.align_offset(PAGE);
    let length = size_of_val(room).saturating_sub(skipped) / PAGE * PAGE;
    if length > 0 {
        let start = start.wrapping_add(skipped).cast();
        // SAFETY: whole pages within memory that is borrowed here.
        let _ = unsafe { rustix::mm::madvise(start, length, rustix::mm::Advice::LinuxHugepage) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_empty_however_many() {
        for count in [0, 1, 8, 2_047, 2_048, 6_000] {
            let blocks = blocks(count);
            assert_eq!(blocks.len(), count);
            assert!(blocks.iter().all(|block| block.as_ref().iter().all(|word| *word == 0)));
        }
    }
}
