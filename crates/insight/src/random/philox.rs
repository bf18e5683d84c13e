//! Philox 4×64 with ten rounds, a counter-based generator: the n-th block of a key, without the ones before it
//! (J. Salmon, M. Moraes, R. Dror, D. Shaw, *Parallel random numbers: as easy as 1, 2, 3*, SC 2011).
//!
//! Written out here, in twenty lines, because the numbers are under a digest: a crate may change what it draws.

pub(super) type Key = [u64; 2];
pub(super) type Counter = [u64; 4];

const ROUNDS: u32 = 10;
const MULTIPLIERS: [u64; 2] = [0xD2E7_470E_E14C_6C93, 0xCA5A_8263_9512_1157];
const WEYL: [u64; 2] = [0x9E37_79B9_7F4A_7C15, 0xBB67_AE85_84CA_A73B];

/// The block of a key at a counter.
#[inline]
pub(super) fn philox4x64(mut key: Key, mut counter: Counter) -> Counter {
    for round in 0..ROUNDS {
        if round > 0 {
            key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
        }
        let (low0, high0) = halves(MULTIPLIERS[0], counter[0]);
        let (low1, high1) = halves(MULTIPLIERS[1], counter[2]);
        counter = [high1 ^ counter[1] ^ key[0], low1, high0 ^ counter[3] ^ key[1], low0];
    }
    counter
}

/// The lower and the upper half of a product.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the halves are what is wanted")]
fn halves(a: u64, b: u64) -> (u64, u64) {
    let product = u128::from(a) * u128::from(b);
    (product as u64, (product >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers that come with the authors' Random123; numpy's `Philox` gives the same.
    #[test]
    fn the_known_answers_come_out() {
        let check = |key, counter, expect| assert_eq!(philox4x64(key, counter), expect);
        check(
            [0, 0],
            [0, 0, 0, 0],
            [0x1655_4d9e_ca36_314c, 0xdb20_fe9d_672d_0fdc, 0xd7e7_72ce_e186_176b, 0x7e68_b68a_ec7b_a23b],
        );
        check(
            [u64::MAX; 2],
            [u64::MAX; 4],
            [0x87b0_92c3_013f_e90b, 0x438c_3c67_be8d_0224, 0x9cc7_d7c6_9cd7_77b6, 0xa09c_aebf_594f_0ba0],
        );
        check(
            [0x4528_21e6_38d0_1377, 0xbe54_66cf_34e9_0c6c],
            [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344, 0xa409_3822_299f_31d0, 0x082e_fa98_ec4e_6c89],
            [0xa528_f454_03e6_1d95, 0x38c7_2dbd_566e_9788, 0xa5a1_610e_72fd_18b5, 0x57bd_43b5_e52b_7fe6],
        );
    }
}
