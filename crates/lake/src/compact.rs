//! Thrift's compact encoding, as far as a Parquet file of unknown origin must be looked at before it is read.
//!
//! The reader of Parquet reserves memory for as many entries as a list says it has. A footer of a few bytes may say
//! two thousand million, and a process that asks for so much memory is ended, not answered.

/// No structure of Parquet lies deeper.
const MAX_DEPTH: u8 = 16;

/// Why a structure is refused.
const ENDS: &str = "it ends within a structure";
const DEEP: &str = "its structures lie too deep";
const WRONG: &str = "a list says it has more entries than there are bytes";

/// Walks a structure to its end. Every list must have room for its entries.
pub(crate) fn check_structure(bytes: &[u8]) -> Result<(), &'static str> {
    Walk { rest: bytes }.structure(0)
}

/// The second field of a structure whose first two are integers: in a page header, the bytes it unpacks to.
pub(crate) fn second_integer(bytes: &[u8]) -> Option<i64> {
    /// An integer of 32 bits whose number is one more than that of the field before.
    const NEXT_I32: u8 = 0x15;
    let mut walk = Walk { rest: bytes };
    let mut integer = || (walk.byte().ok()? == NEXT_I32).then(|| walk.varint().ok())?;
    integer()?;
    let zigzag = integer()?;
    i64::try_from(zigzag >> 1).ok().map(|half| if zigzag & 1 == 0 { half } else { -half - 1 })
}

struct Walk<'a> {
    rest: &'a [u8],
}

impl Walk<'_> {
    fn byte(&mut self) -> Result<u8, &'static str> {
        let (first, rest) = self.rest.split_first().ok_or(ENDS)?;
        self.rest = rest;
        Ok(*first)
    }

    fn varint(&mut self) -> Result<u64, &'static str> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err("a number has more than 64 bits")
    }

    fn skip(&mut self, bytes: u64) -> Result<(), &'static str> {
        let bytes = usize::try_from(bytes).map_err(|_| ENDS)?;
        self.rest = self.rest.get(bytes..).ok_or(ENDS)?;
        Ok(())
    }

    /// A count of entries, each at least one byte long.
    fn count(&mut self, nibble: u8) -> Result<u64, &'static str> {
        let count = if nibble == 15 { self.varint()? } else { u64::from(nibble) };
        if count > self.rest.len() as u64 { Err(WRONG) } else { Ok(count) }
    }

    fn structure(&mut self, depth: u8) -> Result<(), &'static str> {
        loop {
            let head = self.byte()?;
            let (delta, ty) = (head >> 4, head & 0x0f);
            if ty == 0 {
                return Ok(());
            }
            if delta == 0 {
                self.varint()?;
            }
            // A flag of a structure stands in its head.
            if !matches!(ty, 1 | 2) {
                self.value(ty, depth)?;
            }
        }
    }

    fn value(&mut self, ty: u8, depth: u8) -> Result<(), &'static str> {
        if depth > MAX_DEPTH {
            return Err(DEEP);
        }
        match ty {
            1..=3 => self.skip(1),
            4..=6 => self.varint().map(|_| ()),
            7 => self.skip(8),
            8 => {
                let bytes = self.varint()?;
                self.skip(bytes)
            }
            9 | 10 => {
                let head = self.byte()?;
                for _ in 0..self.count(head >> 4)? {
                    self.value(head & 0x0f, depth + 1)?;
                }
                Ok(())
            }
            12 => self.structure(depth + 1),
            // Maps are not used by Parquet.
            _ => Err("it holds something that Parquet does not have"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_must_have_room_for_its_entries() {
        let check = |bytes: &[u8], expect: Result<(), &str>| assert_eq!(check_structure(bytes), expect, "{bytes:?}");
        check(&[0x15, 0x02, 0x00], Ok(()));
        check(&[0x19, 0x25, 0x02, 0x04, 0x00], Ok(()));
        check(&[0x19, 0x2c, 0x00, 0x00, 0x00], Ok(()));
        check(&[0x18, 0x03, b'a', b'b', b'c', 0x00], Ok(()));
        check(&[0x18, 0x04, b'a', b'b', b'c', 0x00], Err(ENDS));
        check(&[0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07, 0x00], Err(WRONG));
        check(&[0x15], Err(ENDS));
        check(&[], Err(ENDS));
        check(&[0x1c; 100], Err(DEEP));
        check(&[0x19; 100], Err(DEEP));
        check(&[0x1b, 0x01, 0x55, 0x00], Err("it holds something that Parquet does not have"));
    }

    #[test]
    fn a_page_header_says_what_it_unpacks_to() {
        assert_eq!(second_integer(&[0x15, 0x00, 0x15, 0x80, 0x08]), Some(512));
        assert_eq!(second_integer(&[0x15, 0x00, 0x15, 0x01]), Some(-1));
        assert_eq!(second_integer(&[0x15, 0x00, 0x25, 0x02]), None);
        assert_eq!(second_integer(&[]), None);
    }
}
