//! Whose memory it is: ours comes from mimalloc, that of SQLite and librdkafka from the C library.

use mimalloc::MiMalloc;

/// A request takes several blocks of a few KiB, to which the C library's allocator has no short way.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// From this size on a block is the system's own, and goes back to it when it is freed.
const LARGE: libc::c_int = 256 << 10;

/// Keeps the house small: left to itself the C library raises its threshold to the largest block it ever freed, and
/// then keeps such memory for good.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(
    unsafe_code,
    reason = "mallopt has no safe form; it only stores a number, before any other thread is started"
)]
pub fn give_back_large_blocks() {
    // SAFETY: called once, first thing in the process, with a documented option and a valid value.
    let _ = unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE) };
}

/// Elsewhere the allocator has no such habit.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub const fn give_back_large_blocks() {}
