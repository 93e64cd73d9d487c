//! The filters behind attributes: unit vectors, rotations and floats of few bits become what accessors read.

/// Unit vectors of four bytes.
pub(super) fn octahedral_8(data: &mut [u8]) {
    for element in data.as_chunks_mut::<4>().0 {
        let [x, y, one, rest] = *element;
        let vector = octahedral([x, y, one].map(|part| f32::from(part.cast_signed())));
        let [x, y, z] = vector.map(|part| ((part * 127.0).round() as i8).cast_unsigned());
        *element = [x, y, z, rest];
    }
}

/// Unit vectors of four 16-bit numbers.
pub(super) fn octahedral_16(data: &mut [u8]) {
    for element in data.as_chunks_mut::<8>().0 {
        let [x, y, one, rest] = shorts(element);
        let vector = octahedral([x, y, one].map(f32::from));
        let [x, y, z] = vector.map(|part| (part * 32767.0).round() as i16);
        *element = bytes([x, y, z, rest]);
    }
}

fn octahedral([x, y, one]: [f32; 3]) -> [f32; 3] {
    if one == 0.0 {
        return [0.0; 3];
    }
    let (mut x, mut y) = (x / one, y / one);
    let z = 1.0 - x.abs() - y.abs();
    // the lower half is folded out
    let t = z.min(0.0);
    x -= t.copysign(x);
    y -= t.copysign(y);
    let length = (x * x + y * y + z * z).sqrt();
    if length > 0.0 { [x / length, y / length, z / length] } else { [0.0; 3] }
}

/// Rotations of four 16-bit numbers, of which the largest is left out.
pub(super) fn quaternion(data: &mut [u8]) {
    for element in data.as_chunks_mut::<8>().0 {
        let [x, y, z, last] = shorts(element);
        let scale = core::f32::consts::FRAC_1_SQRT_2 / f32::from(last | 3);
        let [x, y, z] = [x, y, z].map(|part| f32::from(part) * scale);
        let w = (1.0 - x * x - y * y - z * z).max(0.0).sqrt();
        let mut out = [w, x, y, z].map(|part| (part * 32767.0).round() as i16);
        out.rotate_right(usize::from(last.cast_unsigned() & 3));
        *element = bytes(out);
    }
}

/// Floats of an exponent of eight bits and a mantissa of 24.
pub(super) fn exponential(data: &mut [u8]) {
    for element in data.as_chunks_mut::<4>().0 {
        let value = i32::from_le_bytes(*element);
        let (exponent, mantissa) = (value >> 24, value << 8 >> 8);
        let number = (exponent.clamp(-100, 100) as f32).exp2() * mantissa as f32;
        *element = number.to_le_bytes();
    }
}

fn shorts(bytes: &[u8; 8]) -> [i16; 4] {
    let [a, b, c, d, e, f, g, h] = *bytes;
    [[a, b], [c, d], [e, f], [g, h]].map(i16::from_le_bytes)
}

fn bytes(shorts: [i16; 4]) -> [u8; 8] {
    let [[a, b], [c, d], [e, f], [g, h]] = shorts.map(i16::to_le_bytes);
    [a, b, c, d, e, f, g, h]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octahedral_vectors_point_where_they_did() {
        let mut data = [0, 0, 127, 9, 127, 0, 127, 0, 0, 129, 127, 0];
        octahedral_8(&mut data);
        assert_eq!(data, [0, 0, 127, 9, 127, 0, 0, 0, 0, 129, 0, 0]);
        // ten bits: 511 is one; the corner of the square is straight down
        let mut data = bytes([511, 511, 511, -3]);
        octahedral_16(&mut data);
        assert_eq!(shorts(&data), [0, 0, -32767, -3]);
        let mut nothing = [5, 5, 0, 0];
        octahedral_8(&mut nothing);
        assert_eq!(nothing, [0; 4]);
    }

    #[test]
    fn quaternions_get_their_largest_part_back_where_it_was() {
        for largest in 0..4 {
            let one = (32767 & !3) | largest;
            let mut data = bytes([0, 0, 0, one]);
            quaternion(&mut data);
            let mut expected = [0; 4];
            expected[largest as usize] = 32767;
            assert_eq!(shorts(&data), expected);
        }
        // equal halves: each stored part is 0.5 * sqrt(2)
        let half = (0.5 * 2.0_f32.sqrt() * 32767.0).round() as i16;
        let mut data = bytes([half, half, half, 32767 & !3]);
        quaternion(&mut data);
        assert!(shorts(&data).iter().all(|part| part.abs_diff(16384) <= 2), "{:?}", shorts(&data));
    }

    #[test]
    fn floats_are_mantissa_times_power_of_two() {
        let pack = |exponent: i32, mantissa: i32| (exponent << 24 | mantissa & 0xff_ffff).to_le_bytes();
        for (exponent, mantissa, value) in [(0, 7, 7.0), (-2, -3, -0.75), (10, 1, 1024.0), (5, 0, 0.0)] {
            let mut data = pack(exponent, mantissa);
            exponential(&mut data);
            assert_eq!(f32::from_le_bytes(data), value);
        }
        let mut wild = pack(127, 0x7f_ffff);
        exponential(&mut wild);
        assert!(f32::from_le_bytes(wild).is_finite());
    }
}
